using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Whether a function can be reset between guests.</summary>
/// <remarks>
/// reset_method lists the kernel's ways to reset a function alone. VFIO can also reset a bus below a bridge or port, where all
/// functions on it are the guest's (vfio_pci_ioctl_pci_hot_reset() in drivers/vfio/pci/vfio_pci_core.c).
/// </remarks>
internal static class ResetWays
{
    /// <summary>Names a function that cannot.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="device">The function.</param>
    /// <param name="members">The functions of its group.</param>
    /// <param name="devices">The functions of the host.</param>
    /// <returns>The finding, or nothing.</returns>
    internal static IEnumerable<Finding> Assess(
        IommuFacts host,
        PciDevice device,
        IReadOnlyCollection<PciDevice> members,
        IReadOnlyCollection<PciDevice> devices
    )
    {
        if (
            (host.IsLive || host.HasResetFiles)
            && device.ResetMethods is { Count: 0 }
            && !CanResetBus(device, members, devices)
        )
        {
            yield return new Finding(
                FindingCodes.NoReset,
                Severity.Warning,
                $"The kernel cannot reset {device.Address}, so what one guest leaves in it the next one finds."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{device.Address}/reset_method is empty or not there",
                Remedy =
                    "Restart the host between guests that do not trust one another, or give a device that can be reset.",
            };
        }
    }

    private static bool CanResetBus(
        PciDevice device,
        IReadOnlyCollection<PciDevice> members,
        IReadOnlyCollection<PciDevice> devices
    ) =>
        device.Parent is not null
        && device.PhysicalFunction is null
        && devices
            .Where(other => other.Parent == device.Parent)
            .All(other => members.Any(member => member.Address == other.Address));
}
