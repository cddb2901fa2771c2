using NestVirt.Core.Tests.Linux.Guests;
using NestVirt.Linux.Guests;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Transport.Recorded;

/// <summary>No secret of a definition is in an answer, and no name in one that is redacted.</summary>
[Trait("Category", "Security")]
public sealed class DomainRedactionTests
{
    private const string Id = "11111111-2222-4333-8444-555555555555";

    // Each place where libvirt's formatdomain page has a password, or where people put one.
    private const string Secrets = """
        <metadata><x:y xmlns:x='urn:x' token='S3cr3t'>S3cr3t</x:y></metadata>
        <title>S3cr3t</title>
        <description>root password S3cr3t</description>
        <os><type arch='x86_64' machine='pc'>hvm</type><kernel>/boot/S3cr3t</kernel><cmdline>password=S3cr3t pass=S3cr3t</cmdline><initarg>S3cr3t</initarg><smbios mode='sysinfo'/></os>
        <sysinfo type='smbios'><system><entry name='serial'>ds=nocloud;s=http://S3cr3t/</entry></system><oemStrings><entry>io.systemd.credential:passwd=S3cr3t</entry></oemStrings></sysinfo>
        <sysinfo type='fwcfg'><entry name='opt/com.coreos/config'>{"passwordHash":"S3cr3t"}</entry></sysinfo>
        <cpu mode='custom' match='exact'><model fallback='allow' vendor_id='S3cr3t'>EPYC</model><vendor>S3cr3t</vendor><feature policy='require' name='svm'/></cpu>
        <features><hyperv mode='custom'><vendor_id state='on' value='S3cr3t'/><vapic state='on'/></hyperv></features>
        <keywrap><cipher name='S3cr3t' state='on'/></keywrap>
        <launchSecurity type='sev'><session>S3cr3t</session><dhCert>S3cr3t</dhCert></launchSecurity>
        <devices>
          <emulator>/usr/bin/qemu-system-x86_64</emulator>
          <disk type='network'><auth username='S3cr3t'><secret type='ceph' uuid='5d1b6e00-aaaa-4000-8000-00000000000f'/></auth><source protocol='https' name='S3cr3t'><host name='S3cr3t'/><cookies><cookie name='session'>S3cr3t</cookie></cookies></source></disk>
          <disk type='file'><source file='/srv/S3cr3t.qcow2'><encryption format='luks'><secret type='passphrase' usage='S3cr3t'/></encryption></source></disk>
          <interface type='bridge'><source bridge='S3cr3t'/><mac address='52:54:00:11:22:33'/></interface>
          <hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/></source><alias name='ua-S3cr3t'/></hostdev>
          <graphics type='vnc' passwd='S3cr3t' passwdValidTo='2026-01-01T00:00:00'><listen type='address' address='10.0.0.1'/></graphics>
          <graphics type='spice' passwd='a "S3cr3t" b'/>
          <channel type='tcp'><source mode='connect' host='S3cr3t' service='1' tls='yes'/></channel>
          <memballoon model='none'/>
        </devices>
        <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-object'/><qemu:arg value='secret,id=s0,data=S3cr3t'/><qemu:arg value='-cpu'/><qemu:arg value='host,S3cr3t'/><qemu:env name='TOKEN' value='S3cr3t'/></qemu:commandline>
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_secret_of_a_definition_is_in_an_answer_redacted_or_not(bool redact)
    {
        string document = $"<domain type='kvm'><name>payroll</name><uuid>{Id}</uuid>{Secrets}</domain>";
        ProbeAnswers answers = new(
            new Dictionary<string, ProbeAnswer>
            {
                ["guests"] = new(
                    $"status\t0\n@list/all\n|{Id}\n@saved/{Id}\n{string.Concat(document.Split('\n').Select(static line => $"|{line.Trim()}\n"))}"
                ),
            }
        );

        HostSnapshot snapshot = new("kvm1", DateTimeOffset.UnixEpoch, answers.All);
        string text = (redact ? SnapshotRedactor.Redact(snapshot) : snapshot).Answers["guests"].Text;

        Assert.DoesNotContain("S3cr3t", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("/srv", text, StringComparison.Ordinal);
        Assert.Equal(!redact, text.Contains("payroll", StringComparison.Ordinal));
        DomainDefinition told = Assert.Single(Guests(text)).Saved!;
        Assert.Equal("-cpu", told.OwnCpuWord);
        Assert.Equal(("sev", null), (told.LaunchSecurity, told.Vendor));
        Assert.Equal(("kvm", "x86_64", "EPYC"), (told.Type, told.Architecture, told.Model));
        Assert.Equal(["0000:3b:00.0"], told.AssignedDevices);
        Assert.Equal(["vendor_id", "vapic"], told.Enlightenments);
        Assert.Equal("/usr/bin/qemu-system-x86_64", told.Emulator);
    }

    // Whether the domain capabilities are a guest's own is decided by that.
    [Theory]
    [InlineData("/usr/bin/qemu-system-x86_64", "/usr/libexec/qemu-kvm", false)]
    [InlineData("/home/joe/qemu", "/home/joe/qemu", true)]
    [InlineData("/home/joe/qemu", "/opt/ann/qemu", false)]
    public void An_emulator_stays_the_one_that_it_is(string guest, string host, bool isSame)
    {
        ProbeAnswers answers = new(
            new Dictionary<string, ProbeAnswer>
            {
                ["guests"] = new(
                    $"status\t0\n@list/all\n|{Id}\n@capabilities\n|<domainCapabilities><path>{host}</path><domain>kvm</domain><arch>x86_64</arch></domainCapabilities>\n@saved/{Id}\n|<domain type='kvm'><name>g</name><os><type arch='x86_64'>hvm</type></os><devices><emulator>{guest}</emulator></devices></domain>\n"
                ),
            }
        );

        string text = SnapshotRedactor
            .Redact(new HostSnapshot("kvm1", DateTimeOffset.UnixEpoch, answers.All))
            .Answers["guests"]
            .Text;

        LibvirtFacts facts = new ProbeAnswers(new Dictionary<string, ProbeAnswer> { ["guests"] = new(text) }).Read(
            LibvirtFacts.Reading
        );
        Assert.Equal(isSame, facts.Capabilities!.AreOf(facts.Guests[0].Saved!));
        Assert.DoesNotContain("joe", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password=hunter2 x")]
    [InlineData("token=abc")]
    [InlineData("   ")]
    [InlineData("https://joe:pw@host/<&>")]
    public void A_guest_may_be_called_like_a_secret(string name)
    {
        ProbeAnswers answers = new(
            new Dictionary<string, ProbeAnswer>
            {
                ["guests"] = new(
                    $"status\t0\n@list/all\n|{Id}\n@saved/{Id}\n|<domain type='kvm'><name>{System.Security.SecurityElement.Escape(name)}</name></domain>\n"
                ),
            }
        );

        Assert.Equal(name, Assert.Single(answers.Read(LibvirtFacts.Reading).Guests).Saved!.Name);
    }

    [Theory]
    [InlineData("<!-- S3cr3t --><domain type='kvm'><description>S3cr3t</description></domain>")]
    [InlineData("<?xml version='1.0'?><!DOCTYPE d [<!ENTITY e 'S3cr3t'>]><domain><name>&e;</name></domain>")]
    [InlineData("<domain><name>S3cr3t")]
    [InlineData("<network><name>S3cr3t</name></network>")]
    [InlineData("S3cr3t")]
    [InlineData("<domain xmlns='urn:S3cr3t'><cpu S3cr3t='S3cr3t'/></domain>")]
    public void What_is_no_definition_goes_whole(string document)
    {
        string text = DomainRedaction.Hide(
            $"status\t1\n@saved/{Id}\n|{document}\n@list/all\n|S3cr3t\n|{Id}\nodd\tS3cr3t\n"
        );

        Assert.DoesNotContain("S3cr3t", text, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith($"@list/all\n|{Id}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_daemon_complained_of_is_left_out_with_the_names()
    {
        const string Text = "status\t1\nerror\terror: cannot open /srv/payroll password=S3cr3t\n";

        Assert.Equal(
            "status\t1\nerror\terror: cannot open /srv/payroll password=********\n",
            DomainRedaction.Hide(Text)
        );
        Assert.Equal("status\t1\n", new DomainRedaction().Redact("guests", Text));
    }

    /// <summary>A host called as a word of a definition must not make it unreadable.</summary>
    [Theory]
    [InlineData("domain")]
    [InlineData("kvm")]
    [InlineData("EPYC")]
    public void The_name_of_the_host_breaks_no_definition(string host)
    {
        const string Document =
            "<domain type='kvm'><os><type arch='x86_64'>hvm</type></os><cpu mode='custom'><model>EPYC</model></cpu><devices><hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/></source></hostdev></devices></domain>";

        HostSnapshot told = SnapshotRedactor.Redact(
            new HostSnapshot(
                host,
                DateTimeOffset.UnixEpoch,
                new Dictionary<string, ProbeAnswer>
                {
                    ["guests"] = new($"status\t0\n@list/all\n|{Id}\n@saved/{Id}\n|{Document}\n"),
                }
            )
        );

        DomainDefinition read = Assert.Single(Guests(told.Answers["guests"].Text)).Saved!;
        Assert.Equal(("kvm", "EPYC", "0000:3b:00.0"), (read.Type, read.Model, read.AssignedDevices[0]));
    }

    [Theory]
    [InlineData("guests")]
    [InlineData("guestcapabilities")]
    public void What_the_host_can_give_stays_without_its_paths(string probe)
    {
        const string Text =
            "@capabilities\n|<domainCapabilities><path>/opt/acme/qemu</path><domain>kvm</domain><arch>x86_64</arch><os><loader><value>/srv/acme/OVMF.fd</value></loader></os><cpu><mode name='host-model' supported='yes'><feature policy='require' name='vmx'/></mode><mode name='custom' supported='yes'><model usable='no' vendor='AMD'>EPYC</model><blockers model='EPYC'><feature name='sha-ni'/></blockers></mode></cpu></domainCapabilities>\n";

        string told = SnapshotRedactor
            .Redact(
                new HostSnapshot(
                    "kvm1",
                    DateTimeOffset.UnixEpoch,
                    new Dictionary<string, ProbeAnswer> { [probe] = new(Text) }
                )
            )
            .Answers[probe]
            .Text;

        Assert.DoesNotContain("acme", told, StringComparison.Ordinal);
        DomainCapabilities read = DomainCapabilities.Parse(told.Split('\n')[1][1..]);
        Assert.Equal(("kvm", "x86_64", "/emulator1"), (read.Type, read.Architecture, read.Emulator));
        Assert.Equal([new CpuFeature("vmx", "require")], read.HostModel);
        Assert.Equal((false, "sha-ni"), (read.Models["EPYC"], read.Blockers["EPYC"][0]));
        Assert.True(read.Modes["custom"]);
    }

    /// <summary>libvirt's own answers, from a guest that holds a secret wherever this libvirt takes one.</summary>
    [Fact]
    public void A_real_definition_with_secrets_is_told_without_them()
    {
        using PrivateLibvirt libvirt = new();
        string said = libvirt
            .Run(
                "virsh",
                ["-q", "-c", "qemu:///system", "define", "/dev/stdin"],
                $"""
                <domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                <name>nv-secret</name><uuid>{Id}</uuid><title>S3cr3t</title><description>S3cr3t</description><memory>32768</memory>
                <metadata><x:y xmlns:x='urn:x' token='S3cr3t'>S3cr3t</x:y></metadata>
                <os><type arch='x86_64'>hvm</type><kernel>/boot/vmlinuz</kernel><cmdline>luks.key=S3cr3t</cmdline><smbios mode='sysinfo'/></os>
                <sysinfo type='smbios'><system><entry name='serial'>ds=nocloud;s=http://S3cr3t/</entry></system><oemStrings><entry>S3cr3t</entry></oemStrings></sysinfo>
                <sysinfo type='fwcfg'><entry name='opt/com.coreos/config'>S3cr3t</entry></sysinfo>
                <cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/></cpu>
                <devices>
                <disk type='network' device='disk'><driver name='qemu'/><auth username='S3cr3t'><secret type='ceph' uuid='5d1b6e00-aaaa-4000-8000-00000000000f'/></auth><source protocol='rbd' name='pool/S3cr3t'><host name='S3cr3t'/></source><target dev='vda' bus='virtio'/></disk>
                <graphics type='vnc' passwd='S3cr3t'/>
                </devices>
                <qemu:commandline><qemu:arg value='-object'/><qemu:arg value='secret,id=s0,data=S3cr3t'/></qemu:commandline>
                </domain>
                """
            )
            .Said;
        Assert.Contains("S3cr3t", libvirt.Virsh("dumpxml", Id), StringComparison.Ordinal);

        ProbeAnswers answers = libvirt.Read();

        Assert.DoesNotContain(
            answers.All,
            static answer => answer.Value.Text.Contains("S3cr3t", StringComparison.OrdinalIgnoreCase)
        );
        LibvirtGuest guest = Assert.Single(answers.Read(LibvirtFacts.Reading).Guests);
        Assert.True(guest.Saved?.Find("svm") is { IsWanted: true }, said);
    }

    [Fact]
    public void A_redacted_definition_answers_alike_and_tells_no_name_path_or_address()
    {
        const string Text =
            "socket\t/run/libvirt/libvirt-sock\nstatus\t0\n@list/all\n|11111111-2222-4333-8444-555555555555\n@saved/11111111-2222-4333-8444-555555555555\n|<domain type='kvm' id='2'>\n|<name>payroll</name>\n|<uuid>11111111-2222-4333-8444-555555555555</uuid>\n|<title>Ours</title>\n|<metadata><x>tenant</x></metadata>\n|<memory unit='KiB'>1024</memory>\n|<os><type arch='x86_64' machine='q35'>hvm</type><nvram>/srv/acme/nv</nvram></os>\n|<cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/></cpu>\n|<devices><disk><source file='/srv/acme/d'/></disk><interface type='bridge'><mac address='52:54:00:11:22:33'/></interface></devices>\n|</domain>\n";

        HostSnapshot told = SnapshotRedactor.Redact(
            new HostSnapshot(
                "kvm1",
                DateTimeOffset.UnixEpoch,
                new Dictionary<string, ProbeAnswer>
                {
                    ["guests"] = new(Text),
                    ["kvmusers"] = new("user\t7\tqemu\nguest\t7\tpayroll\n"),
                }
            )
        );

        string text = told.Answers["guests"].Text;
        foreach (string secret in new[] { "payroll", "Ours", "tenant", "acme", "52:54", "11111111" })
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        Assert.Equal("user\t7\tqemu\nguest\t7\tguest1\n", told.Answers["kvmusers"].Text);
        LibvirtGuest guest = Assert.Single(
            new ProbeAnswers(new Dictionary<string, ProbeAnswer> { ["guests"] = new(text) })
                .Read(LibvirtFacts.Reading)
                .Guests
        );
        Assert.Equal(("guest1", "EPYC", "require"), (guest.Name, guest.Saved!.Model, guest.Saved.Find("svm")!.Policy));
        Assert.Equal(
            (1L << 20, 1, "x86_64"),
            (guest.Saved.MemoryBytes, guest.Saved.AdapterCount, guest.Saved.Architecture)
        );
    }

    private static IReadOnlyList<LibvirtGuest> Guests(string text) =>
        new ProbeAnswers(new Dictionary<string, ProbeAnswer> { ["guests"] = new(text) })
            .Read(LibvirtFacts.Reading)
            .Guests;

    [Theory]
    [InlineData("", "made\t")]
    [InlineData(
        "/sys/devices/pci0000:00/0000:00:01.0/0000:05:00.4/53764d0e-85a0-42b4-af5c-2046b460b1dc",
        "made\t/0000:05:00.4/53764d0e-85a0-42b4-af5c-2046b460b1dc"
    )]
    [InlineData("/sys/devices/pci0000:00/0000:04:10.0/bobs-disk/vhost-vdpa-3", "made\t/0000:04:10.0/vhost-vdpa-3")]
    [InlineData("/sys/devices/bobs-disk/vhost-vdpa-3", "made\t/vhost-vdpa-3")]
    [InlineData("/sys/devices/virtual/bobs-disk", "made\t")]
    [InlineData("/sys/devices/pci0000:00/0000:04:10.0/vhost-vdpa-3bob", "made\t")]
    public void Of_what_drivers_made_only_its_name_stays_and_of_what_it_is_made(string path, string expected)
    {
        string line = $"made\t{path}\n";

        Assert.Equal(expected, DomainRedaction.Hide(line).TrimEnd('\n'));
        Assert.Equal(expected, new DomainRedaction().Redact("guests", line).TrimEnd('\n'));
    }
}
