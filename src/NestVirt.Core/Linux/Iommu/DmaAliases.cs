using NestVirt.Linux.Pci;

namespace NestVirt.Linux.Iommu;

/// <summary>Devices that send their DMA under another function's number.</summary>
/// <remarks>
/// From quirk_dma_func0_alias(), quirk_dma_func1_alias(), quirk_mic_x200_dma_alias(), quirk_pex_vca_alias(),
/// quirk_plx_ntb_dma_alias() and quirk_bridge_cavm_thrx2_pcie_root() in drivers/pci/quirks.c of Linux 6.18. Left out are
/// the numbers of Switchtec bridges, which the kernel reads from the device's memory, and those of Adaptec's 3405 and
/// 3805, which no visible function has.
/// </remarks>
internal static class DmaAliases
{
    private const int VcaFunctions = 5;

    private static readonly HashSet<(ushort Vendor, ushort Device)> s_asFunction0 =
    [
        (0x1180, 0xE832),
        (0x1180, 0xE476),
        (0x6766, 0x3D40),
        (0x6766, 0x3D41),
    ];

    private static readonly HashSet<(ushort Vendor, ushort Device)> s_asFunction1 =
    [
        (0x1B4B, 0x9120),
        (0x1B4B, 0x9123),
        (0x1B4B, 0x9125),
        (0x1B4B, 0x9128),
        (0x1B4B, 0x9130),
        (0x1B4B, 0x9170),
        (0x1B4B, 0x9172),
        (0x1B4B, 0x917A),
        (0x1B4B, 0x9182),
        (0x1B4B, 0x9183),
        (0x1B4B, 0x91A0),
        (0x1B4B, 0x9215),
        (0x1B4B, 0x9220),
        (0x1B4B, 0x9230),
        (0x1B4B, 0x9235),
        (0x1103, 0x0642),
        (0x1103, 0x0645),
        (0x197B, 0x2392),
        (0x1C28, 0x0122),
    ];

    // Non-transparent bridges send for whoever is on their other side.
    private static readonly HashSet<(ushort Vendor, ushort Device)> s_micBridges = [(0x8086, 0x2260), (0x8086, 0x2264)];

    private static readonly HashSet<(ushort Vendor, ushort Device)> s_vcaBridges =
    [
        (0x8086, 0x2954),
        (0x8086, 0x2955),
        (0x8086, 0x2956),
        (0x8086, 0x2958),
        (0x8086, 0x2959),
        (0x8086, 0x295A),
    ];

    private static readonly HashSet<(ushort Vendor, ushort Device)> s_plxBridges = [(0x10B5, 0x87B0), (0x10B5, 0x87B1)];

    // Bridges inside Vulcan and ThunderX2, below which the IOMMU sits.
    private static readonly HashSet<(ushort Vendor, ushort Device)> s_translatingBridges =
    [
        (0x14E4, 0x9000),
        (0x14E4, 0x9084),
    ];

    /// <summary>Tells whether one of two functions of a bus sends under the other's number.</summary>
    /// <param name="one">The one.</param>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public static bool AreAliases(PciNode one, PciNode other) => Sends(one, other) || Sends(other, one);

    /// <summary>Tells whether a function has an alias at all.</summary>
    /// <param name="node">The function.</param>
    /// <returns>True if so.</returns>
    public static bool HasAlias(PciNode node) => IsBridge(IdOf(node)) || AliasOf(node) is not null;

    /// <summary>Tells whether the IOMMU is below a bridge, so that the numbers of what is above it do not matter.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <returns>True if so.</returns>
    public static bool TranslatesBelow(PciNode bridge) => s_translatingBridges.Contains(IdOf(bridge));

    private static bool Sends(PciNode from, PciNode under)
    {
        (ushort, ushort) id = IdOf(from);
        return IsBridge(id)
            ? SendsAsBridge(id, under)
            : AliasOf(from) is { } function
                && under.Address.Function == function
                && under.Address.Device == from.Address.Device;
    }

    private static bool IsBridge((ushort Vendor, ushort Device) id) =>
        s_micBridges.Contains(id) || s_vcaBridges.Contains(id) || s_plxBridges.Contains(id);

    private static bool SendsAsBridge((ushort Vendor, ushort Device) id, PciNode under) =>
        s_plxBridges.Contains(id)
        || (
            s_vcaBridges.Contains(id)
                ? under.Address.Function < VcaFunctions
                : (under.Address.Device, under.Address.Function) is (0x10 or 0x11, 0) or (0x12, 3)
        );

    private static int? AliasOf(PciNode node)
    {
        (ushort, ushort) id = IdOf(node);
        int? function =
            s_asFunction0.Contains(id) ? 0
            : s_asFunction1.Contains(id) ? 1
            : null;
        return function == node.Address.Function ? null : function;
    }

    private static (ushort Vendor, ushort Device) IdOf(PciNode node) => (node.Device.VendorId, node.Device.DeviceId);
}
