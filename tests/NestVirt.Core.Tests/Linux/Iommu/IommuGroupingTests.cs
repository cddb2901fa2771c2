using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class IommuGroupingTests
{
    [Theory]
    [InlineData(
        "00:06.0 rp group=1\n04:00.0 ep <00:06.0 group=1",
        "NoAcsOnPath: 0000:00:06.0 (root port) has no ACS, so everything below it shares its group: 0000:04:00.0."
    )]
    [InlineData(
        "00:06.0 rp acs-off group=1\n04:00.0 ep <00:06.0 group=1",
        "NoAcsOnPath: 0000:00:06.0 (root port) has ACS, but SrcValid, ReqRedir, CmpltRedir, UpstreamFwd are off, so everything below it shares its group: 0000:04:00.0."
    )]
    [InlineData(
        "00:05.0 rp acs\n03:00.0 ep mf <00:05.0 group=1\n03:00.1 ep <00:05.0 group=1",
        "MultifunctionWithoutAcs: 0000:03:00.0, 0000:03:00.1 are functions of one device and may reach one another: 0000:03:00.0 (endpoint) has no ACS; 0000:03:00.1 (endpoint) has no ACS."
    )]
    [InlineData(
        "00:08.0 rp acs\n09:00.0 pcie-pci <00:08.0 group=1\n0a:01.0 pci <09:00.0 group=1",
        "BehindPciBridge: 0000:09:00.0 (PCIe-to-PCI bridge) sends the DMA of everything behind it under one number, so the IOMMU cannot tell 0000:0a:01.0 from it or from one another."
    )]
    [InlineData(
        "00:03.0 rp acs\n01:00.0 ep <00:03.0 group=1",
        "Isolated: 0000:01:00.0 has a group of its own: 0000:00:03.0 (root port) has ACS on."
    )]
    [InlineData(
        "00:01.0 pci group=1",
        "Isolated: 0000:00:01.0 has a group of its own: it is on a root bus and shares its slot with nothing that it could reach."
    )]
    [InlineData(
        "00:05.0 rp acs\n03:00.0 ep mf id=8086:1521 <00:05.0 group=1\n03:00.1 ep id=8086:1521 <00:05.0",
        "Isolated: 0000:03:00.0 has a group of its own: 0000:00:05.0 (root port) has ACS on; 0000:03:00.0 (endpoint) counts as isolated: its vendor says that its functions do not reach one another."
    )]
    public void The_bridge_or_function_at_fault_is_named(string topology, string expected) =>
        Assert.Equal(expected, Text(Explain(topology)));

    [Theory]
    [InlineData("14e4:9084", "NoAcsOnPath")] // ThunderX2: the IOMMU is below this bridge
    [InlineData("14e4:9085", "BehindPciBridge")]
    public void A_bridge_above_the_IOMMU_is_not_blamed_for_sending_for_others(string id, string expected) =>
        Assert.Equal(
            expected,
            Assert.Single(Explain($"00:00.0 pcie-pci id={id} group=1\n01:01.0 rp id=177d:af84 <00:00.0 group=1")).Code
        );

    [Fact]
    public void Each_port_without_ACS_is_named_with_what_is_below_it()
    {
        const string Switch = """
            00:07.0 rp group=1
            05:00.0 up <00:07.0 group=1
            06:00.0 dp <05:00.0 group=1
            06:01.0 dp acs <05:00.0 group=1
            07:00.0 ep <06:00.0 group=1
            08:00.0 ep <06:01.0 group=1
            """;

        Assert.Equal(
            [
                "NoAcsOnPath: 0000:00:07.0 (root port) has no ACS, so everything below it shares its group: 0000:05:00.0, 0000:06:00.0, 0000:06:01.0, 0000:07:00.0, 0000:08:00.0.",
                "NoAcsOnPath: 0000:06:00.0 (downstream port of a switch) has no ACS, so everything below it shares its group: 0000:07:00.0.",
            ],
            Explain(Switch).Select(static finding => $"{finding.Code}: {finding.Message}")
        );
    }

    [Theory]
    [InlineData("00:03.0 rp acs group=1\n01:00.0 ep <00:03.0 group=1", "NotExplained")]
    [InlineData("00:01.0 pci group=1\n00:02.0 pci group=1", "NotExplained")]
    [InlineData("00:06.0 rp group=2\n04:00.0 ep <00:06.0 group=1", "NotExplained")]
    [InlineData("00:06.0 rp group=1\n04:00.0 ep <00:06.0 group=1\n05:00.0 rciep group=1", "NoAcsOnPath NotExplained")]
    public void What_the_rule_does_not_come_to_is_not_explained(string topology, string expected) =>
        Assert.Equal(expected, string.Join(' ', Explain(topology).Select(static finding => finding.Code)));

    [Fact]
    public void An_override_that_splits_what_the_hardware_does_not_is_found_out()
    {
        const string Claimed = "00:06.0 rp group=2\n04:00.0 ep <00:06.0 group=1";
        const string Real = "00:03.0 rp acs group=2\n01:00.0 ep <00:03.0 group=1";
        const string Option = "pcie_acs_override=downstream";

        Finding finding = Assert.Single(Explain(Claimed, Option));

        Assert.Equal("AcsOverride", finding.Code);
        Assert.Equal(
            "The isolation from 0000:00:06.0 is claimed by the ACS override and not real: 0000:00:06.0 (root port) has no ACS.",
            finding.Message
        );
        Assert.Equal("/proc/cmdline: pcie_acs_override=downstream; 0000:00:06.0: no ACS capability", finding.Evidence);
        Assert.Equal("Isolated", Assert.Single(Explain(Real, Option)).Code);
    }

    [Theory]
    [InlineData(
        "00:06.0 rp unread group=1\n04:00.0 ep unread <00:06.0 group=1",
        "AcsUnknown: ACS could not be read (it needs root). By the kernel's rule 0000:04:00.0 can share the group only if 0000:00:06.0 (bridge) has no ACS, has it off, or leads to conventional PCI."
    )]
    [InlineData(
        "00:03.0 rp unread group=2\n01:00.0 ep unread <00:03.0 group=1",
        "AcsUnknown: 0000:01:00.0 has a group of its own: 0000:00:03.0 (bridge) must have ACS on, or a quirk of the kernel's that stands for it; ACS could not be read (it needs root)."
    )]
    [InlineData(
        "00:05.0 rp unread group=2\n03:00.0 ep mf unread <00:05.0 group=1\n03:00.1 ep unread <00:05.0 group=1",
        "AcsUnknown: ACS could not be read (it needs root). By the kernel's rule 0000:03:00.0, 0000:03:00.1, functions of one device, can share the group only if they have no ACS or have it off."
    )]
    [InlineData(
        "00:01.0 pci unread group=1",
        "Isolated: 0000:00:01.0 has a group of its own: it is on a root bus and shares its slot with nothing that it could reach."
    )]
    public void Without_ACS_the_reasons_say_what_would_have_to_be_true(string topology, string expected) =>
        Assert.Equal(expected, Text(Explain(topology)));

    [Theory]
    [InlineData(
        "00:06.0 rp broken group=1\n04:00.0 ep <00:06.0 group=1",
        "AcsUnknown: ACS could not be read (its list of extended capabilities is broken at 0x148). By the kernel's rule 0000:04:00.0 can share the group only if 0000:00:06.0 (root port) has no ACS, has it off, or leads to conventional PCI."
    )]
    [InlineData(
        "00:03.0 rp broken group=2\n01:00.0 ep <00:03.0 group=1",
        "AcsUnknown: 0000:01:00.0 has a group of its own: 0000:00:03.0 (root port) must have ACS on, or a quirk of the kernel's that stands for it; ACS could not be read (its list of extended capabilities is broken at 0x148)."
    )]
    [InlineData(
        "00:05.0 rp acs group=2\n03:00.0 ep mf broken <00:05.0 group=1\n03:00.1 ep broken <00:05.0 group=1",
        "AcsUnknown: ACS could not be read (its list of extended capabilities is broken at 0x148). By the kernel's rule 0000:03:00.0, 0000:03:00.1, functions of one device, can share the group only if they have no ACS or have it off."
    )]
    public void A_broken_list_of_capabilities_is_named_and_root_is_not_recommended_for_it(
        string topology,
        string expected
    )
    {
        IReadOnlyList<Finding> findings = Explain(topology);

        Assert.Equal(expected, Text(findings));
        Assert.All(
            findings,
            static finding =>
                Assert.StartsWith("Look for newer firmware of the device", finding.Remedy, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Without_ACS_only_the_port_nearest_to_the_root_is_blamed()
    {
        const string Switch = """
            00:07.0 rp unread group=1
            05:00.0 up unread <00:07.0 group=1
            06:00.0 dp unread <05:00.0 group=1
            07:00.0 ep unread <06:00.0 group=1
            """;

        Finding finding = Assert.Single(Explain(Switch));

        Assert.Contains("only if 0000:00:07.0 (bridge)", finding.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Finding> Explain(string topology, string? acsOverride = null)
    {
        PciDevice[] devices = PciTopologyText.Read(topology);
        return new IommuGrouping(devices, hasIvrs: false, acsOverride).Explain(
            1,
            [.. devices.Where(static device => device.IommuGroup == 1)]
        );
    }

    private static string Text(IReadOnlyList<Finding> findings) =>
        Assert.Single(findings) is var finding ? $"{finding.Code}: {finding.Message}" : string.Empty;
}
