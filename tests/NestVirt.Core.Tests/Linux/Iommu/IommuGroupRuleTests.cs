using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Iommu;

/// <summary>Holds our words for the kernel's rule against topologies whose groups follow from its source.</summary>
public class IommuGroupRuleTests
{
    [Theory]
    [InlineData("00:01.0 pci\n00:02.0 pci", "00:01.0 | 00:02.0")]
    [InlineData("00:1f.0 pci mf\n00:1f.2 pci\n00:1f.3 pci", "00:1f.0 00:1f.2 00:1f.3")]
    [InlineData("00:03.0 rp acs\n01:00.0 ep <00:03.0", "00:03.0 | 01:00.0")]
    [InlineData("00:06.0 rp\n04:00.0 ep <00:06.0", "00:06.0 04:00.0")]
    [InlineData("00:06.0 rp acs-off\n04:00.0 ep <00:06.0", "00:06.0 04:00.0")]
    [InlineData("00:06.0 rp acs-none\n04:00.0 ep <00:06.0", "00:06.0 | 04:00.0")]
    [InlineData("00:06.0 rp acs-egress\n04:00.0 ep <00:06.0", "00:06.0 | 04:00.0")]
    public void Ports_and_conventional_functions_on_the_root_bus(string topology, string expected) =>
        Check(topology, expected);

    [Theory]
    [InlineData("00:05.0 rp acs\n03:00.0 ep mf <00:05.0\n03:00.1 ep <00:05.0", "00:05.0 | 03:00.0 03:00.1")]
    [InlineData("00:05.0 rp acs\n03:00.0 ep mf acs <00:05.0\n03:00.1 ep acs <00:05.0", "00:05.0 | 03:00.0 | 03:00.1")]
    [InlineData(
        "00:05.0 rp acs\n03:00.0 ep mf acs-none <00:05.0\n03:00.1 ep acs-none <00:05.0",
        "00:05.0 | 03:00.0 | 03:00.1"
    )]
    [InlineData("00:05.0 rp acs\n03:00.0 ep mf <00:05.0\n03:00.1 ep acs <00:05.0", "00:05.0 | 03:00.0 | 03:00.1")]
    [InlineData(
        "00:05.0 rp acs\n03:00.0 ep mf id=8086:1521 <00:05.0\n03:00.1 ep id=8086:1521 <00:05.0",
        "00:05.0 | 03:00.0 | 03:00.1"
    )]
    [InlineData(
        "00:02.0 rp mf\n00:02.1 rp\n01:00.0 ep <00:02.0\n02:00.0 ep <00:02.1",
        "00:02.0 00:02.1 01:00.0 02:00.0"
    )]
    [InlineData(
        "00:02.0 rp mf acs\n00:02.1 rp acs\n01:00.0 ep <00:02.0\n02:00.0 ep <00:02.1",
        "00:02.0 | 00:02.1 | 01:00.0 | 02:00.0"
    )]
    [InlineData(
        "00:02.0 rp mf acs\n00:02.1 rp\n01:00.0 ep <00:02.0\n02:00.0 ep <00:02.1",
        "00:02.0 | 00:02.1 02:00.0 | 01:00.0"
    )]
    [InlineData("00:04.0 rciep mf id=8086:10d3\n00:04.1 rciep id=8086:10d3", "00:04.0 | 00:04.1")]
    [InlineData("00:04.0 rciep mf id=1912:0014\n00:04.1 rciep id=1912:0014", "00:04.0 00:04.1")]
    public void Functions_of_one_device(string topology, string expected) => Check(topology, expected);

