using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Judges the certificate of a host: by its thumbprint alone, by authorities that the user names, or by what this machine trusts.</summary>
/// <remarks>Whether one was revoked is not asked, as nowhere in .NET unless it is wished.</remarks>
internal sealed class ServerCertificateCheck
{
    private const int Sha1Bytes = 20;
    private const int ShownLength = 200;
    private const int LargestFileBytes = 4 << 20;

    private readonly string _host;
    private readonly byte[]? _pinned;
    private readonly X509Certificate2Collection? _authorities;

    private ServerCertificateCheck(string host, byte[]? pinned, X509Certificate2Collection? authorities) =>
        (_host, _pinned, _authorities) = (host, pinned, authorities);

    /// <summary>Gets why the certificate was refused; null as long as none was.</summary>
    internal NestVirtException? Fault { get; private set; }

    /// <summary>Reads what the user trusts.</summary>
    /// <param name="options">The host.</param>
    /// <exception cref="NestVirtException">The thumbprint is none, or the file of authorities cannot be read.</exception>
    internal static ServerCertificateCheck Of(WsManConnectionOptions options) =>
        new(
            options.Host,
            options.PinnedThumbprint is { } text ? ReadThumbprint(text) : null,
            options.AuthorityFile is { } file ? ReadAuthorities(file) : null
        );

    /// <summary>Makes the options of TLS.</summary>
    internal SslClientAuthenticationOptions ToOptions()
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = _host,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                IsAccepted(certificate as X509Certificate2, chain, errors),
        };
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        return options;
    }

    private bool IsAccepted(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            Fault = Untrusted("The host has no certificate.", null);
            return false;
        }

        if (_pinned is not null)
        {
            byte[] thumbprint = certificate.GetCertHash(
                _pinned.Length == Sha1Bytes ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256
            );
            Fault = thumbprint.AsSpan().SequenceEqual(_pinned)
                ? null
                : Untrusted(
                    $"The certificate of the host is not the one that was pinned. {Describe(certificate)}",
                    "Find out why the host has another one before you pin that."
                );
            return Fault is null;
        }

        Fault =
            errors == SslPolicyErrors.None
                ? null
                : Untrusted(
                    $"The certificate of the host is not trusted: {string.Join("; ", Reasons(certificate, chain, errors))}. {Describe(certificate)}",
                    "Compare the thumbprint with the host's own (Get-ChildItem Cert:\\LocalMachine\\My there) and pin it, or trust the authority that issued the certificate."
                );
        return Fault is null;
    }

    private IEnumerable<string> Reasons(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"it is for {NamesOf(certificate)}, not for '{HostText.ForDisplay(_host, ShownLength)}'";
        }

        X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(
            X509ChainStatusFlags.NoError,
            static (all, status) => all | status.Status
        );
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            yield return TimeFault(certificate);
            flags &= ~X509ChainStatusFlags.NotTimeValid;
        }

        const X509ChainStatusFlags NoRoot = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        if ((flags & NoRoot) != 0)
        {
            yield return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                ? "it vouches for itself alone"
                : "nobody who is trusted issued it";
            flags &= ~NoRoot;
        }

        if (flags != X509ChainStatusFlags.NoError)
        {
            yield return flags.ToString();
        }
    }

    private static string TimeFault(X509Certificate2 certificate)
    {
        DateTime now = DateTime.Now;
        return now > certificate.NotAfter
                ? FormattableString.Invariant($"it expired on {certificate.NotAfter:yyyy-MM-dd}")
            : now < certificate.NotBefore
                ? FormattableString.Invariant($"it is not valid before {certificate.NotBefore:yyyy-MM-dd}")
            : "a certificate above it has expired";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        string names = string.Join(
            ", ",
            certificate
                .Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(static extension =>
                    extension
                        .EnumerateDnsNames()
                        .Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString()))
                )
        );
        return HostText.ForDisplay(names.Length == 0 ? certificate.Subject : names, ShownLength);
    }

    private static string Describe(X509Certificate2 certificate) =>
        $"Its subject is '{HostText.ForDisplay(certificate.Subject, ShownLength)}', "
        + $"its issuer '{HostText.ForDisplay(certificate.Issuer, ShownLength)}', "
        + $"its SHA-256 thumbprint {certificate.GetCertHashString(HashAlgorithmName.SHA256)}.";

    private static byte[] ReadThumbprint(string text)
    {
        string digits = text.Replace(":", string.Empty, StringComparison.Ordinal)
            .Replace(" ", string.Empty, StringComparison.Ordinal);
        return digits.Length is Sha1Bytes * 2 or SHA256.HashSizeInBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw Untrusted(
                $"'{HostText.ForDisplay(text, ShownLength)}' is no thumbprint of a certificate.",
                "Give the 40 digits of its SHA-1 or the 64 of its SHA-256 thumbprint."
            );
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        try
        {
            byte[] bytes = InputFile.Read(path, LargestFileBytes);
            X509Certificate2Collection found = [];
            string text = EncodedText.ToText(bytes);
            if (text.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                found.ImportFromPem(text);
            }
            else
            {
                found.Add(X509CertificateLoader.LoadCertificate(bytes));
            }

            return found.Count > 0 ? found : throw new CryptographicException("there is no certificate in it");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Untrusted(
                $"The file of trusted authorities '{HostText.ForDisplay(path, ShownLength)}' cannot be read: {HostText.ForDisplay(error.Message.TrimEnd('.'), ShownLength)}.",
                "Give a file with certificates in PEM, or one in DER."
            );
        }
    }

    private static NestVirtException Untrusted(string message, string? remedy) =>
        new(NestVirtErrorKind.HostCertificateUntrusted, message) { Remedy = remedy };
}
