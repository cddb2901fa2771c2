using System.Net;
using NestVirt.Hosts;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Transport.Cim.Mi;

/// <summary>How Windows' own client of CIM is to log in.</summary>
internal sealed record MiLogin
{
    private readonly WsManConnectionOptions? _options;

    private MiLogin(TimeSpan timeout, WsManConnectionOptions? options = null)
    {
        Timeout = timeout;
        _options = options;
    }

    /// <summary>Gets the name or address of the host; null for this machine, which is reached without WinRM.</summary>
    internal string? Host => _options?.Host;

    /// <summary>Gets the session that the user made; null for one of our own.</summary>
    internal object? Session { get; private init; }

    /// <summary>Gets the port; null for the usual one.</summary>
    internal uint? Port => (uint?)_options?.Port;

    /// <summary>Gets a value indicating whether TLS carries the messages.</summary>
    internal bool UseSsl => _options?.UseSsl == true;

    /// <summary>Gets how to log in.</summary>
    internal WsManAuthentication Authentication => _options?.Authentication ?? WsManAuthentication.Default;

    /// <summary>Gets how long each answer may take.</summary>
    internal TimeSpan Timeout { get; }

    /// <summary>Says how a host is to be logged in to; nothing is sent, and nobody is called.</summary>
    /// <param name="target">The host, or this machine.</param>
    /// <returns>The log-in.</returns>
    /// <exception cref="NestVirtException">It would give a password away, or be that of another account.</exception>
    internal static MiLogin Of(HostTarget target)
    {
        if (target.Address is not WsManAddress address)
        {
            return new MiLogin(target.CommandTimeout);
        }

        if (address.Session is { } session)
        {
            return new MiLogin(target.CommandTimeout) { Session = session };
        }

        WsManLogin.ThrowIfOtherAccount(address);
        WsManConnectionOptions options = WsManLogin.OptionsOf(address, target);
        _ = options.ToAddress();
        if (options.Authentication == WsManAuthentication.Basic)
        {
            // The one way that shows the password, and so the rules of the built-in client hold.
            _ = WsManLoginChoice.Choose(options);
        }

        return new MiLogin(target.CommandTimeout, options);
    }

    /// <summary>Makes what to log in with, a copy that its taker clears.</summary>
    /// <returns>The account and its password; null for the user who runs this process.</returns>
    internal NetworkCredential? ToCredential() =>
        _options is { Credential.HasPassword: true } ? _options.ToNetworkCredential() : null;
}
