using System.Runtime.Versioning;

namespace NestVirt.Core.Tests.Changes;

/// <summary>What is surely on a disk: a file's content once the file was flushed, a name once its folder was.</summary>
/// <remarks>That is what POSIX promises of fsync; file systems with a journal keep more, and what they keep more differs.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class DurableDisk
{
    private readonly Dictionary<long, Dictionary<string, long>> _folders = [];
    private readonly Dictionary<long, byte[]> _files = [];
    private readonly Dictionary<long, string> _links = [];

    /// <summary>Initializes a new instance of the <see cref="DurableDisk"/> class.</summary>
    /// <param name="start">What is on it from the start.</param>
    internal DurableDisk(TreeImage start) => Flush(start, []);

    /// <summary>Flushes.</summary>
    /// <param name="now">What the tree holds.</param>
    /// <param name="paths">The files and folders; none for all.</param>
    internal void Flush(TreeImage now, string[] paths)
    {
        foreach ((long inode, string target) in now.Links)
        {
            _links[inode] = target;
        }

        IEnumerable<long> flushed =
            paths.Length == 0 ? now.Folders.Keys.Concat(now.Files.Keys) : paths.Select(now.Find).OfType<long>();
        foreach (long inode in flushed)
        {
            if (now.Folders.TryGetValue(inode, out Dictionary<string, long>? names))
            {
                _folders[inode] = names;
            }
            else if (now.Files.TryGetValue(inode, out (byte[] Content, UnixFileMode Mode) file))
            {
                _files[inode] = file.Content;
            }
        }
    }

    /// <summary>Lists what may be there when the power goes: nothing of what was not flushed, all names without the contents, all, and a part.</summary>
    /// <param name="now">What the tree holds.</param>
    /// <param name="chance">Chooses the parts.</param>
    internal IEnumerable<TreeImage> Cut(TreeImage now, Random chance)
    {
        yield return now;
        yield return Cut(now, static () => false, static () => false);
        yield return Cut(now, static () => true, static () => false);
        yield return Cut(now, () => chance.Next(2) == 0, () => chance.Next(2) == 0);
    }

    private TreeImage Cut(TreeImage now, Func<bool> keepsNames, Func<bool> keepsContent)
    {
        TreeImage left = new() { Root = now.Root };
        foreach ((long inode, string target) in _links.Concat(now.Links))
        {
            left.Links[inode] = target;
        }

        foreach (long inode in now.Folders.Keys.Concat(_folders.Keys).Distinct())
        {
            bool isThere = now.Folders.TryGetValue(inode, out Dictionary<string, long>? names);
            left.Folders[inode] = isThere && keepsNames() ? names! : _folders.GetValueOrDefault(inode, []);
        }

        foreach (long inode in now.Files.Keys.Concat(_files.Keys).Distinct())
        {
            bool isThere = now.Files.TryGetValue(inode, out (byte[] Content, UnixFileMode Mode) file);
            left.Files[inode] = (
                isThere && keepsContent() ? file.Content : _files.GetValueOrDefault(inode, []),
                isThere ? file.Mode : UnixFileMode.UserRead | UnixFileMode.UserWrite
            );
        }

        // A file that is gone again, and was never flushed.
        foreach (long inode in left.Folders.Values.SelectMany(static names => names.Values))
        {
            if (!left.Folders.ContainsKey(inode) && !left.Links.ContainsKey(inode))
            {
                left.Files.TryAdd(inode, ([], UnixFileMode.UserRead | UnixFileMode.UserWrite));
            }
        }

        return left;
    }
}
