using System.Diagnostics;
using System.Globalization;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Reads captured sysfs trees through the real script, and holds the answers against what others say of them.</summary>
public sealed class PciTreeDataTests : IDisposable
{
    private const string Ghw = "ghw";
    private const string Hwloc = "hwloc";

    // What we and hwloc's expected output say differently, and why.
    private static readonly Dictionary<string, string> s_explained = new(StringComparer.Ordinal)
    {
        ["32intel64-2p8co2t+8ve 0000:60:00.0 Parent"] =
            "the capture lacks the link of the bridge 0000:5f:03.0, whose place is in the path",
        ["32intel64-2p8co2t+8ve 0000:60:00.1 Parent"] =
            "the capture lacks the link of the bridge 0000:5f:03.0, whose place is in the path",
        ["40intel64-4n10c+pci-conflicts 0000:00:00.0 extra"] =
            "hwloc leaves host bridges out unless it is asked for all of IO",
        ["nvidiagpunumanodes 0004:05:00.0 ids"] =
            "the capture has no ids: hwloc says 0, we the id that is reserved for none",
        ["nvidiagpunumanodes 0004:06:00.0 ids"] = "the capture has no ids",
        ["nvidiagpunumanodes 0006:00:00.0 ids"] = "the capture has no ids",
        ["nvidiagpunumanodes 0007:00:00.0 ids"] = "the capture has no ids",
        ["nvidiagpunumanodes 0035:04:00.0 ids"] = "the capture has no ids",
        ["nvidiagpunumanodes 0035:05:00.0 ids"] = "the capture has no ids",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Functions_of_the_ghw_trees_are_what_their_files_say()
    {
        Needs.Data(Ghw, "tar");
        List<string> differences = [];
        int functions = 0;
        foreach (
            string archive in Directory.EnumerateFiles(TestData.Folder(Ghw)!, "*.tar.gz").Order(StringComparer.Ordinal)
        )
        {
            string root = Unpack(archive);
            IReadOnlyList<PciDevice> devices = await ReadAsync(root);
            functions += devices.Count;
            differences.AddRange(
                DifferencesFromFiles(root, devices).Select(text => $"{Path.GetFileName(archive)} {text}")
            );
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(246, functions);
    }

    [Fact]
    public async Task Functions_of_the_hwloc_trees_are_those_that_hwloc_expects()
    {
        Needs.Data(Hwloc, "tar");
        List<string> differences = [];
        foreach (
            string archive in Directory
                .EnumerateFiles(Path.Combine(TestData.Folder(Hwloc)!, "linux"), "*.tar.bz2")
                .Order(StringComparer.Ordinal)
        )
        {
            string name = Path.GetFileName(archive).Replace(".tar.bz2", string.Empty, StringComparison.Ordinal);
            string expected = Path.Combine(Path.GetDirectoryName(archive)!, name + ".xml");
            IReadOnlyList<PciDevice> devices = await ReadAsync(Unpack(archive));
            differences.AddRange(
                DifferencesFromHwloc(
                        HwlocExpectation.Load(
                            File.Exists(expected) ? expected : Path.ChangeExtension(expected, ".console")
                        ),
                        devices
                    )
                    .Select(text => $"{name} {text}")
            );
        }

        Assert.Equal(s_explained.Keys.Order(StringComparer.Ordinal), differences.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Sriov_of_a_tree_is_what_its_files_say()
    {
        Needs.Data(Hwloc, "tar");
        string archive = Path.Combine(TestData.Folder(Hwloc)!, "linux", "32intel64-2p8co2t+8ve.tar.bz2");

        IEnumerable<PciDevice> physical = (await ReadAsync(Unpack(archive))).Where(static device =>
            device.Sriov is not null
        );

        Assert.Equal(
            [("0000:60:00.0", 64, 0), ("0000:60:00.1", 64, 0)],
            physical.Select(static device => (device.Address, device.Sriov!.TotalCount, device.Sriov.Count))
        );
    }

    private static async Task<IReadOnlyList<PciDevice>> ReadAsync(string root)
    {
        List<PciDevice> devices = [];
        HostTarget target = new("tree", new TreeAddress(root));
        await foreach (
            PciDevice device in HostQueries.Ask(HostQuestions.PciDevices).RunAsync(target, CancellationToken.None)
        )
        {
            devices.Add(device);
        }

        return devices;
    }

    private static IEnumerable<string> DifferencesFromFiles(string root, IReadOnlyList<PciDevice> devices)
    {
        string folder = Path.Combine(root, "sys/bus/pci/devices");
        string[] addresses = Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFileSystemEntries(folder)
                    .Select(static path => Path.GetFileName(path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
        string ours = string.Join(' ', devices.Select(static device => device.Address));
        if (ours != string.Join(' ', addresses))
        {
            yield return $"has {string.Join(' ', addresses)}; we list {ours}";
            yield break;
        }

        foreach (PciDevice device in devices)
        {
            string path = Path.Combine(folder, device.Address);
            string theirs = string.Join(
                ' ',
                Value(path, "class"),
                Value(path, "vendor"),
                Value(path, "device"),
                Value(path, "revision"),
                Value(path, "numa_node") is "-1" ? string.Empty : Value(path, "numa_node"),
                LinkName(path, "driver"),
                LinkName(path, "iommu_group")
            );
            string said = string.Create(
                CultureInfo.InvariantCulture,
                $"0x{device.ClassCode:x6} 0x{device.VendorId:x4} 0x{device.DeviceId:x4} {(device.Revision is null ? string.Empty : $"0x{device.Revision:x2}")} {device.NumaNode} {device.Driver} {device.IommuGroup}"
            );
            if (theirs != said)
            {
                yield return $"{device.Address}: the files say '{theirs}', we say '{said}'";
            }
        }
    }

    private static IEnumerable<string> DifferencesFromHwloc(
        IReadOnlyList<HwlocExpectation> expected,
        IReadOnlyList<PciDevice> devices
    )
    {
        Dictionary<string, PciDevice> ours = devices.ToDictionary(
            static device => device.Address,
            StringComparer.Ordinal
        );
        foreach (HwlocExpectation function in expected)
        {
            if (!ours.Remove(function.Address, out PciDevice? device))
            {
                yield return $"{function.Address} missing";
                continue;
            }

            string names = string.Join(
                ' ',
                device.NetworkInterfaces.Concat(device.BlockDevices).Order(StringComparer.Ordinal)
            );
            (string Name, bool IsSame)[] aspects =
            [
                ("class", device.ClassCode >> 8 == function.ClassCode),
                ("ids", (device.VendorId, device.DeviceId) == (function.VendorId, function.DeviceId)),
                ("Parent", device.Parent == function.Parent),
                ("names", names == function.Names),
            ];
            foreach ((string name, _) in aspects.Where(static aspect => !aspect.IsSame))
            {
                yield return $"{function.Address} {name}";
            }
        }

        foreach (PciDevice device in ours.Values)
        {
            yield return $"{device.Address} extra";
        }
    }

    private static string Value(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : string.Empty;
    }

    private static string LinkName(string folder, string link) =>
        new FileInfo(Path.Combine(folder, link)).LinkTarget is { } target ? Path.GetFileName(target) : string.Empty;

    private string Unpack(string archive)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, Path.GetFileName(archive))).FullName;
        using Process process = Process.Start(
            "tar",
            ["-x", "-f", archive, "-C", folder, "--exclude=sys/devices/system", "--exclude=proc"]
        );
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return Directory.Exists(Path.Combine(folder, "sys")) ? folder : Assert.Single(Directory.GetDirectories(folder));
    }
}
