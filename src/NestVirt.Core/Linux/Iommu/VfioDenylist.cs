using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Devices that vfio-pci takes only when it is told to, since a guest could bring the host down with them.</summary>
/// <remarks>
/// vfio_pci_dev_in_denylist() of drivers/vfio/pci/vfio_pci.c: QuickAssist since Linux 5.9; DSA and IAA of Sapphire Rapids
/// since 6.10 (commit 95feb3160eef), and in stable kernels of May 2024. The numbers are those of include/linux/pci_ids.h.
/// </remarks>
internal static class VfioDenylist
{
    /// <summary>The parameter that turns the list off.</summary>
    internal const string Allowed = "vfio_pci.disable_denylist";

    private const ushort Intel = 0x8086;

    private static readonly Version s_first = new(5, 9);
    private static readonly Version s_accelerators = new(6, 10);

    private static readonly Dictionary<ushort, Version> s_devices = new()
    {
        [0x19e2] = s_first,
        [0x19e3] = s_first,
        [0x37c8] = s_first,
        [0x37c9] = s_first,
        [0x0435] = s_first,
        [0x0443] = s_first,
        [0x0b25] = s_accelerators,
        [0x0cfe] = s_accelerators,
    };

    /// <summary>Names a function that is on the list.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="device">The function.</param>
    /// <returns>A warning where this kernel refuses it, information where it may, or nothing.</returns>
    internal static IEnumerable<Finding> Assess(IommuFacts host, PciDevice device)
    {
        if (
            device.VendorId != Intel
            || !s_devices.TryGetValue(device.DeviceId, out Version? since)
            || host.VfioParameters.GetValueOrDefault(Allowed) is "Y" or "1"
            || host.Kernel < s_first
        )
        {
            yield break;
        }

        bool isRefused = !(host.Kernel < since);
        string ids = string.Create(CultureInfo.InvariantCulture, $"{device.VendorId:x4}:{device.DeviceId:x4}");
        yield return new Finding(
            FindingCodes.VfioDenylist,
            isRefused ? Severity.Warning : Severity.Information,
            isRefused
                ? $"vfio-pci refuses {device.Address} ({ids}): it is on the kernel's list of devices with which a guest can bring the host down."
                : $"vfio-pci may refuse {device.Address} ({ids}): Linux {since} and stable kernels since May 2024 have it on their list of devices with which a guest can bring the host down."
        )
        {
            Evidence =
                $"/sys/bus/pci/devices/{device.Address}: vendor {device.VendorId:x4}, device {device.DeviceId:x4}",
            Remedy =
                "Leave it to the host. Where every guest that gets it is trusted as the host is: options vfio-pci disable_denylist=1 in /etc/modprobe.d, and load vfio-pci again.",
        };
    }
}
