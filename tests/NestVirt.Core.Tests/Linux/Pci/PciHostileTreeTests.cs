using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Runs the PCI scripts over trees whose names and contents were made to mislead a shell.</summary>
[Trait("Category", "Security")]
public sealed class PciHostileTreeTests : IDisposable
{
    private const string Devices = "sys/devices/pci0000:00";

    private readonly HostTree _tree = new();

    public static TheoryData<string> Shells => [.. PosixShells.Installed];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Names_are_data_to_every_shell(string shell)
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        _tree.Write(
            $"{Devices}/0000:00:03.0/driver_override",
            "$(touch pwned) `touch pwned` 'x\ty'; exit\nsecond line\n"
        );
        _tree.Link($"{Devices}/0000:00:03.0/driver", "../../../bus/pci/drivers/-n pci$(touch pwned)");
        _tree.Write("sys/bus/pci/drivers/-n pci$(touch pwned)/bind", string.Empty);
        string[] names = ["$(touch pwned)", "-n", "a b", "%s%n", "*", "\\t"];
        foreach (string name in names)
        {
            _tree.Write($"{Devices}/0000:00:03.0/net/{name}/mtu", "1500\n");
            _tree.Link($"sys/class/net/{name}", $"../../devices/pci0000:00/0000:00:03.0/net/{name}");
        }

        _tree.Write($"{Devices}/0000:00:03.0/net/new\nline/mtu", "1500\n");
        _tree.Link("sys/class/net/new\nline", "../../devices/pci0000:00/0000:00:03.0/net/new\nline");

        PciDevice device = Assert.Single(await ReadAsync(shell));

        Assert.Equal("$(touch pwned) `touch pwned` 'x\ty'; exit", device.DriverOverride);
        Assert.Equal("-n pci$(touch pwned)", device.Driver);
        Assert.Equal(names.Order(StringComparer.Ordinal), device.NetworkInterfaces);
        Assert.Empty(Directory.GetFiles(_tree.Path, "pwned", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Every_shell_reads_the_same_of_a_host(string shell)
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        AddFunction("0000:00:03.0/0000:01:00.0");
        AddFunction("0000:00:03.0/0000:01:10.0");
        byte[] config = ConfigBytes.Express(type: 4);
        ConfigBytes.Put(config, 0x140, [0x0D, 0x00, 0x01, 0x00, 0x1D, 0x00, 0x1D, 0x00]);
        ConfigBytes.Put(config, 0x100, [0x01, 0x00, 0x02, 0x14]);
        string bridge = $"{Devices}/0000:00:03.0";
        File.WriteAllBytes(Path.Combine(_tree.Path, bridge, "config"), config);
        File.WriteAllBytes(Path.Combine(_tree.Path, bridge, "0000:01:00.0/config"), ConfigBytes.Express(type: 0));
        _tree.Write($"{bridge}/0000:01:00.0/sriov_totalvfs", "7\n").Write($"{bridge}/0000:01:00.0/sriov_numvfs", "1\n");
        _tree.Write($"{bridge}/0000:01:00.0/reset_method", "flr bus\n").Write($"{bridge}/reset_method", string.Empty);
        _tree.Link($"{bridge}/0000:01:10.0/physfn", "../0000:01:00.0");
        _tree.Write($"{bridge}/0000:01:10.0/virtio0/net/eth0/mtu", "1500\n");
        _tree.Link("sys/class/net/eth0", $"../../devices/pci0000:00/0000:00:03.0/0000:01:10.0/virtio0/net/eth0");
        _tree.Write("sys/class/net/bonding_masters", "bond0\n");
        _tree.Write(
            "usr/share/misc/pci.ids",
            "8086  Intel\n\t10c9  82576\n\t\t8086 0001  Board\nC 02  Net\n\t00  Ethernet\n"
        );

        IReadOnlyList<PciDevice> devices = await ReadAsync(shell);

        Assert.Equal(
            [PciePortType.RootPort, PciePortType.Endpoint, PciePortType.Endpoint],
            devices.Select(static device => device.PortType)
        );
        Assert.Equal(["SrcValid", "ReqRedir", "CmpltRedir", "UpstreamFwd"], devices[0].Acs!.Enabled);
        Assert.False(devices[1].Acs!.IsPresent);
        Assert.Equal(["0000:01:10.0"], devices[1].Sriov!.VirtualFunctions);
        Assert.Equal(["flr", "bus"], devices[1].ResetMethods);
        Assert.Empty(devices[0].ResetMethods!);
        Assert.Equal(("0000:01:00.0", "0000:00:03.0"), (devices[2].PhysicalFunction, devices[2].Parent));
        Assert.Equal(["eth0"], devices[2].NetworkInterfaces);
        Assert.All(
            devices,
            static device => Assert.Equal(("Intel", "82576", "Ethernet"), (device.Vendor, device.Device, device.Class))
        );
    }

    [Fact]
    public async Task Links_that_lead_nowhere_are_read_all_the_same()
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        _tree.Link($"{Devices}/0000:00:03.0/driver", "../../../bus/pci/drivers/pci1xxxx $(touch pwned)");
        _tree.Link($"{Devices}/0000:00:03.0/iommu_group", "../../../kernel/iommu_groups/7");
        _tree.Link("sys/class/net/eth 0 -> x", "../../devices/pci0000:00/0000:00:03.0/net/eth0");

        PciDevice device = Assert.Single(await ReadAsync());

        Assert.Equal(("pci1xxxx $(touch pwned)", 7), (device.Driver, device.IommuGroup));
    }

