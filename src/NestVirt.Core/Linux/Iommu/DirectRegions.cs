using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Regions that the firmware wants mapped one to one for the devices of a group: with them VFIO is refused the group.</summary>
/// <remarks>
/// From Linux 6.6 on (commit a48ce36e2786) iommu_create_device_direct_mappings() of drivers/iommu/iommu.c marks each device
/// that has a region of type <c>direct</c>, and __iommu_device_set_domain() refuses it the blocking domain, so that
/// iommu_group_claim_dma_owner() fails: whatever the IOMMU. From 3.17 to 6.5 device_is_rmrr_locked() of Intel's driver
/// refused such devices, and AMD's and Arm's drivers did not look. Regions of USB and display devices are
/// <c>direct-relaxable</c> since 5.3 (device_rmrr_is_relaxable()); before, they were listed as <c>direct</c>, and Intel's
/// driver made the same exception.
/// </remarks>
internal static class DirectRegions
{
    private const string Direct = "direct";
    private const int UsbClass = 0x0c03;
    private const int DisplayClass = 0x03;

    private static readonly Version s_refusedByCore = new(6, 6);
    private static readonly Version s_relaxable = new(5, 3);

    /// <summary>Names the regions of a group.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="group">The group.</param>
    /// <param name="devices">Its PCI functions.</param>
    /// <returns>A warning where VFIO is refused the group, information where this kernel does not mind, or nothing.</returns>
    internal static IEnumerable<Finding> Assess(
        IommuFacts host,
        IommuGroupFacts group,
        IReadOnlyList<PciDevice> devices
    )
    {
        string[] lines =
        [
            .. group
                .ReservedRegions.Index()
                .Where(static region => region.Item.Kind == Direct)
                .Select(region =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"/sys/kernel/iommu_groups/{group.Number}/reserved_regions:{region.Index + 1}: 0x{region.Item.Start:x16} 0x{region.Item.End:x16} {region.Item.Kind}"
                    )
                ),
        ];
        if (lines.Length == 0 || (host.Kernel < s_relaxable && host.IsIntel && devices.All(IsRelaxable)))
        {
            yield break;
        }

        bool isRefused = host.IsIntel || !(host.Kernel < s_refusedByCore);
        yield return new Finding(
            FindingCodes.DirectRegion,
            isRefused ? Severity.Warning : Severity.Information,
            isRefused
                ? $"The firmware wants memory mapped one to one for IOMMU group {Text(group.Number)} ({Kind(host)}), so the kernel refuses the group to VFIO."
                : $"The firmware wants memory mapped one to one for IOMMU group {Text(group.Number)} ({Kind(host)}): Linux {host.KernelRelease} gives the group to VFIO all the same, Linux 6.6 and later refuse it."
        )
        {
            Evidence = string.Join("; ", lines),
            Remedy = Remedy(host),
        };
    }

    private static bool IsRelaxable(PciDevice device) =>
        device.IsBridge || device.ClassCode >> 8 == UsbClass || device.ClassCode >> 16 == DisplayClass;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Kind(IommuFacts host) =>
        host.IsIntel ? "an RMRR of the table DMAR"
        : host.IsAmd ? "a unity map, IVMD, of the table IVRS"
        : host.Tables.Contains("IORT") ? "an RMR of the table IORT"
        : "a region of type direct";

    private static string Remedy(IommuFacts host)
    {
        string maker = host.Maker ?? string.Empty;
        string setting =
            IsOf(maker, "HP", "HPE", "Hewlett-Packard", "Hewlett Packard")
                ? "turn HP Shared Memory Features off for the slot (Gen8: with HP's tool conrep; later: in System Utilities), and Pre-boot DMA Protection or Kernel DMA Protection where it is offered"
            : IsOf(maker, "Dell", "LENOVO")
                ? "turn Pre-boot DMA Protection and Kernel DMA Protection (OS Kernel DMA Support) off"
            : host.IsAmd
                ? "turn Pre-boot DMA Protection and Kernel DMA Protection (or its Indicator) off; some boards show them only with IOMMU at Enabled, not Auto"
            : "turn Pre-boot DMA Protection and Kernel DMA Protection off, and sharing of memory with a management controller (HP: Shared Memory Features)";
        return $"In the firmware setup {setting}. Where that does not help, update the firmware, put the card into another slot, or ask the maker of the machine; Linux itself has no option for it.";
    }

    private static bool IsOf(string maker, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (
                maker.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (maker.Length == name.Length || !char.IsAsciiLetterOrDigit(maker[name.Length]))
            )
            {
                return true;
            }
        }

        return false;
    }
}
