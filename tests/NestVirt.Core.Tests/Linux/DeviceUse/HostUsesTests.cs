using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.DeviceUse;

public class HostUsesTests
{
    private const string Nvme = "/devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1";

    private const string Encrypted = $"""
        block	nvme0n1	259:0	/sys{Nvme}
        block	nvme0n1p1	259:1	/sys{Nvme}/nvme0n1p1
        part
        block	nvme0n1p3	259:3	/sys{Nvme}/nvme0n1p3
        part
        block	dm-0	253:0	/sys/devices/virtual/block/dm-0
        dm	luks-home
        slave	nvme0n1p3
        block	dm-1	253:1	/sys/devices/virtual/block/dm-1
        dm	vg-root
        slave	dm-0
        block	dm-2	253:2	/sys/devices/virtual/block/dm-2
        dm	vg-swap
        slave	dm-0
        @/proc/self/mountinfo
        |24 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
        |25 24 253:1 /var/lib /srv/with\040blank rw - ext4 /dev/mapper/vg-root rw
        |26 24 259:1 / /boot rw - vfat /dev/nvme0n1p1 rw
        |27 24 0:20 / /proc rw - proc proc rw
        @/proc/swaps
        |Filename				Type		Size		Used		Priority
        |/dev/dm-2                               partition	1000	0	-2

        """;

    [Fact]
    public void Each_file_system_is_followed_down_to_the_disk() =>
        Assert.Equal(
            [
                new HostUse("RootFileSystem", "/ on dm-1 (vg-root) on dm-0 (luks-home) on nvme0n1p3"),
                new HostUse("MountedFileSystem", "/boot on nvme0n1p1"),
                new HostUse("Swap", "swap on dm-2 (vg-swap) on dm-0 (luks-home) on nvme0n1p3"),
            ],
            Uses(Encrypted, Device("01:00.0") with { BlockDevices = ["nvme0n1"] })
        );

    [Fact]
    public void A_disk_that_no_function_names_is_found_by_its_path() =>
        Assert.Equal(
            [new HostUse("MountedFileSystem", "/mnt on sda1")],
            Uses(
                """
                block	sda	8:0	/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host0/target0:0:0/0:0:0:0/block/sda
                block	sda1	8:1	/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1
                part
                @/proc/self/mountinfo
                |24 1 8:1 / /mnt rw - ext4 /dev/sda1 rw

                """,
                Device("00:14.0")
            )
        );

    [Fact]
    public void A_mirror_needs_both_disks()
    {
        const string Mirror = """
            block	sda1	8:1	/sys/devices/pci0000:00/0000:00:17.0/ata1/block/sda/sda1
            part
            block	sdb1	8:17	/sys/devices/pci0000:00/0000:02:00.0/ata2/block/sdb/sdb1
            part
            block	md0	9:0	/sys/devices/virtual/block/md0
            slave	sda1
            slave	sdb1
            block	md0p1	259:9	/sys/devices/virtual/block/md0/md0p1
            part
            @/proc/self/mountinfo
            |24 1 259:9 / / rw - xfs /dev/md0p1 rw

            """;
        IReadOnlyList<PciDevice> devices = HostUses.Annotate(
            [Device("00:17.0") with { BlockDevices = ["sda"] }, Device("02:00.0") with { BlockDevices = ["sdb"] }],
            HostUseProbe.Parse(Mirror)
        );

        Assert.Equal(
            ["/ on md0p1 on md0 on sda1", "/ on md0p1 on md0 on sdb1"],
            devices.Select(static device => Assert.Single(device.HostUses).Evidence)
        );
    }

    [Fact]
    public void All_devices_of_a_btrfs_count()
    {
        const string Btrfs = """
            block	vda	254:0	/sys/devices/pci0000:00/0000:00:01.0/virtio0/block/vda
            block	vdb	254:16	/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vdb
            btrfs	0b9e2a5c-71c1-4a35-a4f0-0f3b7f1f2a11	vda
            btrfs	0b9e2a5c-71c1-4a35-a4f0-0f3b7f1f2a11	vdb
            @/proc/self/mountinfo
            |24 1 0:33 /@ / rw - btrfs /dev/vda rw,subvol=/@

            """;

        IReadOnlyList<PciDevice> devices = HostUses.Annotate(
            [Device("00:01.0") with { BlockDevices = ["vda"] }, Device("00:02.0") with { BlockDevices = ["vdb"] }],
            HostUseProbe.Parse(Btrfs)
        );

        Assert.Equal(
            ["/ on vda", "/ on vdb"],
            devices.Select(static device => Assert.Single(device.HostUses).Evidence)
        );
    }

    [Theory]
    [InlineData("", "Unknown: ZFS pool rpool is in use, and it is unknown whether nvme0n1 belongs to it")]
    [InlineData(
        "@/run/udev/data/b259:3\n|E:ID_FS_LABEL=rpool\n|E:ID_FS_TYPE=zfs_member\n",
        "RootFileSystem: / on nvme0n1p3"
    )]
    public void A_pool_is_found_by_udev_or_is_unknown(string udev, string expected)
    {
        string text = $"""
            block	nvme0n1p3	259:3	/sys{Nvme}/nvme0n1p3
            part
            @/proc/self/mountinfo
            |24 1 0:33 / / rw - zfs rpool/ROOT/debian rw
            {udev}
            """;

        HostUse use = Assert.Single(Uses(text, Device("01:00.0") with { BlockDevices = ["nvme0n1"] }));

        Assert.Equal(expected, $"{use.Kind}: {use.Evidence}");
    }

