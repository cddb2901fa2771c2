using System.Net;
using NestVirt.HyperV.Machine;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Settings;

/// <summary>What a host uses its PCI devices for, as far as Windows tells.</summary>
/// <remarks>
/// Win32_SCSIControllerDevice and Win32_IDEControllerDevice, both of CIM_ControlledBy, join the PCI device of a controller with its
/// disks (win32 docs); that they have those of NVMe, too, is unproven. Win32_NetworkAdapter has the PCI device, its configuration
/// the addresses (win32 docs). Whether a switch of Hyper-V has it, Msvm_ExternalEthernetPort tells (recorded by r4sd/go-wsman),
/// whose DeviceID ends in the GUID of the adapter. The members of teams have it as their InstanceID (win32 docs,
/// MSFT_NetImPlatAdapter); that those of a team inside of a switch are told by either class is unproven.
/// </remarks>
internal sealed class DeviceUse
{
    private const ulong Connected = 2;

    private readonly ILookup<string, string> _controlled;
    private readonly Dictionary<string, CimInstance> _disks;
    private readonly ILookup<string, CimInstance> _adapters;
    private readonly ILookup<string, string> _addresses;
    private readonly HashSet<string> _bound;
    private readonly ILookup<string, string> _teams;
    private readonly bool _knowsPorts;

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
        _teams = new[] { Teams, SwitchTeams }
            .SelectMany(probe => CimAnswers.Read(answers, probe))
            .Where(static one => one.Text("InstanceID") is not null)
            .ToLookup(
                static one => Bare(one.Text("InstanceID")!),
                static one => one.Text("Team") ?? "?",
                StringComparer.OrdinalIgnoreCase
            );
        _knowsPorts = answers[Ports].IsAvailable;
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
            ["PNPDeviceID", "GUID", "NetConnectionID", "NetConnectionStatus"]
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

    /// <summary>Gets the probe for the members of teams of network adapters.</summary>
    internal static CimProbe Teams { get; } =
        new("hvteams", WmiNamespaces.Network, "SELECT * FROM MSFT_NetLbfoTeamMember", ["InstanceID", "Team"]);

    /// <summary>Gets the probe for the members of teams that switches made.</summary>
    internal static CimProbe SwitchTeams { get; } =
        new("hvswitchteams", WmiNamespaces.Network, "SELECT * FROM MSFT_NetSwitchTeamMember", ["InstanceID", "Team"]);

    /// <summary>Gets all of them.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [Controllers, Disks, Adapters, Addresses, Ports, Teams, SwitchTeams];

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceUse> Reading { get; } = new(Probes, static answers => new DeviceUse(answers));

    /// <summary>Gets a value indicating whether the host told which disks hang on what.</summary>
    internal bool KnowsDisks { get; }

    /// <summary>Gets a value indicating whether the host told what network adapters are in use for.</summary>
    internal bool KnowsAdapters { get; }

    /// <summary>Gets a value indicating whether switches of Hyper-V have adapters: which ones is not told where they made a team of several.</summary>
    internal bool MayBeSwitched => !_knowsPorts || _bound.Count > 0;

    /// <summary>Gets all addresses of the host.</summary>
    internal IReadOnlyList<IPAddress> OwnAddresses =>
        [.. _addresses.SelectMany(static group => group).Select(HostWays.Read).OfType<IPAddress>()];

    /// <summary>Names the disks of a device that have partitions.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>Their names, and how many partitions each has.</returns>
    internal IEnumerable<string> DisksInUse(string instancePath) =>
        _controlled[instancePath]
            .Select(_disks.GetValueOrDefault)
            .OfType<CimInstance>()
            .Where(static disk => disk.Number("Partitions") > 0)
            .Select(static disk => $"{disk.Text("DeviceID")}: Partitions {disk.Text("Partitions")}");

