using System.Buffers;
using System.Text;

namespace NestVirt.Text;

/// <summary>Puts a mark in the place of passwords, keys and tokens in the text of a host.</summary>
/// <remarks>
/// The forms are those of kernel command lines (dracut.cmdline(7), systemd.cmdline(7), kernel-command-line(7), Anaconda,
/// preseed), GRUB's <c>password</c> and <c>password_pbkdf2</c>, modprobe, dracut and initramfs-tools configuration,
/// NetworkManager profiles, systemd credentials, URLs and crypt(5) hashes. Where it is not certain what a value is, it
/// is taken for a secret: no assessment needs one. The text keeps its lines, and a marked one is not changed again.
/// </remarks>
internal static class SecretText
{
    /// <summary>What stands in the place of a secret.</summary>
    internal const string Mark = "********";

    private const int LongestAccount = 4096;
    private const string Blanks = " \t";

    // What a key may hold; a key with blanks or quotes is none.
    private static readonly SearchValues<char> s_key = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/-[]"
    );

    private static readonly SearchValues<char> s_wordEndOrAt = SearchValues.Create("@ \t\r\n\"'");

    private static readonly string[] s_names =
    [
        "passw",
        "passphrase",
        "passcode",
        "rootpw",
        "sshpw",
        "userpw",
        "vncpw",
        "pass=",
        "secret",
        "token",
        "psk",
        "credential",
        "apikey",
        "api_key",
        "api-key",
        "privatekey",
        "private-key",
        "private_key",
        "presharedkey",
        "preshared-key",
        "wep-key",
        "cryptkey",
        ".key=",
        "chap",
    ];

    private static readonly string[] s_addresses = ["://", "iscsi:", "cifs:"];
    private static readonly string[] s_hashes = ["grub.pbkdf2.", "$6$", "$5$", "$y$", "$2b$", "$2y$", "$argon2"];
    private static readonly string[] s_options = ["sshpass -p", "bearer "];

    private static readonly SearchValues<string> s_signs = SearchValues.Create(
        [.. s_names, .. s_addresses, .. s_hashes, .. s_options, "ipmitool"],
        StringComparison.OrdinalIgnoreCase
    );

    /// <summary>Replaces secrets.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text with marks; the same object where it holds none.</returns>
    internal static string Hide(string text)
    {
        StringBuilder? result = null;
        int written = 0;
        int at = 0;
        while (at < text.Length && text.AsSpan(at).IndexOfAny(s_signs) is var found and >= 0)
        {
            at += found;
            Range secret = Find(text, at, written, out int next);
            (int start, int length) = secret.GetOffsetAndLength(text.Length);
            if (length > 0 && !text.AsSpan(start, length).SequenceEqual(Mark))
            {
                result ??= new StringBuilder(text.Length);
                result.Append(text, written, start - written).Append(Mark);
                written = start + length;
            }

            at = Math.Max(next, start + length);
        }

        return result?.Append(text, written, text.Length - written).ToString() ?? text;
    }

    /// <summary>Tells whether a text holds a secret that is not marked.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if so.</returns>
    internal static bool IsIn(string text) => !ReferenceEquals(Hide(text), text);

    private static Range Find(string text, int at, int floor, out int next)
    {
        next = at + 1;
        ReadOnlySpan<char> rest = text.AsSpan(at);
        if (StartsWith(rest, s_hashes) > 0)
        {
            return at..WordEnd(text, at);
        }

        if (StartsWith(rest, s_addresses) is var scheme and > 0)
        {
            return Account(text, at, at + scheme, out next);
        }

        if (StartsWith(rest, s_options) is var option and > 0)
        {
            return Value(text, SkipBlanks(text, at + option));
        }

        if (rest.StartsWith("ipmitool", StringComparison.OrdinalIgnoreCase))
        {
            int given = text.AsSpan(at, Math.Min(LongestAccount, text.Length - at))
                .IndexOf(" -P", StringComparison.Ordinal);
            return given < 0 || text.AsSpan(at, given).Contains('\n')
                ? at..at
                : Value(text, SkipBlanks(text, at + given + 3));
        }

        return Named(text, at, floor, out next);
    }

    // NAME=VALUE, NAME: VALUE of YAML and JSON, and NAME VALUE where a line begins so, or with two dashes.
    private static Range Named(string text, int at, int floor, out int next)
    {
        int start = at;
        while (start > floor && s_key.Contains(text[start - 1]))
        {
            start--;
        }

        int end = at;
        while (end < text.Length && s_key.Contains(text[end]))
        {
            end++;
        }

        next = Math.Max(end, at + 1);
        int sign = end < text.Length && text[end] is '"' or '\'' ? end + 1 : end;
        bool isFirst = IsFirstOfLine(text, start);
        int assignment = end < text.Length && text[end] == '+' ? end + 1 : end;
        if (assignment < text.Length && text[assignment] == '=')
        {
            return Value(text, isFirst ? SkipBlanks(text, assignment + 1) : assignment + 1);
        }

        int after = SkipBlanks(text, sign);
        if (isFirst && sign == end && after < text.Length && text[after] == '=')
        {
            return SkipBlanks(text, after + 1)..LineEnd(text, after);
        }

        bool isJson = sign > end && after < text.Length && text[after] == ':';
        if (isJson)
        {
            return Value(text, SkipBlanks(text, after + 1));
        }

        // GRUB's "password_pbkdf2 root grub.pbkdf2…", YAML's "password: x", "--password x".
        bool isOption = text.AsSpan(start, end - start).StartsWith("--");
        return end == after ? at..at
            : isOption ? Value(text, after)
            : isFirst ? after..LineEnd(text, after)
            : at..at;
    }

    // scheme://user:password@host, iscsi:user:password[:user:password]@host; of the web a user alone may be a token.
    private static Range Account(string text, int scheme, int start, out int next)
    {
        next = start;
        int first = text.AsSpan(start, Math.Min(LongestAccount, text.Length - start)).IndexOfAny(s_wordEndOrAt);
        if (first < 0 || text[start + first] != '@')
        {
            return start..start;
        }

        int end = WordEnd(text, start);
        int path = text.AsSpan(start, end - start).IndexOfAny('/', '?', '#');
        int length = text[scheme] == ':' && path > first ? path : end - start;
        int sign = text.AsSpan(start, length).LastIndexOf('@');
        int colon = text.AsSpan(start, sign).IndexOf(':');
        next = start + sign;
        bool isWeb = text.AsSpan(0, scheme).EndsWith("http") || text.AsSpan(0, scheme).EndsWith("https");
        return colon >= 0 ? (start + colon + 1)..(start + sign)
            : isWeb ? start..(start + sign)
            : start..start;
    }

    private static Range Value(string text, int start)
    {
        if (start >= text.Length)
        {
            return start..start;
        }

        int opening =
            text[start] == '\\' && start + 1 < text.Length && text[start + 1] is '"' or '\'' ? start + 1 : start;
        if (text[opening] is '"' or '\'')
        {
            int closing = text.AsSpan(opening + 1).IndexOfAny(text[opening], '\n', '\r');
            int last = closing < 0 ? text.Length : opening + 1 + closing;
            return (opening + 1)..(closing > 0 && opening > start && text[last - 1] == '\\' ? last - 1 : last);
        }

        return start..WordEnd(text, start);
    }

    // A backslash before a quote ends a word as well: a command line may stand in a quoted text.
    private static int WordEnd(string text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] is not ('"' or '\'' or ' ' or '\t' or '\n' or '\r'))
        {
            bool isEscape = text[end] == '\\' && end + 1 < text.Length;
            if (isEscape && text[end + 1] is '"' or '\'')
            {
                return end;
            }

            end += isEscape && text[end + 1] == '\\' ? 2 : 1;
        }

        return end;
    }

    private static int LineEnd(string text, int start) =>
        text.AsSpan(start).IndexOfAny('\n', '\r') is var length and >= 0 ? start + length : text.Length;

    private static int SkipBlanks(string text, int start)
    {
        while (start < text.Length && Blanks.Contains(text[start]))
        {
            start++;
        }

        return start;
    }

    // Lines of files stand behind a bar in the answers of probes.
    private static bool IsFirstOfLine(string text, int start)
    {
        int at = start;
        while (at > 0 && (Blanks.Contains(text[at - 1]) || text[at - 1] is '|' or '#' or '+' or '-' or ';'))
        {
            at--;
        }

        return at == 0 || text[at - 1] is '\n' or '\r';
    }

    private static int StartsWith(ReadOnlySpan<char> text, string[] words)
    {
        foreach (string word in words)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return word.Length;
            }
        }

        return 0;
    }
}
