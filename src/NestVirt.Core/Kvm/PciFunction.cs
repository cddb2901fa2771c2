using NestVirt.Model;

namespace NestVirt.Kvm;

/// <summary>A PCI function while its lines are read.</summary>
/// <param name="address">Its address.</param>
internal sealed class PciFunction(PciAddress address)
{
    private const ushort NoId = 0xFFFF;

    private string[]? _resetMethods;

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

    public SortedSet<string> NetworkInterfaces { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> BlockDevices { get; } = new(StringComparer.Ordinal);

    public bool HasResetMethods => _resetMethods is not null;

    public void SetResetMethods(ReadOnlySpan<char> words) =>
        _resetMethods = words.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public PciDevice ToDevice(bool isResetMethodKnown)
    {
        // A vendor of zero, as a bridge without the capability has it, names nobody.
        bool hasSubsystem = SubsystemVendorId is not (0 or NoId);
        return new PciDevice(Address.ToString(), ClassCode, VendorId, DeviceId)
        {
            SubsystemVendorId = hasSubsystem ? SubsystemVendorId : null,
            SubsystemDeviceId = hasSubsystem ? SubsystemDeviceId : null,
            Revision = Revision,
            Driver = Driver,
            DriverOverride = DriverOverride,
            NumaNode = NumaNode < 0 ? null : NumaNode,
            IommuGroup = IommuGroup,
            IsBootVga = IsBootVga,
            ResetMethods = _resetMethods ?? (isResetMethodKnown ? [] : null),
            Parent = Parent,
            Sriov = Sriov,
            PhysicalFunction = PhysicalFunction,
            NetworkInterfaces = [.. NetworkInterfaces],
            BlockDevices = [.. BlockDevices],
        };
    }
}
