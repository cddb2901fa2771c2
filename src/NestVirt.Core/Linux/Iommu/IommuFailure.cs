using NestVirt.Linux.Machine;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>What the kernel wrote into its log when it gave an IOMMU up that the firmware describes.</summary>
/// <param name="Lines">The lines, in their order.</param>
/// <param name="Remedy">What can be done about the first of them.</param>
/// <remarks>Sources: drivers/iommu/intel/dmar.c and iommu.c, drivers/iommu/amd/init.c of Linux 6.1.</remarks>
internal sealed record IommuFailure(IReadOnlyList<string> Lines, string Remedy)
{
    private const int MostLines = 3;

    // The word that turns each on is of no use while these stand.
    private static readonly (string Text, string? Remedy)[] s_reasons =
    [
        (
            "Disable IOMMU on Stoney Ridge",
            "Linux leaves the IOMMU of this chip off because of its graphics; amd_iommu=force_enable on the kernel command line turns it on all the same."
        ),
        (
            "IOMMU not currently supported when SME is active",
            "Update the processor's microcode, or turn memory encryption off (mem_encrypt=off on the kernel command line), and reboot."
        ),
        (
            "The CMPXCHG16B feature is required",
            "Where this is a guest, give its processor the feature cx16; else update the firmware."
        ),
        ("Your BIOS is broken; DMAR", null),
        ("No DRHD structure found", null),
        ("Record passes table end", null),
        ("Parse DMAR table failure", null),
        ("No DMAR devices found", null),
        ("Unable to map DMAR", null),
        ("Can't validate DRHD address", null),
        ("Cannot get a valid", null),
        ("No supported address widths", null),
        ("Failed to map dmar", null),
        ("Invalid DMAR haw", null),
        ("DMAR: Initialization failed", null),
        ("IVRS table error", null),
        ("IVRS invalid checksum", null),
        ("Unsupported IVHD type", null),
        ("Can not reserve memory region", null),
        ("Failed to initialize IOMMU Hardware", null),
    ];

    /// <summary>Finds them.</summary>
    /// <param name="log">The kernel's log.</param>
    /// <returns>The failure; null where the log tells of none.</returns>
    internal static IommuFailure? Find(KernelLog log)
    {
        (string Line, string? Remedy)[] found =
        [
            .. from line in log.Lines.Distinct()
            from reason in s_reasons
            where line.Contains(reason.Text, StringComparison.Ordinal)
            select (HostText.ForDisplay(line, 160), reason.Remedy),
        ];
        return found.Length == 0
            ? null
            : new IommuFailure(
                [.. found.Select(static one => one.Line).Take(MostLines)],
                found[0].Remedy
                    ?? "Update the firmware, whose description of the IOMMU Linux does not take; where there is no update, ask the maker of the machine. No word on the kernel command line mends it."
            );
    }
}
