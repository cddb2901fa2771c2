using NestVirt.Hosts;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Names the snapshot files of one command.</summary>
/// <param name="path">The full path of a file, or of a directory: one that exists, or ends in a separator.</param>
/// <param name="isRedacted">Whether the names must not tell the hosts either.</param>
internal sealed class SnapshotFolder(string path, bool isRedacted)
{
    private readonly SnapshotNames? _names =
        Directory.Exists(path) || Path.EndsInDirectorySeparator(path) ? new SnapshotNames(path, isRedacted) : null;
    private bool _isNamed;

    /// <summary>Names the file of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="file">The file.</param>
    /// <returns>False if the path is one file, and a host has it already.</returns>
    internal bool TryName(HostTarget target, out string file)
    {
        file = _names?.Next(target) ?? path;
        bool isFree = _names is not null || !_isNamed;
        _isNamed = true;
        return isFree;
    }
}
