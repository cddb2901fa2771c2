using System.Globalization;

namespace NestVirt.Text;

/// <summary>Lists words in sentences.</summary>
internal static class WordList
{
    private const int MostListed = 5;

    /// <summary>Lists words behind commas.</summary>
    /// <param name="words">The words.</param>
    /// <returns>All of them; of many the first, and how many others.</returns>
    internal static string Short(IReadOnlyList<string> words) =>
        words.Count <= MostListed
            ? string.Join(", ", words)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", words.Take(MostListed))} and {words.Count - MostListed} others"
            );

    /// <summary>Lists things behind commas, and words only those that are listed.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    /// <param name="things">The things.</param>
    /// <param name="word">Gives the word of one.</param>
    /// <returns>All of them; of many the first, and how many others.</returns>
    internal static string Short<T>(IReadOnlyList<T> things, Func<T, string> word)
    {
        string[] words = [.. things.Take(MostListed).Select(word)];
        return things.Count <= MostListed
            ? string.Join(", ", words)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", words)} and {things.Count - MostListed} others"
            );
    }
}
