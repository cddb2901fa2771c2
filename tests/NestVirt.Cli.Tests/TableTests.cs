using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tests;

public sealed class TableTests
{
    private const int Width = 80;

    private static readonly HostTarget[] s_one = [Sample.Host];

    private static readonly HostTarget[] s_many =
    [
        Sample.Host,
        new HostTarget(
            $"a-host-with-a-very-long-name.of.some.domain.example-{Sample.Hostile}",
            new SshAddress($"a-host-with-a-very-long-name.of.some.domain.example-{Sample.Hostile}")
        ),
    ];

    public static TheoryData<string> Views =>
        [
            "support",
            "supports",
            "iommu",
            "iommus",
            "diff",
            "pci",
            "pcis",
            "sriov",
            "modules",
            "guests",
            "vm-pci",
            "windows-pci",
            "snapshot",
        ];

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_fits_80_columns(string view) =>
        Assert.All(Print(view).Split('\n'), static line => Assert.InRange(line.Length, 0, Width));

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_shows_nothing_that_could_move_a_cursor(string view)
    {
        string text = Print(view);

        Assert.DoesNotContain(
            text,
            static character =>
                (char.IsControl(character) && character != '\n') || character is '\u202E' or '\u2066' or '\u2028'
        );
        Assert.NotEmpty(text);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_view_leaves_no_blanks_at_the_ends_of_lines(string view) =>
        Assert.All(Print(view).Split('\n'), static line => Assert.False(line.EndsWith(' '), $"'{line}'"));

    [Fact]
    public void A_card_does_not_begin_with_what_nesting_does_not_need()
    {
        NestedSupport support = Sample.Support with
        {
            Reasons =
            [
                new Finding("IommuOff", Severity.Error, "The IOMMU is off.") { Remedy = "Turn VT-d on." },
                new Finding("VirtualizationUnknown", Severity.Warning, "No vmx.") { Remedy = "Turn VT-x on." },
            ],
        };

        string[] lines = Printed.Table(static page => new SupportTable(page), s_one, support).Split('\n');

        Assert.Contains("  Do this first: Turn VT-x on.", lines);
    }

    [Fact]
    public void A_card_says_the_verdict_in_words_and_what_to_do_first()
    {
        NestedSupport support = Sample.Support with
        {
            Reasons =
            [
                new Finding("NestedOff", Severity.Error, "Nesting is off.")
                {
                    Evidence = "nested: N",
                    Remedy = "Turn it on.",
                },
            ],
        };

        string[] lines = Printed.Table(static page => new SupportTable(page), s_one, support).Split('\n');

        Assert.Equal("kvm1: Configurable", lines[0]);
        Assert.Equal("  Guests of this host cannot run hypervisors now, but could after a change of", lines[1]);
        Assert.Equal("  its settings. They can own PCI devices: the IOMMU is on.", lines[2]);
        Assert.Contains("  Do this first: Turn it on.", lines);
        Assert.Contains("  problem  Nesting is off.", lines);
        Assert.Contains("           seen: nested: N", lines);
        Assert.Contains("           do: Turn it on.", lines);
    }

    [Fact]
    public void Many_hosts_get_a_line_each_and_a_summary_of_why_not()
    {
        NestedSupport off = Sample.Support with
        {
            Reasons = [new Finding("NestedOff", Severity.Error, "Nesting is off.") { Remedy = "Turn it on." }],
        };
        NestedSupport ready = Sample.Support with { Verdict = Verdict.Ready, Reasons = [] };
        HostTarget[] hosts = [Sample.Host, Sample.Host with { Name = "kvm2" }];

        string text = Printed.Table(static page => new SupportTable(page), hosts, off, ready);

        Assert.Equal(
            """
            HOST  VERDICT       LAYER    NESTING  IOMMU    REASONS
            kvm1  Configurable  L1       off      on, 14   NestedOff
            kvm1  Ready         L1       off      on, 14   -
            kvm1  Configurable  L1       off      on, 14   NestedOff
            kvm1  Ready         L1       off      on, 14   -

            4 hosts: 2 Ready, 2 Configurable

            NestedOff: kvm1
              Nesting is off.
              do: Turn it on.

            """,
            text
        );
    }

    [Fact]
    public void What_was_found_of_several_guests_is_said_once()
    {
        Finding off = new("VmNestingOff", Severity.Information, "It is off.") { Remedy = "Turn it on." };
        VmNestedCpu[] guests =
        [
            .. Enumerable
                .Range(1, 7)
                .Select(number =>
                    Sample.Guest with
                    {
                        VmName = $"vm-{number}",
                        ConfigurationVersion = "10.0",
                        CpuMode = null,
                        CpuModel = null,
                        Nesting = number == 7 ? VmNesting.WillNotStart : VmNesting.Off,
                        Reasons = [off with { Evidence = number < 3 ? "seen" : "seen, too" }],
                    }
                ),
        ];

        Assert.Equal(
            """
            NAME  STATE    NESTING         VERDICT       CPUS  VERSION
            vm-1  running  off             configurable  4     10.0
            vm-2  running  off             configurable  4     10.0
            vm-3  running  off             configurable  4     10.0
            vm-4  running  off             configurable  4     10.0
            vm-5  running  off             configurable  4     10.0
            vm-6  running  off             configurable  4     10.0
            vm-7  running  will not start  configurable  4     10.0
            vm-1, vm-2, vm-3, vm-4, vm-5 and 2 others:
              note     It is off.
                       do: Turn it on.

            """,
            Printed.Table(static page => new GuestsTable(page), s_one, guests)
        );
    }

    [Fact]
    public void A_group_lists_its_devices_and_reasons()
    {
        IommuGroup group = new(
            12,
            [
                new PciDevice("0000:03:00.0", 0x020000, 0x8086, 0x10D3)
                {
                    Class = "Ethernet controller",
                    Vendor = "Intel",
                    Device = "82574L",
                    Driver = "e1000e",
                },
            ]
        )
        {
            Type = "DMA-FQ",
            IsViable = false,
            Reasons = [new Finding("BoundToHostDriver", Severity.Warning, "e1000e drives it.")],
        };

        Assert.Equal(
            """
            Group 12, DMA-FQ: not viable
              0000:03:00.0  e1000e  Ethernet controller: Intel 82574L [8086:10d3]
              warning  e1000e drives it.

            1 group. A guest could be given 0 of them now.

            """,
            Printed.Table(static page => new IommuTable(page), s_one, group)
        );
    }

    private static string Print(string view) =>
        view switch
        {
            "support" => Printed.Table(static page => new SupportTable(page), s_one, Sample.Support),
            "supports" => Printed.Table(
                static page => new SupportTable(page),
                s_many,
                Sample.Support,
                Sample.Support with
                {
                    Target = s_many[1],
                }
            ),
            "iommu" => Printed.Table(static page => new IommuTable(page), s_one, Sample.Group),
            "iommus" => Printed.Table(static page => new IommuTable(page), s_many, Sample.Group),
            "diff" => Printed.Table(static page => new IommuDiffTable(page), s_one, Sample.Difference),
            "pci" => Printed.Table(static page => new PciTable(page), s_one, Sample.Device),
            "pcis" => Printed.Table(static page => new PciTable(page), s_many, Sample.Device, Sample.Device),
            "sriov" => Printed.Table(static page => new SriovTable(page), s_one, Sample.Sriov),
            "guests" => Printed.Table(static page => new GuestsTable(page), s_one, Sample.Guest, Sample.Guest),
            "vm-pci" => Printed.Table(static page => new VmPciTable(page), s_one, Sample.GuestDevice),
            "windows-pci" => Printed.Table(
                static page => new PciTable(page),
                s_one,
                Sample.Device with
                {
                    InstancePath = Sample.Hostile,
                    OwnerVm = Sample.Hostile,
                    Reasons = [Sample.Finding],
                }
            ),
            "modules" => Printed.Table(static page => new ModulesTable(page), s_one, Sample.Module),
            _ => Printed.Table(
                static page => new SnapshotTable(page),
                s_one,
                new SnapshotFile(Sample.Hostile, $"/a/{Sample.Hostile}.json", 1, true)
            ),
        };
}
