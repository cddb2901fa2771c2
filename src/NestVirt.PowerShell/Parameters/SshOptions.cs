using System.Collections;
using System.Globalization;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Reads the -Options hashtable.</summary>
internal static class SshOptions
{
    /// <summary>Makes KEY=VALUE words, ordered by key; a list of values gives a word for each.</summary>
    /// <param name="options">The hashtable, or null.</param>
    /// <param name="invalid">The first key that is no option, or null.</param>
    /// <returns>The words.</returns>
    internal static IReadOnlyList<string> From(Hashtable? options, out string? invalid)
    {
        List<string> words = [];
        invalid = null;
        foreach (DictionaryEntry entry in options ?? [])
        {
            string key = Text(entry.Key);
            foreach (object? item in entry.Value is ICollection values ? values : new[] { entry.Value })
            {
                string value = Text(item);
                if (SshOption.FindFault(key, value) is null)
                {
                    words.Add($"{key}={value}");
                }
                else
                {
                    invalid ??= key;
                }
            }
        }

        words.Sort(StringComparer.Ordinal);
        return words;
    }

    // ssh knows yes and no.
    private static string Text(object? value) =>
        value switch
        {
            bool flag => flag ? "yes" : "no",
            null => string.Empty,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
        };
}
