using System.IO.Enumeration;

namespace NestVirt.Cli.Hosting;

/// <summary>Patterns in which * stands for any text and ? for any character; case does not matter.</summary>
internal static class Pattern
{
    /// <summary>Tells whether a text is of any of the patterns.</summary>
    /// <param name="patterns">The patterns; none at all matches everything.</param>
    /// <param name="text">The text, or null, which only the lack of patterns matches.</param>
    /// <returns>True if it is.</returns>
    internal static bool AnyMatches(IReadOnlyList<string> patterns, string? text) =>
        patterns.Count == 0
        || (text is not null && patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, text)));

    /// <summary>Tells whether a PCI address is of any of the patterns, which may leave out the domain.</summary>
    /// <param name="patterns">The patterns; none at all matches everything.</param>
    /// <param name="address">The address, with its domain.</param>
    /// <returns>True if it is.</returns>
    internal static bool AnyMatchesAddress(IReadOnlyList<string> patterns, string address) =>
        patterns.Count == 0
        || patterns.Any(pattern =>
            FileSystemName.MatchesSimpleExpression(
                pattern.Count(static character => character == ':') == 1 ? $"*:{pattern}" : pattern,
                address
            )
        );
}
