using System.Management.Automation;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Patterns of which one must fit; no patterns fit everything. Case does not count.</summary>
internal sealed class WildcardFilter
{
    private readonly WildcardPattern[] _patterns;

    /// <summary>Initializes a new instance of the <see cref="WildcardFilter"/> class.</summary>
    /// <param name="patterns">The patterns, or null.</param>
    internal WildcardFilter(IEnumerable<string>? patterns) =>
        _patterns = [.. (patterns ?? []).Select(static text => new WildcardPattern(text, WildcardOptions.IgnoreCase))];

    /// <summary>Says whether one of the ways to write a value fits one of the patterns.</summary>
    /// <param name="spellings">The ways to write the value; null where there is none.</param>
    /// <returns>True if one fits, or there are no patterns.</returns>
    internal bool Fits(params ReadOnlySpan<string?> spellings)
    {
        if (_patterns.Length == 0)
        {
            return true;
        }

        foreach (string? spelling in spellings)
        {
            if (spelling is not null && Array.Exists(_patterns, pattern => pattern.IsMatch(spelling)))
            {
                return true;
            }
        }

        return false;
    }
}
