using System.Globalization;
using NestVirt.Model;

namespace NestVirt.HyperV.Sriov;

/// <summary>Says of a network adapter what stands against virtual functions.</summary>
/// <remarks>The numbers are those of MSFT_NetAdapterSriovSettingData.SriovSupport; what each means is on Microsoft's page of Get-NetAdapterSriov.</remarks>
internal static class SriovFindings
{
    private const ulong Supported = 1;

    /// <summary>Gets what stands against them on any Windows for clients: Microsoft lists SR-IOV networking among what Hyper-V of Windows Server alone has.</summary>
    internal static Finding ClientLimits { get; } =
        new(
            FindingCodes.HyperVClientLimits,
            Severity.Information,
            "Hyper-V of Windows for clients has no SR-IOV: it gives no virtual functions of network adapters to virtual machines, whatever the adapter can."
        )
        {
            Evidence = "Win32_OperatingSystem.ProductType: 1",
        };

    /// <summary>Finds it.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <returns>The findings; none where nothing stands against them.</returns>
    internal static IEnumerable<Finding> Of(SriovAdapter adapter)
    {
        if (adapter.Support != Supported)
        {
            yield return Obstacle(adapter.Support) with
            {
                Evidence = string.Create(
                    CultureInfo.InvariantCulture,
                    $"MSFT_NetAdapterSriovSettingData.SriovSupport: {(adapter.Support is { } number ? number : "not told")}"
                ),
            };
        }

        if (adapter.Support == Supported && (adapter.TotalCount is null || adapter.Count is null))
        {
            yield return new Finding(
                FindingCodes.SriovCountUnknown,
                Severity.Information,
                $"Windows does not tell how many virtual functions the adapter {(adapter.TotalCount is null ? "can have" : "has now")}."
            )
            {
                Evidence = adapter.TotalCount is null
                    ? "MSFT_NetAdapterSriovSettingData.HardwareCapabilities: no MaxNumVFs"
                    : "MSFT_NetAdapterSriovSettingData.NumAllocatedVFs: not told",
                Remedy = "Look at the adapter on the host (Get-NetAdapterSriov), or update its driver.",
            };
        }

        if (adapter.IsEnabled == false)
        {
            yield return new Finding(
                FindingCodes.SriovDisabled,
                Severity.Information,
                "SR-IOV is off in the settings of the adapter."
            )
            {
                Evidence = "MSFT_NetAdapterSriovSettingData.Enabled: false",
                Remedy =
                    "Turn it on for the adapter on the host (Enable-NetAdapterSriov); its connections break for a moment.",
            };
        }
    }

    private static Finding Obstacle(ulong? support) =>
        support switch
        {
            2 => Error(
                FindingCodes.NoAcsOnPath,
                "PCI Express above the adapter has no Access Control Services, so it can have no virtual functions.",
                "Put the adapter into another slot, often one that is wired to the processor."
            ),
            3 => Error(
                FindingCodes.SriovDriverMissing,
                "The adapter, or its driver, makes no virtual functions.",
                "Install the driver of the adapter's maker, and turn SR-IOV on in the adapter's own firmware; not every adapter has it."
            ),
            4 => Error(
                FindingCodes.SriovNoBusNumbers,
                "There are not enough bus numbers for virtual functions of the adapter.",
                "Turn on SR-IOV in the firmware's setup, or put the adapter into another slot."
            ),
            5 => Error(
                FindingCodes.SriovNoIommu,
                "The machine has no IOMMU with interrupt remapping that Windows uses, so no adapter can have virtual functions.",
                "Turn on VT-d or AMD-Vi (IOMMU) in the firmware's setup."
            ),
            6 => Error(
                FindingCodes.SriovNoMemory,
                "There are no memory addresses for virtual functions of the adapter.",
                "Turn on SR-IOV and addresses above 4 GB in the firmware's setup, or put the adapter into another slot."
            ),
            7 => Error(
                FindingCodes.FirmwareKeepsPcie,
                "The firmware does not hand PCI Express over to Windows (_OSC), so no adapter can have virtual functions.",
                "Look in the firmware's setup for native PCI Express control, and update the firmware."
            ),
            _ => new Finding(
                FindingCodes.SriovUnknown,
                Severity.Warning,
                "Windows does not tell whether the adapter can have virtual functions."
            )
            {
                Remedy = "Check that the machine has an IOMMU, and that it is on in the firmware's setup.",
            },
        };

    private static Finding Error(string code, string message, string remedy) =>
        new(code, Severity.Error, message) { Remedy = remedy };
}
