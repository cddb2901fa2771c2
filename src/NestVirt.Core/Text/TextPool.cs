namespace NestVirt.Text;

/// <summary>Keeps one copy of each text: thousands of functions have a few drivers, bridges and reset methods between them.</summary>
internal sealed class TextPool
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _texts = new HashSet<string>(
        StringComparer.Ordinal
    ).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly Dictionary<string, string[]> _words = new(StringComparer.Ordinal);

    /// <summary>Gets the one copy of a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The copy.</returns>
    public string Get(ReadOnlySpan<char> text)
    {
        if (!_texts.TryGetValue(text, out string? copy))
        {
            copy = text.ToString();
            _texts.Add(copy);
        }

        return copy;
    }

    /// <summary>Gets the words of a text, which blanks part.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The one copy of the list.</returns>
    public IReadOnlyList<string> GetWords(ReadOnlySpan<char> text)
    {
        string copy = Get(text);
        if (!_words.TryGetValue(copy, out string[]? words))
        {
            _words[copy] = words = copy.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        return words;
    }
}
