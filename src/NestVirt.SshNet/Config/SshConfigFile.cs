using System.Text;
using NestVirt.Text;

namespace NestVirt.SshNet.Config;

/// <summary>Reads ssh_config(5) where there is no ssh client that could be asked what it says.</summary>
/// <param name="host">The host as the user named it.</param>
/// <param name="values">Where the values go; those that are there count before those of the file.</param>
/// <param name="home">The user's home folder.</param>
/// <param name="readLines">Gives the lines of the files that a pattern names.</param>
internal sealed class SshConfigFile(
    string host,
    SshConfigValues values,
    string home,
    Func<string, IEnumerable<string[]>> readLines
)
{
    private const int DeepestInclude = 16;

    /// <summary>Reads a file and those that it includes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The folder that relative names of included files are in.</param>
    internal void Read(string path, string folder) => Read(path, folder, 0);

    /// <summary>Takes a line apart.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The keyword and its arguments, without quotes; null for a comment.</returns>
    internal static (string Keyword, string[] Words)? Split(string line)
    {
        string text = line.Trim();
        int end = text.IndexOfAny([' ', '\t', '=']);
        return end <= 0 || text[0] == '#' ? null : (text[..end], Words(text[end..].TrimStart(' ', '\t', '=')));
    }

    private static string[] Words(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isQuoted = false;
        bool isWord = false;
        foreach (char letter in text)
        {
            if (letter == '"')
            {
                isQuoted = !isQuoted;
                isWord = true;
            }
            else if (!isQuoted && letter == '#' && !isWord)
            {
                break;
            }
            else if (isQuoted || letter is not (' ' or '\t'))
            {
                word.Append(letter);
                isWord = true;
            }
            else if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }

        return isWord ? [.. words, word.ToString()] : [.. words];
    }

    private void Read(string path, string folder, int depth)
    {
        if (depth > DeepestInclude)
        {
            values.Unjudged.Add("Include, more than 16 deep");
            return;
        }

        foreach (string[] lines in readLines(path))
        {
            ReadLines(lines, folder, depth);
        }
    }

    private void ReadLines(string[] lines, string folder, int depth)
    {
        bool counts = true;
        foreach (string line in lines)
        {
            if (Split(line) is not var (keyword, words))
            {
                continue;
            }

            switch (keyword.ToLowerInvariant())
            {
                case "host":
                    counts = HostPattern.FitsAny(words, host);
                    break;
                case "match":
                    counts = IsMatch(words);
                    break;
                case "include" when counts:
                    foreach (string word in words)
                    {
                        Read(PathOf(word, folder), folder, depth + 1);
                    }

                    break;
                case var _ when counts && words.Length > 0:
                    values.Add(keyword, words);
                    break;
            }
        }
    }

    private string PathOf(string word, string folder) =>
        HomePath.Expand(word, home) is var path && Path.IsPathFullyQualified(path) ? path : Path.Join(folder, path);

    // The criteria are looked at in turn, as ssh does: what comes after one that does not fit is not looked at.
    private bool IsMatch(string[] words)
    {
        for (int at = 0; at < words.Length; at++)
        {
            string criterion = words[at].ToLowerInvariant();
            if (criterion is "all" or "final")
            {
                continue;
            }

            if (criterion == "canonical")
            {
                return false;
            }

            string? name = criterion switch
            {
                "host" => values.First("hostname")?.Replace("%h", host, StringComparison.Ordinal) ?? host,
                "originalhost" => host,
                "localuser" => Environment.UserName,
                "user" => values.First("user") ?? Environment.UserName,
                _ => null,
            };
            if (name is null || at + 1 == words.Length)
            {
                values.Unjudged.Add($"Match {criterion}");
                return false;
            }

            if (!HostPattern.FitsAny(words[++at].Split(','), name))
            {
                return false;
            }
        }

        return true;
    }
}