    [Theory]
    [InlineData(
        "00:07.0 rp\n05:00.0 up <00:07.0\n06:00.0 dp <05:00.0\n06:01.0 dp <05:00.0\n07:00.0 ep <06:00.0\n08:00.0 ep <06:01.0",
        "00:07.0 05:00.0 06:00.0 06:01.0 07:00.0 08:00.0"
    )]
    [InlineData(
        "00:07.0 rp acs\n05:00.0 up <00:07.0\n06:00.0 dp acs <05:00.0\n06:01.0 dp acs <05:00.0\n07:00.0 ep <06:00.0\n08:00.0 ep <06:01.0",
        "00:07.0 | 05:00.0 | 06:00.0 | 06:01.0 | 07:00.0 | 08:00.0"
    )]
    [InlineData(
        "00:07.0 rp acs\n05:00.0 up <00:07.0\n06:00.0 dp <05:00.0\n06:01.0 dp acs <05:00.0\n07:00.0 ep <06:00.0\n08:00.0 ep <06:01.0",
        "00:07.0 | 05:00.0 | 06:00.0 07:00.0 | 06:01.0 | 08:00.0"
    )]
    [InlineData(
        "00:07.0 rp\n05:00.0 up <00:07.0\n06:00.0 dp acs <05:00.0\n07:00.0 ep <06:00.0",
        "00:07.0 05:00.0 06:00.0 07:00.0"
    )]
    [InlineData(
        "00:07.0 rp acs\n05:00.0 up mf <00:07.0\n05:00.1 ep <00:07.0\n06:00.0 dp acs <05:00.0\n07:00.0 ep <06:00.0",
        "00:07.0 | 05:00.0 05:00.1 06:00.0 07:00.0"
    )]
    public void Switches(string topology, string expected) => Check(topology, expected);

    [Theory]
    [InlineData(
        "00:08.0 rp acs\n09:00.0 pcie-pci <00:08.0\n0a:01.0 pci <09:00.0\n0a:02.0 pci mf <09:00.0\n0a:02.1 pci <09:00.0",
        "00:08.0 | 09:00.0 0a:01.0 0a:02.0 0a:02.1"
    )]
    [InlineData("00:08.0 rp\n09:00.0 pcie-pci <00:08.0\n0a:01.0 pci <09:00.0", "00:08.0 09:00.0 0a:01.0")]
    [InlineData(
        "00:1e.0 pci-pci\n01:00.0 pci <00:1e.0\n01:01.0 pci-pci <00:1e.0\n02:03.0 pci <01:01.0",
        "00:1e.0 01:00.0 01:01.0 02:03.0"
    )]
    [InlineData(
        "00:08.0 rp acs\n01:00.0 up <00:08.0\n02:00.0 dp <01:00.0\n03:00.0 pcie-pci <02:00.0\n04:01.0 pci <03:00.0",
        "00:08.0 | 01:00.0 | 02:00.0 03:00.0 04:01.0"
    )]
    public void Bridges_to_conventional_PCI(string topology, string expected) => Check(topology, expected);

    [Theory]
    [InlineData(
        "00:03.0 rp acs\n01:00.0 ep mf <00:03.0\n01:00.1 ep <00:03.0\n01:10.0 ep <00:03.0 pf=01:00.0\n01:10.1 ep <00:03.0 pf=01:00.1",
        "00:03.0 | 01:00.0 01:00.1 | 01:10.0 | 01:10.1"
    )]
    [InlineData("00:03.0 rp\n01:00.0 ep <00:03.0\n01:10.0 ep <00:03.0 pf=01:00.0", "00:03.0 01:00.0 01:10.0")]
    [InlineData(
        "00:03.0 rp acs\n01:00.0 ep <00:03.0\n01:00.1 ep <00:03.0 pf=01:00.0\n01:00.2 ep <00:03.0 pf=01:00.0",
        "00:03.0 | 01:00.0 | 01:00.1 | 01:00.2"
    )]
    public void Virtual_functions(string topology, string expected) => Check(topology, expected);

    [Theory]
    [InlineData(
        "00:01.0 rp acs\n01:00.0 ep mf id=1b4b:9172 acs <00:01.0\n01:00.1 ep id=1b4b:91a3 acs <00:01.0",
        "00:01.0 | 01:00.0 01:00.1"
    )]
    [InlineData(
        "00:0e.0 rciep id=8086:467f driver=vmd group=5\n10000:e0:06.0 rp acs group=5\n10000:e1:00.0 ep <10000:e0:06.0 group=5",
        "00:0e.0 10000:e0:06.0 10000:e1:00.0"
    )]
    [InlineData("00:1c.0 rp mf id=8086:8c10\n01:00.0 ep <00:1c.0", "00:1c.0 | 01:00.0")]
    [InlineData("00:1c.0 rp acs-off id=8086:a110\n01:00.0 ep <00:1c.0", "00:1c.0 | 01:00.0")]
    public void Devices_with_quirks(string topology, string expected) => Check(topology, expected);

