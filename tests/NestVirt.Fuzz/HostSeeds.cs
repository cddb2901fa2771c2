using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Probing;
using NestVirt.Testing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Fuzz;

/// <summary>The hosts of the repository, as snapshots of all that is asked of one.</summary>
/// <param name="folder">Where they are kept.</param>
internal sealed class HostSeeds(string folder)
{
    /// <summary>Records the trees, and takes the recordings.</summary>
    /// <param name="tests">The folder tests.</param>
    /// <returns>The end of it.</returns>
    internal async Task MakeAsync(string tests)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(tests, "recordings"), "*.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        LinuxPlatform platform = new();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(tests, "trees"), "*.tree"))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string tree = Directory.CreateTempSubdirectory("nestvirt-fuzz-").FullName;
            TreeText.WriteFile(tree, file);
            ProbeAnswers answers = await ProbeReader.Default.ReadAsync(
                new HostTarget(name, new TreeAddress(tree)),
                [.. platform.Probes, .. platform.PlanProbes],
                CancellationToken.None
            );
            HostSnapshot snapshot = new(name, DateTimeOffset.UnixEpoch, answers.All);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.json"), snapshot.ToUtf8().ToArray());
            Directory.Delete(tree, recursive: true);
        }
    }

    /// <summary>Reads them, by name.</summary>
    internal IReadOnlyDictionary<string, HostSnapshot> Read() =>
        Directory
            .EnumerateFiles(folder, "*.json")
            .Order(StringComparer.Ordinal)
            .ToDictionary(
                static file => Path.GetFileNameWithoutExtension(file),
                static file => HostSnapshot.Parse(File.ReadAllBytes(file)),
                StringComparer.Ordinal
            );
}
