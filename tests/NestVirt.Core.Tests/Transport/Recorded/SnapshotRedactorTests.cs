using System.Text.RegularExpressions;
using NestVirt.Hosts;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Transport.Recorded;

public class SnapshotRedactorTests
{
    private const string HostUse = """
        connection	10.0.2.2 51572 10.0.2.15 22
        block	nvme0n1	259:0	/sys/devices/pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1
        block	nvme0n1p3	259:3	/sys/devices/pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1/nvme0n1p3
        part
        block	dm-0	253:0	/sys/devices/virtual/block/dm-0
        dm	luks-2c7b1f5e-3a30-4f0e-9e4a-1f6d3c1a9b77
        slave	nvme0n1p3
        block	dm-1	253:1	/sys/devices/virtual/block/dm-1
        dm	3600508b400105e210000900000490000
        slave	nvme0n1p3
        btrfs	2c7b1f5e-3a30-4f0e-9e4a-1f6d3c1a9b78	dm-0
        @/proc/self/mountinfo
        |24 1 0:33 / / rw - btrfs /dev/mapper/luks-2c7b1f5e-3a30-4f0e-9e4a-1f6d3c1a9b77 rw
        |25 24 253:1 / /home/alice/vault rw - ext4 /dev/mapper/3600508b400105e210000900000490000 rw
        |26 24 0:50 / /srv/nas rw - nfs4 filer.corp.example:/export rw,addr=10.0.9.7,clientaddr=10.0.2.15
        |27 24 0:51 / /srv/win rw - cifs //winbox/share rw,username=bob,addr=fd12:3456:789a::7
        @/proc/net/route
        |Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
        |enx525400123456	00000000	0202000A	0003	0	0	0	00000000	0	0	0
        |enx525400123456	0002000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
        @/proc/net/ipv6_route
        |00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000505400fffe123499 00000400 00000001 00000000 00400003 enx525400123456
        @/proc/net/if_inet6
        |fe80000000000000505400fffe123456 02 40 20 80 enx525400123456

        """;

    private const string Pci = """
        f	0000:00:01.0		0x010802	0x144d	0xa808	0x144d	0xa801	0x00	-1	
        d	nvme
        g	1
        f	0000:00:02.0		0x020000	0x8086	0x10d3	0x8086	0xa01f	0x00	-1	
        d	e1000e
        g	2
        n	enx525400123456	/devices/pci0000:00/0000:00:02.0/net/enx525400123456
        b	nvme0n1	/devices/pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1

        """;

    private const string Iommu = """
        cmdline	BOOT_IMAGE=/vmlinuz root=UUID=2c7b1f5e-3a30-4f0e-9e4a-1f6d3c1a9b77 resume=PARTUUID=1a2b3c4d-02 efi=UUID=1A2B-3C4D ip=10.0.2.15::10.0.2.2:255.255.255.0:kvm7:eth0 BOOTIF=01-52-54-00-12-34-56 rd.lvm.lv=centos_kvm7/root systemd.machine_id=0123456789abcdef0123456789abcdef amd_iommu=on
        table	IVRS
        live
        groups
        group	1
        type	DMA
        region	0x00000000fee00000 0x00000000feefffff msi
        member	0000:00:01.0	
        group	2
        type	DMA
        member	0000:00:02.0	
        group	3
        member	83b8f4f2-509f-382f-3c1e-e6bfe0fa1001	vfio_mdev

        """;

    private const string KernelLog = """
        [    0.000000] Linux version 6.1.0 (alice@buildbox) (gcc 12.2.0) #1 SMP
        [    1.234567] usb 1-2: SerialNumber: 4C530001230101118392
        [    2.000000] systemd[1]: Hostname set to <kvm7.corp.example>.
        [    2.100000] e1000e 0000:00:02.0 eth0: (PCI Express:2.5GT/s:Width x1) 52:54:00:12:34:56
        [    2.200000] Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled
        [    3.000000] sd 2:0:0:0: alua: device naa.600508b400105e21 port group 1
        @/sys/class/dmi/id/product_serial
        |CZ3012ABCD
        @/boot/loader/entries/0123456789abcdef0123456789abcdef-6.1.conf
        |options root=/dev/disk/by-id/ata-Samsung_SSD_870_S5XXNJ0R ro netconsole=6666@10.0.2.15/eth0

        """;

