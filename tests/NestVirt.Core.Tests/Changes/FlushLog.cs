using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Stands in for <c>sync</c>: keeps what the tree holds each time that the worker flushes, and what is flushed.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FlushLog : IDisposable
{
    private readonly string _folder = Directory.CreateDirectory($"/dev/shm/nestvirt-flush-{Guid.NewGuid():N}").FullName;

    /// <summary>Initializes a new instance of the <see cref="FlushLog"/> class.</summary>
    internal FlushLog()
    {
        string tool = Path.Combine(Folder, "sync");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(
            tool,
            $$"""
            #!/bin/sh
            n=$(cat {{_folder}}/count)
            n=$((n + 1))
            echo "$n" >{{_folder}}/count
            for word do printf '%s\n' "$word"; done >{{_folder}}/$n.flushed
            {{Keep("$NESTVIRT_ROOT", $"{_folder}/$n")}}

            """
        );
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(_folder, "count"), "0\n");
    }

    /// <summary>Gets the folder, which goes first on PATH.</summary>
    internal string Folder => Path.Combine(_folder, "bin");

    /// <summary>Keeps what the tree holds.</summary>
    internal async Task<TreeImage> TakeAsync(string root)
    {
        string copy = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        using Process keeping = Process.Start("/bin/sh", ["-ec", Keep(root, copy)]);
        await keeping.WaitForExitAsync();
        return TreeImage.Read(copy);
    }

    /// <summary>Reads what was flushed, and what the tree held then.</summary>
    /// <param name="root">The tree.</param>
    /// <returns>One for each time.</returns>
    internal IEnumerable<(TreeImage Tree, string[] Flushed)> Read(string root)
    {
        int count = int.Parse(File.ReadAllText(Path.Combine(_folder, "count")), CultureInfo.InvariantCulture);
        for (int number = 1; number <= count; number++)
        {
            string path = Path.Combine(_folder, number.ToString(CultureInfo.InvariantCulture));
            yield return (
                TreeImage.Read(path),
                [
                    .. File.ReadLines($"{path}.flushed")
                        .Where(static word => word != "--")
                        .Select(word => Path.GetRelativePath(root, word)),
                ]
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // cp keeps no numbers of inodes, and a rename keeps nothing else.
    private static string Keep(string root, string copy) =>
        $"""
            find "{root}" -printf '%i\t%y\t%P\n' >"{copy}.inodes"
            cp -a -- "{root}" "{copy}"
            """;
}
