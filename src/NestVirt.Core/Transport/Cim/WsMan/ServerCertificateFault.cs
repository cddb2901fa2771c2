using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Says why the certificate of a host is refused.</summary>
internal static class ServerCertificateFault
{
    private const int ShownLength = 200;

    /// <summary>Says that another certificate was pinned.</summary>
    /// <param name="certificate">The host's.</param>
    internal static NestVirtException NotPinned(X509Certificate2 certificate) =>
        Untrusted(
            $"The certificate of the host is not the one that was pinned. {Describe(certificate)}",
            Advice.Of(
                $"Find out why the host has another one before you give that one by {HostSetting.CertificateThumbprint}."
            )
        );

    /// <summary>Says why nobody vouches for a certificate.</summary>
    /// <param name="certificate">The host's.</param>
    /// <param name="host">The name that the user typed.</param>
    /// <param name="chain">What is wrong with it and with those above it.</param>
    /// <param name="errors">What TLS says.</param>
    internal static NestVirtException NotTrusted(
        X509Certificate2 certificate,
        string host,
        X509ChainStatus[] chain,
        SslPolicyErrors errors
    ) =>
        Untrusted(
            $"The certificate of the host is not trusted: {string.Join("; ", Reasons(certificate, host, chain, errors))}. {Describe(certificate)}",
            Advice.Of(
                $@"Compare the thumbprint with the host's own (Get-ChildItem Cert:\LocalMachine\My there) and give it by {HostSetting.CertificateThumbprint}, or name the file of the authority that issued the certificate by {HostSetting.AuthorityFile}."
            )
        );

    /// <summary>Makes the error of a certificate.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do.</param>
    internal static NestVirtException Untrusted(string message, string? remedy) =>
        new(NestVirtErrorKind.HostCertificateUntrusted, message) { Remedy = remedy };

    private static IEnumerable<string> Reasons(
        X509Certificate2 certificate,
        string host,
        X509ChainStatus[] chain,
        SslPolicyErrors errors
    )
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"it is for {NamesOf(certificate)}, not for '{HostText.ForDisplay(host, ShownLength)}'";
        }

        X509ChainStatusFlags flags = chain.Aggregate(
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
}
