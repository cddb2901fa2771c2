using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>One PCI function.</summary>
/// <param name="Address">
/// The address as sysfs writes it: domain:bus:device.function; the domain has 4 to 8 digits. On Windows, the path of the
/// function in Plug and Play where no address was told.
/// </param>
/// <param name="ClassCode">The 24-bit class code; 0 where Windows tells none.</param>
/// <param name="VendorId">The vendor id; 0 where Windows tells none.</param>
/// <param name="DeviceId">The device id; 0 where Windows tells none.</param>
public sealed record PciDevice(string Address, int ClassCode, ushort VendorId, ushort DeviceId)
{
    /// <summary>Gets the address as sysfs writes it: domain:bus:device.function; the domain has 4 to 8 digits.</summary>
    public string Address
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Address);

    private const int BridgeBaseClass = 0x06;
    private const int HostBridgeClass = 0x0600;
    private const int IsaBridgeClass = 0x0601;
    private const int PciBridgeClass = 0x0604;
    private const int CardBusBridgeClass = 0x0607;
    private const int SemitransparentBridgeClass = 0x0609;
    private const int OtherBridgeClass = 0x0680;

    /// <summary>Gets the host that has the function.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the vendor's name, or null when no id list knows it.</summary>
    public string? Vendor
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the device's name, or null when no id list knows it.</summary>
    public string? Device
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the name of the class, such as "Ethernet controller", or null.</summary>
    public string? Class
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the vendor id of the board, or null.</summary>
    public ushort? SubsystemVendorId { get; init; }

    /// <summary>Gets the device id of the board, or null.</summary>
    public ushort? SubsystemDeviceId { get; init; }

    /// <summary>Gets the revision, or null.</summary>
    public byte? Revision { get; init; }

    /// <summary>Gets the bound driver, or null when none is bound.</summary>
    public string? Driver
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the driver that alone may bind (driver_override), or null when any may.</summary>
    public string? DriverOverride
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the NUMA node, or null when the firmware names none.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Gets the number of the IOMMU group, or null when the function is in none.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>Gets a value indicating whether the function is a bridge, which is never passed through.</summary>
    /// <remarks>
    /// By its class, but for those of the classes from 0602 on whose header is known, and for "other bridges" (0680) without one: switches
    /// of NVLink and non-transparent bridges are endpoints that are passed through.
    /// </remarks>
    public bool IsBridge =>
        ClassCode >> 16 == BridgeBaseClass
        && (ClassCode >> 8) switch
        {
            HostBridgeClass or IsaBridgeClass => true,
            var other => HeaderType is { } header ? header != 0 : other != OtherBridgeClass,
        };

    // Whether VFIO and libvirt refuse it, which look at the layout of its header (virPCIDeviceReset(), vfio_pci_core_register_device()).
    internal bool HasBridgeHeader =>
        HeaderType is { } header
            ? header != 0
            : (ClassCode >> 8) is HostBridgeClass or PciBridgeClass or CardBusBridgeClass or SemitransparentBridgeClass;

    /// <summary>Gets a value indicating whether the firmware's console is on this display.</summary>
    public bool IsBootVga { get; init; }

    /// <summary>Gets the path of the function in Plug and Play, which Windows alone has; null elsewhere.</summary>
    public string? InstancePath
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the path of its slot, by which Hyper-V's own commands name it; null elsewhere, and when it is unknown.</summary>
    public string? LocationPath
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether Hyper-V can give it to a virtual machine; null when that is unknown, and on KVM, where the IOMMU groups tell.</summary>
    public bool? IsAssignable { get; init; }

    /// <summary>Gets the name of the virtual machine that owns it, or null: on Hyper-V a machine that is off owns devices, too.</summary>
    public string? OwnerVm
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what names that virtual machine on its host alone, or null.</summary>
    public string? OwnerVmId
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the ways the kernel can reset the function, in its order of preference; null when that is unknown.</summary>
    public IReadOnlyList<string>? ResetMethods
    {
        get;
        init => field = value is null ? null : HostText.Shown(value);
    }

    /// <summary>Gets the address of the bridge above, or null on a root bus.</summary>
    public string? Parent
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the kind of PCI Express function, or null for conventional PCI and when that is unknown.</summary>
    public PciePortType? PortType { get; init; }

    /// <summary>Gets whether the slot holds more than one function; null when that is unknown.</summary>
    public bool? IsMultifunction { get; init; }

    /// <summary>Gets Access Control Services; null when they are unknown (see <see cref="AcsUnknownReason"/>).</summary>
    public AcsCapability? Acs { get; init; }

    /// <summary>Gets why <see cref="Acs"/> is unknown, or null.</summary>
    public string? AcsUnknownReason
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether the ARI capability is there; null when that is unknown.</summary>
    public bool? HasAri { get; init; }

    /// <summary>Gets the SR-IOV capability and state of a physical function, or null.</summary>
    public SriovState? Sriov { get; init; }

    /// <summary>Gets the address of the physical function that a virtual one belongs to, or null.</summary>
    public string? PhysicalFunction
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>
    /// Gets what there is to say of giving the function to guests: on KVM settings that name it and are of no effect, or name
    /// too much; on Hyper-V first why it can be given to one or cannot.
    /// </summary>
    public IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the names of its network interfaces.</summary>
    public IReadOnlyList<string> NetworkInterfaces
    {
        get => HostText.Shown(InterfaceNames);
        init => InterfaceNames = TextList<string>.Of(value);
    }

    // The lines of the file resource that are the BARs of its virtual functions; none where the kernel does not show them.
    internal IReadOnlyList<string> VirtualBars
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Empty;

    // Whether it forwards ARI, for ports.
    internal AriForwarding? AriForwarding { get; init; }

    // The layout of its header: 0 of a function, 1 of a bridge, 2 of CardBus; null where its config space was not read.
    internal int? HeaderType { get; init; }

    // Whether its config space reads as all ones, as that of a device does that was lost on its bus.
    internal bool IsLost { get; init; }

    // Whether its driver is one of VFIO's, whatever it is called: it has the directory vfio-dev (Linux 6.1). Null where nobody looked.
    internal bool? HasVfioDevice { get; init; }

    // The number of the last bus below the bridge above it.
    internal int? LastBus { get; init; }

    // As the host has them, to be found in what else it says.
    internal IReadOnlyList<string> InterfaceNames { get; init; } = TextList<string>.Empty;

    /// <summary>Gets the names of its block devices, partitions left out.</summary>
    public IReadOnlyList<string> BlockDevices
    {
        get => HostText.Shown(DiskNames);
        init => DiskNames = TextList<string>.Of(value);
    }

    // As the host has them, to be found in what else it says.
    internal IReadOnlyList<string> DiskNames { get; init; } = TextList<string>.Empty;

    /// <summary>Gets what the host itself needs the function for; empty when nothing was found.</summary>
    public IReadOnlyList<HostUse> HostUses
    {
        get;
        init => field = TextList<HostUse>.Of(value);
    } = TextList<HostUse>.Empty;

    /// <summary>Gets whether the host itself needs the function; null on Windows, where nothing tells what its disks and networks rest on.</summary>
    public bool? IsUsedByHost => InstancePath is null ? HasHostUse : null;

    // Whether anything was found that the host needs it for.
    internal bool HasHostUse => HostUses.Count > 0;

    /// <summary>Gets the number of the IOMMU group, under the name of its column.</summary>
    [JsonIgnore]
    public int? Group => IommuGroup;

    /// <summary>Gets the names of vendor and device, each by its number where no id list knows it.</summary>
    [JsonIgnore]
    public string Name => NameOf(Vendor, VendorId, Device, DeviceId)!;

    /// <summary>Gets the class, the names and the ids, such as "Ethernet controller: Intel 82574L [8086:10d3]".</summary>
    [JsonIgnore]
    public string Description
    {
        get
        {
            string kind = Class ?? string.Create(CultureInfo.InvariantCulture, $"class {ClassCode:x6}");
            string[] names = Names(Vendor, Device);
            string ids = string.Create(CultureInfo.InvariantCulture, $"[{VendorId:x4}:{DeviceId:x4}]");
            return $"{kind}{(names.Length == 0 ? string.Empty : ":")} {string.Join(' ', [.. names, ids])}";
        }
    }

    /// <summary>Names a device by its vendor and itself, each by its number where it has no name.</summary>
    /// <param name="vendor">The vendor's name, or null.</param>
    /// <param name="vendorId">The vendor id, or null.</param>
    /// <param name="device">The device's name, or null.</param>
    /// <param name="deviceId">The device id, or null.</param>
    /// <returns>The names; null where none of these is known.</returns>
    internal static string? NameOf(string? vendor, ushort? vendorId, string? device, ushort? deviceId)
    {
        string[] names = Names(
            vendor ?? vendorId?.ToString("x4", CultureInfo.InvariantCulture),
            device ?? deviceId?.ToString("x4", CultureInfo.InvariantCulture)
        );
        return names.Length == 0 ? null : string.Join(' ', names);
    }

    // Windows begins the name of many devices with that of the vendor.
    private static string[] Names(string? vendor, string? device) =>
        [
            .. new[]
            {
                vendor is not null && device?.StartsWith(vendor, StringComparison.Ordinal) == true ? null : vendor,
                device,
            }.OfType<string>(),
        ];

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Address} {Driver ?? "-"} {Class ?? ClassCode.ToString("x6", CultureInfo.InvariantCulture)}";
}

