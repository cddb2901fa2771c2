using System.Globalization;
using NestVirt.Cli.Hosting;
using NestVirt.Hosts;

namespace NestVirt.Cli.Commands;

/// <summary>Which file each host's snapshot goes to.</summary>
internal sealed class SnapshotPlaces
{
    private readonly Dictionary<HostTarget, string> _paths = [];

    /// <summary>Gives each host a file.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="to">A file, when there is one host; otherwise a directory, which is made.</param>
    /// <returns>The files.</returns>
    internal static SnapshotPlaces Assign(IReadOnlyList<HostTarget> hosts, string to)
    {
        SnapshotPlaces places = new();
        bool isFolder = hosts.Count > 1 || Directory.Exists(to) || Path.EndsInDirectorySeparator(to);
        if (!isFolder)
        {
            places._paths.Add(hosts[0], to);
            return places;
        }

        try
        {
            Directory.CreateDirectory(to);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"--to '{to}' cannot be a directory: {error.Message}",
                "Name a directory for the snapshots."
            );
        }

        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (HostTarget host in hosts)
        {
            places._paths.Add(host, Path.Combine(to, FreeName(host, taken) + ".json"));
        }

        return places;
    }

    /// <summary>Gets the file of a host.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The path.</returns>
    internal string PathOf(HostTarget host) => _paths[host];

    private static string FreeName(HostTarget host, HashSet<string> taken)
    {
        // Letters, digits and a few marks make a name on every file system; a leading dot would hide the file.
        string plain = string.Concat(
                host.Name.Select(static c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')
            )
            .TrimStart('.');
        string stem = plain.Length == 0 ? "host" : plain;
        string name = stem;
        for (int number = 2; !taken.Add(name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        }

        return name;
    }
}
