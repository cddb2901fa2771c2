using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary>Reads words of the form NAME=VALUE.</summary>
internal static class Assignment
{
    /// <summary>Reads words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="place">Where they stand, for the error.</param>
    /// <returns>The values by name.</returns>
    /// <exception cref="UsageException">A word has another form, or contradicts another.</exception>
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

            string value = word[(at + 1)..];
            if (!values.TryAdd(word[..at], value) && values[word[..at]] != value)
            {
                throw new UsageException(
                    $"'{word}' contradicts '{word[..at]}={values[word[..at]]}'.",
                    "Give one of the two."
                );
            }
        }

        return values;
    }
}
