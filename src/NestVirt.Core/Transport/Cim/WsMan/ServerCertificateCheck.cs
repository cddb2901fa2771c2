using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.Guidance;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Judges the certificate of a host: by its thumbprint alone, by authorities that the user names, or by what this machine trusts.</summary>
/// <remarks>Whether one was revoked is not asked, as nowhere in .NET unless it is wished.</remarks>
internal sealed class ServerCertificateCheck
{
    private readonly string _host;
    private readonly byte[]? _pinned;
    private readonly X509Certificate2Collection? _authorities;

    private ServerCertificateCheck(string host, byte[]? pinned, X509Certificate2Collection? authorities) =>
        (_host, _pinned, _authorities) = (host, pinned, authorities);

    /// <summary>Gets why the certificate was refused; null as long as none was.</summary>
    internal NestVirtException? Fault { get; private set; }

    /// <summary>Reads what the user trusts.</summary>
    /// <param name="options">The host.</param>
    /// <returns>The check; null over HTTP, where there is no certificate.</returns>
    /// <exception cref="NestVirtException">It is not to be had, or is no certificate.</exception>
    internal static ServerCertificateCheck? Of(WsManConnectionOptions options)
    {
        if (options.UseSsl)
        {
            return new ServerCertificateCheck(
                options.Host,
                options.PinnedThumbprint is { } text ? TrustedCertificates.ReadThumbprint(text) : null,
                options.AuthorityFile is { } file ? TrustedCertificates.ReadAuthorities(file) : null
            );
        }

        // Who names a certificate wants to be sure of the host, which NTLM over HTTP is not before the first answer.
        return options is { PinnedThumbprint: null, AuthorityFile: null }
            ? null
            : throw ServerCertificateFault.Untrusted(
                "A host has a certificate over HTTPS alone, and HTTP was asked for.",
                Advice.Of($"Use HTTPS by {HostSetting.UseSsl}, or name no certificate.")
            );
    }

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
            Fault = ServerCertificateFault.Untrusted("The host has no certificate.", null);
            return false;
        }

        if (_pinned is not null)
        {
            byte[] thumbprint = certificate.GetCertHash(
                _pinned.Length == SHA1.HashSizeInBytes ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256
            );
            Fault = thumbprint.AsSpan().SequenceEqual(_pinned) ? null : ServerCertificateFault.NotPinned(certificate);
            return Fault is null;
        }

        Fault =
            errors == SslPolicyErrors.None
                ? null
                : ServerCertificateFault.NotTrusted(certificate, _host, chain?.ChainStatus ?? [], errors);
        return Fault is null;
    }
}
