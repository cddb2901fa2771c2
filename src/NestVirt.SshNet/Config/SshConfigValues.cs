namespace NestVirt.SshNet.Config;

/// <summary>What the ssh configuration says for one host: of most settings the first value counts.</summary>
internal sealed class SshConfigValues
{
    private static readonly string[] s_lists = ["identityfile", "certificatefile"];

    private readonly Dictionary<string, List<string[]>> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets what stands in the configuration and cannot be judged here, such as <c>Match exec</c>.</summary>
    internal List<string> Unjudged { get; } = [];

    /// <summary>Reads what <c>ssh -G</c> prints.</summary>
    /// <param name="text">A line a setting, without quotes.</param>
    /// <returns>The values.</returns>
    internal static SshConfigValues Parse(string text)
    {
        SshConfigValues values = new();
        foreach (
            string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            if (line.Split(' ', 2) is [var key, var value])
            {
                values.Add(key, [value]);
            }
        }

        return values;
    }

    /// <summary>Adds a value, unless an earlier one counts.</summary>
    /// <param name="key">The name of the setting.</param>
    /// <param name="words">The words of its value.</param>
    internal void Add(string key, string[] words)
    {
        if (_values.TryGetValue(key, out List<string[]>? known))
        {
            if (s_lists.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                known.Add(words);
            }
        }
        else
        {
            _values.Add(key, [words]);
        }
    }

    /// <summary>Gets the value of a setting.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>The value; null where there is none, or where it is <c>none</c>.</returns>
    internal string? First(string key) =>
        _values.TryGetValue(key, out List<string[]>? known) && known[0] is [var word, ..] && !IsNone(word)
            ? word
            : null;

    /// <summary>Gets all words of a setting.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>The words; null where nothing is said.</returns>
    internal IReadOnlyList<string>? All(string key) =>
        _values.TryGetValue(key, out List<string[]>? known)
            ? [.. known.SelectMany(static words => words).Where(static word => !IsNone(word))]
            : null;

    private static bool IsNone(string word) => word.Equals("none", StringComparison.OrdinalIgnoreCase);
}
