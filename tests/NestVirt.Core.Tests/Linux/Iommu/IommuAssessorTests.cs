using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class IommuAssessorTests
{
    [Fact]
    public void The_lab_host_is_on_by_effect_although_an_Intel_unit_stands_beside_an_AMD_processor()
    {
        IommuSummary expected = new(IommuState.On, groupCount: 3)
        {
            DefaultDomainType = "identity",
            HasInterruptRemapping = true,
            FirmwareTable = "DMAR",
        };

        Assert.Equal(expected, IommuAssessor.Summarize(Answers(IommuProbeTests.LabText)));
        Assert.Equal(["IommuPassthrough"], Codes(IommuProbeTests.LabText));
    }

    [Fact]
    public void What_was_not_asked_is_unknown()
    {
        Assert.Equal(
            new IommuSummary(IommuState.Unknown, groupCount: null),
            IommuAssessor.Summarize(new ProbeAnswers())
        );
        Assert.Empty(IommuAssessor.Findings(new ProbeAnswers()));
    }

    [Fact]
    public void A_tree_without_the_directory_of_groups_says_nothing() =>
        Assert.Equal(IommuState.Unknown, IommuAssessor.Summarize(Answers("cmdline\tro quiet")).State);

    [Theory]
    [InlineData("live\n")]
    [InlineData("groups\n")]
    [InlineData("groups\ngroup\t0\n")]
    [InlineData("live\ngroups\ngroup\t0\nname\tvfio-noiommu\nmember\t0000:01:00.0\t\n")]
    [InlineData("live\ngroups\ngroup\t0\nmember\t83b8f4f2-509f-382f-3c1e-e6bfe0fa1001\tvfio_mdev\n")]
    public void Groups_that_hold_no_device_or_that_VFIO_made_up_are_no_IOMMU(string text) =>
        Assert.Equal(new IommuSummary(IommuState.Off, groupCount: 0), IommuAssessor.Summarize(Answers(text)));

    [Theory]
    [InlineData("cmdline\tro\nlive\nacpi\ntable\tDMAR\ngroups\n", "IommuOff")]
    [InlineData("cmdline\tro\nlive\nacpi\ngroups\n", "IommuNotDescribed")]
    [InlineData("cmdline\tro\nlive\ngroups\n", "")]
    [InlineData("cmdline\tro intel_iommu=off\nlive\nacpi\ntable\tDMAR\ngroups\n", "IommuTurnedOff")]
    [InlineData("cmdline\tro intel_iommu=sm_on,off\nlive\nacpi\ntable\tDMAR\ngroups\n", "IommuTurnedOff")]
    [InlineData(
        "cmdline\tro amd_iommu=on iommu=pt\nlive\nacpi\ntable\tIVRS\ngroups\n",
        "IommuOff IommuOptionUseless IommuPassthrough"
    )]
    [InlineData("cmdline\tro amd-iommu=pt,fullflush\nlive\nacpi\ntable\tIVRS\ngroups\n", "IommuOff IommuOptionUseless")]
    [InlineData("cmdline\tro intel_iommu=on\nlive\nacpi\ntable\tIVRS\ngroups\n", "IommuOff IommuOptionOtherVendor")]
    [InlineData(
        "cmdline\tro -- amd_iommu=on\nlive\nacpi\ntable\tIVRS\nunit\tivhd0\ngroups\ngroup\t0\nmember\t0000:00:00.0\t\n",
        ""
    )]
    [InlineData(
        "cmdline\tdyndbg=\"file x.c +p; amd_iommu=on\" ro\nlive\ntable\tIVRS\ngroups\ngroup\t0\nmember\t0000:00:00.0\t\n",
        ""
    )]
    [InlineData(
        "cmdline\tiommu=1 intel_iommu=on,igfx_off\ntable\tDMAR\ngroups\ngroup\t0\nmember\t0000:00:00.0\t\n",
        "IommuOptionUseless"
    )]
    [InlineData(
        "cmdline\tpcie_acs_override=downstream,multifunction pci=noaer,disable_acs_redir=0000:00:01.0\n",
        "AcsOverride AcsRelaxed"
    )]
    [InlineData(
        "groups\ngroup\t0\nmember\t0000:00:00.0\t\nirq\tIO-APIC\nparam\tvfio_iommu_type1.allow_unsafe_interrupts\tY\n",
        "InterruptRemappingOff VfioUnsafe"
    )]
    public void Findings_name_what_settings_and_firmware_come_to(string text, string expected) =>
        Assert.Equal(expected, Codes(text) is { Length: > 0 } codes ? string.Join(' ', codes) : string.Empty);

    [Theory]
    [InlineData("amd_iommu=on", "IommuOptionUseless", "SetKernel RemovedKernelWord=amd_iommu")]
    [InlineData("amd-iommu=on,fullflush", "IommuOptionUseless", "SetKernel KernelWord=amd_iommu=fullflush")]
    [InlineData("iommu=pt iommu=on", "IommuOptionUseless", "SetKernel KernelWord=iommu=pt")]
    [InlineData("iommu=pt", "IommuPassthrough", "EnableIommu Passthrough=no")]
    [InlineData("intremap=off", "InterruptRemappingOff", "SetKernel RemovedKernelWord=intremap=off")]
    [InlineData("nointremap", "InterruptRemappingOff", "SetKernel RemovedKernelWord=nointremap")]
    [InlineData("quiet", "InterruptRemappingOff", null)]
    [InlineData(
        "pcie_acs_override=downstream",
        "AcsOverride",
        "SetKernel RemovedKernelWord=pcie_acs_override=downstream"
    )]
    public void A_word_of_the_command_line_that_is_to_go_has_the_command_that_takes_it(
        string words,
        string code,
        string? mend
    )
    {
        Finding finding = IommuAssessor
            .Findings(
                Answers($"cmdline\t{words}\ntable\tIVRS\ngroups\ngroup\t0\nmember\t0000:00:00.0\t\nirq\tIO-APIC\n")
            )
            .Single(finding => finding.Code == code);

        Assert.Equal(
            mend,
            finding.Mend is not { } call
                ? null
                : $"{call.Command} {string.Join(' ', call.Arguments.Select(static one => $"{one.Name}={one.Value}"))}"
        );
    }

    [Fact]
    public void A_useless_value_is_only_to_be_known_while_the_IOMMU_is_on()
    {
        const string On = "cmdline\tamd_iommu=on\ntable\tIVRS\ngroups\ngroup\t0\nmember\t0000:00:00.0\t\n";

        Finding finding = Assert.Single(IommuAssessor.Findings(Answers(On)));

        Assert.Equal(Severity.Information, finding.Severity);
        Assert.Equal("/proc/cmdline: amd_iommu=on", finding.Evidence);
    }

    [Theory]
    [InlineData("1", "AcsOverrideIdle")]
    [InlineData("2", "AcsOverride")]
    public void An_ACS_override_is_a_warning_only_where_it_splits_groups(string groupOfFunction1, string expected)
    {
        string next = groupOfFunction1 == "1" ? string.Empty : $"group\t{groupOfFunction1}\n";
        ProbeAnswers answers = Answers(
            $"cmdline\tpcie_acs_override=multifunction\ngroups\ngroup\t1\nmember\t0000:00:1f.0\t\n{next}member\t0000:00:1f.1\t\n"
        );
        answers.Set(
            PciProbe.Probe.Name,
            new ProbeAnswer(
                $"""
                f	0000:00:1f.0		0x060100	0x8086	0x2918			0x00	-1	
                g	1
                f	0000:00:1f.1		0x010601	0x8086	0x2922			0x00	-1	
                g	{groupOfFunction1}

                """
            )
        );

        Assert.Equal(expected, Assert.Single(IommuAssessor.Findings(answers)).Code);
    }

    private static ProbeAnswers Answers(string text)
    {
        ProbeAnswers answers = new();
        answers.Set(IommuProbe.Probe.Name, new ProbeAnswer(text));
        return answers;
    }

    private static string[] Codes(string text) =>
        [.. IommuAssessor.Findings(Answers(text)).Select(static finding => finding.Code)];
}
