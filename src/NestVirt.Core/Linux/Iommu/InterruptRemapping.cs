using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Whether VFIO refuses every group, since a guest could raise any interrupt of the host.</summary>
/// <remarks>
/// vfio_iommu_type1_attach_group() of drivers/vfio/vfio_iommu_type1.c wants isolated interrupts unless
/// allow_unsafe_interrupts is on. With remapping on, the kernel puts "IR-" before the names of the interrupt chips
/// (arch/x86/kernel/apic, drivers/iommu).
/// </remarks>
internal static class InterruptRemapping
{
    /// <summary>The parameter that has VFIO not mind.</summary>
    internal const string Allowed = "vfio_iommu_type1.allow_unsafe_interrupts";

    private const string RemappedPrefix = "IR-";

    /// <summary>Tells whether interrupts are remapped.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <returns>Whether they are; null when no interrupt chip was seen.</returns>
    internal static bool? IsOn(IommuFacts host) =>
        host.InterruptChip?.StartsWith(RemappedPrefix, StringComparison.Ordinal);

    /// <summary>Says that they are not, where VFIO minds.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <returns>The finding, or nothing.</returns>
    internal static IEnumerable<Finding> Refusals(IommuFacts host)
    {
        if (IsOn(host) == false && host.VfioParameters.GetValueOrDefault(Allowed) is not ("Y" or "1"))
        {
            yield return Off(host);
        }
    }

    /// <summary>Says that they are not.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <returns>The finding.</returns>
    internal static Finding Off(IommuFacts host) =>
        new(
            FindingCodes.InterruptRemappingOff,
            Severity.Warning,
            "The IOMMU does not remap interrupts: VFIO refuses devices, since a guest could raise any interrupt of the host."
        )
        {
            Evidence = $"/proc/interrupts: {host.InterruptChip}",
            Remedy =
                "Turn on interrupt remapping in the firmware setup, and remove intremap=off or nointremap from the kernel command line.",
        };
}
