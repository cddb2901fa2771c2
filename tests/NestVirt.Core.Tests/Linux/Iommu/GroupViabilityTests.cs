using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class GroupViabilityTests
{
    [Theory]
    [InlineData("01:00.0 ep", true)]
    [InlineData("01:00.0 ep driver=vfio-pci", true)]
    [InlineData("01:00.0 ep driver=mlx5_vfio_pci", true)]
    [InlineData("01:00.0 ep driver=pci-stub\n01:00.1 ep driver=vfio-pci", true)]
    [InlineData("00:06.0 rp driver=pcieport\n01:00.0 ep driver=vfio-pci", true)]
    [InlineData("00:06.0 rp driver=pcieport", null)]
    [InlineData("01:00.0 ep driver=nvidia", false)]
    [InlineData("01:00.0 ep driver=vfio-pci\n01:00.1 ep driver=snd_hda_intel", false)]
    [InlineData("00:06.0 rp driver=shpchp\n01:00.0 ep driver=vfio-pci", false)]
    public void A_group_is_viable_when_no_driver_lets_the_kernel_manage_its_DMA(string members, bool? expected) =>
        Assert.Equal(expected, Assess(Group(members), PciTopologyText.Read(members)).IsViable);

    /// <summary>NVIDIA's driver keeps the virtual functions that it gives to guests as vGPUs (Linux 6.8).</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(null, null)]
    public void A_vGPU_on_a_virtual_function_is_not_in_the_way(bool? hasVfioDevice, bool? isViable)
    {
        PciDevice[] devices =
        [
            .. PciTopologyText
                .Read("05:00.4 ep driver=nvidia pf=05:00.0")
                .Select(device => device with { HasVfioDevice = hasVfioDevice }),
        ];

        (bool? told, IReadOnlyList<Finding> reasons) = Assess(Group("05:00.4 ep"), devices);

        Assert.Equal(isViable, told);
        // With another driver it would never be one.
        Assert.DoesNotContain(reasons, static reason => reason.Mend is not null);
    }

    [Fact]
    public void A_device_that_does_not_answer_is_named()
    {
        PciDevice[] devices =
        [
            .. PciTopologyText
                .Read("05:00.0 ep driver=vfio-pci\n05:00.1 ep driver=vfio-pci")
                .Select(static device => device with { IsLost = device.Address.EndsWith('1') }),
        ];

        Finding lost = Assert.Single(
            Assess(Group("05:00.0 ep\n05:00.1 ep"), devices).Reasons,
            static reason => reason.Code == FindingCodes.DeviceLost
        );

        Assert.Contains("0000:05:00.1", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_of_an_NVSwitch_holds_no_bridge()
    {
        PciDevice[] devices =
        [
            .. PciTopologyText
                .Read("05:00.0 ep driver=vfio-pci")
                .Select(static device => device with { ClassCode = 0x068000 }),
        ];

        (bool? isViable, IReadOnlyList<Finding> reasons) = Assess(Group("05:00.0 ep"), devices);

        Assert.True(isViable);
        Assert.Empty(reasons);
    }

    [Theory]
    [InlineData(0x060000, 0, true)]
    [InlineData(0x060100, 0, true)]
    [InlineData(0x060400, null, true)]
    [InlineData(0x060700, null, true)]
    [InlineData(0x068000, null, false)]
    [InlineData(0x068000, 0, false)]
    [InlineData(0x068000, 1, true)]
    [InlineData(0x020000, null, false)]
    public void What_is_a_bridge_is_told_by_class_and_header(int classCode, int? header, bool expected) =>
        Assert.Equal(
            expected,
            new PciDevice("0000:05:00.0", classCode, 0x10de, 0x22a3) { HeaderType = header }.IsBridge
        );

    [Fact]
    public void Each_driver_in_the_way_is_named_with_a_remedy()
    {
        const string Members = "01:00.0 ep driver=nvidia\n01:00.1 ep driver=snd_hda_intel\n01:00.2 ep driver=vfio-pci";

        (_, IReadOnlyList<Finding> reasons) = Assess(Group(Members), PciTopologyText.Read(Members));

        Assert.Equal(
            [
                "0000:01:00.0 is bound to the host's driver nvidia, so no guest can be given the group now.",
                "0000:01:00.1 is bound to the host's driver snd_hda_intel, so no guest can be given the group now.",
            ],
            reasons.Select(static reason => reason.Message)
        );
        Assert.Equal("Bind 0000:01:00.0 to vfio-pci, or unbind it.", reasons[0].Remedy);
    }

    [Fact]
    public void A_device_that_the_host_uses_is_not_to_be_unbound()
    {
        PciDevice disk = PciTopologyText.Read("01:00.0 ep driver=nvme")[0] with
        {
            HostUses = [new HostUse("RootFileSystem", "/ on nvme0n1p2")],
        };

        (bool? isViable, IReadOnlyList<Finding> reasons) = Assess(Group("01:00.0 ep"), [disk]);

        Assert.False(isViable);
        Assert.Equal(["DriverBound", "UsedByHost"], reasons.Select(static reason => reason.Code));
        Assert.Equal("Leave it: the host itself uses the device.", reasons[0].Remedy);
    }

    [Fact]
    public void A_member_that_is_no_PCI_function_counts_too()
    {
        IommuGroupFacts group = new(1) { Members = [new IommuMember("fd7f0000.usb", "xhci-hcd")] };

        (bool? isViable, IReadOnlyList<Finding> reasons) = Assess(group, []);

        Assert.False(isViable);
        Assert.Equal("DriverBound", Assert.Single(reasons).Code);
    }

    [Fact]
    public void A_group_that_VFIO_made_up_is_not_viable()
    {
        IommuGroupFacts group = Group("01:00.0 ep") with { Name = "vfio-noiommu" };

        Assert.False(Assess(group, []).IsViable);
    }

    private static (bool? IsViable, IReadOnlyList<Finding> Reasons) Assess(
        IommuGroupFacts group,
        IReadOnlyList<PciDevice> devices
    ) => GroupViability.Assess(new IommuFacts(), group, devices, devices);

    private static IommuGroupFacts Group(string members) =>
        new(1)
        {
            Members =
            [
                .. PciTopologyText.Read(members).Select(static device => new IommuMember(device.Address, Driver: null)),
            ],
        };
}
