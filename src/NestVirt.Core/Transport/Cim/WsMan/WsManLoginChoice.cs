using NestVirt.Guidance;
using NestVirt.Hosts;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Chooses what proves to a host who asks, and refuses what would give a secret away or is not known to work.</summary>
internal static class WsManLoginChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="options">What the user wants.</param>
    /// <returns>The method.</returns>
    /// <exception cref="NestVirtException">It cannot be had like that.</exception>
    internal static WsManLoginMethod Choose(WsManConnectionOptions options) =>
        (options.Authentication, options.UseSsl, options.Credential is { HasPassword: true }) switch
        {
            (WsManAuthentication.Basic, false, _) => throw Refused(
                "Basic authentication is not used over HTTP: everybody on the way could read the password.",
                Advice.Of(
                    $"Use HTTPS by {HostSetting.UseSsl}, or leave out {HostSetting.Authentication}: NTLM proves the password without sending it."
                )
            ),
            (WsManAuthentication.Basic, true, false) => throw NoPassword("Basic authentication"),
            (WsManAuthentication.Basic, true, true) => WsManLoginMethod.Basic,
            (WsManAuthentication.NtlmDomain, _, false) => throw OfThisClient(options, NoPassword("NTLM")),

            // The package NTLM by its name: Negotiate of .NET fails where gss-ntlmssp is installed, and hosts take NTLM's own
            // tokens under Negotiate.
            (WsManAuthentication.Default or WsManAuthentication.Negotiate or WsManAuthentication.NtlmDomain, _, true) =>
                WsManLoginMethod.Ntlm,

            // .NET seals by gss_wrap, and Windows by gss_wrap_iov with another order of bytes: that the one reads the other is
            // unproven, so no message goes that way.
            (_, false, _) => throw OfThisClient(
                options,
                Refused(
                    "Kerberos is not used over HTTP: that hosts can read messages that it encrypts here is not proven.",
                    Advice.Of(
                        $"Use HTTPS by {HostSetting.UseSsl}, or give a user name and a password by {HostSetting.Credential}, for NTLM."
                    )
                )
            ),
            _ => WsManLoginMethod.Kerberos,
        };

    private static NestVirtException NoPassword(string what) =>
        Refused(
            $"{what} needs a user name and a password.",
            Advice.Of(
                $"Give both by {HostSetting.Credential}, or use Kerberos with a ticket over HTTPS by {HostSetting.UseSsl}."
            )
        );

    // Windows' own client does what this one does not.
    private static NestVirtException OfThisClient(WsManConnectionOptions options, NestVirtException refusal) =>
        options.HasOtherClient
            ? Refused(
                refusal.Message,
                Advice.Of($"{refusal.Remedy} Windows' own client does it: take {HostSetting.CimClient} Mi.")
            )
            : refusal;

    private static NestVirtException Refused(string message, string remedy) =>
        new(NestVirtErrorKind.HostAuthenticationFailed, message) { Remedy = remedy };
}
