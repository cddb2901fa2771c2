using System.Globalization;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Sriov;
using NestVirt.Model;

namespace NestVirt.HyperV.Support;

/// <summary>Says of a host what stands for and against nesting.</summary>
internal static class HyperVFindings
{
    private const string Newer = "Windows Server 2022, Windows 11 or later";

    internal static Finding Ready(HyperVHost host) =>
        new(
            FindingCodes.HyperVReady,
            Severity.Information,
            "Hyper-V of this host can let its virtual machines run hypervisors: each has to be set so while it is off."
        )
        {
            Evidence = Evidence(host),
        };

    internal static Finding WithoutNesting(HyperVHost host) =>
        new(
            FindingCodes.HyperVWithoutNesting,
            Severity.Error,
            "Hyper-V of this Windows has no nesting: that came with Windows Server 2016 and Windows 10 version 1607."
        )
        {
            Evidence = Evidence(host),
            Remedy = "Run the host with Windows Server 2016, Windows 10 version 1607 or later; no setting helps.",
        };

    internal static Finding TooOldForAmd(HyperVHost host) =>
        new(
            FindingCodes.HyperVTooOldForAmd,
            Severity.Error,
            $"Hyper-V nests on processors of AMD from Windows Server 2022 and Windows 11 on, and with version 9.3 of a virtual machine's configuration; this Windows is older{Highest(host)}."
        )
        {
            Evidence = Evidence(host),
            Remedy = $"Run the host with {Newer}; no setting of this Windows helps.",
        };

    internal static Finding OnArm(HyperVHost host, bool isKnown) =>
        new(
            FindingCodes.HyperVOnArm,
            isKnown ? Severity.Error : Severity.Warning,
            isKnown
                ? "Hyper-V does not nest on Arm: a virtual machine that is set so does not start."
                : "Hyper-V did not nest on Arm up to Windows 11 version 24H2; whether this newer Windows does is not known."
        )
        {
            Evidence = Evidence(host),
        };

    internal static Finding CpuUnknown(HyperVHost host) =>
        new(
            FindingCodes.HyperVCpuUnknown,
            Severity.Warning,
            "Microsoft names processors of Intel and AMD for nesting; whether it works on another, or one that was not told, is not known."
        )
        {
            Evidence = Evidence(host),
        };

    internal static Finding EditionUnable(HyperVHost host) =>
        new(
            FindingCodes.HyperVEditionUnable,
            Severity.Error,
            "This edition of Windows has no Hyper-V: the Home editions lack it."
        )
        {
            Evidence = Evidence(host),
            Remedy = "Upgrade Windows to Pro, Education or Enterprise.",
        };

    internal static Finding RoleMissing(HyperVHost host) =>
        new(FindingCodes.HyperVRoleMissing, Severity.Error, "The host does not have the Hyper-V role.")
        {
            Evidence =
                host.Role == HyperVRole.NotInstalled
                    ? "Win32_OptionalFeature Microsoft-Hyper-V: not installed"
                    : $"no namespace {WmiNamespaces.Virtualization}",
            Remedy =
                host.Windows.Kind == WindowsKind.Client
                    ? "Run on the host, and restart it: dism /online /enable-feature /featurename:Microsoft-Hyper-V /all"
                    : "Run on the host, and restart it: Install-WindowsFeature Hyper-V",
        };

    internal static Finding NotRunning(HyperVHost host) =>
        new(
            FindingCodes.HyperVNotRunning,
            Severity.Error,
            host.DoesAnswer
                ? "Hyper-V is installed, and its hypervisor does not run."
                : "Hyper-V is installed, and does not answer: its service does not run, or the host has not been restarted since."
        )
        {
            Evidence = host.DoesAnswer
                ? "Win32_ComputerSystem.HypervisorPresent: false"
                : $"no namespace {WmiNamespaces.Virtualization}",
            Remedy = host.DoesAnswer
                ? "Run on the host, and restart it: bcdedit /set hypervisorlaunchtype auto"
                : "Restart the host; if that does not help, start its service vmms.",
        };

    internal static Finding Unread(HyperVHost host) =>
        new(
            FindingCodes.HyperVUnknown,
            Severity.Warning,
            "What the host's Windows and Hyper-V can do could not be read."
        )
        {
            Evidence = host.Unread,
            Remedy =
                "Use an account that is in the groups Remote Management Users and Hyper-V Administrators of the host, or in its Administrators.",
        };

    internal static Finding InGuest(HyperVHost host) =>
        new(
            FindingCodes.HyperVInGuest,
            Severity.Warning,
            "The host is a virtual machine itself: whether its hypervisor gives it the virtualization extension is set there, and does not show in here once a hypervisor runs."
        )
        {
            Evidence = $"{host.Computer.Manufacturer} {host.Computer.Model}".Trim(),
            Remedy =
                host.Place.Vendor == "Microsoft"
                    ? "Look at the host that runs it: its virtual machine needs ExposeVirtualizationExtensions, which is set while it is off."
                    : "Look at the hypervisor that runs it: nesting has to be on there for this virtual machine.",
        };

