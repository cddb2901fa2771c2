using System.Text.RegularExpressions;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>What a host has in the folders that changes write to: kind, mode, owner and content of each path.</summary>
internal sealed partial class HostFiles
{
    private readonly Dictionary<string, string> _files = [];

    /// <summary>Gets the script that lists them; it keeps to NESTVIRT_ROOT.</summary>
    internal static string Script =>
        """
            cd "$NESTVIRT_ROOT/"
            find etc boot -xdev -name lost+found -prune -o -printf '%p\t%y %m %U:%G %l\n'
            echo
            find etc boot -xdev -type f -exec sha256sum {} +
            """;

    /// <summary>Reads what the script printed.</summary>
    internal static HostFiles Parse(string text)
    {
        HostFiles files = new();
        string[] parts = text.Split("\n\n");
        foreach (string line in parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split('\t');
            files._files[words[0]] = words[1];
        }

        foreach (string line in parts[1].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            files._files[line[66..]] += line[..64];
        }

        return files;
    }

    /// <summary>Names the paths that differ from those of another time.</summary>
    internal IEnumerable<string> DifferentFrom(HostFiles other) =>
        _files
            .Keys.Union(other._files.Keys)
            .Where(path => _files.GetValueOrDefault(path) != other._files.GetValueOrDefault(path));

    /// <summary>Names the paths that are neither as they were nor as they become, and not what a writer has under way.</summary>
    internal IEnumerable<string> NeitherOf(HostFiles old, HostFiles made) =>
        DifferentFrom(old).Intersect(DifferentFrom(made)).Where(static path => !UnderWay().IsMatch(path));

    // What is written beside a file before it takes its place, by us, by grub-mkconfig and by update-initramfs.
    [GeneratedRegex(@"/\.nestvirt\.[^/]+\.tmp$|^boot/.*\.(new|bak|dpkg-bak)$|^boot/grub/grubenv")]
    private static partial Regex UnderWay();
}
