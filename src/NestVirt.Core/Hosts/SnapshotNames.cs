using System.Globalization;
using System.Text;

namespace NestVirt.Hosts;

/// <summary>Names the files of snapshots in one directory, each once.</summary>
/// <param name="folder">The directory; it need not be there yet.</param>
/// <param name="isRedacted">Whether the names must not tell the hosts either.</param>
public sealed class SnapshotNames(string folder, bool isRedacted)
{
    private const string PlainStem = "host";

    // Devices of Windows, with whatever stands behind a dot; other characters that it knows in them are gone by then.
    private static readonly HashSet<string> s_devices = new(
        [
            "CON",
            "PRN",
            "AUX",
            "NUL",
            .. Enumerable.Range(0, 10).SelectMany(static digit => new[] { $"COM{digit}", $"LPT{digit}" }),
        ],
        StringComparer.OrdinalIgnoreCase
    );

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
    private bool IsFree(string path) =>
        _given.Add(path.Normalize(NormalizationForm.FormKC)) && !(isRedacted && Path.Exists(path));

    // Letters, digits and a few marks make a name on every file system; a leading dot would hide the file. No name ends
    // in a dot, since .json follows, and no two differ in case or in the form of a letter alone.
    private static string StemOf(HostTarget target)
    {
        string name = target.Port is int port
            ? string.Create(CultureInfo.InvariantCulture, $"{target.Name}_{port}")
            : target.Name;
        string stem = string.Concat(
                name.Select(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')
            )
            .TrimStart('.', '-');
        return stem.Length == 0 ? PlainStem
            : s_devices.Contains(stem.Split('.')[0]) ? $"_{stem}"
            : stem;
    }
}