    internal static Finding FirmwareOff(HyperVHost host) =>
        new(
            FindingCodes.VirtualizationDisabledInFirmware,
            Severity.Error,
            "The processor has a virtualization extension, and the firmware has turned it off."
        )
        {
            Evidence = "Win32_Processor.VirtualizationFirmwareEnabled: false",
            Remedy =
                host.Processor.Kind == ProcessorKind.Amd
                    ? "Turn on SVM Mode in the firmware's setup."
                    : "Turn on Intel Virtualization Technology (VT-x) in the firmware's setup.",
        };

    internal static Finding NoExtension(HyperVHost host) =>
        new(
            FindingCodes.VirtualizationNotAvailable,
            Severity.Error,
            host.Place.Layer == HostLayer.L1
                ? "The hypervisor that runs this machine does not pass a virtualization extension on to it."
                : "The processor shows no virtualization extension, or the firmware hides it."
        )
        {
            Evidence =
                "Win32_Processor.VMMonitorModeExtensions, SecondLevelAddressTranslationExtensions and VirtualizationFirmwareEnabled: false",
            Remedy =
                host.Place.Layer == HostLayer.L1
                    ? "Turn nesting on for this virtual machine on the host that runs it."
                    : "Look in the firmware's setup for Intel VT-x, or for SVM Mode of AMD, and turn it on.",
        };

    internal static Finding VbsRunning { get; } =
        new(
            FindingCodes.HostVbsRunning,
            Severity.Information,
            "Virtualization-based security runs on the host; it does not stand against nesting."
        )
        {
            Evidence = "Win32_DeviceGuard.VirtualizationBasedSecurityStatus: 2",
        };

    /// <summary>Says why no adapter gets a virtual function here, or why that is unknown.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The findings; none where Hyper-V says that it can give them.</returns>
    internal static IEnumerable<Finding> AgainstFunctions(HyperVHost host)
    {
        bool isClient = host.Windows.Kind == WindowsKind.Client;
        if (host.Iov.IsSupported == false)
        {
            Finding unsupported = AssignmentObstacles.Unsupported(host.Iov);
            yield return unsupported with
            {
                Severity = Severity.Warning,
                Message =
                    "Hyper-V says that this host can give no virtual functions to virtual machines: adapters work without them, whatever their weight.",
                Remedy =
                    host.Iov.Reasons.Count == 0
                        ? "Turn on VT-d or AMD-Vi (IOMMU) and SR-IOV in the firmware's setup."
                        : OfFunctionsAlone(unsupported.Remedy),
            };
        }
        else if (host.Iov.IsSupported is null)
        {
            yield return Unread(host) with
            {
                Message = "Whether this host can give virtual functions to virtual machines could not be read.",
                Evidence = host.Unread ?? "IOVSupport: not told",
            };
        }

        if (isClient)
        {
            yield return SriovFindings.ClientLimits with
            {
                Severity = Severity.Warning,
            };
        }

        if (host.Iov.IsSupported == true && !isClient)
        {
            yield return SwitchesUnseen;
        }
    }

    private static Finding SwitchesUnseen { get; } =
        new(
            FindingCodes.SriovSwitchUnseen,
            Severity.Information,
            "The weight has an effect where the switch of the network adapter was made for SR-IOV; whether it was is not looked at."
        )
        {
            Remedy =
                "Look on the host: Get-VMSwitch shows IovEnabled. A switch takes SR-IOV when it is made, and not later.",
        };

    // Whoever wants virtual functions did not ask for nesting.
    private static string? OfFunctionsAlone(string? remedy) =>
        remedy
            ?.Replace(" Nesting works without it.", string.Empty, StringComparison.Ordinal)
            .Replace("; nesting works without it.", ".", StringComparison.Ordinal);

    internal static Finding JobsRunning(int count) =>
        new(
            FindingCodes.HyperVJobsRunning,
            Severity.Information,
            string.Create(CultureInfo.InvariantCulture, $"Jobs of Hyper-V are under way on the host: {count}.")
        );

    /// <summary>Quotes which Windows and which processor it is.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The evidence; null where neither was told.</returns>
    internal static string? Evidence(HyperVHost host) =>
        new[]
        {
            host.Windows.Build is { } build ? string.Create(CultureInfo.InvariantCulture, $"build {build}") : null,
            host.Processor.Vendor,
            host.Processor.Architecture is { } architecture and not "x86_64" ? architecture : null,
        }
            .OfType<string>()
            .ToArray()
            is { Length: > 0 } parts
            ? string.Join(", ", parts)
            : null;

    private static string Highest(HyperVHost host) =>
        WindowsRelease.HighestVersion(host.Windows.Build) is { } highest
            ? $", and has versions up to {highest} alone"
            : string.Empty;
}