/// <summary>The device/port type field of the PCI Express capability (PCI Express Base Specification, 7.5.3.2).</summary>
public enum PciePortType : long
{
    /// <summary>An endpoint.</summary>
    Endpoint = 0x0,

    /// <summary>An endpoint that keeps to legacy rules.</summary>
    LegacyEndpoint = 0x1,

    /// <summary>A root port.</summary>
    RootPort = 0x4,

    /// <summary>The upstream port of a switch.</summary>
    UpstreamPort = 0x5,

    /// <summary>A downstream port of a switch.</summary>
    DownstreamPort = 0x6,

    /// <summary>A bridge from PCI Express to conventional PCI.</summary>
    PcieToPciBridge = 0x7,

    /// <summary>A bridge from conventional PCI to PCI Express.</summary>
    PciToPcieBridge = 0x8,

    /// <summary>An endpoint inside the root complex.</summary>
    RootComplexEndpoint = 0x9,

    /// <summary>An event collector inside the root complex.</summary>
    RootComplexEventCollector = 0xA,
}

/// <summary>Access Control Services of one function.</summary>
/// <param name="IsPresent">Whether the function has the capability. One that has it without any flag is isolated by wiring.</param>
/// <param name="Capable">The services it has, by lspci's names: SrcValid, TransBlk, ReqRedir, CmpltRedir, UpstreamFwd, EgressCtrl, DirectTrans.</param>
/// <param name="Enabled">Those of them that are on.</param>
public sealed record AcsCapability(bool IsPresent, IReadOnlyList<string> Capable, IReadOnlyList<string> Enabled)
{
    /// <summary>Gets the services it has.</summary>
    public IReadOnlyList<string> Capable
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Capable);

    /// <summary>Gets those of them that are on.</summary>
    public IReadOnlyList<string> Enabled
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Enabled);

    /// <inheritdoc/>
    public override string ToString() => IsPresent ? $"enabled {Words(Enabled)}; capable {Words(Capable)}" : "none";

    private static string Words(IReadOnlyList<string> words) => words.Count == 0 ? "nothing" : string.Join(' ', words);
}

