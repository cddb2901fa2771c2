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
    /// <param name="isRedacted">Whether the names must not tell the hosts.</param>
    /// <returns>The files.</returns>
    internal static SnapshotPlaces Assign(IReadOnlyList<HostTarget> hosts, string to, bool isRedacted)
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

        SnapshotNames names = new(to, isRedacted);
        foreach (HostTarget host in hosts)
        {
            places._paths.Add(host, names.Next(host));
        }

        return places;
    }

    /// <summary>Gets the file of a host.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The path.</returns>
    internal string PathOf(HostTarget host) => _paths[host];
}