    [Fact]
    public void The_default_route_is_followed_through_bridge_VLAN_and_bond()
    {
        const string Network = """
            lower	br0	bond0.7
            lower	bond0.7	bond0
            lower	bond0	eth0
            lower	bond0	eth1
            @/proc/net/route
            |Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
            |br0	00000000	0202000A	0003	0	0	0	00000000	0	0	0
            |br0	0002000A	00000000	0001	0	0	0	00FFFFFF	0	0	0

            """;

        IReadOnlyList<PciDevice> devices = HostUses.Annotate(
            [Nic("01:00.0", "eth0"), Nic("01:00.1", "eth1"), Nic("02:00.0", "eth2")],
            HostUseProbe.Parse(Network)
        );

        Assert.Equal(
            ["default route on br0 on bond0.7 on bond0 on eth0", "default route on br0 on bond0.7 on bond0 on eth1"],
            devices.SelectMany(static device => device.HostUses).Select(static use => use.Evidence)
        );
        Assert.False(devices[2].IsUsedByHost);
    }

    [Theory]
    [InlineData("10.0.2.2 51572 10.0.2.15 22", "eth0")]
    [InlineData("192.168.7.9 51572 192.168.7.1 22", "eth1")]
    [InlineData("203.0.113.9 51572 203.0.113.1 22", "eth0")]
    [InlineData("fe80::2%eth1 51572 fe80::5054:ff:fe12:3456%eth1 22", "eth1")]
    [InlineData("::ffff:192.168.7.9 51572 ::ffff:192.168.7.1 22", "eth1")]
    [InlineData("127.0.0.1 51572 127.0.0.1 22", "")]
    [InlineData("::1 51572 ::1 22", "")]
    [InlineData("not a connection", "")]
    public void The_connection_is_found_by_route_or_address(string connection, string expected)
    {
        string text = $"""
            connection	{connection}
            @/proc/net/route
            |eth0	00000000	0202000A	0003	0	0	0	00000000	0	0	0
            |eth0	0002000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
            |eth1	0007A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
            @/proc/net/if_inet6
            |fe80000000000000505400fffe123456 02 40 20 80     eth1

            """;

        IEnumerable<string> found = HostUses
            .Annotate([Nic("01:00.0", "eth0"), Nic("02:00.0", "eth1")], HostUseProbe.Parse(text))
            .Where(static device => device.HostUses.Any(static use => use.Kind == "Connection"))
            .Select(static device => device.NetworkInterfaces[0]);

        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public void A_big_endian_host_writes_its_routes_the_other_way_round()
    {
        const string Text = "@/proc/net/route\n|enc1000\tC0A80700\t00000000\t0001\t0\t0\t0\tFFFFFF00\t0\t0\t0\n";

        Assert.Equal("192.168.7.0", Assert.Single(HostUseProbe.Parse(Text).Routes).Destination.ToString());
    }

    [Fact]
    public void What_a_virtual_function_carries_its_physical_one_carries()
    {
        const string Text = "@/proc/net/route\n|eth0v0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        PciDevice physical = Nic("01:00.0", "eth0");
        PciDevice virtualFunction = Nic("01:10.0", "eth0v0") with { PhysicalFunction = physical.Address };

        IReadOnlyList<PciDevice> devices = HostUses.Annotate([physical, virtualFunction], HostUseProbe.Parse(Text));

        Assert.Equal(
            "default route on eth0v0 on its virtual function 0000:01:10.0",
            Assert.Single(devices[0].HostUses).Evidence
        );
    }

    [Fact]
    public void An_internal_port_of_Open_vSwitch_may_stand_on_any_of_its_ports()
    {
        const string Text =
            "lower\tovs-system\teth0\n@/proc/net/route\n|br-ex\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";

        Assert.Equal(
            [new HostUse("DefaultRoute", "default route on br-ex on ovs-system on eth0")],
            Uses(Text, Nic("01:00.0", "eth0"))
        );
    }

    [Fact]
    public void The_display_of_the_console_is_in_use_while_a_driver_shows_it()
    {
        PciDevice display = Device("01:00.0") with { IsBootVga = true };

        Assert.Equal("BootVga", Assert.Single(Uses(string.Empty, display with { Driver = "amdgpu" })).Kind);
        Assert.Empty(Uses(string.Empty, display with { Driver = "vfio-pci" }));
        Assert.Empty(Uses(string.Empty, display));
    }

    [Fact]
    public void A_block_device_made_of_itself_ends()
    {
        const string Ring = """
            block	dm-0	253:0	/sys/devices/virtual/block/dm-0
            slave	dm-1
            block	dm-1	253:1	/sys/devices/virtual/block/dm-1
            slave	dm-0
            lower	br0	br0
            @/proc/self/mountinfo
            |24 1 253:1 / / rw - ext4 /dev/dm-1 rw
            @/proc/net/route
            |br0	00000000	0202000A	0003	0	0	0	00000000	0	0	0

            """;

        Assert.Empty(Uses(Ring, Device("01:00.0")));
    }

    [Fact]
    public void Parse_refuses_mutated_text_or_reads_it() =>
        Mutation.Check(Encrypted, static text => HostUses.Annotate([Device("01:00.0")], HostUseProbe.Parse(text)));

    private static IReadOnlyList<HostUse> Uses(string text, PciDevice device) =>
        Assert.Single(HostUses.Annotate([device], HostUseProbe.Parse(text))).HostUses;

    private static PciDevice Device(string address) => PciTopologyText.Read($"{address} ep")[0];

    private static PciDevice Nic(string address, string name) => Device(address) with { NetworkInterfaces = [name] };
}