    [Fact]
    public async Task Folders_that_are_no_functions_are_passed_over()
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        _tree.Write("sys/bus/pci/devices/a b:c:d.e/class", "0x020000\n");
        _tree.Write("sys/bus/pci/devices/$(touch pwned):0:0.0/class", "0x020000\n");
        _tree.Write("sys/bus/pci/devices/-rf:0:0.0/config", "x");

        Assert.Equal("0000:00:03.0", Assert.Single(await ReadAsync()).Address);
    }

    [Fact]
    public async Task A_multipath_disk_belongs_to_the_controller_of_its_path()
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        AddFunction("0000:00:04.0");
        _tree.Write($"{Devices}/0000:00:03.0/nvme/nvme0/nvme0c0n1/size", "1\n");
        _tree.Write($"{Devices}/0000:00:04.0/nvme/nvme1/state", "live\n");
        _tree.Write("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/size", "1\n");
        _tree.Link(
            "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
            "../../../pci0000:00/0000:00:03.0/nvme/nvme0"
        );
        _tree.Link(
            "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1",
            "../../../pci0000:00/0000:00:04.0/nvme/nvme1"
        );
        _tree.Link("sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");

        IReadOnlyList<PciDevice> withoutPaths = await ReadAsync();
        _tree.Link("sys/block/nvme0c0n1", "../devices/pci0000:00/0000:00:03.0/nvme/nvme0/nvme0c0n1");
        IReadOnlyList<PciDevice> withPaths = await ReadAsync();

        Assert.All(withoutPaths, static device => Assert.Equal(["nvme0n1"], device.BlockDevices));
        Assert.Equal(["nvme0n1"], withPaths[0].BlockDevices);
        Assert.Empty(withPaths[1].BlockDevices);
    }

    [Fact]
    public async Task Functions_behind_vmd_have_long_domains_and_come_last()
    {
        Needs.Shell();
        AddFunction("0000:00:0e.0");
        AddFunction("0000:00:0e.0/pci10000:e0/10000:e0:06.0");
        AddFunction("0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0");

        IReadOnlyList<PciDevice> devices = await ReadAsync();

        Assert.Equal(
            [("0000:00:0e.0", null), ("10000:e0:06.0", null), ("10000:e1:00.0", "10000:e0:06.0")],
            devices.Select(static device => (device.Address, device.Parent))
        );
    }

    [Fact]
    public async Task A_config_space_that_a_link_points_to_is_not_read()
    {
        Needs.Shell();
        AddFunction("0000:00:03.0");
        _tree.Write("secret", new string('s', 256));
        _tree.Link($"{Devices}/0000:00:03.0/config", "../../../../secret");

        Assert.Empty((await _tree.ReadAsync(PciConfigProbe.Probe))[PciConfigProbe.Probe].Text.Trim());
    }

    [Fact]
    public async Task A_tree_without_sysfs_is_told_from_one_without_pci()
    {
        Needs.Shell();
        Assert.NotNull(PciInventory.UnavailableReason(await _tree.ReadAsync(PciProbe.Probe)));

        _tree.Write("sys/bus/cpu/uevent", string.Empty);

        Assert.Null(PciInventory.UnavailableReason(await _tree.ReadAsync(PciProbe.Probe)));
        Assert.Empty(await ReadAsync());
    }

    private async Task<IReadOnlyList<PciDevice>> ReadAsync(string shell = "sh")
    {
        string[] words = shell.Split(' ');
        LocalShellFactory shells = new(words[0], words[1..]);
        ProbeReader reader = new(new HostConnector(shells, shells));
        HostTarget target = new("tree", new TreeAddress(_tree.Path));
        return PciInventory.Read(await reader.ReadAsync(target, PciInventory.Probes, CancellationToken.None), target);
    }

    private void AddFunction(string path)
    {
        string address = Path.GetFileName(path);
        _tree
            .Write($"{Devices}/{path}/class", "0x020000\n")
            .Write($"{Devices}/{path}/vendor", "0x8086\n")
            .Write($"{Devices}/{path}/device", "0x10c9\n")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{path}");
    }
}
