namespace NestVirt.Changes;

/// <summary>A thing of the host that a change has in its hands until it is taken back.</summary>
/// <param name="Path">Its name: words apart by slashes, of which the first ones name what it is a part of.</param>
/// <param name="Setting">The setting by which the change is shown.</param>
internal sealed record TouchedThing(string Path, string Setting)
{
    /// <summary>The name of the whole host.</summary>
    internal const string Everything = "";

    /// <summary>Names the things that this one is a part of, and itself.</summary>
    /// <returns>Their names.</returns>
    internal IEnumerable<string> Wholes()
    {
        yield return Everything;
        for (int at = Path.IndexOf('/', 0); at >= 0; at = Path.IndexOf('/', at + 1))
        {
            yield return Path[..at];
        }

        yield return Path;
    }
}

/// <summary>Things of a host, of which can be told at once whether another one is any of them, or a part of one, or has one as its part.</summary>
internal sealed class TouchedThings
{
    // A path of a host has fewer parts than this by far; of a longer one the whole is what counts, which is on the safe side.
    private const int MostParts = 64;

    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wholes = new(StringComparer.Ordinal);

    /// <summary>Adds things.</summary>
    /// <param name="things">The things.</param>
    internal void Add(IEnumerable<TouchedThing> things)
    {
        foreach (TouchedThing thing in things)
        {
            string[] wholes = [.. thing.Wholes().Take(MostParts)];
            _own.Add(wholes[^1]);
            _wholes.UnionWith(wholes);
        }
    }

    /// <summary>Tells whether a thing is one of these, or a part of one, or has one as its part.</summary>
    /// <param name="thing">The thing.</param>
    /// <returns>True if so.</returns>
    internal bool Overlap(TouchedThing thing)
    {
        string[] wholes = [.. thing.Wholes().Take(MostParts)];
        return Array.Exists(wholes, _own.Contains) || _wholes.Contains(wholes[^1]);
    }
}
