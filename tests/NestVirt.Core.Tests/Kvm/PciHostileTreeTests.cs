using NestVirt.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Kvm;

/// <summary>Runs the PCI scripts over trees whose names and contents were made to mislead a shell.</summary>
public sealed class PciHostileTreeTests : IDisposable
{
    private const string Devices = "sys/devices/pci0000:00";

    private readonly HostTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [PosixFact]
    public async Task Names_are_data()
    {
        AddFunction("0000:00:03.0");
        _tree.Write($"{Devices}/0000:00:03.0/driver_override", "$(touch pwned) `touch pwned` 'x\ty'; exit\nsecond line\n");
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

        PciDevice device = Assert.Single(await ReadAsync());

        Assert.Equal("$(touch pwned) `touch pwned` 'x\ty'; exit", device.DriverOverride);
        Assert.Equal("-n pci$(touch pwned)", device.Driver);
        Assert.Equal(names.Order(StringComparer.Ordinal), device.NetworkInterfaces);
        Assert.Empty(Directory.GetFiles(_tree.Path, "pwned", SearchOption.AllDirectories));
    }

    [PosixFact]
    public async Task Links_that_lead_nowhere_are_read_all_the_same()
    {
        AddFunction("0000:00:03.0");
        _tree.Link($"{Devices}/0000:00:03.0/driver", "../../../bus/pci/drivers/pci1xxxx $(touch pwned)");
        _tree.Link($"{Devices}/0000:00:03.0/iommu_group", "../../../kernel/iommu_groups/7");
        _tree.Link("sys/class/net/eth 0 -> x", "../../devices/pci0000:00/0000:00:03.0/net/eth0");

        PciDevice device = Assert.Single(await ReadAsync());

        Assert.Equal(("pci1xxxx $(touch pwned)", 7), (device.Driver, device.IommuGroup));
    }

    [PosixFact]
    public async Task Folders_that_are_no_functions_are_passed_over()
    {
        AddFunction("0000:00:03.0");
        _tree.Write("sys/bus/pci/devices/a b:c:d.e/class", "0x020000\n");
        _tree.Write("sys/bus/pci/devices/$(touch pwned):0:0.0/class", "0x020000\n");
        _tree.Write("sys/bus/pci/devices/-rf:0:0.0/config", "x");

        Assert.Equal("0000:00:03.0", Assert.Single(await ReadAsync()).Address);
    }

    [PosixFact]
    public async Task A_multipath_disk_belongs_to_the_controller_of_its_path()
    {
        AddFunction("0000:00:03.0");
        AddFunction("0000:00:04.0");
        _tree.Write($"{Devices}/0000:00:03.0/nvme/nvme0/nvme0c0n1/size", "1\n");
        _tree.Write($"{Devices}/0000:00:04.0/nvme/nvme1/state", "live\n");
        _tree.Write("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/size", "1\n");
        _tree.Link("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", "../../../pci0000:00/0000:00:03.0/nvme/nvme0");
        _tree.Link("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1", "../../../pci0000:00/0000:00:04.0/nvme/nvme1");
        _tree.Link("sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");

        IReadOnlyList<PciDevice> withoutPaths = await ReadAsync();
        _tree.Link("sys/block/nvme0c0n1", "../devices/pci0000:00/0000:00:03.0/nvme/nvme0/nvme0c0n1");
        IReadOnlyList<PciDevice> withPaths = await ReadAsync();

        Assert.All(withoutPaths, static device => Assert.Equal(["nvme0n1"], device.BlockDevices));
        Assert.Equal(["nvme0n1"], withPaths[0].BlockDevices);
        Assert.Empty(withPaths[1].BlockDevices);
    }

    [PosixFact]
    public async Task Functions_behind_vmd_have_long_domains_and_come_last()
    {
        AddFunction("0000:00:0e.0");
        AddFunction("0000:00:0e.0/pci10000:e0/10000:e0:06.0");
        AddFunction("0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0");

        IReadOnlyList<PciDevice> devices = await ReadAsync();

        Assert.Equal(
            [("0000:00:0e.0", null), ("10000:e0:06.0", null), ("10000:e1:00.0", "10000:e0:06.0")],
            devices.Select(static device => (device.Address, device.Parent)));
    }

    [PosixFact]
    public async Task A_config_space_that_a_link_points_to_is_not_read()
    {
        AddFunction("0000:00:03.0");
        _tree.Write("secret", new string('s', 256));
        _tree.Link($"{Devices}/0000:00:03.0/config", "../../../../secret");

        Assert.Empty((await _tree.ReadAsync(PciConfigProbe.Probe))[PciConfigProbe.Probe].Text.Trim());
    }

    [PosixFact]
    public async Task A_tree_without_sysfs_is_told_from_one_without_pci()
    {
        Assert.NotNull(PciInventory.UnavailableReason(await _tree.ReadAsync(PciProbe.Probe)));

        _tree.Write("sys/bus/cpu/uevent", string.Empty);

        Assert.Null(PciInventory.UnavailableReason(await _tree.ReadAsync(PciProbe.Probe)));
        Assert.Empty(await ReadAsync());
    }

    private async Task<IReadOnlyList<PciDevice>> ReadAsync() =>
        PciInventory.Read(await _tree.ReadAsync([.. PciInventory.Probes]), HostTarget.Local);

    private void AddFunction(string path)
    {
        string address = Path.GetFileName(path);
        _tree.Write($"{Devices}/{path}/class", "0x020000\n")
            .Write($"{Devices}/{path}/vendor", "0x8086\n")
            .Write($"{Devices}/{path}/device", "0x10c9\n")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{path}");
    }
}
