using NestVirt.Text;

namespace NestVirt.Filters;

/// <summary>Words of which one must fit; no words fit everything.</summary>
/// <param name="what">What they are of, as in "the address".</param>
/// <param name="words">The words.</param>
internal sealed class WantedWords(string what, IEnumerable<string> words)
{
    private readonly TextPattern[] _patterns = [.. words.Select(static word => new TextPattern(word))];
    private readonly HashSet<TextPattern> _found = [];

    /// <summary>Gets the names that nothing has fitted yet.</summary>
    internal IEnumerable<MissingValue> Missing =>
        _patterns
            .Where(pattern => !pattern.IsPattern && !_found.Contains(pattern))
            .Select(pattern => new MissingValue(what, pattern.Word))
            .Distinct();

    /// <summary>Gets a value indicating whether there are no words.</summary>
    internal bool IsEmpty => _patterns.Length == 0;

    /// <summary>Says that a word needs no result to be a right one.</summary>
    internal WantedWords Allow(string word)
    {
        _found.UnionWith(_patterns.Where(pattern => pattern.Fits(word)));
        return this;
    }

    /// <summary>Tells whether one of the ways to write a value fits one of the words.</summary>
    /// <param name="spellings">The ways to write it; null where there is none.</param>
    internal bool Fit(params ReadOnlySpan<string?> spellings) => Fit(static _ => false, spellings);

    /// <summary>Tells whether one of the ways to write a value fits one of the words.</summary>
    /// <param name="isName">Tells of a word that is no pattern whether it means the value in another way.</param>
    /// <param name="spellings">The ways to write it; null where there is none.</param>
    internal bool Fit(Func<string, bool> isName, params ReadOnlySpan<string?> spellings)
    {
        bool fits = IsEmpty;

        // Every word is tried, since each may be the one that this value is meant by.
        foreach (TextPattern pattern in _patterns)
        {
            if (FitsAny(pattern, spellings) || (!pattern.IsPattern && isName(pattern.Word)))
            {
                _found.Add(pattern);
                fits = true;
            }
        }

        return fits;
    }

    private static bool FitsAny(TextPattern pattern, ReadOnlySpan<string?> spellings)
    {
        foreach (string? spelling in spellings)
        {
            if (spelling is not null && pattern.Fits(spelling))
            {
                return true;
            }
        }

        return false;
    }
}
