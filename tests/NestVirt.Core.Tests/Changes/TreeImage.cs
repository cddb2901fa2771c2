using System.Runtime.Versioning;

namespace NestVirt.Core.Tests.Changes;

/// <summary>What a tree holds at one time: folders have entries, files have content, both by the number of their inode.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TreeImage
{
    /// <summary>Gets the names in each folder.</summary>
    internal Dictionary<long, Dictionary<string, long>> Folders { get; } = [];

    /// <summary>Gets the content of each file.</summary>
    internal Dictionary<long, (byte[] Content, UnixFileMode Mode)> Files { get; } = [];

    /// <summary>Gets where each link points to: that is in the inode itself.</summary>
    internal Dictionary<long, string> Links { get; } = [];

    /// <summary>Gets the folder that holds everything.</summary>
    internal long Root { get; set; }

    /// <summary>Reads a copy of a tree, and the list of its inodes beside it.</summary>
    internal static TreeImage Read(string copy)
    {
        TreeImage image = new();
        Dictionary<string, long> numbers = [];
        foreach (string line in File.ReadLines(copy + ".inodes"))
        {
            string[] words = line.Split('\t');
            long inode = long.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
            string path = words[2];
            numbers[path] = inode;
            if (path.Length == 0)
            {
                image.Root = inode;
            }
            else
            {
                image.Folders[numbers[Path.GetDirectoryName(path)!]][Path.GetFileName(path)] = inode;
            }

            string file = Path.Combine(copy, path);
            switch (words[1])
            {
                case "d":
                    image.Folders[inode] = [];
                    break;
                case "l":
                    image.Links[inode] = new FileInfo(file).LinkTarget!;
                    break;
                default:
                    image.Files[inode] = (File.ReadAllBytes(file), File.GetUnixFileMode(file));
                    break;
            }
        }

        return image;
    }

    /// <summary>Finds the inode of a path; null where there is none.</summary>
    internal long? Find(string path)
    {
        long at = Root;
        foreach (string name in path.Split('/').Where(static name => name is not ("" or ".")))
        {
            if (!Folders.TryGetValue(at, out Dictionary<string, long>? folder) || !folder.TryGetValue(name, out at))
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>Lists all that is there, one line each.</summary>
    internal IEnumerable<string> List() => List(Root, string.Empty);

    /// <summary>Writes the tree into a folder.</summary>
    internal void Write(string path) => Write(Root, path);

    private IEnumerable<string> List(long folder, string path) =>
        Folders[folder]
            .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
            .SelectMany(entry =>
                Folders.ContainsKey(entry.Value)
                    ? List(entry.Value, $"{path}/{entry.Key}").Prepend($"{path}/{entry.Key}/")
                    : [$"{path}/{entry.Key} {ContentOf(entry.Value)}"]
            );

    private string ContentOf(long inode) =>
        Links.TryGetValue(inode, out string? target) ? target : Convert.ToBase64String(Files[inode].Content);

    private void Write(long folder, string path)
    {
        Directory.CreateDirectory(path);
        foreach ((string name, long inode) in Folders[folder])
        {
            string child = Path.Combine(path, name);
            if (Folders.ContainsKey(inode))
            {
                Write(inode, child);
            }
            else if (Links.TryGetValue(inode, out string? target))
            {
                File.CreateSymbolicLink(child, target);
            }
            else
            {
                (byte[] content, UnixFileMode mode) = Files[inode];
                File.WriteAllBytes(child, content);
                File.SetUnixFileMode(child, mode);
            }
        }
    }
}