    private static readonly string[] s_secrets =
    [
        "10.0.2.15",
        "10.0.2.2",
        "10.0.9.7",
        "0002000A",
        "fd12:3456:789a::7",
        "505400fffe123456",
        "505400fffe123499",
        "525400123456",
        "52:54:00:12:34:56",
        "52-54-00-12-34-56",
        "2c7b1f5e",
        "1a2b3c4d",
        "1A2B-3C4D",
        "0123456789abcdef",
        "3600508b400105e21",
        "600508b400105e21",
        "4C530001230101118392",
        "CZ3012ABCD",
        "S5XXNJ0R",
        "kvm7",
        "filer",
        "winbox",
        "buildbox",
        "alice",
        "bob",
        "83b8f4f2",
    ];

    [Fact]
    [Trait("Category", "Security")]
    public void Nothing_that_identifies_the_machine_remains()
    {
        string file = System.Text.Encoding.UTF8.GetString(SnapshotRedactor.Redact(Snapshot()).ToUtf8().Span);

        Assert.All(s_secrets, secret => Assert.DoesNotContain(secret, file, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Every_query_answers_alike()
    {
        ProbeAnswers before = new(Snapshot().Answers);
        ProbeAnswers after = new(SnapshotRedactor.Redact(Snapshot()).Answers);

        Assert.Equal(IommuAssessor.Summarize(before), IommuAssessor.Summarize(after));
        Assert.Equal(IommuAssessor.Findings(before).Select(Code), IommuAssessor.Findings(after).Select(Code));
        Assert.Equal(
            Describe(IommuInventory.Read(before, HostTarget.Local)),
            Describe(IommuInventory.Read(after, HostTarget.Local))
        );
        Assert.Equal(
            ["BootVga", "Connection", "DefaultRoute", "MountedFileSystem", "RootFileSystem"],
            PciInventory
                .Read(after, HostTarget.Local)
                .SelectMany(static device => device.HostUses)
                .Select(static use => use.Kind)
                .Append("BootVga")
                .Distinct()
                .Order()
        );
    }

    [Fact]
    public void The_same_thing_gets_the_same_stand_in_everywhere()
    {
        ProbeAnswers after = new(SnapshotRedactor.Redact(Snapshot()).Answers);
        string use = after[HostUseProbe.Probe].Text;
        string commandLine = after[IommuProbe.Probe].Text;

        string id = Regex.Match(use, "luks-(\\S+)").Groups[1].Value;
        Assert.Contains($"/dev/mapper/luks-{id} ", use, StringComparison.Ordinal);
        Assert.Contains($"root=UUID={id} ", commandLine, StringComparison.Ordinal);
        Assert.Contains("enx020000000001\t/devices/", after[PciProbe.Probe].Text, StringComparison.Ordinal);
        Assert.Contains("BOOTIF=01-02-00-00-00-00-01", commandLine, StringComparison.Ordinal);
        Assert.Contains("02:00:00:00:00:01", after.All["kernellog"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_identifies_nothing_stays()
    {
        ProbeAnswers after = new(SnapshotRedactor.Redact(Snapshot()).Answers);

        Assert.Contains("amd_iommu=on", after[IommuProbe.Probe].Text, StringComparison.Ordinal);
        Assert.Contains("255.255.255.0", after[IommuProbe.Probe].Text, StringComparison.Ordinal);
        Assert.Contains(
            "0x00000000fee00000 0x00000000feefffff msi",
            after[IommuProbe.Probe].Text,
            StringComparison.Ordinal
        );
        Assert.Contains("Serial: 8250/16550 driver", after.All["kernellog"].Text, StringComparison.Ordinal);
        Assert.Contains("0000:00:02.0 eth0", after.All["kernellog"].Text, StringComparison.Ordinal);
    }

    // Matched with one letter less at a time, this takes longer than anybody waits.
    [Fact]
    [Trait("Category", "Security")]
    public void A_long_word_of_a_hostile_host_holds_nothing_up() =>
        RedactAll($"serial={new string('a', 4_000_000)},8250/16550\n");

    [Fact]
    public void A_reason_is_redacted_too()
    {
        HostSnapshot snapshot = Snapshot();
        ProbeAnswers answers = new(snapshot.Answers);
        answers.Set("msr", new ProbeAnswer(string.Empty, "sudo: kvm7 (10.0.2.15) says no"));
        answers.Set("boot", new ProbeAnswer(string.Empty, "kvm7 says no"));

        ProbeAnswers after = new(SnapshotRedactor.Redact(snapshot with { Answers = answers.All }).Answers);

        Assert.DoesNotContain("10.0.2.15", after.All["msr"].UnavailableReason, StringComparison.Ordinal);
        Assert.Equal("redacted says no", after.All["boot"].UnavailableReason);
    }

    [Theory]
    [InlineData("kvm")]
    [InlineData("192.168.7.9")]
    [InlineData("a")]
    public void A_host_named_by_a_common_word_takes_no_word_away(string name)
    {
        HostSnapshot snapshot = Snapshot() with { HostName = name };

        HostSnapshot after = SnapshotRedactor.Redact(snapshot);

        Assert.Equal("redacted", after.HostName);
        Assert.Contains(
            "centos_kvm7/root",
            new ProbeAnswers(after.Answers)[IommuProbe.Probe].Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_serial_number_capability_of_a_config_space_is_blanked_and_nothing_else()
    {
        const string Recorded = """
            -rw-r--r-- 1 0 0   48 Nov 21 11:30 0000:00:01.0/config
            -rw-r--r-- 1 0 0  320 Nov 21 11:30 0000:00:02.0/config
            - 0000:00:01.0/config 0000:00:02.0/config
            000000 86 80 d3 10 07 04 10 00 00 00 00 02 10 00 00 00
            000010 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            *
            000030 86 80 d3 10 07 04 10 00 00 00 00 02 10 00 00 00
            000040 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            *
            000130 0d 00 01 11 1f 00 1f 00 00 00 00 00 00 00 00 00
            000140 03 00 01 00 56 34 12 ff ff 00 54 52 00 00 00 00
            000150 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            *
            000170

            """;

        Assert.Equal(
            Recorded.Replace("56 34 12 ff ff 00 54 52", "00 00 00 00 00 00 00 00", StringComparison.Ordinal),
            ConfigSerials.Remove(Recorded)
        );
    }

    [Fact]
    public void Damaged_text_is_redacted_or_refused_without_an_error()
    {
        Mutation.Check(HostUse, static text => RedactAll(text));
        Mutation.Check(Iommu, static text => RedactAll(text));
    }

    private static void RedactAll(string text)
    {
        ProbeAnswers answers = new();
        answers.Set("hostuse", new ProbeAnswer(text));
        answers.Set("pciconfig", new ProbeAnswer("- x/config\n" + text));
        ProbeAnswers after = new(
            SnapshotRedactor.Redact(new HostSnapshot("kvm7", DateTimeOffset.UnixEpoch, answers.All)).Answers
        );
        Assert.Equal(text.Split('\n').Length, after.All["hostuse"].Text.Split('\n').Length);
    }

    private static string Code(Finding finding) => finding.Code;

    private static string[] Describe(IReadOnlyList<IommuGroup> groups) =>
        [
            .. groups.Select(static group =>
                $"{group.Number} {group.Type} {group.IsViable} {string.Join(',', group.Devices.Select(static device => $"{device.Address}={string.Join('+', device.HostUses.Select(static use => use.Kind))}"))}"
                + $" {group.OtherDevices.Count} {string.Join(',', group.Reasons.Select(Code))}"
            ),
        ];

    private static HostSnapshot Snapshot()
    {
        ProbeAnswers answers = new();
        answers.Set(HostUseProbe.Probe.Name, new ProbeAnswer(HostUse));
        answers.Set(PciProbe.Probe.Name, new ProbeAnswer(Pci));
        answers.Set(IommuProbe.Probe.Name, new ProbeAnswer(Iommu));
        answers.Set("kernellog", new ProbeAnswer(KernelLog));
        return new HostSnapshot("kvm7.corp.example", DateTimeOffset.UnixEpoch, answers.All);
    }
}
