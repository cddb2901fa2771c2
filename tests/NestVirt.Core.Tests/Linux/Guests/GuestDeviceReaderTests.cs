using System.Text.RegularExpressions;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>Which PCI devices of the host a definition gives its guest.</summary>
public sealed partial class GuestDeviceReaderTests
{
    // As libvirt 9.0 writes it.
    private const string Written = """
        <domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>a</name>
          <devices>
            <disk type='nvme' device='disk'>
              <driver name='qemu' type='raw'/>
              <source type='pci' managed='yes' namespace='1'>
                <address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
              </source>
              <target dev='vdd' bus='virtio'/>
              <serial>serial</serial>
              <boot order='2'/>
              <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>
            </disk>
            <disk type='file' device='disk'>
              <source file='/srv/a.img'/>
              <address type='pci' domain='0x0000' bus='0x0c' slot='0x00' function='0x0'/>
            </disk>
            <interface type='hostdev' managed='yes'>
              <mac address='52:54:00:6d:90:02'/>
              <source>
                <address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x0'/>
              </source>
              <vlan>
                <tag id='42'/>
              </vlan>
              <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
            </interface>
            <interface type='hostdev'>
              <mac address='52:54:00:6d:90:03'/>
              <source>
                <address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/>
              </source>
            </interface>
            <interface type='network'>
              <mac address='52:54:00:6d:90:04'/>
              <source network='pool' portgroup='gold'/>
              <vlan trunk='yes'>
                <tag id='1' nativeMode='tagged'/>
                <tag id='2'/>
              </vlan>
            </interface>
            <disk type='vhostvdpa' device='disk'>
              <driver name='qemu' type='raw' cache='none' io='io_uring'/>
              <source dev='/dev/vhost-vdpa-1'/>
              <target dev='vda' bus='virtio'/>
              <boot order='3'/>
            </disk>
            <interface type='vdpa'>
              <mac address='52:54:00:6d:90:05'/>
              <source dev='/dev/vhost-vdpa-0'/>
            </interface>
            <hostdev mode='subsystem' type='pci' managed='no'>
              <driver name='kvm'/>
              <source>
                <address domain='0x0000' bus='0x03' slot='0x01' function='0x0'/>
              </source>
              <boot order='1'/>
              <rom bar='off' file='/srv/x.rom'/>
              <address type='pci' domain='0x0000' bus='0x09' slot='0x00' function='0x0' multifunction='on'/>
            </hostdev>
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <driver name='vfio' model='mlx5_vfio_pci'/>
              <source>
                <address domain='0x10000' bus='0x08' slot='0x1f' function='0x7'/>
              </source>
              <rom enabled='no'/>
            </hostdev>
            <hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci' display='off'>
              <source>
                <address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/>
              </source>
              <address type='pci' domain='0x0000' bus='0x0a' slot='0x00' function='0x0'/>
            </hostdev>
            <hostdev mode='subsystem' type='mdev' managed='no' model='vfio-ccw'>
              <source>
                <address uuid='90c6c135-ad44-41d0-b1b7-bae47de48627'/>
              </source>
            </hostdev>
            <hostdev mode='subsystem' type='usb' managed='no'>
              <source>
                <address bus='14' device='6'/>
              </source>
            </hostdev>
          </devices>
          <qemu:commandline>
            <qemu:arg value='-device'/>
            <qemu:arg value='vfio-pci,host=04:00.0'/>
          </qemu:commandline>
        </domain>
        """;

    private static readonly string[] s_told =
    [
        "Disk 0000:02:00.0 namespace 1 managed at 0000:05:00.0 boot 2",
        "NetworkAdapter 0000:3b:02.0 managed mac 52:54:00:6d:90:02 vlan 42 at 0000:07:00.0",
        "NetworkAdapter 0000:3b:02.1 not managed mac 52:54:00:6d:90:03",
        "Vdpa vhost-vdpa-1 boot 3",
        "Vdpa vhost-vdpa-0 mac 52:54:00:6d:90:05",
        "Device 0000:03:01.0 not managed driver kvm at 0000:09:00.0 multifunction boot 1 rom off /srv/x.rom",
        "Device 10000:08:1f.7 managed driver mlx5_vfio_pci rom off",
        "MediatedDevice 53764d0e-85a0-42b4-af5c-2046b460b1dc at 0000:0a:00.0",
        "CommandLine 0000:04:00.0",
    ];

