using System.Text;
using NestVirt.Guidance;
using NestVirt.Text;
using NestVirt.Transport.Shell.OpenSsh;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace NestVirt.SshNet.Keys;

/// <summary>A private key file, opened.</summary>
/// <param name="file">The key; this object owns it.</param>
internal sealed class KeyFile(PrivateKeyFile file) : IPrivateKeySource, IDisposable
{
    private const int LargestFileBytes = 1 << 20;

    /// <summary>Gets the ways to sign with the key, one a key: each that is offered counts as a try of the log-in.</summary>
    /// <remarks>Of an RSA key it is rsa-sha2-512 (RFC 8332), which servers have known since OpenSSH 7.2.</remarks>
    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms =>
        [
            file.HostKeyAlgorithms.FirstOrDefault(static algorithm => algorithm.Name == "rsa-sha2-512")
                ?? file.HostKeyAlgorithms.First(),
        ];

    /// <summary>Opens a private key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">What protects it; null where nothing was given.</param>
    /// <returns>The key.</returns>
    /// <exception cref="NestVirtException">It is not there, may not be read, or is not opened by the passphrase.</exception>
    internal static KeyFile Open(string path, byte[]? passphrase)
    {
        byte[] content = Read(path);
        try
        {
            using MemoryStream stream = new(content);
            return new KeyFile(new PrivateKeyFile(stream, passphrase is null ? null : TextOf(passphrase, content)));
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw Protected(path);
        }
        catch (Exception error)
            when (error is SshException or NotSupportedException or FormatException or InvalidOperationException
                || IsOfDecoder(error)
            )
        {
            throw SshKeyFile.HasPassphrase(path) ? (passphrase is null ? Protected(path) : NotOpened(path))
            : IsOnSecurityKey(content) ? SecurityKey(path)
            : SshFailure.Of(SshFault.KeyFileUnreadable, Shown(path));
        }
        finally
        {
            Array.Clear(content);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // Of a passphrase for PKCS #8 the library takes the low byte of each letter, where OpenSSL takes UTF-8.
    private static string TextOf(byte[] passphrase, byte[] content) =>
        content.AsSpan().IndexOf("BEGIN ENCRYPTED PRIVATE KEY"u8) >= 0
            ? Encoding.Latin1.GetString(passphrase)
            : Encoding.UTF8.GetString(passphrase);

    // openssh-portable, PROTOCOL.key and PROTOCOL.u2f: the type of the key stands in the part that is not encrypted.
    private static bool IsOnSecurityKey(byte[] content)
    {
        string body = string.Concat(
            Encoding
                .ASCII.GetString(content)
                .Split('\n')
                .Where(static line => !line.StartsWith("-----", StringComparison.Ordinal))
        );
        byte[] key = new byte[body.Length];
        return Convert.TryFromBase64String(body, key, out _)
            && (key.AsSpan().IndexOf("sk-ssh-"u8) >= 0 || key.AsSpan().IndexOf("sk-ecdsa-"u8) >= 0);
    }

    // What the decoders of keys throw at bytes that are none: the library lets it through.
    private static bool IsOfDecoder(Exception error) =>
        error
            is System.Security.Cryptography.CryptographicException
                or ArgumentException
                or IndexOutOfRangeException
                or IOException
                or OverflowException
                or System.Formats.Asn1.AsnContentException
        || error.GetType().Namespace?.StartsWith("Org.BouncyCastle", StringComparison.Ordinal) == true;

    private static byte[] Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                throw SshFailure.Of(SshFault.KeyFileMissing, $"{Shown(path)}: there is no such file");
            }

            ThrowIfOpenToOthers(path);
            return InputFile.Read(path, LargestFileBytes);
        }
        catch (InputTooLongException)
        {
            throw SshFailure.Of(SshFault.KeyFileUnreadable, Shown(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SshFailure.Of(SshFault.KeyFileMissing, FileFault.Of(path, error));
        }
    }

    // As ssh does; on Windows it looks at access lists, which are left to it.
    private static void ThrowIfOpenToOthers(string path)
    {
        const UnixFileMode Others =
            UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw SshFailure.Of(SshFault.KeyFileOpenToOthers, Shown(path));
        }
    }

    private static NestVirtException Protected(string path) =>
        new(
            NestVirtErrorKind.HostAuthenticationFailed,
            $"The key '{Shown(path)}' has a passphrase, and none was given."
        )
        {
            Remedy = Advice.Of(
                $"Give the passphrase by {HostSetting.KeyPassphrase}; or add the key to the agent (ssh-add) and use the OpenSSH client, by {HostSetting.SshClient}."
            ),
        };

    private static NestVirtException NotOpened(string path) =>
        new(
            NestVirtErrorKind.HostAuthenticationFailed,
            $"The passphrase that was given does not open the key '{Shown(path)}'."
        );

    private static NestVirtException SecurityKey(string path) =>
        new(
            NestVirtErrorKind.HostAuthenticationFailed,
            $"The key '{Shown(path)}' is on a security key, which the built-in SSH client does not use."
        )
        {
            Remedy = Advice.Of($"Use the OpenSSH client for this host, by {HostSetting.SshClient}."),
        };

    private static string Shown(string path) => HostText.ForDisplay(path);
}
