using System.Globalization;

namespace NestVirt.Hosts;

/// <summary>Names the files of snapshots in one directory, each once.</summary>
/// <param name="folder">The directory; it need not be there yet.</param>
/// <param name="isRedacted">Whether the names must not tell the hosts either.</param>
public sealed class SnapshotNames(string folder, bool isRedacted)
{
    private const string PlainStem = "host";

    private readonly HashSet<string> _given = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names the file of a host.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The path.</returns>
    public string Next(HostTarget target)
    {
        string stem = isRedacted ? PlainStem : StemOf(target);
        string path = Path.Join(folder, $"{stem}.json");
        for (int number = 2; !IsFree(path); number++)
        {
            path = Path.Join(folder, string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}.json"));
        }

        return path;
    }

    // A redacted host's name says nothing: what is there already may be another host's.
    private bool IsFree(string path) => _given.Add(path) && !(isRedacted && Path.Exists(path));

    // Letters, digits and a few marks make a name on every file system; a leading dot would hide the file.
    private static string StemOf(HostTarget target)
    {
        string name = target.Port is int port
            ? string.Create(CultureInfo.InvariantCulture, $"{target.Name}_{port}")
            : target.Name;
        string stem = string.Concat(
                name.Select(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')
            )
            .TrimStart('.', '-');
        return stem.Length == 0 ? PlainStem : stem;
    }
}
