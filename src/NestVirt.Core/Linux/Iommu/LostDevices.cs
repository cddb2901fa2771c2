using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Functions that do not answer on their bus: libvirt refuses them, and a guest could do nothing with them.</summary>
internal static class LostDevices
{
    /// <summary>Names a function that does not answer.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The finding, or none.</returns>
    internal static IEnumerable<Finding> Assess(PciDevice device)
    {
        if (device.IsLost)
        {
            yield return new Finding(
                FindingCodes.DeviceLost,
                Severity.Warning,
                $"{device.Address} does not answer any more: libvirt gives it to no guest."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{device.Address}/config: all ones",
                Remedy =
                    "Turn the host off and on; a device that was not reset when its virtual machine ended often comes back with nothing less.",
            };
        }
    }
}
