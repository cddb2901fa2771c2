using System.Globalization;
using System.Text.RegularExpressions;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Questions;

public sealed class IommuQueryTests : IDisposable
{
    private readonly HostTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Groups_of_a_tree_have_their_type_regions_and_members()
    {
        Needs.Shell();
        WriteFunction("0000:01:00.0", group: 12, driver: "nvidia");
        WriteFunction("0000:01:00.1", group: 12, driver: "vfio-pci");
        _tree
            .Write("sys/kernel/iommu_groups/12/type", "DMA-FQ\n")
            .Write("sys/kernel/iommu_groups/12/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n")
            .Write("sys/bus/platform/drivers/ahci-platform/uevent", string.Empty)
            .Link("sys/devices/platform/sata0/driver", "../../../bus/platform/drivers/ahci-platform")
            .Link("sys/kernel/iommu_groups/12/devices/sata0", "../../../../devices/platform/sata0");

        IommuGroup group = Assert.Single(await ReadAsync(_tree.Path));

        Assert.Equal(12, group.Number);
        Assert.Equal("DMA-FQ", group.Type);
        Assert.Equal([new ReservedRegion(0xFEE00000, 0xFEEFFFFF, "msi")], group.ReservedRegions);
        Assert.Equal(["0000:01:00.0", "0000:01:00.1"], group.Devices.Select(static device => device.Address));
        Assert.Equal(["sata0"], group.OtherDevices);
        Assert.False(group.IsViable);
        Assert.Equal(
            ["/sys/bus/pci/devices/0000:01:00.0/driver: nvidia", "the driver link of sata0: ahci-platform"],
            group.Reasons.Where(static reason => reason.Code == "DriverBound").Select(static reason => reason.Evidence)
        );
    }

    [Fact]
    public async Task A_name_that_no_kernel_gives_runs_nothing_and_breaks_nothing()
    {
        Needs.Shell();
        WriteFunction("0000:01:00.0", group: 3, driver: "e1000e");
        _tree
            .Write("sys/kernel/iommu_groups/3/devices/$(touch pwned)", string.Empty)
            .Write("sys/kernel/iommu_groups/3/devices/two\nlines", string.Empty)
            .Write("sys/kernel/iommu_groups/not a number/type", "DMA\n")
            .Write("sys/kernel/iommu_groups/3/type", "\u001b[31mred\n");

        IommuGroup group = Assert.Single(await ReadAsync(_tree.Path));

        Assert.Equal(["$(touch pwned)"], group.OtherDevices);
        Assert.Null(group.Type);
        Assert.Empty(Directory.GetFiles(_tree.Path, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_tree_without_groups_is_refused_with_the_reason()
    {
        Needs.Shell();
        _tree.Write("sys/bus/uevent", string.Empty);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => ReadAsync(_tree.Path));

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains("/sys/kernel/iommu_groups", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_whose_IOMMU_is_off_has_no_groups()
    {
        Needs.Shell();
        Directory.CreateDirectory(Path.Combine(_tree.Path, "sys/kernel/iommu_groups"));
        Directory.CreateDirectory(Path.Combine(_tree.Path, "sys/bus/pci/devices"));

        Assert.Empty(await ReadAsync(_tree.Path));
    }

    [Fact]
    public async Task Groups_of_a_captured_laptop_are_what_its_links_say()
    {
        Needs.Data("ghw", "tar");
        string archive = Path.Combine(TestData.Folder("ghw")!, "linux-amd64-intel-i7-1270P.tar.gz");
        await RunAsync("tar", "xzf", archive, "-C", _tree.Path);
        string[] listing = (await RunAsync("tar", "tvzf", archive)).Split('\n');
        Dictionary<int, string[]> expected = listing
            .Select(static line => Regex.Match(line, "([0-9a-f:.]{12})/iommu_group -> .*/iommu_groups/([0-9]+)$"))
            .Where(static match => match.Success)
            .GroupBy(
                static match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture),
                static match => match.Groups[1].Value
            )
            .ToDictionary(static group => group.Key, static group => group.Order(StringComparer.Ordinal).ToArray());

        List<IommuGroup> groups = await ReadAsync(_tree.Path);

        Assert.Equal(15, expected.Count);
        Assert.Equal(expected.Keys.Order(), groups.Select(static group => group.Number));
        Assert.All(
            groups,
            group => Assert.Equal(expected[group.Number], group.Devices.Select(static device => device.Address))
        );
        Assert.DoesNotContain(
            groups.SelectMany(static group => group.Reasons),
            static reason => reason.Code == "NotExplained"
        );
    }

    [Fact]
    public async Task Differences_are_told_against_the_reference()
    {
        HostTarget old = new("old.json", new SnapshotAddress("old.json"));
        IommuGroup shared = new(1, [new PciDevice("0000:01:00.0", 0, 1, 2), new PciDevice("0000:01:00.1", 0, 1, 3)])
        {
            IsViable = true,
            Reasons = [],
        };
        IommuGroup alone = new(5, [shared.Devices[0]]) { IsViable = true, Reasons = [] };
        RecordedGroups groups = new(target => target == old ? [shared] : [alone]);

        List<IommuDifference> differences = await new IommuDifferenceQuery(groups, old)
            .RunAsync(HostTarget.Local, CancellationToken.None)
            .ToListAsync();

        Assert.Equal([IommuChange.Moved, IommuChange.Left], differences.Select(static difference => difference.Change));
        Assert.All(differences, static difference => Assert.Equal("old.json", difference.ReferenceName));
        Assert.Equal((1, 5), (differences[0].PreviousGroup, differences[0].Group));
    }

    private static async Task<List<IommuGroup>> ReadAsync(string folder) =>
        await HostQueries
            .Ask(HostQuestions.IommuGroups)
            .RunAsync(new HostTarget("tree", new TreeAddress(folder)), CancellationToken.None)
            .ToListAsync();

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
        )!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private void WriteFunction(string address, int group, string driver)
    {
        string folder = $"sys/devices/pci0000:00/{address}";
        _tree
            .Write($"{folder}/class", "0x020000\n")
            .Write($"{folder}/vendor", "0x8086\n")
            .Write($"{folder}/device", "0x10d3\n")
            .Write($"sys/bus/pci/drivers/{driver}/new_id", string.Empty)
            .Link($"{folder}/driver", $"../../../bus/pci/drivers/{driver}")
            .Link($"{folder}/iommu_group", $"../../../kernel/iommu_groups/{group}")
            .Link($"sys/kernel/iommu_groups/{group}/devices/{address}", $"../../../../devices/pci0000:00/{address}")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{address}");
    }

    private sealed class RecordedGroups(Func<HostTarget, IommuGroup[]> groups) : IHostQuery<IommuGroup>
    {
        public IAsyncEnumerable<IommuGroup> RunAsync(HostTarget target, CancellationToken cancellationToken) =>
            groups(target).ToAsyncEnumerable();
    }
}
