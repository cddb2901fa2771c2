using System.Buffers.Binary;
using System.Text;
using NestVirt.Text;

namespace NestVirt.Transport.Shell.OpenSsh;

/// <summary>Reads from a private key file whether ssh can use it without a question.</summary>
internal static class SshKeyFile
{
    private const int LargestBytes = 1 << 20;
    private const string Begin = "-----BEGIN OPENSSH PRIVATE KEY-----";

    // openssh-portable, PROTOCOL.key: the magic, then a string with the cipher's name, "none" for no passphrase.
    private static readonly byte[] s_magic = "openssh-key-v1\0"u8.ToArray();

    /// <summary>Tells whether a key is protected by a passphrase.</summary>
    /// <param name="path">The file, or null.</param>
    /// <returns>True if it is; false also when the file cannot be read.</returns>
    internal static bool HasPassphrase(string? path)
    {
        try
        {
            return path is not null
                && File.Exists(path)
                && IsProtected(Encoding.ASCII.GetString(InputFile.Read(path, LargestBytes, InputFile.Moment)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    private static bool IsProtected(string text)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0)
        {
            // PEM (RFC 1421) says it in a header, PKCS #8 (RFC 7468) in its label.
            return text.Contains("ENCRYPTED", StringComparison.Ordinal);
        }

        string body = text[(begin + Begin.Length)..];
        int end = body.IndexOf("-----", StringComparison.Ordinal);
        ReadOnlySpan<byte> key = Convert.FromBase64String(end < 0 ? body : body[..end]);
        if (!key.StartsWith(s_magic) || key.Length < s_magic.Length + sizeof(int))
        {
            return false;
        }

        ReadOnlySpan<byte> cipher = key[s_magic.Length..];
        int length = BinaryPrimitives.ReadInt32BigEndian(cipher);
        return length >= 0
            && length <= cipher.Length - sizeof(int)
            && !cipher.Slice(sizeof(int), length).SequenceEqual("none"u8);
    }
}
