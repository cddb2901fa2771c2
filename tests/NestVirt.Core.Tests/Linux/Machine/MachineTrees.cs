using System.Formats.Tar;
using System.IO.Compression;
using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Virtualization;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>Asks directory trees of real machines through the transport that <c>--root</c> uses.</summary>
internal static class MachineTrees
{
    /// <summary>Asks a tree everything that the machine's assessor weighs.</summary>
    /// <param name="root">The tree.</param>
    /// <returns>What the machine is.</returns>
    public static async Task<MachineFacts> AssessAsync(string root)
    {
        HostTarget target = new(Path.GetFileName(root), new TreeAddress(root));
        return MachineAssessor.Assess(
            await ProbeReader.Default.ReadAsync(target, MachineAssessor.Probes, CancellationToken.None)
        );
    }

    /// <summary>Unpacks what our probes read of a tree; a dump of 96 CPUs has 10,000 files beside it.</summary>
    /// <param name="archive">A compressed tar file with one directory in it.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The directory.</returns>
    public static string Unpack(string archive, string folder)
    {
        using FileStream file = File.OpenRead(archive);
        using GZipStream data = new(file, CompressionMode.Decompress);
        using TarReader reader = new(data);
        while (reader.GetNextEntry() is TarEntry entry)
        {
            bool isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
            if (
                !(isFile || entry.EntryType == TarEntryType.Directory)
                || entry.Name.Contains("/sys/devices/system/cpu/cpu", StringComparison.Ordinal)
                || entry.Name.Contains("/sys/devices/system/node", StringComparison.Ordinal)
            )
            {
                continue;
            }

            string path = Path.Combine(folder, entry.Name);
            Directory.CreateDirectory(isFile ? Path.GetDirectoryName(path)! : path);
            if (isFile)
            {
                entry.ExtractToFile(path, overwrite: true);
            }
        }

        return Path.Combine(folder, Path.GetFileName(archive)[..^".tar.gz".Length]);
    }

    /// <summary>Reads a table whose columns have names.</summary>
    /// <param name="path">A file of tab-separated values.</param>
    /// <returns>The rows; a column is found by its name.</returns>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> ReadTable(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] names = lines[0].Split('\t');
        return
        [
            .. lines
                .Skip(1)
                .Where(static line => line.Length > 0)
                .Select(line =>
                    names
                        .Zip(line.Split('\t').Concat(Enumerable.Repeat(string.Empty, names.Length)))
                        .ToDictionary(static pair => pair.First, static pair => pair.Second)
                ),
        ];
    }

    /// <summary>Gets null for a cell that is empty.</summary>
    /// <param name="cell">The cell.</param>
    /// <returns>Its text or null.</returns>
    public static string? OrNull(string cell) => cell.Length == 0 ? null : cell;
}
