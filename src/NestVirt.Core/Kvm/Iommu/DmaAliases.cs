namespace NestVirt.Kvm;

/// <summary>Devices that send their DMA under another function's number.</summary>
/// <remarks>
/// From quirk_dma_func0_alias() and quirk_dma_func1_alias() in drivers/pci/quirks.c of Linux 6.12. Left out are aliases that no
/// visible function has, and non-transparent bridges (MIC, VCA, Switchtec).
/// </remarks>
internal static class DmaAliases
{
    private static readonly HashSet<(ushort Vendor, ushort Device)> s_asFunction0 =
    [
        (0x1180, 0xE832), (0x1180, 0xE476), (0x6766, 0x3D40), (0x6766, 0x3D41),
    ];

    private static readonly HashSet<(ushort Vendor, ushort Device)> s_asFunction1 =
    [
        (0x1B4B, 0x9120), (0x1B4B, 0x9123), (0x1B4B, 0x9125), (0x1B4B, 0x9128), (0x1B4B, 0x9130), (0x1B4B, 0x9170),
        (0x1B4B, 0x9172), (0x1B4B, 0x917A), (0x1B4B, 0x9182), (0x1B4B, 0x9183), (0x1B4B, 0x91A0), (0x1B4B, 0x9215),
        (0x1B4B, 0x9220), (0x1B4B, 0x9230), (0x1B4B, 0x9235), (0x1103, 0x0642), (0x1103, 0x0645), (0x197B, 0x2392),
        (0x1C28, 0x0122),
    ];

    /// <summary>Tells whether one of two functions of a bus sends under the other's number.</summary>
    /// <param name="one">The one.</param>
    /// <param name="other">The other.</param>
    /// <returns>True if so.</returns>
    public static bool AreAliases(PciNode one, PciNode other) => Sends(one, other) || Sends(other, one);

    /// <summary>Tells whether a function has an alias at all.</summary>
    /// <param name="node">The function.</param>
    /// <returns>True if so.</returns>
    public static bool HasAlias(PciNode node) => AliasOf(node) is not null;

    private static bool Sends(PciNode from, PciNode under) =>
        AliasOf(from) is { } function && under.Address.Function == function && under.Address.Device == from.Address.Device;

    private static int? AliasOf(PciNode node)
    {
        (ushort, ushort) id = (node.Device.VendorId, node.Device.DeviceId);
        int? function = s_asFunction0.Contains(id) ? 0 : s_asFunction1.Contains(id) ? 1 : null;
        return function == node.Address.Function ? null : function;
    }
}
