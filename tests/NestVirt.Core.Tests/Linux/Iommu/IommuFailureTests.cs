using NestVirt.Linux.Iommu;
using NestVirt.Linux.Machine;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Iommu;

/// <summary>Lines of Linux 6.1's drivers, as its image holds them: each comes through the probe, and is a reason.</summary>
public sealed class IommuFailureTests
{
    private static readonly string[] s_lines =
    [
        "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!",
        "DMAR: [Firmware Bug]: No DRHD structure found in DMAR table",
        "DMAR: [Firmware Bug]: Record passes table end",
        "DMAR: Parse DMAR table failure.",
        "DMAR: No DMAR devices found",
        "DMAR: Unable to map DMAR",
        "DMAR: Can't validate DRHD address: fed90000",
        "DMAR: Cannot get a valid agaw for iommu (seq_id = 0)",
        "DMAR: dmar0: No supported address widths. Not attempting DMA translation.",
        "DMAR: Failed to map dmar0",
        "DMAR: Invalid DMAR haw",
        "DMAR: Initialization failed",
        "AMD-Vi: IVRS table error: AE_BAD_CHECKSUM",
        "AMD-Vi: [Firmware Bug]: IVRS invalid checksum",
        "AMD-Vi: Unsupported IVHD type 0x0",
        "AMD-Vi: Can not reserve memory region fd200000-fd27ffff for mmio",
        "AMD-Vi: IOMMU0: Failed to initialize IOMMU Hardware (error=-22)!",
        "AMD-Vi: Failed to initialize. The CMPXCHG16B feature is required.",
        "AMD-Vi: Disable IOMMU on Stoney Ridge",
        "AMD-Vi: IOMMU not currently supported when SME is active",
    ];

    [Fact]
    public async Task Each_line_comes_through_the_probe_and_is_a_reason()
    {
        Needs.Shell();
        using HostTree tree = new();
        tree.Write(
            "var/log/dmesg",
            string.Concat(s_lines.Select(static line => $"[    0.016000] {line}\n[    0.017000] pci 0000:00:00.0: x\n"))
        );

        ProbeAnswers answers = await tree.ReadAsync(KernelLogProbe.Probe, KernelLogProbe.PrivilegedProbe);

        Assert.Equal(s_lines, KernelLogProbe.Parse(answers).Lines);
        Assert.All(s_lines, static line => Assert.Equal([line], IommuFailure.Find(new KernelLog([line]))?.Lines));
    }
}
