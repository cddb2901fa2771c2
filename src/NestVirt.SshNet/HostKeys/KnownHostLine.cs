using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace NestVirt.SshNet.HostKeys;

/// <summary>One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).</summary>
/// <param name="Marker">What stands before the hosts, such as <c>@revoked</c>; empty where nothing does.</param>
/// <param name="Hosts">The patterns, or one hashed name.</param>
/// <param name="KeyType">The type of the key, as the line names it.</param>
/// <param name="KeyText">The key in base64.</param>
internal sealed record KnownHostLine(string Marker, string Hosts, string KeyType, string KeyText)
{
    internal const string Revoked = "@revoked";
    internal const string Authority = "@cert-authority";

    private const string HashPrefix = "|1|";

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line.</param>
    /// <returns>The line, or null for a comment and for what is none.</returns>
    internal static KnownHostLine? Parse(string text)
    {
        string[] words = text.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].StartsWith('#'))
        {
            return null;
        }

        string marker = words[0].StartsWith('@') ? words[0] : string.Empty;
        string[] rest = marker.Length == 0 ? words : words[1..];

        // A key of SSH 1 is three numbers, and is of no use any more.
        return rest is [var hosts, var type, var key, ..] && !char.IsAsciiDigit(type[0])
            ? new KnownHostLine(marker, hosts, type, key)
            : null;
    }

    /// <summary>Tells whether the line is about a host.</summary>
    /// <param name="name">Its name as known_hosts spells it, with the port where that is not 22.</param>
    /// <returns>True if so.</returns>
    internal bool IsFor(string name) =>
        Hosts.StartsWith(HashPrefix, StringComparison.Ordinal)
            ? IsHashOf(name)
            : HostPattern.FitsAny(Hosts.Split(','), name, ignoreCase: true);

    /// <summary>Tells whether the line's key is a given one.</summary>
    /// <param name="key">The key as it is on the wire.</param>
    /// <returns>True if so.</returns>
    internal bool HasKey(ReadOnlySpan<byte> key)
    {
        byte[] bytes = new byte[KeyText.Length];
        return Convert.TryFromBase64String(KeyText, bytes, out int length)
            && key.SequenceEqual(bytes.AsSpan(0, length));
    }

    [SuppressMessage(
        "Security",
        "CA5350:Do Not Use Weak Cryptographic Algorithms",
        Justification = "The form of known_hosts; it hides names, and decides about no key."
    )]
    private bool IsHashOf(string name)
    {
        string[] parts = Hosts[HashPrefix.Length..].Split('|');
        if (parts.Length != 2)
        {
            return false;
        }

        Span<byte> salt = stackalloc byte[64];
        Span<byte> hash = stackalloc byte[64];
        return Convert.TryFromBase64String(parts[0], salt, out int saltLength)
            && Convert.TryFromBase64String(parts[1], hash, out int hashLength)
            && HMACSHA1
                .HashData(salt[..saltLength], Encoding.UTF8.GetBytes(name.ToLowerInvariant()))
                .AsSpan()
                .SequenceEqual(hash[..hashLength]);
    }
}
