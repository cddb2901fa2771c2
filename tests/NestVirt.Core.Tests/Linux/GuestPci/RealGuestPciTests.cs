using NestVirt.Core.Tests.Linux.Guests;
using NestVirt.Hosts;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.GuestPci;

/// <summary>The devices of a real libvirtd's guests, as the probe reads them.</summary>
/// <param name="libvirt">The daemon.</param>
public sealed class RealGuestPciTests(PrivateLibvirt libvirt) : IClassFixture<PrivateLibvirt>
{
    private const string Token = "0123456789abcdef";

    private const string Devices = """
        <disk type='nvme' device='disk'><driver name='qemu' type='raw'/><source type='pci' namespace='1'><address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></source><target dev='vdd' bus='virtio'/><boot order='2'/><serial>S3cr3t</serial></disk>
        <disk type='nvme' device='disk'><source type='pci' managed='no' namespace='2'><address bus='2'/></source><target dev='vde' bus='virtio'/></disk>
        <disk type='network' device='disk'><driver name='qemu'/><auth username='S3cr3t'><secret type='ceph' uuid='5d1b6e00-aaaa-4000-8000-00000000000f'/></auth><source protocol='rbd' name='pool/S3cr3t'><host name='S3cr3t'/></source><target dev='vda' bus='virtio'/></disk>
        <hostdev mode='subsystem' type='pci'><driver name='vfio'/><source><address bus='3' slot='1' function='0'/></source><boot order='1'/><rom bar='off' file='/srv/x.rom'/></hostdev>
        <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x10000' bus='010' slot='0x1f' function='7'/></source><address type='pci' domain='0' bus='0' slot='5' function='0' multifunction='on'/></hostdev>
        <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source></hostdev>
        <interface type='hostdev' managed='yes'><mac address='52:54:00:6D:90:02'/><source><address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x0'/></source><vlan><tag id='42'/></vlan></interface>
        <interface type='hostdev'><mac address='52:54:00:6D:90:03'/><source><address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source></interface>
        <interface type='network'><source network='pool' portgroup='gold'/><mac address='52:54:00:6D:90:04'/></interface>
        <interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/><mac address='52:54:00:6D:90:05'/></interface>
        """;

    public static TheoryData<string> Names { get; } =
    ["nv;pci $(id) `id`", "--all pci", "nv <hostdev type='pci'> &amp;", "   pci", "nv 😀 'x' \"y\"", "@saved pci"];

    [Fact]
    public void Each_way_to_own_a_device_comes_back_as_libvirt_took_it()
    {
        string id = Define("nv-devices", Devices, "<arg value='-device'/><arg value='vfio-pci,host=04:00.0'/>");

        VmPciDevice[] told = [.. Ask().Where(one => one.VmId == id)];

        Assert.Equal(
            [
                "CommandLine 0000:04:00.0  ",
                "Device 0000:03:01.0  False",
                "Device 10000:08:1f.7  True",
                "Disk 0000:02:00.0 namespace 1 True",
                "Disk 0000:02:00.0 namespace 2 False",
                "MediatedDevice  53764d0e-85a0-42b4-af5c-2046b460b1dc ",
                "NetworkAdapter 0000:3b:02.0  True",
                "NetworkAdapter 0000:3b:02.1  False",
                "Vdpa  vhost-vdpa-0 ",
            ],
            told.Select(static one => $"{one.Kind} {one.Address} {one.Part} {one.IsManaged}")
                .Order(StringComparer.Ordinal)
        );
        Assert.All(told, static one => Assert.Equal((false, true), (one.IsAttached, one.IsDefined)));
        VmPciDevice card = Assert.Single(told, static one => one.Address == "0000:03:01.0");
        Assert.Equal(
            (1, false, "/srv/x.rom", "vfio"),
            (card.BootOrder, card.IsRomShown, card.RomFile, card.RequestedDriver)
        );
        VmPciDevice adapter = Assert.Single(told, static one => one.Address == "0000:3b:02.0");
        Assert.Equal(("52:54:00:6d:90:02", 42), (adapter.MacAddress, Assert.Single(adapter.Vlans)));
        VmPciDevice last = Assert.Single(told, static one => one.Address == "10000:08:1f.7");
        Assert.Equal(("0000:00:05.0", true), (last.GuestAddress, last.IsMultifunction));
        // Nobody has such here, and somebody looked.
        Assert.All(
            told.Where(static one => one.Kind is VmPciKind.MediatedDevice or VmPciKind.Vdpa),
            static one => Assert.Equal(FindingCodes.VmDeviceMissing, one.Reasons[0].Code)
        );
    }

