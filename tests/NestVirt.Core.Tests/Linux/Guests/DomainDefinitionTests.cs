using NestVirt.Linux.Guests;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Guests;

public sealed class DomainDefinitionTests
{
    private const string Laughs =
        "<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><domain type='kvm'><name>&c;</name></domain>";

    [Fact]
    public void Parse_reads_what_nesting_depends_on()
    {
        DomainDefinition domain = DomainDefinition.Parse(
            """
            <domain type='kvm' id='3'>
              <name>a;b $(id) &quot;x&quot;&lt;</name>
              <memory unit='MiB'>2</memory>
              <vcpu placement='static' current='2'>4</vcpu>
              <os><type arch='x86_64' machine='q35'>hvm</type></os>
              <features><hyperv mode='custom'><vapic state='on'/><evmcs state='off'/></hyperv></features>
              <cpu mode='custom' check='full' migratable='off'><model fallback='forbid'>EPYC</model><topology threads='2'/>
                <feature name='svm'/><feature policy='disable' name='vmx-ept'/></cpu>
              <devices><emulator>/usr/bin/kvm</emulator>
                <hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/></source></hostdev>
                <hostdev mode='subsystem' type='usb'><source><vendor id='1'/></source></hostdev>
                <interface type='network'/></devices>
            </domain>
            """
        );

        Assert.Equal(
            ("kvm", "a;b $(id) \"x\"<", "x86_64", "/usr/bin/kvm"),
            (domain.Type, domain.Name, domain.Architecture, domain.Emulator)
        );
        Assert.Equal(
            (2, 2, 2L << 20, "full", false),
            (domain.CpuCount, domain.Threads, domain.MemoryBytes, domain.Check, domain.IsMigratable)
        );
        Assert.Equal([new CpuFeature("svm", "require"), new CpuFeature("vmx-ept", "disable")], domain.Features);
        Assert.Equal(["vapic"], domain.Enlightenments);
        Assert.Equal(["0000:3b:02.1"], domain.AssignedDevices);
        Assert.Equal(1, domain.AdapterCount);
    }

    [Theory]
    [InlineData(Laughs)]
    [InlineData("<!DOCTYPE d SYSTEM 'file:///etc/passwd'><domain/>")]
    [InlineData("<domain><name>x</domain>")]
    [InlineData("<network/>")]
    [InlineData("")]
    [InlineData("error: no domain")]
    public void Parse_says_what_it_cannot_read(string text) =>
        Assert.Throws<FormatException>(() => DomainDefinition.Parse(text));

    [Fact]
    public void Parse_goes_no_deeper_than_definitions_do()
    {
        string text =
            "<domain>"
            + string.Concat(Enumerable.Repeat("<a>", 100))
            + string.Concat(Enumerable.Repeat("</a>", 100))
            + "</domain>";

        Assert.Throws<FormatException>(() => DomainDefinition.Parse(text));
    }

    [Fact]
    public void Every_definition_of_libvirts_own_tests_is_read_or_refused()
    {
        Needs.Data("libvirt");
        string folder = Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata");
        int read = 0;
        List<string> refused = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*.xml"))
        {
            try
            {
                read += DomainDefinition.Parse(File.ReadAllText(file)).Type is null ? 0 : 1;
            }
            catch (FormatException error)
            {
                refused.Add($"{Path.GetFileName(file)}: {error.Message}");
            }
        }

        Assert.InRange(read, 1000, int.MaxValue);
        Assert.True(refused.Count < 10, string.Join('\n', refused));
    }

    [Fact]
    public void Domain_capabilities_of_libvirts_own_tests_are_read()
    {
        Needs.Data("libvirt");
        string folder = Path.Combine(TestData.Folder("libvirt")!, "domaincapsdata");
        foreach (string file in Directory.EnumerateFiles(folder, "*.xml"))
        {
            DomainCapabilities read = DomainCapabilities.Parse(File.ReadAllText(file));
            Assert.NotNull(read.Architecture);
        }

        DomainCapabilities intel = DomainCapabilities.Parse(
            File.ReadAllText(Path.Combine(folder, "qemu_4.2.0.x86_64.xml"))
        );
        Assert.Contains(new CpuFeature("vmx", "require"), intel.HostModel);
        Assert.Equal(("kvm", "/usr/bin/qemu-system-x86_64"), (intel.Type, intel.Emulator));
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
}
