using System.Globalization;
using System.Net.Security;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Says why a login over WS-Management failed.</summary>
internal static class WsManLoginFailure
{
    private const int ShownLength = 120;

    private static readonly string[] s_known = ["Negotiate", "Kerberos", "Basic"];

    /// <summary>Says why there is no next token.</summary>
    /// <param name="status">What .NET says.</param>
    /// <param name="isKerberos">True for Kerberos, false for NTLM.</param>
    /// <param name="hasPassword">True if a user name and a password were given.</param>
    /// <param name="target">The service, as <c>HTTP/host</c>.</param>
    /// <param name="isFirst">True if the host has said nothing yet.</param>
    internal static NestVirtException OfStatus(
        NegotiateAuthenticationStatusCode status,
        bool isKerberos,
        bool hasPassword,
        string target,
        bool isFirst
    ) =>
        (status, isKerberos, isFirst) switch
        {
            (NegotiateAuthenticationStatusCode.Unsupported, _, _) => new(
                NestVirtErrorKind.ToolNotFound,
                $"This machine does not do {(isKerberos ? "Kerberos" : "NTLM")}."
            )
            {
                Remedy = isKerberos
                    ? "Install MIT Kerberos (libgssapi-krb5-2 on Debian, krb5-libs on Fedora), or give a user name and a password for NTLM."
                    : "Use Basic authentication over HTTPS, or Kerberos.",
            },
            (NegotiateAuthenticationStatusCode.TargetUnknown, true, _) => Failed(
                $"Kerberos knows no service {HostText.ForDisplay(target, ShownLength)}.",
                "Name the host by the full name that its domain knows, not by an address."
            ),
            (_, true, true) when hasPassword => Failed(
                $"Kerberos gives no ticket for {HostText.ForDisplay(target, ShownLength)} to this user name and password ({status}).",
                Advice.Of($"Check both and the realm in krb5.conf, or leave out {HostSetting.Authentication} for NTLM.")
            ),
            (_, true, true) => Failed(
                $"There is no Kerberos ticket for {HostText.ForDisplay(target, ShownLength)} ({status}).",
                Advice.Of($"Get one with kinit, or give a user name and a password by {HostSetting.Credential}.")
            ),
            (_, _, true) => Failed($"The login cannot be started ({status}).", null),
            _ => Failed($"What the host sent in answer to the login cannot be used ({status}).", null),
        };

    /// <summary>Says that the password was cleared while it was still needed.</summary>
    internal static NestVirtException PasswordCleared() =>
        Failed("The password was cleared, and the host asks for it.", "Connect again.");

    /// <summary>Says what the status 401 means.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="method">How we tried.</param>
    /// <param name="hasPassword">True if a user name and a password were given.</param>
    internal static NestVirtException Refused(WsManHttpAnswer answer, WsManLoginMethod method, bool hasPassword)
    {
        string[] offered =
        [
            .. answer
                .Challenges.Select(static challenge => HostText.ForDisplay(challenge.Scheme, ShownLength))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        string list = string.Join(", ", offered);
        string mine = method switch
        {
            WsManLoginMethod.Basic => "Basic",
            WsManLoginMethod.Kerberos => "Kerberos",
            _ => "Negotiate",
        };
        return offered switch
        {
            [] => Failed(
                "The host refused the login, and names no way to log in.",
                "Check that Windows Remote Management answers at this port (winrm enumerate winrm/config/listener)."
            ),
            _ when !offered.Contains(mine, StringComparer.OrdinalIgnoreCase) => Failed(
                $"The host does not take {mine}; it offers {list}.",
                offered.Intersect(s_known, StringComparer.OrdinalIgnoreCase).Any()
                    ? Advice.Of(
                        $"Choose what it offers by {HostSetting.Authentication}; Basic needs HTTPS by {HostSetting.UseSsl}."
                    )
                    : "Enable Negotiate on it (winrm set winrm/config/service/auth @{Negotiate=\"true\"})."
            ),
            _ when hasPassword => Failed(
                $"The host refused the user name or the password; it offers {list}.",
                method == WsManLoginMethod.Basic
                    ? "Check both. Basic takes the host's own accounts alone."
                    : @"Check both; name the account as DOMAIN\user, or as COMPUTER\user for one of the host's own."
            ),
            _ => Failed(
                $"The host refused the user's Kerberos ticket; it offers {list}.",
                Advice.Of(
                    $"Check with klist whose ticket it is, or give a user name and a password by {HostSetting.Credential}."
                )
            ),
        };
    }

    /// <summary>Says what the status 403 means.</summary>
    internal static NestVirtException Forbidden() =>
        new(
            NestVirtErrorKind.HostPermissionDenied,
            "The host knows the account, and does not let it use WS-Management."
        )
        {
            Remedy = "Use an administrator of the host, or add the account to its group Remote Management Users.",
        };

    /// <summary>Says that something else than WS-Management answers.</summary>
    /// <param name="answer">What it answered to a login.</param>
    internal static NestVirtException NotWsMan(WsManHttpAnswer answer) =>
        new(
            NestVirtErrorKind.HostUnreachable,
            string.Create(
                CultureInfo.InvariantCulture,
                $"What answers at the host does not ask for a login as WS-Management does (HTTP status {answer.StatusCode}{Typed(answer.ContentType)})."
            )
        )
        {
            Remedy = "Check the port: Windows Remote Management listens at 5985 for HTTP and 5986 for HTTPS.",
        };

    /// <summary>Says that an answer that had to be encrypted is not.</summary>
    /// <param name="answer">The answer.</param>
    internal static NestVirtException NotEncrypted(WsManHttpAnswer answer) =>
        new(
            NestVirtErrorKind.ProbeOutputInvalid,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The answer to an encrypted message is not encrypted (HTTP status {answer.StatusCode}{Typed(answer.ContentType)}): anybody may have sent it, and it is not used. What was asked may have been carried out."
            )
        )
        {
            Remedy = "Use HTTPS if the host cannot encrypt.",
        };

    /// <summary>Makes a failure of the login.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="remedy">What to do.</param>
    internal static NestVirtException Failed(string message, string? remedy) =>
        new(NestVirtErrorKind.HostAuthenticationFailed, message) { Remedy = remedy };

    private static string Typed(string? contentType) =>
        contentType is null ? string.Empty : $", {HostText.ForDisplay(contentType, ShownLength)}";
}
