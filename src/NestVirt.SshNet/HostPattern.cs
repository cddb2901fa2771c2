using System.IO.Enumeration;

namespace NestVirt.SshNet;

/// <summary>Matches the patterns of ssh_config(5) and known_hosts: <c>*</c> and <c>?</c>, and <c>!</c> for what is left out.</summary>
/// <remarks>Brackets are plain characters there, as in <c>[host]:2222</c>.</remarks>
internal static class HostPattern
{
    /// <summary>Tells whether a list of patterns fits a name.</summary>
    /// <param name="patterns">The patterns; one that is negated and fits rules the name out.</param>
    /// <param name="name">The name.</param>
    /// <param name="ignoreCase">Whether case does not count, as in known_hosts; in ssh_config it does.</param>
    /// <returns>True if one that is not negated fits, and none that is.</returns>
    internal static bool FitsAny(IEnumerable<string> patterns, string name, bool ignoreCase = false)
    {
        bool fits = false;
        foreach (string pattern in patterns)
        {
            bool isNegated = pattern.StartsWith('!');
            if (IsMatch(isNegated ? pattern.AsSpan(1) : pattern, name, ignoreCase))
            {
                if (isNegated)
                {
                    return false;
                }

                fits = true;
            }
        }

        return fits;
    }

    /// <summary>Tells whether a pattern fits the whole of a name.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name.</param>
    /// <param name="ignoreCase">Whether case does not count.</param>
    /// <returns>True if so.</returns>
    internal static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase = false) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase);
}
