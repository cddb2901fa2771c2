using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Pci;

public sealed class PciProbeTests
{
    private const string Nic =
        "f\t0000:01:00.0\t0000:00:03.0\t0x020000\t0x8086\t0x10c9\t0x1af4\t0x1100\t0x01\t-1\t\n"
        + "s\t7\t2\t128\t2\t10ca\t1\nr\tflr pm bus\nd\tigb\ng\t10\n";

    private const string Display = "f\t0000:00:02.0\t\t0x030000\t0x8086\t0x46a6\t0x0000\t0x0000\t0x0c\t1\t1\n";

    [Theory]
    [InlineData("w\tlive\n", true, false)]
    [InlineData("", true, null)]
    public void Parse_tells_a_function_without_the_directory_vfio_dev_from_one_nobody_looked_at(
        string mark,
        bool? first,
        bool? second
    )
    {
        PciListing listing = PciProbe.Parse($"k\t6.8.0\n{mark}{Display}w\tyes\n{Nic}");

        Assert.Equal([first, second], listing.Devices.Select(static device => device.HasVfioDevice));
    }

    [Fact]
    public void Parse_reads_every_field_of_a_function()
    {
        PciListing listing = PciProbe.Parse("k\t6.1.0-56-amd64\n" + Nic + Display);

        Assert.Null(listing.UnavailableReason);
        Assert.Equal(["0000:00:02.0", "0000:01:00.0"], listing.Devices.Select(static device => device.Address));
        Assert.Equivalent(
            new PciDevice("0000:00:02.0", 0x030000, 0x8086, 0x46A6)
            {
                Revision = 0x0C,
                NumaNode = 1,
                IsBootVga = true,
                ResetMethods = [],
            },
            listing.Devices[0],
            strict: true
        );
        Assert.Equivalent(
            new PciDevice("0000:01:00.0", 0x020000, 0x8086, 0x10C9)
            {
                Parent = "0000:00:03.0",
                SubsystemVendorId = 0x1AF4,
                SubsystemDeviceId = 0x1100,
                Revision = 1,
                Driver = "igb",
                IommuGroup = 10,
                ResetMethods = ["flr", "pm", "bus"],
                Sriov = new SriovState(7, 2)
                {
                    Offset = 128,
                    Stride = 2,
                    VirtualDeviceId = 0x10CA,
                    IsDriverAutoprobed = true,
                },
            },
            listing.Devices[1],
            strict: true
        );
    }

    [Fact]
    public void Parse_tells_no_reset_method_from_an_older_kernel_that_does_not_say()
    {
        Assert.Null(PciProbe.Parse("k\t5.14.21\n" + Display).Devices[0].ResetMethods);
        Assert.Empty(PciProbe.Parse("k\t5.15.0-rc1\n" + Display).Devices[0].ResetMethods!);
        Assert.Empty(PciProbe.Parse("k\t5.14.0-503.el9\n" + Nic + Display).Devices[0].ResetMethods!);
    }

    [Fact]
    public void Parse_gives_interfaces_and_disks_to_the_function_that_their_path_leads_through()
    {
        PciListing listing = PciProbe.Parse(
            Nic
                + Display
                + "n\teth1\t/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/net/eth1\n"
                + "n\teth0\t/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/net/eth0\n"
                + "b\tsda\t/sys/devices/pci0000:00/0000:00:02.0/ata1/host0/target0:0:0/0:0:0:0/block/sda\n"
                + "b\tmmcblk0\t/sys/devices/platform/mmc/block/mmcblk0\n"
        );

        Assert.Equal(["eth0", "eth1"], listing.Devices[1].NetworkInterfaces);
        Assert.Equal(["sda"], listing.Devices[0].BlockDevices);
    }

    [Fact]
    public void Parse_gives_a_multipath_disk_to_the_controllers_that_serve_it()
    {
        const string Controllers =
            "c\tnvme0n1\t/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/nvme/nvme0\n"
            + "c\tnvme0n1\t/sys/devices/pci0000:00/0000:00:02.0/nvme/nvme1\n";
        const string Path = "b\tnvme0c1n1\t/sys/devices/pci0000:00/0000:00:02.0/nvme/nvme1/nvme0c1n1\n";

        PciListing withoutPaths = PciProbe.Parse(Nic + Display + Controllers);
        PciListing withPaths = PciProbe.Parse(Nic + Display + Path + Controllers);

        Assert.All(withoutPaths.Devices, static device => Assert.Equal(["nvme0n1"], device.BlockDevices));
        Assert.Equal(["nvme0n1"], withPaths.Devices[0].BlockDevices);
        Assert.Empty(withPaths.Devices[1].BlockDevices);
    }

    [Fact]
    public void Parse_follows_links_that_only_ls_could_read()
    {
        PciListing listing = PciProbe.Parse(
            Display
                + "l\n"
                + "lrwxrwxrwx 1 0 0 32 Oct 27  2025 bus/pci/devices/0000:00:02.0/driver -> ../../../bus/pci/drivers/pci1xxxx serial\n"
                + "lrwxrwxrwx 1 0 0 30 Oct 27  2025 bus/pci/devices/0000:00:02.0/iommu_group -> ../../../kernel/iommu_groups/14\n"
                + "lrwxrwxrwx 1 0 0 30 Oct 27  2025 class/net/wlan0 -> ../../devices/pci0000:00/0000:00:02.0/net/wlan0\n"
                + "lrwxrwxrwx 1 0 0 30 Oct 27  2025 block/loop0 -> ../devices/virtual/block/loop0\n"
        );

        PciDevice device = Assert.Single(listing.Devices);
        Assert.Equal(("pci1xxxx serial", 14), (device.Driver, device.IommuGroup));
        Assert.Equal(["wlan0"], device.NetworkInterfaces);
        Assert.Empty(device.BlockDevices);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k\t6.12.0\n")]
    public void Parse_takes_a_host_without_pci_for_one_without_functions(string listing)
    {
        PciListing result = PciProbe.Parse(listing);

        Assert.Empty(result.Devices);
        Assert.Null(result.UnavailableReason);
    }

    [Theory]
    [InlineData("x\tmissing\n", "there is no sysfs: no directory /sys/bus")]
    [InlineData("x\tunreadable\n", "this account may not read /sys/bus/pci/devices")]
    public void Parse_says_why_the_functions_are_not_known(string listing, string reason) =>
        Assert.Equal(reason, PciProbe.Parse(listing).UnavailableReason);

    [Theory]
    [InlineData("ls: cannot access '/sys/bus/pci'")]
    [InlineData("f\t0000:01:00.0\t\t0x020000\t0x8086\t0x10c9\t\t\t\t")]
    [InlineData("f\t0000:01:00.0\t\t020000\t0x8086\t0x10c9\t\t\t\t\t")]
    [InlineData("f\t0000:01:00\t\t0x020000\t0x8086\t0x10c9\t\t\t\t\t")]
    [InlineData("g\tten")]
    [InlineData("s\t7\t2\t128\t2\t0x10ca\t1")]
    [InlineData("p\tphysfn")]
    [InlineData("n\teth0")]
    [InlineData("x\tother")]
    public void Parse_names_the_line_it_cannot_read(string line)
    {
        ProbeFormatException error = Assert.Throws<ProbeFormatException>(() => PciProbe.Parse($"{Display}{line}\n"));

        Assert.Equal(2, error.LineNumber);
    }
}
