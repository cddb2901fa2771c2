using NestVirt.HyperV.Machine;
using NestVirt.Probing;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>Asks for the VMs of a host, all at once: how many queries it takes does not grow with them.</summary>
/// <remarks>
/// A query of WMI gives instances of the class that it names and of those derived from it (Microsoft, "SELECT Statement for
/// Data Queries"), so that two classes that others derive from stand for seven. What belongs together is found by the
/// InstanceID, which begins with that of the VM (Microsoft's and others' dumps; containers/libhvee).
/// </remarks>
internal static class VMProbes
{
    /// <summary>The ResourceSubType of an assigned PCI device.</summary>
    internal const string PciDevice = "Microsoft:Hyper-V:Virtual Pci Express Port";

    /// <summary>The ResourceType of an assigned PCI device: one of Hyper-V's own, named by its ResourceSubType.</summary>
    internal const ulong PciDeviceType = 32769;

    /// <summary>The VirtualSystemType of settings in effect: those of checkpoints and planned VMs have others.</summary>
    internal const string InEffect = "Microsoft:Hyper-V:System:Realized";

    /// <summary>The ResourceType of processors.</summary>
    internal const ulong ProcessorType = 3;

    /// <summary>The ResourceType of memory.</summary>
    internal const ulong MemoryType = 4;

    /// <summary>The ResourceType of network adapters.</summary>
    internal const ulong AdapterType = 10;

    /// <summary>The ResourceType of the connections of network adapters to switches.</summary>
    internal const ulong ConnectionType = 33;

    /// <summary>Gets the probe for the VMs, among which the host itself is, too.</summary>
    internal static CimProbe Systems { get; } =
        new(
            "hvvms",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_ComputerSystem",
            ["Name", "ElementName", "EnabledState", "OperationalStatus"]
        );

    /// <summary>Gets the probe for their settings.</summary>
    internal static CimProbe Settings { get; } =
        new(
            "hvsettings",
            WmiNamespaces.Virtualization,
            $"SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType = '{InEffect}'",
            [
                "InstanceID",
                "VirtualSystemType",
                "VirtualSystemSubType",
                "Version",
                "IsSaved",
                "AutomaticShutdownAction",
                "GuestControlledCacheTypes",
                "LowMmioGapSize",
                "HighMmioGapSize",
            ]
        );

    /// <summary>Gets the probe for their processors, memory, network adapters, their connections, and assigned devices.</summary>
    internal static CimProbe Resources { get; } =
        new(
            "hvresources",
            WmiNamespaces.Virtualization,
            $"SELECT * FROM CIM_ResourceAllocationSettingData WHERE ResourceType = 3 OR ResourceType = 4 OR ResourceType = 10 OR ResourceType = 33 OR ResourceSubType = '{PciDevice}'",
            [
                "InstanceID",
                "ResourceType",
                "ResourceSubType",
                "VirtualQuantity",
                "Reservation",
                "Limit",
                "ExposeVirtualizationExtensions",
                "HwThreadsPerCore",
                "DynamicMemoryEnabled",
                "HostResource",
                "VirtualFunctions",
            ]
        )
        {
            Keeps = OfVMs,
        };

    /// <summary>Gets the probe for what the connections of their adapters may do.</summary>
    internal static CimProbe Ports { get; } =
        new(
            "hvports",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_EthernetSwitchPortFeatureSettingData",
            ["InstanceID", "AllowMacSpoofing", "IOVOffloadWeight"]
        )
        {
            Keeps = OfVMs,
        };

    /// <summary>Gets the probe for their security.</summary>
    internal static CimProbe Security { get; } =
        new(
            "hvsecurity",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_SecuritySettingData",
            ["InstanceID", "VirtualizationBasedSecurityOptOut"]
        )
        {
            Keeps = OfVMs,
        };

    /// <summary>Gets the probe for the jobs that have not ended (JobState 2 to 6).</summary>
    internal static CimProbe Jobs { get; } =
        new(
            "hvjobs",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_ConcreteJob WHERE JobState < 7",
            ["JobState", "JobType", "PercentComplete"]
        );

    /// <summary>Gets all of them.</summary>
    internal static IReadOnlyList<HostProbe> All { get; } = [Systems, Settings, Resources, Ports, Security, Jobs];

    // A checkpoint has all that its VM has, under another GUID, which no condition of WQL tells apart; a VM may have fifty.
    private static Func<CimInstance, bool> OfVMs(ProbeAnswers before)
    {
        if (!(before.All.TryGetValue(Systems.Name, out ProbeAnswer? told) && told.IsAvailable))
        {
            return static _ => true;
        }

        HashSet<Guid> vms =
        [
            .. CimAnswers
                .Read(before, Systems)
                .Select(static system => Guid.TryParseExact(system.Text("Name"), "D", out Guid id) ? id : Guid.Empty),
        ];
        return instance => VMInventory.OwnerOf(instance.Text("InstanceID")) is not { } owner || vms.Contains(owner);
    }
}
