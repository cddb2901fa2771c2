using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Devices that the kernel takes for isolated, or not, whatever their ACS capability says.</summary>
/// <remarks>
/// From pci_dev_acs_enabled[] in drivers/pci/quirks.c of Linux 6.18, all of it, with the numbers of vendors from
/// include/linux/pci_ids.h. Where an older kernel knows less, its groups are larger than this table says.
/// </remarks>
internal static class AcsQuirks
{
    private const ushort Ati = 0x1002;
    private const ushort Amd = 0x1022;
    private const ushort Intel = 0x8086;
    private const ushort Solarflare = 0x1924;
    private const ushort Broadcom = 0x14E4;
    private const ushort Cavium = 0x177D;
    private const ushort Annapurna = 0x1C36;
    private const ushort Zhaoxin = 0x1D17;
    private const ushort Wangxun = 0x8088;

    // pci_quirk_mf_endpoint_acs(): the vendor says that the functions do not reach one another.
    private static readonly HashSet<(ushort Vendor, ushort Device)> s_endpoints =
    [
        (Solarflare, 0x0903),
        (Solarflare, 0x0923),
        (Solarflare, 0x0A03),
        (0x19A2, 0x0710),
        (0x10DF, 0x0720),
        (Cavium, 0xA026),
        (Cavium, 0xA059),
        (Cavium, 0xA060),
        (Zhaoxin, 0x3038),
        (Zhaoxin, 0x3104),
        (Zhaoxin, 0x9083),
        .. Of(Broadcom, 0x16D7, 0x1750, 0x1751, 0x1752, 0x1760, 0x1761, 0x1762, 0x1763),
        .. Of(Intel, 0x10C6, 0x10DB, 0x10DD, 0x10E1, 0x10F1, 0x10F7, 0x10F8, 0x10F9, 0x10FA, 0x10FB, 0x10FC),
        .. Of(Intel, 0x1507, 0x1514, 0x151C, 0x1529, 0x152A, 0x154D, 0x154F, 0x1551, 0x1558),
        .. Of(Intel, 0x1509, 0x150E, 0x150F, 0x1510, 0x1511, 0x1516, 0x1527),
        .. Of(Intel, 0x10C9, 0x10E6, 0x10E7, 0x10E8, 0x150A, 0x150D, 0x1518, 0x1526),
        .. Of(
            Intel,
            0x10A7,
            0x10A9,
            0x10D6,
            0x1521,
            0x1522,
            0x1523,
            0x1524,
            0x105E,
            0x105F,
            0x1060,
            0x10D9,
            0x15B7,
            0x15B8
        ),
    ];

    // pci_quirk_amd_sb_acs(): they do not reach one another in a machine with an AMD IOMMU.
    private static readonly HashSet<(ushort Vendor, ushort Device)> s_southbridges =
    [
        .. Of(Ati, 0x4385, 0x439C, 0x4383, 0x439D, 0x4384, 0x4399),
        (Amd, 0x780F),
        (Amd, 0x7809),
    ];

    // Root ports that let nothing pass from one to another and have no ACS capability to say so: pci_quirk_xgene_acs(),
    // pci_quirk_brcm_acs(), pci_quirk_qcom_rp_acs(), pci_quirk_loongson_acs(), pci_quirk_nxp_rp_acs().
    private static readonly Dictionary<(ushort Vendor, ushort Device), string> s_rootPorts = Named(
        ("X-Gene", Of(0x10E8, 0xE004)),
        ("Ampere", Of(0x1DEF, 0xE005, 0xE006, 0xE007, 0xE008, 0xE009, 0xE00A, 0xE00B, 0xE00C)),
        ("iProc", Of(Broadcom, 0xD714)),
        ("Qualcomm", Of(0x17CB, 0x0115, 0x0400, 0x0401)),
        ("HXT", Of(0x1DBF, 0x0401)),
        ("Loongson", Of(0x0014, 0x3C09, 0x3C19, 0x3C29, 0x7A09, 0x7A19, 0x7A29, 0x7A39, 0x7A49, 0x7A59, 0x7A69)),
        (
            "NXP",
            Of(0x1957, 0x8D80, 0x8D81, 0x8D82, 0x8D83, 0x8D88, 0x8D89, 0x8D8A, 0x8D8B, 0x8D90, 0x8D91, 0x8D92, 0x8D93)
        ),
        (
            "NXP",
            Of(0x1957, 0x8D98, 0x8D99, 0x8D9A, 0x8D9B, 0x8DA0, 0x8DA1, 0x8DA8, 0x8DA9, 0x8DB0, 0x8DB1, 0x8DB8, 0x8DB9)
        )
    );

