using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>Reads names of hosts from the files of the ssh client.</summary>
public static class SshNames
{
    private const int LargestFileBytes = 4 << 20;

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Lists the names that this user's ssh configuration and known hosts give. Connects to none.</summary>
    /// <returns>The names, each once.</returns>
    public static IReadOnlyCollection<string> OfThisUser()
    {
        string folder = Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        return
        [
            .. InConfig(LinesOf(Path.Join(folder, "config")))
                .Concat(InKnownHosts(LinesOf(Path.Join(folder, "known_hosts"))))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Lists the names that Host lines of an ssh_config file give, patterns left out.</summary>
    /// <param name="lines">The lines of the file.</param>
    /// <returns>The names, in the file's order.</returns>
    internal static IEnumerable<string> InConfig(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            // ssh_config(5): the keyword ends at blanks, or at blanks and one equals sign; its case does not count.
            string text = line.Trim();
            int end = text.IndexOfAny([' ', '\t', '=']);
            if (end < 0 || !text.AsSpan(0, end).Equals("host", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (
                string word in text[end..]
                    .TrimStart(' ', '\t', '=')
                    .Split(s_blanks, StringSplitOptions.RemoveEmptyEntries)
            )
            {
                string name = word.Trim('"');
                if (IsName(name))
                {
                    yield return name;
                }
            }
        }
    }

    /// <summary>Lists the names that a known_hosts file gives, hashed ones and patterns left out.</summary>
    /// <param name="lines">The lines of the file.</param>
    /// <returns>The names, in the file's order, as -HostName takes them.</returns>
    internal static IEnumerable<string> InKnownHosts(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            // sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: a line that starts with @ marks a key, not a host to go to.
            string text = line.Trim();
            int end = text.IndexOfAny(s_blanks);
            if (end < 0 || text[0] is '#' or '@' or '|')
            {
                continue;
            }

            foreach (string name in text[..end].Split(','))
            {
                if (IsName(name))
                {
                    yield return name is ['[', .. string inner, ']'] ? inner : WithoutBrackets(name);
                }
            }
        }
    }

    private static IReadOnlyList<string> LinesOf(string file)
    {
        try
        {
            return InputFile.ReadLines(file, LargestFileBytes, InputFile.Moment);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // [host]:port is host:port to us, unless the host is an IPv6 address.
    private static string WithoutBrackets(string name)
    {
        int close = name.IndexOf(']', StringComparison.Ordinal);
        return name[0] == '[' && close > 0 && !name.AsSpan(1, close - 1).Contains(':')
            ? string.Concat(name.AsSpan(1, close - 1), name.AsSpan(close + 1))
            : name;
    }

    private static bool IsName(string word) =>
        word.Length > 0 && word.AsSpan().IndexOfAny("*?!") < 0 && HostTarget.TryParseSsh(word, out _);
}
