using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Text;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Transport.Cim.Mi;

/// <summary>Why MMI does not do what was asked. What follows from it rests on its codes, since its text is in some language.</summary>
/// <remarks>
/// The codes: MI_Result, whose numbers are those of DSP0200; wsmerror.h; WinHTTP's and Win32's errors. That MMI names the code
/// of Windows in the id of its message, as in <c>HRESULT 0x80338012</c>, is what Get-CimInstance shows; which of them comes of
/// which cause is unproven.
/// </remarks>
/// <param name="result">The native error code.</param>
/// <param name="messageId">The id of the message, or null.</param>
/// <param name="text">What Windows or the host says of it.</param>
internal sealed class MiFault(uint result, string? messageId, string text)
{
    private const uint Failed = 1;
    private const string CodeMark = "HRESULT 0x";
    private const int ShownLength = 400;

    // Where the client stands in its own way: the other one may go on.
    private static readonly HashSet<uint> s_ownRules =
    [
        0x803380DE, // CLIENT_UNENCRYPTED_DISABLED
        0x803380DF, // CLIENT_BASIC_AUTHENTICATION_DISABLED
        0x803380E1, // CLIENT_NEGOTIATE_AUTHENTICATION_DISABLED
        0x803380E2, // CLIENT_KERBEROS_AUTHENTICATION_DISABLED
        0x803380E4, // SERVER_NOT_TRUSTED
        0x803380E5, // EXPLICIT_CREDENTIALS_REQUIRED
        0x8033810B, // KERBEROS_IPADDRESS
        0x8033810C, // CLIENT_WORKGROUP_NO_KERBEROS
        0x8033810E, // SERVER_DESTINATION_LOCALHOST
        0x803381BB, // DEFAULTAUTH_IPADDRESS
    ];

    private static readonly HashSet<uint> s_certificate =
    [
        0x80072F05, // WINHTTP_SECURE_CERT_DATE_INVALID
        0x80072F06, // WINHTTP_SECURE_CERT_CN_INVALID
        0x80072F0D, // WINHTTP_SECURE_INVALID_CA
        0x80072F8F, // WINHTTP_SECURE_FAILURE
    ];

    private static readonly HashSet<uint> s_unreachable =
    [
        0x80070035, // BAD_NETPATH
        0x800706BA, // RPC_S_SERVER_UNAVAILABLE
        0x80072EE7, // WINHTTP_NAME_NOT_RESOLVED
        0x80072EE2, // WINHTTP_TIMEOUT
        0x80072EFD, // WINHTTP_CANNOT_CONNECT
        0x80072EFE, // WINHTTP_CONNECTION_ERROR
        0x80338012, // CANNOT_CONNECT
        0x80338112, // HTTP_SERVICE_UNAVAILABLE_STATUS
        0x80338113, // HTTP_NOT_FOUND_STATUS
        0x80338126, // NETWORK_TIMEDOUT
        0x803381B9, // NAME_NOT_RESOLVED
    ];

    private static readonly HashSet<uint> s_refused =
    [
        0x8007052E, // ERROR_LOGON_FAILURE
        0x8009030C, // SEC_E_LOGON_DENIED
    ];

    private readonly uint? _code = CodeOf(messageId);

    /// <summary>Gets a value indicating whether there is no such instance.</summary>
    internal bool IsNotFound => Fault.IsNotFound;

    private WsManFault Fault =>
        new(
            string.Empty,
            _code is { } code ? [code] : [],
            result == Failed ? null : result,
            HostText.ForDisplay(text.ReplaceLineEndings(" ").Trim().TrimEnd('.'), ShownLength)
        );

    /// <summary>Says that MMI is not there, or not whole.</summary>
    /// <param name="error">What .NET says.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Missing(Exception error) =>
        new(
            NestVirtErrorKind.ToolNotFound,
            $"Windows' own client of CIM (MMI) cannot be loaded: {HostText.ForDisplay(Innermost(error).TrimEnd('.'), ShownLength)}.",
            error
        )
        {
            Remedy = Advice.Of(
                $"Name the host by its name, also where it is this machine, and take {HostSetting.CimClient} WsMan."
            ),
        };

    /// <summary>Says of a session that it was ended by whoever made it.</summary>
    /// <param name="error">What .NET says.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Ended(ObjectDisposedException error) =>
        new(
            NestVirtErrorKind.SessionClosed,
            "The session of CIM has ended: it was removed or disposed of after it was given.",
            error
        )
        {
            Remedy = "Make another one with New-CimSession, or name the host.",
        };

    /// <summary>Makes the error of it; where the client stands in its own way, it names the other.</summary>
    /// <param name="task">What was asked, as the end of "The host cannot …".</param>
    /// <returns>The error.</returns>
    internal NestVirtException ToException(string task) =>
        _code switch
        {
            { } code when s_ownRules.Contains(code) => Make(
                NestVirtErrorKind.HostAuthenticationFailed,
                "Windows' own client of CIM does not log in to the host like that",
                Advice.Of(
                    $"Use HTTPS by {HostSetting.UseSsl}, allow it (winrm get winrm/config/client shows what is allowed), or take {HostSetting.CimClient} WsMan."
                )
            ),
            { } code when s_certificate.Contains(code) => Make(
                NestVirtErrorKind.HostCertificateUntrusted,
                "Windows does not trust the certificate of the host",
                Advice.Of(
                    $"Have Windows trust who signed it, or take {HostSetting.CimClient} WsMan with {HostSetting.CertificateThumbprint} or {HostSetting.AuthorityFile}."
                )
            ),
            { } code when s_unreachable.Contains(code) => Make(
                NestVirtErrorKind.HostUnreachable,
                "The host does not answer",
                "Check its name, and that it listens (Enable-PSRemoting on the host; for HTTPS it needs a listener with a certificate)."
            ),
            { } code when s_refused.Contains(code) => Make(
                NestVirtErrorKind.HostAuthenticationFailed,
                "The host refused the user name or the password",
                @"Check both; name the account as DOMAIN\user, or as COMPUTER\user for one of the host's own."
            ),
            _ => Fault.ToException(task),
        };

    private static uint? CodeOf(string? id) =>
        id?.StartsWith(CodeMark, StringComparison.OrdinalIgnoreCase) == true
        && uint.TryParse(
            id.AsSpan(CodeMark.Length),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out uint code
        )
            ? code
            : null;

    private static string Innermost(Exception error) =>
        error.InnerException is { } inner ? Innermost(inner) : error.Message;

    private NestVirtException Make(NestVirtErrorKind kind, string start, string remedy) =>
        new(kind, $"{start}: {Fault.Said}") { Remedy = remedy };
}
