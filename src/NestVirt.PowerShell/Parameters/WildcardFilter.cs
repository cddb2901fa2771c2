using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Patterns of which one must fit; no patterns fit everything. Case does not count.</summary>
internal sealed class WildcardFilter
{
    private readonly (string Text, WildcardPattern Pattern)[] _patterns;
    private readonly HashSet<string> _unmatched;

    /// <summary>Initializes a new instance of the <see cref="WildcardFilter"/> class.</summary>
    /// <param name="patterns">The patterns, or null.</param>
    internal WildcardFilter(IEnumerable<string>? patterns)
    {
        _patterns =
        [
            .. (patterns ?? []).Select(static text => (text, new WildcardPattern(text, WildcardOptions.IgnoreCase))),
        ];
        _unmatched =
        [
            .. _patterns
                .Select(static entry => entry.Text)
                .Where(static text => !WildcardPattern.ContainsWildcardCharacters(text)),
        ];
    }

    /// <summary>Gets the patterns without a wildcard that nothing has fitted yet: that is no answer, but a mistake.</summary>
    internal IReadOnlyCollection<string> Unmatched => _unmatched;

    /// <summary>Says whether one of the ways to write a value fits one of the patterns.</summary>
    /// <param name="spellings">The ways to write the value; null where there is none.</param>
    /// <returns>True if one fits, or there are no patterns.</returns>
    internal bool Fits(params ReadOnlySpan<string?> spellings)
    {
        bool fits = _patterns.Length == 0;
        foreach (string? spelling in spellings)
        {
            foreach ((string text, WildcardPattern pattern) in _patterns)
            {
                if (spelling is not null && pattern.IsMatch(spelling))
                {
                    _unmatched.Remove(text);
                    fits = true;
                }
            }
        }

        return fits;
    }
}
