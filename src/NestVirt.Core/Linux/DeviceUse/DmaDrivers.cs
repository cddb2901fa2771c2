using NestVirt.Model;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Which drivers leave the DMA of their devices to others.</summary>
/// <remarks>
/// Those that set driver_managed_dma in Linux 6.12 are vfio-pci and its variants, pci-stub and pcieport. Kernels before
/// 5.19 have a list of names, vfio_driver_allowed[], that comes to the same.
/// </remarks>
internal static class DmaDrivers
{
    private const string Nvidia = "nvidia";

    /// <summary>Tells whether the driver of a function leaves its DMA to others.</summary>
    /// <remarks>
    /// From Linux 6.8 on NVIDIA's driver itself gives virtual functions to guests, as vGPUs: sysfs alone tells those from functions of the
    /// host, by the directory vfio-dev, which is also what libvirt looks for (virPCIDeviceGetCurrentDriverNameAndType()).
    /// </remarks>
    /// <param name="device">The function.</param>
    /// <returns>True if a group with it can be handed out.</returns>
    public static bool IsHarmless(PciDevice device) => device.HasVfioDevice == true || IsHarmless(device.Driver);

    /// <summary>Tells whether it is not known whose the function is: a recording by an earlier release does not say whether it is a vGPU.</summary>
    /// <param name="device">The function.</param>
    /// <returns>True if so.</returns>
    public static bool IsUnclear(PciDevice device) =>
        device is { HasVfioDevice: null, PhysicalFunction: not null, Driver: Nvidia };

    /// <summary>Tells whether the function is a vGPU, which its driver makes and goes with it.</summary>
    /// <param name="device">The function.</param>
    /// <returns>True if so.</returns>
    public static bool IsVgpu(PciDevice device) =>
        device is { HasVfioDevice: true, PhysicalFunction: not null, Driver: Nvidia };

    /// <summary>Tells whether the function can become a vGPU, and is none yet.</summary>
    /// <param name="device">The function.</param>
    /// <returns>True if so.</returns>
    public static bool CanBeVgpu(PciDevice device) =>
        device is { HasVfioDevice: false, PhysicalFunction: not null, Driver: Nvidia };

    /// <summary>Tells whether a driver leaves the DMA of its devices to others.</summary>
    /// <param name="driver">The driver, or null when none is bound.</param>
    /// <returns>True if a group with such a device can be handed out.</returns>
    public static bool IsHarmless(string? driver) =>
        driver is null or "pcieport" or "pci-stub"
        || driver.StartsWith("vfio-", StringComparison.Ordinal)
        || driver.EndsWith("vfio-pci", StringComparison.Ordinal)
        || driver.EndsWith("vfio_pci", StringComparison.Ordinal);
}
