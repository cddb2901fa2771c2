using System.Security.Cryptography;
using NestVirt.StandIn.Authentication.Ntlm;

namespace NestVirt.StandIn.Authentication;

/// <summary>
/// NTLM under Negotiate (MS-NLMP), as a host of Windows has it by default: over HTTP it seals the bodies, and over HTTPS
/// it is bound to the certificate, as with CbtHardeningLevel Strict.
/// </summary>
/// <param name="user">The user.</param>
/// <param name="password">The password.</param>
/// <param name="domain">The domain that the client has to name; empty for none.</param>
public sealed class NtlmAuthentication(string user, string password, string domain = "") : IStandInAuthentication
{
    private static readonly string[] s_schemes = ["Negotiate"];

    /// <inheritdoc/>
    public IStandInLogOn Connect(StandInConnection connection) =>
        new TokenLogOn(
            connection.IsHttps,
            s_schemes,
            _ => new NtlmTokenServer(new NtlmServer(user, domain, password) { Binding = BindingOf(connection) })
        );

    // RFC 5929, 4.1, for certificates that are signed with SHA-256, as those of the stand-in are.
    private static byte[]? BindingOf(StandInConnection connection) =>
        connection.Certificate is { } certificate
            ? [.. "tls-server-end-point:"u8, .. certificate.GetCertHash(HashAlgorithmName.SHA256)]
            : null;
}
