using NestVirt.HyperV.Machine;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Settings;

/// <summary>What a host uses its PCI devices for, as far as Windows tells.</summary>
/// <remarks>
/// Win32_SCSIControllerDevice and Win32_IDEControllerDevice, both of CIM_ControlledBy, join the PCI device of a controller with its
/// disks (win32 docs); that they have those of NVMe, too, is unproven. Win32_NetworkAdapter has the PCI device, its configuration
/// the addresses (win32 docs). Whether a switch of Hyper-V has it, Msvm_ExternalEthernetPort tells (recorded by r4sd/go-wsman),
/// whose DeviceID ends in the GUID of the adapter.
/// </remarks>
internal sealed class DeviceUse
{
    private readonly ILookup<string, string> _controlled;
    private readonly Dictionary<string, CimInstance> _disks;
    private readonly ILookup<string, CimInstance> _adapters;
    private readonly ILookup<string, string> _addresses;
    private readonly HashSet<string> _bound;

    private DeviceUse(ProbeAnswers answers)
    {
        _controlled = CimAnswers
            .Read(answers, Controllers)
            .Select(static one => (Of: KeyOf(one, "Antecedent"), What: KeyOf(one, "Dependent")))
            .Where(static pair => pair is { Of: not null, What: not null })
            .ToLookup(static pair => pair.Of!, static pair => pair.What!, StringComparer.OrdinalIgnoreCase);
        _disks = CimAnswers
            .Read(answers, Disks)
            .Where(static disk => disk.Text("PNPDeviceID") is not null)
            .DistinctBy(static disk => disk.Text("PNPDeviceID")!, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static disk => disk.Text("PNPDeviceID")!, StringComparer.OrdinalIgnoreCase);
        _adapters = CimAnswers
            .Read(answers, Adapters)
            .ToLookup(static one => one.Text("PNPDeviceID") ?? string.Empty, StringComparer.OrdinalIgnoreCase);
        _addresses = CimAnswers
            .Read(answers, Addresses)
            .SelectMany(static one => one.Texts("IPAddress").Select(text => (Id: one.Text("SettingID"), Text: text)))
            .Where(static pair => pair.Id is not null)
            .ToLookup(static pair => pair.Id!, static pair => pair.Text, StringComparer.OrdinalIgnoreCase);
        _bound = new HashSet<string>(
            CimAnswers
                .Read(answers, Ports)
                .Where(static port => port.Boolean("IsBound") == true)
                .Select(static port => port.Text("DeviceID"))
                .OfType<string>(),
            StringComparer.OrdinalIgnoreCase
        );
        KnowsDisks = answers[Controllers].IsAvailable && answers[Disks].IsAvailable;
        KnowsAdapters = answers[Adapters].IsAvailable && answers[Addresses].IsAvailable && answers[Ports].IsAvailable;
    }

    /// <summary>Gets the probe for what hangs on which controller.</summary>
    internal static CimProbe Controllers { get; } =
        new("hvcontrolled", WmiNamespaces.Windows, "SELECT * FROM CIM_ControlledBy", ["Antecedent", "Dependent"]);

    /// <summary>Gets the probe for the disks.</summary>
    internal static CimProbe Disks { get; } =
        new(
            "hvdisks",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_DiskDrive",
            ["PNPDeviceID", "DeviceID", "Partitions"]
        );

    /// <summary>Gets the probe for the network adapters.</summary>
    internal static CimProbe Adapters { get; } =
        new(
            "hvadapters",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_NetworkAdapter WHERE GUID IS NOT NULL",
            ["PNPDeviceID", "GUID", "NetConnectionID"]
        );

    /// <summary>Gets the probe for their addresses.</summary>
    internal static CimProbe Addresses { get; } =
        new(
            "hvaddresses",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_NetworkAdapterConfiguration WHERE IPEnabled = TRUE",
            ["SettingID", "IPAddress"]
        );

    /// <summary>Gets the probe for what switches of Hyper-V have of them.</summary>
    internal static CimProbe Ports { get; } =
        new(
            "hvexternal",
            WmiNamespaces.Virtualization,
            "SELECT * FROM Msvm_ExternalEthernetPort",
            ["DeviceID", "IsBound"]
        );

    /// <summary>Gets all of them.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } = [Controllers, Disks, Adapters, Addresses, Ports];

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceUse> Reading { get; } = new(Probes, static answers => new DeviceUse(answers));

    /// <summary>Gets a value indicating whether the host told which disks hang on what.</summary>
    internal bool KnowsDisks { get; }

    /// <summary>Gets a value indicating whether the host told what network adapters are in use for.</summary>
    internal bool KnowsAdapters { get; }

    /// <summary>Names the disks of a device that have partitions.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>Their names, and how many partitions each has.</returns>
    internal IEnumerable<string> DisksInUse(string instancePath) =>
        _controlled[instancePath]
            .Select(_disks.GetValueOrDefault)
            .OfType<CimInstance>()
            .Where(static disk => disk.Number("Partitions") > 0)
            .Select(static disk => $"{disk.Text("DeviceID")}: Partitions {disk.Text("Partitions")}");

    /// <summary>Tells whether a device has disks, in use or not.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>True if any is shown.</returns>
    internal bool HasDisks(string instancePath) => _controlled[instancePath].Any(_disks.ContainsKey);

    /// <summary>Names the network adapters of a device that a switch of Hyper-V has.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>Their names.</returns>
    internal IEnumerable<string> Switched(string instancePath) =>
        _adapters[instancePath].Where(one => _bound.Contains($"Microsoft:{one.Text("GUID")}")).Select(NameOf);

    /// <summary>Lists the addresses of the network adapters of a device.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>The addresses.</returns>
    internal IEnumerable<string> AddressesOf(string instancePath) =>
        _adapters[instancePath].SelectMany(one => _addresses[one.Text("GUID") ?? string.Empty]);

    private static string NameOf(CimInstance adapter) => adapter.Text("NetConnectionID") ?? adapter.Text("GUID") ?? "?";

    private static string? KeyOf(CimInstance association, string end) =>
        association.Reference(end) is { } path ? path.Key("DeviceID") : null;
}
