using NestVirt.Linux.Sriov;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Sriov;

public sealed class SriovBootLineTests
{
    private const string At = "0000:04:00.0";

    private static readonly PciDevice s_device = new(At, 0x020000, 0x8086, 0x1528)
    {
        Driver = "ixgbe",
        NetworkInterfaces = ["eth1"],
    };

    [Theory]
    [InlineData($"devices/pci0000:00/{At}/sriov_numvfs = 7", true, 7)]
    [InlineData($"KERNEL==\"{At}\", ATTR{{sriov_numvfs}}==\"0\", ATTR{{sriov_numvfs}}=\"4\"", true, 4)]
    [InlineData("KERNEL==\"eth*\", ATTR{device/sriov_numvfs}=\"4\"", true, 4)]
    [InlineData("KERNEL==\"eth10\", ATTR{device/sriov_numvfs}=\"4\"", false, 4)]
    [InlineData($"@reboot echo 3 > /sys/bus/pci/devices/{At}/sriov_numvfs", true, 3)]
    [InlineData(
        "echo 0 > /sys/class/net/eth1/device/sriov_numvfs; echo '5' >/sys/class/net/eth1/device/sriov_numvfs 2>/dev/null",
        true,
        5
    )]
    [InlineData("printf '%s\\n' 6 | tee /sys/class/net/eth1/device/sriov_numvfs", true, 6)]
    [InlineData("echo $N > /sys/class/net/eth1/device/sriov_numvfs", true, null)]
    [InlineData("echo 6 > $d/sriov_numvfs", null, 6)]
    [InlineData($"w /sys/bus/pci/devices/{At}/sriov_numvfs - - - - 8", true, 8)]
    [InlineData("echo 6 > /sys/class/net/eth10/device/sriov_numvfs", false, 6)]
    [InlineData("echo 6 > /sys/bus/pci/devices/0000:04:00.1/sriov_numvfs", false, 6)]
    [InlineData("# echo 6 > /sys/class/net/eth1/device/sriov_numvfs", false, 6)]
    [InlineData("SR-IOVVirtualFunctions=4", null, 4)]
    [InlineData("      virtual-function-count: 9", null, 9)]
    [InlineData("total-vfs=2", null, 2)]
    [InlineData("options ixgbe max_vfs=3", true, 3)]
    [InlineData("options ixgbe max_vfs=3,5", true, 3)]
    [InlineData("options igb max_vfs=3", false, null)]
    [InlineData("options ixgbe max_vfs = 3", false, null)]
    [InlineData($"{At} count 4", true, 4)]
    [InlineData("/usr/lib/nvidia/sriov-manage -e 0000:04:00.0", true, null)]
    [InlineData("echo 99999999999 > /sys/class/net/eth1/device/sriov_numvfs", true, null)]
    public void A_line_tells_its_device_and_number(string text, bool? isAbout, int? count)
    {
        SriovBootLine line = new($"/etc/a:1:{text}");

        Assert.Equal((isAbout, count), (line.IsAbout(s_device), line.CountFor(s_device)));
    }

    [Theory]
    [InlineData("ro ixgbe.max_vfs=3 igb.max_vfs=5", "ixgbe", 3)]
    [InlineData("ro mlx4_core.num_vfs=8", "mlx4_core", 8)]
    [InlineData("ro be2net.num_vfs=2 quiet", "be2net", 2)]
    [InlineData("ro ixgbe.max_vfs=3", "i915", null)]
    [InlineData("ro i915.max_vfs=7", "i915", null)]
    public void Words_of_the_command_line_are_about_their_driver(string text, string driver, int? count)
    {
        PciDevice device = s_device with { Driver = driver };
        SriovBootLine line = new($"/proc/cmdline:1:{text}");

        Assert.Equal(count is not null, line.IsAbout(device));
        if (count is not null)
        {
            Assert.Equal(count, line.CountFor(device));
            Assert.Matches($"^/proc/cmdline: {driver}\\.(max|num)_vfs={count}$", line.EvidenceOf(device));
        }
    }

    [Theory]
    [InlineData("/etc/systemd/network/10-x.link", true, "SriovFewerMade")]
    [InlineData("/run/systemd/network/10-x.link.d/vf.conf", true, "SriovFewerMade")]
    [InlineData("/etc/systemd/network/9-y.link", true, null)]
    [InlineData("/etc/systemd/network/9-y.link", false, "SriovFewerMade")]
    public void Of_link_files_the_one_that_udev_took_counts(string path, bool isKnown, string? code)
    {
        PciDevice device = s_device with { Sriov = new SriovState(8, 0) };
        VirtualFunctionHost host = new()
        {
            Interfaces = new Dictionary<string, InterfaceFacts>
            {
                ["eth1"] = new("eth1", "3") { LinkFile = isKnown ? "/usr/lib/systemd/network/10-x.link" : null },
            },
        };
        NestVirt.Linux.Machine.KernelLog log = new([]);

        IEnumerable<Finding> told = new SriovBootFindings(
            host,
            [new SriovBootLine($"{path}:1:SR-IOVVirtualFunctions=4")],
            [device, device with { Address = "0000:05:00.0", NetworkInterfaces = [] }]
        ).Of(device, new SriovObstacles(device, null, log, host), [], log);

        Assert.Equal(code is null ? [] : [code], told.Select(static one => one.Code));
    }
}