    [Theory]
    [InlineData("17cb:0400")] // Qualcomm
    [InlineData("17cb:0115")]
    [InlineData("1dbf:0401")] // HXT
    [InlineData("1957:8d80")] // NXP LX2160A
    [InlineData("1957:8db9")]
    [InlineData("0014:7a69")] // Loongson
    [InlineData("1c36:0031")] // Annapurna
    [InlineData("1def:e00c")] // Ampere
    [InlineData("10e8:e004")] // X-Gene
    [InlineData("14e4:d714")] // iProc
    [InlineData("177d:a000")] // ThunderX
    [InlineData("177d:af84")] // ThunderX2
    [InlineData("177d:b884")] // ThunderX3
    [InlineData("1d17:0710")] // Zhaoxin
    [InlineData("1d17:0752")]
    public void A_root_port_that_isolates_without_the_capability(string id) =>
        Check($"00:1c.0 rp id={id}\n01:00.0 ep <00:1c.0", "00:1c.0 | 01:00.0");

    [Theory]
    [InlineData("rp", "1d17:0720")]
    [InlineData("rp acs", "1d17:0753")]
    [InlineData("rp", "17cb:0402")]
    [InlineData("rp", "1957:8d84")]
    [InlineData("rp", "177d:a800")]
    public void A_root_port_that_the_kernel_does_not_vouch_for(string kind, string id) =>
        Check($"00:1c.0 {kind} id={id}\n01:00.0 ep <00:1c.0", "00:1c.0 01:00.0");

    [Theory]
    [InlineData("03:00.0 ep mf id=10b5:87b0 <00:05.0\n03:1f.7 ep acs <00:05.0", "00:05.0 | 03:00.0 03:1f.7")]
    [InlineData(
        "03:00.0 ep id=8086:2954 <00:05.0\n03:09.4 ep <00:05.0\n03:0a.5 ep <00:05.0",
        "00:05.0 | 03:00.0 03:09.4 | 03:0a.5"
    )]
    [InlineData(
        "03:00.0 ep id=8086:2260 <00:05.0\n03:12.3 ep <00:05.0\n03:13.3 ep <00:05.0",
        "00:05.0 | 03:00.0 03:12.3 | 03:13.3"
    )]
    public void Non_transparent_bridges_send_for_their_other_side(string below, string expected) =>
        Check($"00:05.0 rp acs\n{below}", expected);

    [Theory]
    [InlineData("00:14.0 pci mf id=1002:4385\n00:14.2 pci id=1002:4383", true, "00:14.0 | 00:14.2")]
    [InlineData("00:14.0 pci mf id=1002:4385\n00:14.2 pci id=1002:4383", false, "00:14.0 00:14.2")]
    public void The_AMD_southbridge_is_isolated_only_under_an_AMD_IOMMU(
        string topology,
        bool hasIvrs,
        string expected
    ) => Check(topology, expected, hasIvrs);

    [Fact]
    public void A_port_that_no_IOMMU_translates_for_has_no_group_that_others_could_join()
    {
        PciDevice[] devices = PciTopologyText.Read("00:06.0 rp\n04:00.0 ep mf <00:06.0\n04:00.1 ep <00:06.0");
        devices[0] = devices[0] with { IommuGroup = null };

        Assert.Equal(["0000:04:00.0"], new IommuGrouping(devices, hasIvrs: false, acsOverride: null).Predicted[0]);
    }

    [Fact]
    public void A_ring_of_parents_is_cut_open()
    {
        PciDevice[] devices = PciTopologyText.Read("00:01.0 rp <00:02.0\n00:02.0 rp <00:01.0\n00:03.0 rp <00:03.0");

        Assert.Equal(3, new PciTopology(devices).Nodes.Count);
    }

    private static void Check(string topology, string expected, bool hasIvrs = false)
    {
        IommuGrouping grouping = new(PciTopologyText.Read(topology), hasIvrs, acsOverride: null);

        string actual = string.Join(
            " | ",
            grouping
                .Predicted.Select(static group =>
                    string.Join(
                        ' ',
                        group.Select(static address =>
                            address.StartsWith("0000:", StringComparison.Ordinal) ? address[5..] : address
                        )
                    )
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(expected, actual);
    }
}
