using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.Model;

namespace NestVirt.HyperV.Dda;

/// <summary>Says what keeps a host from giving any device to virtual machines.</summary>
internal static class AssignmentObstacles
{
    private const string AskTheMaker = "Update the firmware; where that does not help, ask the maker of the machine.";

    // The sentences of Windows in English (Microsoft, KB 2762297). In any other language they are shown, and not understood.
    private static readonly (string Beginning, string Remedy)[] s_known =
    [
        (
            "SR-IOV cannot be used on this computer because the processor does not support second level address translation",
            "The processor is too old for it: it has no EPT or NPT."
        ),
        (
            "The chipset on the system does not do interrupt remapping",
            "Turn on VT-d or AMD-Vi (IOMMU) and interrupt remapping in the firmware's setup; some chipsets do not have it."
        ),
        (
            "The chipset on the system does not do DMA remapping",
            "Turn on VT-d or AMD-Vi (IOMMU) in the firmware's setup; some chipsets do not have it."
        ),
        (
            "SR-IOV cannot be used on this system as it has been configured to disable the use of I/O remapping hardware",
            "Windows was told not to use the IOMMU: look at the host's boot settings (bcdedit)."
        ),
        (
            "Ensure that the system has chipset support for SR-IOV and that I/O virtualization is enabled in the BIOS",
            "Turn on VT-d or AMD-Vi (IOMMU) and SR-IOV in the firmware's setup."
        ),
        (
            "To use SR-IOV on this computer, the BIOS must be updated because it contains incorrect information",
            AskTheMaker
        ),
        (
            "SR-IOV cannot be used on this system as it is reporting that there is no PCI Express Bus",
            "The machine shows no PCI Express, as many virtual machines do."
        ),
        (
            "To use SR-IOV on this system, the system BIOS must be updated to allow Windows to control PCI Express",
            $"The firmware keeps control of PCI Express, as that of most desktop boards does. {AskTheMaker}"
        ),
        (
            "SR-IOV cannot be used on this system as the PCI Express hardware does not support Access Control Services",
            "No root port has ACS; turn it on in the firmware's setup where there is such a setting."
        ),
    ];

    /// <summary>Finds it.</summary>
    /// <param name="iov">What Hyper-V says of the host.</param>
    /// <param name="windows">The kind of Windows: that of clients gives nothing away, whatever is done to the machine.</param>
    /// <returns>The findings, the one that stands for good first; none where nothing is known to stand against it.</returns>
    internal static IEnumerable<Finding> Of(IovFacts iov, WindowsKind windows)
    {
        if (windows == WindowsKind.Client)
        {
            yield return ClientLimits;
        }

        if (iov.IsSupported == false)
        {
            yield return Unsupported(iov);
        }
    }

    /// <summary>Gets what is said of a host whose Hyper-V does not answer at all.</summary>
    internal static Finding NoHyperV { get; } =
        new(
            FindingCodes.HyperVRoleMissing,
            Severity.Information,
            "The host has no Hyper-V that answers, so it gives no devices to virtual machines."
        )
        {
            Evidence = $"no namespace {WmiNamespaces.Virtualization}",
            Remedy = "Ask what the host supports: that says whether the role is installed.",
        };

    /// <summary>Says that Windows is too old to give devices away (Microsoft, "Plan for deploying devices by using Discrete Device Assignment").</summary>
    /// <param name="build">The build.</param>
    internal static Finding TooOld(int build) =>
        new(
            FindingCodes.HyperVWithoutAssignment,
            Severity.Information,
            "Hyper-V of this Windows gives no devices to virtual machines: that came with Windows Server 2016."
        )
        {
            Evidence = string.Create(CultureInfo.InvariantCulture, $"Win32_OperatingSystem.BuildNumber: {build}"),
            Remedy = "Run the host with Windows Server 2016 or later; no setting helps.",
        };

    private static Finding ClientLimits { get; } =
        new(
            FindingCodes.HyperVClientLimits,
            Severity.Information,
            "Hyper-V of Windows for clients assigns no PCI devices of the host to virtual machines; it nests as that of Windows Server does."
        )
        {
            Evidence = "Win32_OperatingSystem.ProductType: 1",
        };

    /// <summary>Says that a host gives neither devices nor virtual functions.</summary>
    /// <param name="iov">What Hyper-V says of the host.</param>
    internal static Finding Unsupported(IovFacts iov)
    {
        string[] remedies = [.. iov.Reasons.Select(RemedyOf).OfType<string>().Distinct(), "Nesting works without it."];
        return new Finding(
            FindingCodes.HyperVIovUnsupported,
            Severity.Information,
            "Hyper-V says that this host can give neither devices nor virtual functions to virtual machines."
        )
        {
            Evidence = iov.Reasons.Count == 0 ? "IOVSupport: false" : string.Join(" ", iov.Reasons),
            Remedy =
                remedies.Length > 1
                    ? string.Join(" ", remedies)
                    : "Do what Windows says of it, mostly in the firmware's setup; nesting works without it.",
        };
    }

    private static string? RemedyOf(string reason) =>
        Array
            .Find(s_known, known => reason.Trim().StartsWith(known.Beginning, StringComparison.OrdinalIgnoreCase))
            .Remedy;
}
