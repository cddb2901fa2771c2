using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads what a user trusts beside, or instead of, the authorities of this machine.</summary>
internal static class TrustedCertificates
{
    private const int ShownLength = 200;
    private const int LargestFileBytes = 4 << 20;

    /// <summary>Reads a thumbprint.</summary>
    /// <param name="text">Its digits, with colons or blanks between them or without.</param>
    /// <returns>Its bytes, as many as those of the hash that it is of.</returns>
    /// <exception cref="NestVirtException">It is none.</exception>
    internal static byte[] ReadThumbprint(string text)
    {
        string digits = text.Replace(":", string.Empty, StringComparison.Ordinal)
            .Replace(" ", string.Empty, StringComparison.Ordinal);
        return
            digits.Length is SHA1.HashSizeInBytes * 2 or SHA256.HashSizeInBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw ServerCertificateFault.Untrusted(
                $"'{HostText.ForDisplay(text, ShownLength)}' is no thumbprint of a certificate.",
                "Give the 40 digits of its SHA-1 or the 64 of its SHA-256 thumbprint."
            );
    }

    /// <summary>Reads a file of authorities.</summary>
    /// <param name="path">The file, in PEM or DER.</param>
    /// <returns>Their certificates, at least one.</returns>
    /// <exception cref="NestVirtException">It cannot be read.</exception>
    internal static X509Certificate2Collection ReadAuthorities(string path)
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
            throw ServerCertificateFault.Untrusted(
                $"The file of trusted authorities '{HostText.ForDisplay(path, ShownLength)}' cannot be read: {HostText.ForDisplay(error.Message.TrimEnd('.'), ShownLength)}.",
                "Give a file with certificates in PEM, or one in DER."
            );
        }
    }
}