    /// <summary>Says what the host did not tell of the disks of a device.</summary>
    /// <remarks>
    /// Disks of a storage pool hang on their controller and are none of Win32_DiskDrive; those of several paths hang on the bus of
    /// MPIO. A volume, or a virtual machine, may need them all the same.
    /// </remarks>
    /// <param name="instancePath">The device.</param>
    /// <returns>A phrase; null where each of its disks was told, with the number of its partitions.</returns>
    internal string? UntoldDisks(string instancePath)
    {
        string[] own = [.. _controlled[instancePath].Where(IsDisk)];
        return !KnowsDisks ? "which disks it has was not told"
            : own.Length == 0 ? "no disk is shown as one of its own"
            : Array.Find(own, id => !_disks.ContainsKey(id)) is { } other
                ? $"{other} is no disk of Windows itself: it may be part of a storage pool, or of several paths"
            : Array.Find(own, id => _disks[id].Number("Partitions") is null) is { } untold
                ? $"how many partitions {_disks[untold].Text("DeviceID") ?? untold} has was not told"
            : null;
    }

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

    /// <summary>Names the network adapters of a device that are members of a team.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>Their names, and that of the team of each.</returns>
    internal IEnumerable<string> Teamed(string instancePath) =>
        _adapters[instancePath]
            .SelectMany(one =>
                _teams[Bare(one.Text("GUID") ?? string.Empty)].Take(1).Select(team => $"{NameOf(one)} of {team}")
            );

    /// <summary>Tells whether a device has network adapters.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>True if any is shown.</returns>
    internal bool HasAdapters(string instancePath) => _adapters.Contains(instancePath);

    /// <summary>Tells whether a network adapter of a device may be connected: 2 is connected (win32 docs, NetConnectionStatus).</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>True also where it was not told.</returns>
    internal bool HasLink(string instancePath) =>
        _adapters[instancePath].Any(static one => one.Number("NetConnectionStatus") is null or Connected);

    /// <summary>Finds what kind of network adapter has some addresses.</summary>
    /// <param name="addresses">The addresses, of which nobody knows which one is used.</param>
    /// <returns>The kind about which least is known: none where one of them is nobody's, virtual where an adapter of that kind has one.</returns>
    internal Holder HolderOf(IReadOnlyList<IPAddress> addresses)
    {
        (string Id, IPAddress Address)[] held =
        [
            .. _addresses.SelectMany(static group =>
                group.Select(HostWays.Read).OfType<IPAddress>().Select(one => (group.Key, one))
            ),
        ];
        HashSet<string> ofPci = new(
            _adapters
                .Where(static group => IsPci(group.Key))
                .SelectMany(static group => group.Select(static one => one.Text("GUID") ?? string.Empty)),
            StringComparer.OrdinalIgnoreCase
        );
        return addresses.Count == 0 || addresses.Any(way => !held.Any(one => one.Address.Equals(way))) ? Holder.None
            : held.Any(one => addresses.Contains(one.Address) && !ofPci.Contains(one.Id)) ? Holder.Virtual
            : Holder.Pci;
    }

    /// <summary>What kind of network adapter has an address.</summary>
    internal enum Holder
    {
        /// <summary>None of the host, as far as it was told.</summary>
        None,

        /// <summary>One of a PCI device.</summary>
        Pci,

        /// <summary>One that Windows made of others: of a switch, or of a team.</summary>
        Virtual,
    }

    private static bool IsPci(string path) => path.StartsWith(@"PCI\", StringComparison.OrdinalIgnoreCase);

    // SCSI\DISK&…, USBSTOR\DISK&…: the second part of the path says what it is.
    private static bool IsDisk(string path) =>
        path.IndexOf('\\', StringComparison.Ordinal) is var at
        && path.AsSpan(at + 1).StartsWith("DISK", StringComparison.OrdinalIgnoreCase);

    private static string Bare(string guid) => guid.Trim('{', '}');

    private static string NameOf(CimInstance adapter) => adapter.Text("NetConnectionID") ?? adapter.Text("GUID") ?? "?";

    private static string? KeyOf(CimInstance association, string end) =>
        association.Reference(end) is { } path ? path.Key("DeviceID") : null;
}