    [Fact]
    public void What_is_not_read_of_a_disk_does_not_leave_the_host()
    {
        string id = Define("nv-travel", Devices);

        ProgramResult raw = libvirt.Run(
            "/bin/sh",
            ["-s"],
            ProbeScript.Compose([LibvirtProbe.Probe], Token, allowSudo: false)
        );

        Assert.Contains("S3cr3t", libvirt.Virsh("dumpxml", id), StringComparison.Ordinal);
        Assert.Contains("namespace='2'", raw.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cr3t", raw.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("rbd", raw.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_guest_of_a_hostile_name_owns_its_device(string name)
    {
        string id = Define(
            name,
            "<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x3b' slot='0' function='1'/></source></hostdev>"
        );

        VmPciDevice told = Assert.Single(Ask(), one => one.VmId == id);

        Assert.Equal((HostText.Shown(name), "0000:3b:00.1", true), (told.VmName, told.Address, told.IsManaged));
    }

    [Fact]
    public void A_device_that_a_definition_got_while_its_guest_ran_waits_for_the_next_start()
    {
        string id = libvirt.Define("nv-pending");
        string said = libvirt.Virsh("start", id);
        Assert.SkipUnless(
            libvirt.Virsh("list", "--uuid").Contains(id, StringComparison.Ordinal),
            $"no guest starts here: {said}"
        );
        Define(
            "nv-pending",
            "<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x3b' slot='0' function='2'/></source></hostdev>",
            id: id
        );

        VmPciDevice told = Assert.Single(Ask(), one => one.VmId == id);

        Assert.Equal(
            (VmState.Running, false, true, true),
            (told.State, told.IsAttached, told.IsDefined, told.IsRestartPending)
        );
        Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(told.Reasons).Code);
    }

    // What of the host's own devices there is, is none of these tests' business.
    private IReadOnlyList<VmPciDevice> Ask()
    {
        LibvirtFacts facts = libvirt.Read().Read(LibvirtFacts.Reading);
        return GuestPciAssessor.Assess(
            facts.Guests,
            new GuestPciHost(null, new IommuFacts(), IommuState.Unknown, facts.Made),
            new HostTarget("kvm1", new SnapshotAddress("kvm1.json"))
        );
    }

    private string Define(string name, string devices, string words = "", string? id = null)
    {
        id ??= Guid.NewGuid().ToString("D");
        string text = PrivateLibvirt
            .Domain(name, string.Empty, id)
            .Replace("<type arch='x86_64'>", "<type arch='x86_64' machine='q35'>", StringComparison.Ordinal)
            .Replace("<devices>", $"<devices>{devices}", StringComparison.Ordinal)
            .Replace(
                "</domain>",
                words.Length == 0
                    ? "</domain>"
                    : $"<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>{words.Replace("<arg", "<q:arg", StringComparison.Ordinal)}</q:commandline></domain>",
                StringComparison.Ordinal
            );
        string said = libvirt.Run("virsh", ["-q", "-c", "qemu:///system", "define", "/dev/stdin"], text).Said;
        Assert.True(libvirt.Virsh("list", "--all", "--uuid").Contains(id, StringComparison.Ordinal), said);
        return id;
    }
}
