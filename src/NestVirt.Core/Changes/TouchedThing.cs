namespace NestVirt.Changes;

/// <summary>A thing of the host that a change has in its hands until it is taken back.</summary>
/// <param name="Path">Its name: words apart by slashes, of which the first ones name what it is a part of.</param>
/// <param name="Setting">The setting by which the change is shown.</param>
internal sealed record TouchedThing(string Path, string Setting)
{
    /// <summary>The name of the whole host.</summary>
    internal const string Everything = "";

    /// <summary>Tells whether one of two is the other or a part of it.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    internal bool Overlaps(TouchedThing other) => Holds(Path, other.Path) || Holds(other.Path, Path);

    private static bool Holds(string whole, string part) =>
        whole.Length == 0
        || whole == part
        || (
            part.Length > whole.Length && part[whole.Length] == '/' && part.StartsWith(whole, StringComparison.Ordinal)
        );
}
