using System.Collections.ObjectModel;
using System.Management.Automation;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Asks recorded hosts and directory trees as it asks live hosts.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public abstract class RecordedHostCommand<T> : HostQueryCommand<T>
{
    /// <summary>Recorded hosts.</summary>
    protected const string SnapshotPathSet = "SnapshotPath";

    /// <summary>Directory trees that hold a host's proc and sys.</summary>
    protected const string RootSet = "Root";

    /// <summary>Gets or sets the recorded hosts.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SnapshotPathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] SnapshotPath { get; set; } = [];

    /// <summary>Gets or sets the directories that hold a host's proc and sys.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RootSet)]
    [ValidateNotNullOrEmpty]
    public string[] Root { get; set; } = [];

    /// <summary>Makes the target of a recorded host, which is shown by the name of its file.</summary>
    private protected static HostTarget SnapshotTarget(string providerPath) => HostTarget.Snapshot(providerPath);

    /// <inheritdoc/>
    private protected override IEnumerable<HostTarget> NamedTargets() =>
        ParameterSetName switch
        {
            SnapshotPathSet => SnapshotPath.SelectMany(SnapshotTargets),
            RootSet => Root.Select(RootTarget),
            _ => base.NamedTargets(),
        };

    private static IEnumerable<string> FilesIn(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal) : [path];

    private HostTarget RootTarget(string path) => HostTarget.Tree(FilePath(path));

    private IEnumerable<HostTarget> SnapshotTargets(string path)
    {
        Collection<string> files;
        ProviderInfo provider;
        try
        {
            files = GetResolvedProviderPathFromPSPath(path, out provider);
        }
        catch (SessionStateException error)
        {
            WriteError(ErrorRecords.SourceNotFound(path, error));
            return [];
        }

        if (!IsFileSystem(provider))
        {
            WriteError(ErrorRecords.PathNotFileSystem(path));
            return [];
        }

        string[] snapshots = [.. files.SelectMany(FilesIn)];

        // An audit of no files must not look like one that went well.
        if (snapshots.Length == 0)
        {
            WriteError(ErrorRecords.SourceNotFound(path));
        }

        return snapshots.Select(SnapshotTarget);
    }
}