/// <summary>Whether a port forwards requests of functions beyond the eighth of a device (ARI Forwarding).</summary>
/// <param name="IsAble">Whether it can (Device Capabilities 2, bit 5).</param>
/// <param name="IsOn">Whether it does (Device Control 2, bit 5).</param>
internal sealed record AriForwarding(bool IsAble, bool IsOn)
{
    /// <inheritdoc/>
    public override string ToString() => $"DevCap2 ARIFwd{(IsAble ? '+' : '-')}, DevCtl2 ARIFwd{(IsOn ? '+' : '-')}";
}

/// <summary>A physical function's virtual functions.</summary>
/// <param name="TotalCount">How many it can have.</param>
/// <param name="Count">How many it has now.</param>
public sealed record SriovState(int TotalCount, int Count)
{
    /// <summary>Gets the routing-id distance from the function to its first virtual one, or null.</summary>
    public int? Offset { get; init; }

    /// <summary>Gets the routing-id distance between two virtual functions, or null.</summary>
    public int? Stride { get; init; }

    /// <summary>Gets the device id of the virtual functions, or null.</summary>
    public ushort? VirtualDeviceId { get; init; }

    /// <summary>Gets whether new virtual functions get a driver of the host at once; null when that is unknown.</summary>
    public bool? IsDriverAutoprobed { get; init; }

    /// <summary>Gets the addresses of the virtual functions, in their order.</summary>
    public IReadOnlyList<string> VirtualFunctions
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}/{TotalCount}");
}

/// <summary>One thing the host itself needs a device for.</summary>
/// <param name="Kind">RootFileSystem, MountedFileSystem, Swap, DefaultRoute, Connection, BootVga and so on.</param>
/// <param name="Evidence">The chain that shows it, such as <c>/ on dm-0 on nvme0n1p3</c>.</param>
public sealed record HostUse(string Kind, string Evidence)
{
    /// <summary>Gets rootFileSystem, MountedFileSystem, Swap, DefaultRoute, Connection, BootVga and so on.</summary>
    public string Kind
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Kind);

    /// <summary>Gets the chain that shows it, such as <c>/ on dm-0 on nvme0n1p3</c>.</summary>
    public string Evidence
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Evidence);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Evidence}";
}
