namespace NestVirt.Linux.DeviceUse;

/// <summary>Which drivers leave the DMA of their devices to others.</summary>
/// <remarks>
/// Those that set driver_managed_dma in Linux 6.12 are vfio-pci and its variants, pci-stub and pcieport. Kernels before
/// 5.19 have a list of names, vfio_driver_allowed[], that comes to the same.
/// </remarks>
internal static class DmaDrivers
{
    /// <summary>Tells whether a driver leaves the DMA of its devices to others.</summary>
    /// <param name="driver">The driver, or null when none is bound.</param>
    /// <returns>True if a group with such a device can be handed out.</returns>
    public static bool IsHarmless(string? driver) =>
        driver is null or "pcieport" or "pci-stub"
        || driver.StartsWith("vfio-", StringComparison.Ordinal)
        || driver.EndsWith("vfio-pci", StringComparison.Ordinal)
        || driver.EndsWith("vfio_pci", StringComparison.Ordinal);
}
