using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Whether a function keeps what is on it or below it from reaching its neighbours.</summary>
/// <param name="IsIsolated">The answer; null when ACS could not be read.</param>
/// <param name="Why">What follows the function's address in a sentence, or, of a quirk, a sentence.</param>
internal sealed record AcsVerdict(bool? IsIsolated, string Why)
{
    /// <summary>Gets a value indicating whether a quirk of the kernel decides.</summary>
    public bool IsQuirk { get; init; }

    /// <summary>Gets a value indicating whether the answer was concluded from the groups, since ACS could not be read.</summary>
    public bool IsInferred { get; init; }
}

/// <summary>The kernel's pci_acs_enabled() for the services that grouping asks for.</summary>
/// <remarks>
/// drivers/pci/pci.c, and REQ_ACS_FLAGS in drivers/iommu/iommu.c, of Linux 6.1 and 6.12: source validation, request
/// redirection, completion redirection and upstream forwarding. A service that the capability does not list counts as wired.
/// </remarks>
internal static class AcsRule
{
    private static readonly string[] s_required = ["SrcValid", "ReqRedir", "CmpltRedir", "UpstreamFwd"];

    /// <summary>Judges a function.</summary>
    /// <param name="node">The function.</param>
    /// <param name="hasIvrs">Whether the firmware describes an AMD IOMMU.</param>
    /// <returns>The verdict.</returns>
    public static AcsVerdict Judge(PciNode node, bool hasIvrs)
    {
        if (AcsQuirks.Find(node, hasIvrs) is { } quirk)
        {
            return quirk;
        }

        PciDevice device = node.Device;
        return device.PortType switch
        {
            null when device.AcsUnknownReason is { } reason => JudgeUnread(node, reason),
            null => new AcsVerdict(IsIsolated: false, "is conventional PCI, which has no ACS"),
            PciePortType.RootPort or PciePortType.DownstreamPort => JudgeCapability(device),
            PciePortType.PcieToPciBridge or PciePortType.PciToPcieBridge or PciePortType.RootComplexEventCollector =>
                new AcsVerdict(IsIsolated: false, "is of a kind that has no ACS"),
            _ when !node.IsMultifunction => new AcsVerdict(IsIsolated: true, "has a single function"),
            _ => JudgeCapability(device),
        };
    }

    // ACS of a function that is alone in its slot and no bridge never decides.
    private static AcsVerdict JudgeUnread(PciNode node, string reason) =>
        node.IsMultifunction || node.Device.IsBridge
            ? new AcsVerdict(IsIsolated: null, reason)
            : new AcsVerdict(IsIsolated: true, "has a single function");

    private static AcsVerdict JudgeCapability(PciDevice device)
    {
        if (device.Acs is not { } acs)
        {
            return new AcsVerdict(IsIsolated: null, device.AcsUnknownReason ?? "ACS could not be read");
        }

        if (!acs.IsPresent)
        {
            return new AcsVerdict(IsIsolated: false, "has no ACS");
        }

        string[] off =
        [
            .. s_required.Where(service => acs.Capable.Contains(service) && !acs.Enabled.Contains(service)),
        ];
        return off.Length == 0
            ? new AcsVerdict(IsIsolated: true, "has ACS on")
            : new AcsVerdict(
                IsIsolated: false,
                $"has ACS, but {string.Join(", ", off)} {(off.Length == 1 ? "is" : "are")} off"
            );
    }
}