    /// <summary>Looks for a quirk of a function.</summary>
    /// <param name="node">The function.</param>
    /// <param name="hasIvrs">Whether the firmware describes an AMD IOMMU.</param>
    /// <returns>What the quirk says, or null when there is none.</returns>
    public static AcsVerdict? Find(PciNode node, bool hasIvrs)
    {
        PciDevice device = node.Device;
        (ushort, ushort) id = (device.VendorId, device.DeviceId);
        bool isRootPort = device.PortType == PciePortType.RootPort;
        return device.VendorId switch
        {
            _ when s_endpoints.Contains(id) => Isolated("its vendor says that its functions do not reach one another"),
            Ati or Amd when s_southbridges.Contains(id) && hasIvrs && node.IsMultifunction && node.Parent is null =>
                Isolated("functions of this AMD southbridge do not reach one another under an AMD IOMMU"),
            Intel when device.PortType == PciePortType.RootComplexEndpoint => Isolated(
                "Intel's endpoints inside the root complex reach one another only through the IOMMU"
            ),
            Intel when isRootPort && IsPchPort(device.DeviceId) => Isolated(
                "the kernel turns this Intel PCH root port's own isolation on"
            ),
            Intel when isRootPort && device.Acs?.IsPresent == true && IsSunrisePointPort(device.DeviceId) => Isolated(
                "this Intel PCH root port has its ACS control register in an unusual place, where the kernel sets it"
            ),
            Cavium when isRootPort && device.DeviceId is (>= 0xA000 and <= 0xA7FF) or 0xAF84 or 0xB884 => RootPort(
                "Cavium"
            ),
            Annapurna when isRootPort && device.DeviceId == 0x0031 => RootPort("Annapurna"),
            _ when s_rootPorts.TryGetValue(id, out string? maker) => RootPort(maker),
            Zhaoxin when isRootPort || device.PortType == PciePortType.DownstreamPort => FindZhaoxin(device.DeviceId),
            Wangxun => FindWangxun(device.DeviceId),
            _ => null,
        };
    }

    private static AcsVerdict RootPort(string maker) =>
        Isolated($"this {maker} root port isolates without the capability");

    // pci_quirk_zhaoxin_pcie_ports_acs() answers for all ports of the vendor, those with the capability too.
    private static AcsVerdict FindZhaoxin(ushort device) =>
        device is (>= 0x0710 and <= 0x071E) or 0x0721 or (>= 0x0723 and <= 0x0752)
            ? Isolated("this Zhaoxin port isolates without the capability")
            : new AcsVerdict(IsIsolated: false, "is a Zhaoxin port that the kernel knows no isolation of")
            {
                IsQuirk = true,
            };

    private static AcsVerdict Isolated(string why) => new(IsIsolated: true, why) { IsQuirk = true };

    // pci_quirk_wangxun_nic_acs() answers for all devices of the vendor.
    private static AcsVerdict FindWangxun(ushort device) =>
        device
            is (>= 0x0100 and <= 0x010F)
                or 0x1001
                or 0x2001
                or 0x5010
                or 0x5025
                or 0x5040
                or 0x5110
                or 0x5125
                or 0x5140
            ? Isolated("this Wangxun card sends all traffic between its functions upstream")
            : new AcsVerdict(IsIsolated: false, "is a Wangxun device that the kernel knows no isolation of")
            {
                IsQuirk = true,
            };

    // pci_quirk_intel_pch_acs_ids[]: Ibex Peak, Cougar Point, Panther Point, Lynx Point, Wildcat Point, Patsburg, Wellsburg.
    private static bool IsPchPort(ushort device) =>
        device
            is (>= 0x3B42 and <= 0x3B51)
                or (>= 0x1C10 and <= 0x1C1F)
                or (>= 0x1E10 and <= 0x1E1F)
                or (>= 0x8C10 and <= 0x8C1F)
                or (>= 0x9C10 and <= 0x9C1B)
                or (>= 0x9C90 and <= 0x9C9B)
                or (>= 0x8D10 and <= 0x8D1E)
        || (device is (>= 0x1D10 and <= 0x1D1E) or (>= 0x8C90 and <= 0x8C9E) && device % 2 == 0);

    // pci_quirk_intel_spt_pch_acs_match(): Sunrise Point, Union Point, and their mobile kin.
    private static bool IsSunrisePointPort(ushort device) =>
        device
            is (>= 0xA110 and <= 0xA11F)
                or (>= 0xA167 and <= 0xA16A)
                or (>= 0xA290 and <= 0xA29F)
                or (>= 0xA2E7 and <= 0xA2EE)
                or (>= 0x9D10 and <= 0x9D1B);

    private static Dictionary<(ushort Vendor, ushort Device), string> Named(
        params (string Maker, IEnumerable<(ushort Vendor, ushort Device)> Ports)[] makers
    ) => makers.SelectMany(static maker => maker.Ports.Select(port => (port, maker.Maker))).ToDictionary();

    private static IEnumerable<(ushort Vendor, ushort Device)> Of(ushort vendor, params ushort[] devices) =>
        devices.Select(device => (vendor, device));
}
