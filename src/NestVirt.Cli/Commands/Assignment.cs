using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary>Reads words of the form NAME=VALUE.</summary>
internal static class Assignment
{
    /// <summary>Reads words; of one name the last value counts.</summary>
    /// <param name="words">The words.</param>
    /// <param name="place">Where they stand, for the error.</param>
    /// <returns>The values by name.</returns>
    /// <exception cref="UsageException">A word has another form.</exception>
    internal static SortedDictionary<string, string> ReadAll(IEnumerable<string> words, string place)
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int at = word.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || at == word.Length - 1)
            {
                throw new UsageException($"{place} cannot be '{word}'.", "Give NAME=VALUE.");
            }

            values[word[..at]] = word[(at + 1)..];
        }

        return values;
    }
}
