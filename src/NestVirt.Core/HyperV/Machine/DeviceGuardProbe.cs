using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>What Windows protects itself with, and could.</summary>
/// <param name="HasDmaProtection">Whether the machine has DMA protection, which an IOMMU gives; null when that was not told. That it has none does not say that there is no IOMMU.</param>
/// <param name="IsVbsRunning">Whether virtualization-based security runs; null when that was not told.</param>
internal sealed record DeviceGuardFacts(bool? HasDmaProtection, bool? IsVbsRunning);

/// <summary>Asks what the machine's firmware protects Windows with.</summary>
/// <remarks>
/// The numbers: AvailableSecurityProperties 3 is DMA protection (Microsoft.PowerShell.Commands.DeviceGuardHardwareSecure),
/// VirtualizationBasedSecurityStatus 2 is running (Microsoft, "Enable virtualization-based protection of code integrity").
/// </remarks>
internal static class DeviceGuardProbe
{
    private const ulong DmaProtection = 3;
    private const ulong Running = 2;

    /// <summary>Gets the probe.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hvguard",
            WmiNamespaces.DeviceGuard,
            "SELECT * FROM Win32_DeviceGuard",
            ["AvailableSecurityProperties", "VirtualizationBasedSecurityStatus"]
        );

    /// <summary>Gets the reading; what was not told is unknown.</summary>
    internal static ProbeReading<DeviceGuardFacts> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    private static DeviceGuardFacts Parse(IReadOnlyList<CimInstance> instances) =>
        instances is [CimInstance guard, ..]
            ? new DeviceGuardFacts(
                guard.Has("AvailableSecurityProperties")
                    ? guard.Numbers("AvailableSecurityProperties").Contains(DmaProtection)
                    : null,
                guard.Number("VirtualizationBasedSecurityStatus") is { } status ? status == Running : null
            )
            : new DeviceGuardFacts(null, null);
}
