using System.Management.Automation;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The sessions that names and numbers choose; all where nothing is said.</summary>
internal sealed class SessionChoice
{
    /// <summary>Initializes a new instance of the <see cref="SessionChoice"/> class.</summary>
    internal SessionChoice(string[] names, int[] ids)
    {
        IReadOnlyList<NestSession> all = OpenSessions.All;
        WildcardPattern[] patterns = [.. names.Select(Pattern)];
        Sessions =
        [
            .. all.Where(session =>
                names.Length + ids.Length == 0
                || Array.Exists(patterns, pattern => pattern.IsMatch(session.Name))
                || ids.Contains(session.Id)
            ),
        ];
        Missing =
        [
            .. names.Where(name =>
                !WildcardPattern.ContainsWildcardCharacters(name)
                && !all.Any(session => Pattern(name).IsMatch(session.Name))
            ),
            .. ids.Where(id => all.All(session => session.Id != id)).Cast<object>(),
        ];
    }

    /// <summary>Gets the sessions.</summary>
    internal IReadOnlyList<NestSession> Sessions { get; }

    /// <summary>Gets the names and numbers that no session has.</summary>
    internal IReadOnlyList<object> Missing { get; }

    /// <summary>Makes the pattern of a word.</summary>
    internal static WildcardPattern Pattern(string word) => WildcardPattern.Get(word, WildcardOptions.IgnoreCase);
}
