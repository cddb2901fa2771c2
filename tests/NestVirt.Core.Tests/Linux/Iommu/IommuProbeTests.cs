using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class IommuProbeTests
{
    internal const string LabText = """
        cmdline	console=ttyS0 quiet intel_iommu=on iommu=pt
        acpi
        table	DMAR
        unit	dmar0
        live
        groups
        group	0
        type	identity
        region	0x00000000fee00000 0x00000000feefffff msi
        member	0000:00:00.0	
        group	9
        type	identity
        region	0x0000000000000000 0x0000000000ffffff direct-relaxable
        region	0x00000000fee00000 0x00000000feefffff msi
        member	0000:00:1f.0	
        member	0000:00:1f.2	
        member	0000:00:1f.3	
        group	10
        type	identity
        member	arm-smmu.1	ahci-platform
        irq	IR-IO-APIC

        """;

    [Fact]
    public void Parse_keeps_members_with_their_group()
    {
        IommuFacts facts = IommuProbe.Parse(LabText);

        Assert.Equal([0, 9, 10], facts.Groups.Select(static group => group.Number));
        Assert.Equal(
            ["0000:00:1f.0", "0000:00:1f.2", "0000:00:1f.3"],
            facts.Groups[1].Members.Select(static member => member.Name)
        );
        Assert.Equal(
            [new ReservedRegion(0, 0xFFFFFF, "direct-relaxable"), new ReservedRegion(0xFEE00000, 0xFEEFFFFF, "msi")],
            facts.Groups[1].ReservedRegions
        );
        Assert.Equal(new IommuMember("arm-smmu.1", "ahci-platform"), Assert.Single(facts.Groups[2].Members));
        Assert.Equal("identity", facts.Groups[0].Type);
    }

    [Theory]
    [InlineData("group\tx")]
    [InlineData("member\t0000:00:00.0\t")]
    [InlineData("group\t1\nregion\t0x0 msi")]
    [InlineData("group\t1\nmember\tnothing after the name")]
    [InlineData("ls: cannot access '/sys/kernel/iommu_groups'")]
    public void Parse_names_the_line_it_cannot_read(string text)
    {
        ProbeFormatException error = Assert.Throws<ProbeFormatException>(() => IommuProbe.Parse($"live\n{text}\n"));

        Assert.Equal(1 + text.Split('\n').Length, error.LineNumber);
    }

    [Fact]
    public void Parse_refuses_mutated_text_or_reads_it() =>
        Mutation.Check(LabText, static text => IommuProbe.Parse(text));
}
