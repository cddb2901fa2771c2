using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Testing;

namespace NestVirt.Core.Tests;

/// <summary>A directory tree that stands for a host, and is gone after the test.</summary>
/// <param name="inMemory">Whether it lies in memory, where there is such a place: a disk takes its time to flush.</param>
public sealed class HostTree(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <summary>Gets the folder.</summary>
    public string Path { get; } =
        inMemory && Directory.Exists(Memory)
            ? Directory.CreateDirectory($"{Memory}/nestvirt-tree-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("nestvirt-tree-").FullName;

    /// <summary>Adds what a file of tests/trees holds.</summary>
    /// <param name="name">The file without its extension.</param>
    /// <returns>The tree.</returns>
    public HostTree Add(string name)
    {
        TreeText.WriteFile(Path, System.IO.Path.Combine(AppContext.BaseDirectory, "trees", $"{name}.tree"));
        return this;
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">The path inside of the tree.</param>
    /// <param name="text">What the file holds.</param>
    /// <returns>The tree.</returns>
    public HostTree Write(string path, string text)
    {
        string file = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="path">The path inside of the tree.</param>
    /// <param name="target">What it points to, as written.</param>
    /// <returns>The tree.</returns>
    public HostTree Link(string path, string target)
    {
        string file = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.CreateSymbolicLink(file, target);
        return this;
    }

    /// <summary>Asks the tree through a real shell.</summary>
    /// <param name="probes">The probes.</param>
    /// <returns>The answers.</returns>
    public Task<ProbeAnswers> ReadAsync(params HostProbe[] probes) => ReadAsync(Path, probes);

    /// <summary>Asks any tree through a real shell.</summary>
    /// <param name="folder">The tree.</param>
    /// <param name="probes">The probes.</param>
    /// <returns>The answers.</returns>
    public static Task<ProbeAnswers> ReadAsync(string folder, params HostProbe[] probes) =>
        ProbeReader.Default.ReadAsync(new HostTarget("tree", new TreeAddress(folder)), probes, CancellationToken.None);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