    [Fact]
    public void Each_way_to_own_a_device_is_read()
    {
        DomainDefinition domain = DomainDefinition.Parse(Written);

        Assert.Equal(s_told, domain.Devices.Select(Text));
        GuestNetwork network = Assert.Single(domain.Networks);
        Assert.Equal(("52:54:00:6d:90:04", "pool", "gold"), (network.MacAddress, network.Network, network.PortGroup));
        Assert.Equal([1, 2], network.Vlans);
        Assert.Equal(
            ["0000:02:00.0", "0000:3b:02.0", "0000:3b:02.1", "0000:03:01.0", "10000:08:1f.7", "0000:04:00.0"],
            domain.AssignedDevices
        );
    }

    [Fact]
    public void What_stays_in_an_answer_says_the_same()
    {
        string kept = Hidden(Written);

        Assert.Equal(s_told, DomainDefinition.Parse(kept).Devices.Select(Text));
        Assert.Equal("pool", Assert.Single(DomainDefinition.Parse(kept).Networks).Network);
        Assert.DoesNotContain("serial", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("a.img", kept, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("domain='0x0000' bus='0x3b' slot='0x1f' function='0x7'", "0000:3b:1f.7")]
    [InlineData("bus='59' slot='31' function='1'", "0000:3b:1f.1")]
    [InlineData("bus='010' slot='0' function='0'", "0000:08:00.0")]
    [InlineData("bus='0X0A' slot='0' function='0'", "0000:0a:00.0")]
    [InlineData("bus='3'", "0000:03:00.0")]
    [InlineData("domain='0x10000' bus='0' slot='0' function='0'", "10000:00:00.0")]
    [InlineData("domain='0xffffffff' bus='0' slot='0' function='0'", "ffffffff:00:00.0")]
    [InlineData("bus='&#48;x3b' slot='0' function='0'", "0000:3b:00.0")]
    [InlineData("domain='0x100000000' bus='0' slot='0' function='0'", null)]
    [InlineData("bus='256' slot='0' function='0'", null)]
    [InlineData("bus='0' slot='32' function='0'", null)]
    [InlineData("bus='0' slot='0' function='8'", null)]
    [InlineData("bus='08' slot='0' function='0'", null)]
    [InlineData("bus='-1' slot='0' function='0'", null)]
    [InlineData("bus='٣' slot='0' function='0'", null)]
    [InlineData("bus='' slot='0' function='0'", null)]
    [InlineData("bus='3&#10;' slot='0' function='0'", null)]
    [InlineData("bus='99999999999999999999999' slot='0' function='0'", null)]
    [InlineData("type='usb' bus='1' device='2'", null)]
    [InlineData("type='pci' bus='1' slot='2'", "0000:01:02.0")]
    [InlineData("", null)]
    public void Addresses_are_read_as_libvirt_reads_them(string attributes, string? address)
    {
        GuestDevice told = Assert.Single(
            DomainDefinition
                .Parse(
                    $"<domain><devices><hostdev mode='subsystem' type='pci'><source><address {attributes}/></source></hostdev></devices></domain>"
                )
                .Devices
        );

        Assert.Equal(address, told.Address?.ToString());
        Assert.Null(told.IsManaged);
    }

    [Theory]
    [InlineData("vfio-pci,host=01:00.0", "0000:01:00.0")]
    [InlineData("vfio-pci,host=0000:01:00.0,multifunction=on,id=x", "0000:01:00.0")]
    [InlineData("vfio-pci-nohotplug,host=1:0.0", "0000:01:00.0")]
    [InlineData("driver=vfio-pci,host=10000:01:1f.7", "10000:01:1f.7")]
    [InlineData("vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:01:00.0", "0000:01:00.0")]
    [InlineData(
        "vfio-pci,id=a,,b,sysfsdev=/sys/bus/mdev/devices/53764D0E-85a0-42b4-af5c-2046b460b1dc",
        "53764d0e-85a0-42b4-af5c-2046b460b1dc"
    )]
    [InlineData("""{"driver":"vfio-pci","host":"0000:01:00.0","id":"h"}""", "0000:01:00.0")]
    [InlineData("file=nvme://0000:01:00.0/1,if=none,id=d", "0000:01:00.0 namespace 1")]
    [InlineData("driver=nvme,node-name=n,device=0000:01:00.0,namespace=2", "0000:01:00.0 namespace 2")]
    [InlineData("""{"driver":"nvme","device":"0000:01:00.0","namespace":3}""", "0000:01:00.0 namespace 3")]
    [InlineData("type=vhost-vdpa,vhostdev=/dev/vhost-vdpa-1,id=n", "vhost-vdpa-1")]
    [InlineData("vhost-vdpa,vhostdev=/dev/vhost-vdpa-12", "vhost-vdpa-12")]
    [InlineData("vhost-vdpa-device-pci,vhostdev=/dev/vhost-vdpa-2,id=n", "vhost-vdpa-2")]
    [InlineData("virtio-blk-vhost-vdpa,path=/dev/vhost-vdpa-3,node-name=n", "vhost-vdpa-3")]
    [InlineData("driver=virtio-blk-vhost-vdpa,path=/dev/vhost-vdpa-3", "vhost-vdpa-3")]
    [InlineData("""{"driver":"vhost-vdpa-device-pci","vhostdev":"/dev/vhost-vdpa-4"}""", "vhost-vdpa-4")]
    [InlineData("virtio-blk-vhost-vdpa,vhostdev=/dev/vhost-vdpa-3", "")]
    [InlineData("vfio-pci,host=01:00.8", "")]
    [InlineData("vfio-pci,host=", "")]
    [InlineData("vfio-pci", "")]
    [InlineData("vfio-pci,fd=33", "")]
    [InlineData("type=vhost-vdpa,vhostfd=7", "")]
    [InlineData("vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:01:00.0/", "0000:01:00.0")]
    [InlineData("virtio-blk-vfio-pci,path=/sys/bus/pci/devices/0000:01:00.0", "0000:01:00.0")]
    [InlineData("driver=raw,file.driver=nvme,file.device=0000:01:00.0,file.namespace=2", "0000:01:00.0 namespace 2")]
    [InlineData("file.driver=nvme,file.device=0000:01:00.0,file.namespace=1,if=none", "0000:01:00.0 namespace 1")]
    [InlineData(
        """{"driver":"qcow2","file":{"driver":"nvme","device":"0000:01:00.0","namespace":1}}""",
        "0000:01:00.0 namespace 1"
    )]
    [InlineData("nvme,drive=d,serial=x", null)]
    [InlineData("driver=raw,file.driver=file,file.filename=nvme", null)]
    [InlineData("virtio-net-pci,host=01:00.0", null)]
    [InlineData("usb-host,hostbus=1", null)]
    [InlineData("vhost-vdpa,vhostdev=/dev/vhost-vdpa-1/../sda", "")]
    [InlineData("driver=nvme,device=/dev/nvme0n1", null)]
    [InlineData("nvme://", null)]
    [InlineData("{\"driver\":", null)]
    [InlineData("{\"driver\":[\"vfio-pci\"]}", null)]
    [InlineData("", null)]
    [InlineData("secret,id=s0,data=hunter2", null)]
    public void Words_for_QEMU_that_give_a_device_are_read(string word, string? told)
    {
        GuestDevice? read = GuestDeviceReader.Read(word);

        Assert.Equal(told, read is null ? null : $"{read.Address} {read.Part}".Trim());
        if (QemuDeviceWord.Read(word) is { } kept)
        {
            Assert.Equal(kept, QemuDeviceWord.Read(kept.ToString()));
        }
    }

    /// <summary>libvirt's own tests: what it tells QEMU of a definition is what is read of that.</summary>
    [Fact]
    public void The_devices_of_libvirts_own_tests_are_those_that_QEMU_is_given()
    {
        Needs.Data("libvirt");
        int seen = 0;
        foreach (
            string file in Directory.EnumerateFiles(
                Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata"),
                "*-latest.args"
            )
        )
        {
            string definition = Path.ChangeExtension(file, ".xml");
            string arguments = File.ReadAllText(file);
            if (!File.Exists(definition) || !arguments.Contains("vfio-pci", StringComparison.Ordinal))
            {
                continue;
            }

            string[] given =
            [
                .. Given()
                    .Matches(arguments)
                    .Select(static match => match.Groups[1].Value)
                    .Order(StringComparer.Ordinal),
            ];
            DomainDefinition domain = DomainDefinition.Parse(File.ReadAllText(definition));
            Assert.Equal(
                given,
                domain
                    .Devices.Where(static device => device.Kind is not VmPciKind.Disk)
                    .Select(static device => device.Address?.ToString() ?? device.Part!)
                    .Order(StringComparer.Ordinal)
            );
            seen += given.Length;
        }

        Assert.InRange(seen, 15, int.MaxValue);
    }

    [Fact]
    public void Of_libvirts_own_tests_an_answer_keeps_all_that_is_read()
    {
        Needs.Data("libvirt");
        int seen = 0;
        foreach (
            string file in Directory.EnumerateFiles(
                Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata"),
                "*-latest.xml"
            )
        )
        {
            DomainDefinition whole = DomainDefinition.Parse(File.ReadAllText(file));
            DomainDefinition kept = DomainDefinition.Parse(Hidden(File.ReadAllText(file)));
            Assert.Equal(whole.Devices.Select(Text), kept.Devices.Select(Text));
            Assert.Equal(whole.Networks.Select(NetworkText), kept.Networks.Select(NetworkText));
            Assert.Equal(
                (whole.Name?.Trim(), whole.CpuText, whole.MemoryBytes, whole.CpuCount, whole.OwnCpuWord),
                (kept.Name?.Trim(), kept.CpuText, kept.MemoryBytes, kept.CpuCount, kept.OwnCpuWord)
            );
            seen += whole.Devices.Count;
        }

        Assert.InRange(seen, 30, int.MaxValue);
    }

    private static string NetworkText(GuestNetwork network) =>
        $"{network.MacAddress} {network.Network} {network.PortGroup} {string.Join(' ', network.Vlans)}";

    private static string Hidden(string document)
    {
        string lines = string.Concat(document.Split('\n').Select(static line => $"|{line}\n"));
        string text = DomainRedaction.Hide($"@saved/11111111-2222-4333-8444-555555555555\n{lines}");
        return text[(text.IndexOf('|', StringComparison.Ordinal) + 1)..];
    }

    private static string Text(GuestDevice device) =>
        string.Join(
            ' ',
            new[]
            {
                device.Kind.ToString(),
                device.Address?.ToString(),
                device.Part,
                device.IsManaged switch
                {
                    true => "managed",
                    false => "not managed",
                    null => null,
                },
                device.Driver is { } driver ? $"driver {driver}" : null,
                device.MacAddress is { } mac ? $"mac {mac}" : null,
                device.Vlans.Count > 0 ? $"vlan {string.Join(' ', device.Vlans)}" : null,
                device.GuestAddress is { } at ? $"at {at}" : null,
                device.IsMultifunction == true ? "multifunction" : null,
                device.BootOrder is { } order ? $"boot {order}" : null,
                device.IsRomShown switch
                {
                    true => "rom on",
                    false => "rom off",
                    null => null,
                },
                device.RomFile,
            }.OfType<string>()
        );

    [GeneratedRegex(
        """vfio-pci(?:-nohotplug)?",(?:"id":"[^"]*",)?"(?:host":"|sysfsdev":"/sys/bus/mdev/devices/)([^"]+)"""
    )]
    private static partial Regex Given();
}
