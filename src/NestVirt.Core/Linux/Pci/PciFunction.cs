using NestVirt.Model;

namespace NestVirt.Linux.Pci;

/// <summary>A PCI function while its lines are read.</summary>
/// <param name="address">Its address.</param>
/// <param name="text">Its address as it is written.</param>
internal sealed class PciFunction(PciAddress address, string text)
{
    private const ushort NoId = 0xFFFF;

    // The first of PCI_IOV_RESOURCES in include/linux/pci.h, after six BARs and the ROM; the file resource has a line for each.
    private const int FirstVirtualBar = 7;
    private const int VirtualBarCount = 6;

    private List<string>? _networkInterfaces;
    private List<string>? _blockDevices;
    private List<string>? _resources;

    public PciAddress Address { get; } = address;

    public string? Parent { get; init; }

    public int ClassCode { get; init; }

    public ushort VendorId { get; init; }

    public ushort DeviceId { get; init; }

    public ushort SubsystemVendorId { get; init; }

    public ushort SubsystemDeviceId { get; init; }

    public byte? Revision { get; init; }

    public int? NumaNode { get; init; }

    public bool IsBootVga { get; init; }

    public string? Driver { get; set; }

    public string? DriverOverride { get; set; }

    public int? IommuGroup { get; set; }

    public string? PhysicalFunction { get; set; }

    public SriovState? Sriov { get; set; }

    public IReadOnlyList<string>? ResetMethods { get; set; }

    public int? LastBus { get; set; }

    public bool? HasVfioDevice { get; set; }

    public void AddNetworkInterface(string name) => (_networkInterfaces ??= []).Add(name);

    public void AddBlockDevice(string name) => (_blockDevices ??= []).Add(name);

    public void AddResource(ReadOnlySpan<char> line) => (_resources ??= []).Add(line.ToString());

    public PciDevice ToDevice(bool isResetMethodKnown)
    {
        // A vendor of zero, as a bridge without the capability has it, names nobody.
        bool hasSubsystem = SubsystemVendorId is not (0 or NoId);
        return new PciDevice(text, ClassCode, VendorId, DeviceId)
        {
            SubsystemVendorId = hasSubsystem ? SubsystemVendorId : null,
            SubsystemDeviceId = hasSubsystem ? SubsystemDeviceId : null,
            Revision = Revision,
            Driver = Driver,
            DriverOverride = DriverOverride,
            NumaNode = NumaNode < 0 ? null : NumaNode,
            IommuGroup = IommuGroup,
            IsBootVga = IsBootVga,
            ResetMethods = ResetMethods ?? (isResetMethodKnown ? [] : null),
            Parent = Parent,
            Sriov = Sriov,
            VirtualBars = _resources is null ? [] : [.. _resources.Skip(FirstVirtualBar).Take(VirtualBarCount)],
            LastBus = LastBus,
            HasVfioDevice = HasVfioDevice,
            PhysicalFunction = PhysicalFunction,
            NetworkInterfaces = Ordered(_networkInterfaces),
            BlockDevices = Ordered(_blockDevices),
        };
    }

    private static IReadOnlyList<string> Ordered(List<string>? names) =>
        names is null ? [] : [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
