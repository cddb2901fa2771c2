using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class IommuInventoryTests
{
    private const string Separator = "\n%\n";

    private const string Pci = """
        f	0000:00:06.0		0x060400	0x1b36	0x000c	0x1b36	0x0000	0x00	-1	
        d	pcieport
        g	6
        f	0000:04:00.0	0000:00:06.0	0x020000	0x8086	0x10d3	0x8086	0x0000	0x00	-1	
        d	e1000e
        g	6
        f	0000:04:10.0	0000:00:06.0	0x020000	0x8086	0x10ca	0x8086	0x0000	0x00	-1	
        p	0000:04:00.0
        g	6
        """;

    private const string Iommu = """
        cmdline	intel_iommu=on pcie_acs_override=downstream
        groups
        group	6
        type	DMA
        region	0x00000000fee00000 0x00000000feefffff msi
        member	0000:00:06.0	
        member	0000:04:00.0	
        member	0000:04:10.0	
        """;

    [Fact]
    public void Damaged_answers_are_read_or_refused() =>
        Mutation.Check(
            $"{Pci}{Separator}{Iommu}",
            static text =>
            {
                ProbeAnswers answers = new();
                string[] parts = text.Split(Separator);
                answers.Set(PciProbe.Probe.Name, new ProbeAnswer(parts[0]));
                answers.Set(IommuProbe.Probe.Name, new ProbeAnswer(parts[^1]));
                IReadOnlyList<IommuGroup> groups = IommuInventory.Read(answers, HostTarget.Local);
                _ = IommuAssessor.Findings(answers);
                _ = IommuComparison.Compare(groups, groups, "before", HostTarget.Local);
            }
        );
}
