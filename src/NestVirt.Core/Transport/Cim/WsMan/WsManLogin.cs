using NestVirt.Guidance;
using NestVirt.Hosts;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Makes of the address of a Hyper-V host the way to it.</summary>
internal static class WsManLogin
{
    /// <summary>Logs in to a host, and asks who answers there.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="target">How long it may take.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <returns>The way to its classes.</returns>
    /// <exception cref="NestVirtException">It was not reached, or what the user wants would give a secret away.</exception>
    internal static async Task<ICimSession> OpenAsync(
        WsManAddress address,
        HostTarget target,
        CancellationToken cancellationToken
    )
    {
        WsManSession session = new(ChannelTo(address, target), target.CommandTimeout);
        bool isKept = false;
        try
        {
            await session.IdentifyAsync(cancellationToken).ConfigureAwait(false);
            isKept = true;
        }
        catch (WsManFaultException error) when (error.Kind != NestVirtErrorKind.HostPermissionDenied)
        {
            // It does not say what it is, and is asked as Windows is.
            isKept = true;
        }
        finally
        {
            if (!isKept)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }

        return session;
    }

    /// <summary>Refuses what cannot be had, or would give a secret away; nothing is sent, and nobody is called.</summary>
    /// <param name="address">Where the host is.</param>
    /// <param name="target">How long it may take.</param>
    /// <exception cref="NestVirtException">It is so.</exception>
    internal static void ThrowIfUseless(WsManAddress address, HostTarget target)
    {
        _ = ChannelTo(address, target);
        _ = ServerCertificateCheck.Of(OptionsOf(address, target));
    }

    /// <summary>Says how a host is reached.</summary>
    /// <param name="address">Where it is.</param>
    /// <returns>The end of a sentence, as in <c>over WsMan, with HTTPS and Kerberos</c>.</returns>
    internal static string Describe(WsManAddress address) =>
        $"over WsMan, with {(address.IsSecure ? "HTTPS" : "HTTP")} and {MethodOf(address)}";

    private static string MethodOf(WsManAddress address) =>
        (address.Authentication ?? WsManAuthentication.Default, address.Credential is { HasPassword: true }) switch
        {
            (WsManAuthentication.Basic, _) => "Basic",
            (WsManAuthentication.Kerberos, true) => "Kerberos by the password that was given",
            (WsManAuthentication.NtlmDomain, _) or (_, true) => "NTLM by the password that was given",
            _ => "the user's Kerberos ticket",
        };

    /// <summary>Refuses to be somebody else than the word of the host says.</summary>
    /// <param name="address">Where the host is.</param>
    /// <exception cref="NestVirtException">It names an account that no password is given for.</exception>
    internal static void ThrowIfOtherAccount(WsManAddress address)
    {
        if (address is { IsAccountNamed: true, UserName: { } named })
        {
            string? given = address.Credential is { HasPassword: true } password ? password.UserName ?? named : null;
            if (!named.Equals(given, StringComparison.OrdinalIgnoreCase))
            {
                throw new NestVirtException(
                    NestVirtErrorKind.HostAuthenticationFailed,
                    given is null
                        ? $"The host is to be reached as '{named}', and there is no password: the user's own ticket is not that account's."
                        : $"The password is that of '{given}', and the host is to be reached as '{named}'."
                )
                {
                    Remedy = Advice.Of(
                        $"Leave out the account before the host, or give its password by {HostSetting.Credential}."
                    ),
                };
            }
        }
    }

    /// <summary>Says in full how a host is to be logged in to.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="target">How long it may take.</param>
    /// <returns>The options.</returns>
    internal static WsManConnectionOptions OptionsOf(WsManAddress address, HostTarget target) =>
        new()
        {
            Host = address.Host,
            Port = address.Port,
            UseSsl = address.IsSecure,
            Authentication = address.Authentication ?? WsManAuthentication.Default,
            Credential = address.Credential,
            UserName = address.UserName,
            PinnedThumbprint = address.CertificateThumbprint,
            AuthorityFile = address.AuthorityFilePath,
            ConnectTimeout = target.ConnectTimeout,
            HasOtherClient = WindowsCim.IsHere,
        };

    private static WsManHttpChannel ChannelTo(WsManAddress address, HostTarget target)
    {
        ThrowIfOtherAccount(address);
        return new WsManHttpChannel(OptionsOf(address, target));
    }
}
