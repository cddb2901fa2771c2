using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>How a virtual machine has a PCI device of its host, or a part of it.</summary>
public enum VmPciKind : long
{
    /// <summary>It is given the device; on Hyper-V always so.</summary>
    Device,

    /// <summary>It is given a virtual function whose MAC address and VLAN the host sets, as a network adapter.</summary>
    NetworkAdapter,

    /// <summary>The program that runs it drives an NVMe controller, of which it sees a namespace as a disk.</summary>
    Disk,

    /// <summary>It has a mediated device, which the host's driver makes of the device, as of a graphics card.</summary>
    MediatedDevice,

    /// <summary>It has a vDPA device, which the host's driver makes of the device, as of a network card.</summary>
    Vdpa,

    /// <summary>The command line of QEMU gives it the device, past libvirt.</summary>
    CommandLine,

    /// <summary>Its definition could not be read, so that it may own devices that are not listed.</summary>
    Unknown,
}

/// <summary>A PCI device of a host that a virtual machine owns, be it running or off.</summary>
/// <param name="Target">The host.</param>
public sealed record VmPciDevice([property: JsonIgnore] HostTarget Target)
{
    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets what people call the virtual machine; others may be called so too.</summary>
    public required string VmName
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what names the virtual machine on its host alone: a GUID, or a UUID.</summary>
    public required string VmId
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what the virtual machine is doing.</summary>
    public VmState State { get; init; }

    /// <summary>Gets how the virtual machine has it.</summary>
    public VmPciKind Kind { get; init; }

    /// <summary>Gets whether the virtual machine runs with it now; on KVM alone, and null when that is unknown.</summary>
    public bool? IsAttached { get; init; }

    /// <summary>Gets whether the virtual machine is started with it the next time; null when that is unknown, as where a network gives what is free.</summary>
    public bool? IsDefined { get; init; }

    /// <summary>Gets whether that changes when the virtual machine is shut down and started; on KVM alone, and null where it does not run or that is unknown.</summary>
    public bool? IsRestartPending { get; init; }

    /// <summary>Gets whether its host takes it from its driver when the virtual machine starts, and gives it back; on KVM alone, and null where nobody does or that is unknown.</summary>
    public bool? IsManaged { get; init; }

    /// <summary>Gets the address of the device on the host, as sysfs writes it; null when it is unknown.</summary>
    public string? Address
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the path of its slot, by which Hyper-V's own commands name it, or null.</summary>
    public string? LocationPath
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the path of the device in Plug and Play of a Windows host, or null.</summary>
    public string? InstancePath
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the vendor's name, or null.</summary>
    public string? Vendor
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the device's name, or null.</summary>
    public string? Device
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the vendor id, or null.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>Gets the device id, or null.</summary>
    public ushort? DeviceId { get; init; }

    /// <summary>Gets what the virtual machine has of the device: the UUID of a mediated device, the name of a vDPA device's file, the namespace of an NVMe controller; null where it has the whole, and on Hyper-V.</summary>
    public string? Part
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the driver that has the device on the host now; null when none has, and on Hyper-V.</summary>
    public string? Driver
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the driver that the virtual machine's definition asks for, such as vfio or mlx5_vfio_pci; null where it asks for none.</summary>
    public string? RequestedDriver
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the number of the device's IOMMU group, or null.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>Gets the address of the physical function that a virtual one belongs to, on KVM, or null.</summary>
    public string? PhysicalFunction
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the MAC address that the host gives it, on KVM, or null.</summary>
    public string? MacAddress
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the VLANs that the host puts it into, on KVM.</summary>
    public IReadOnlyList<int> Vlans
    {
        get;
        init => field = TextList<int>.Of(value);
    } = TextList<int>.Empty;

    /// <summary>Gets the network of libvirt that gives it out of a pool, or null.</summary>
    public string? Network
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the group of ports of that network, or null.</summary>
    public string? PortGroup
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the PCI address that the virtual machine sees, on KVM, or null.</summary>
    public string? GuestAddress
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether the virtual machine sees it as one function of several; null where nothing is said.</summary>
    public bool? IsMultifunction { get; init; }

    /// <summary>Gets its place among what the virtual machine is booted from, or null.</summary>
    public int? BootOrder { get; init; }

    /// <summary>Gets whether the virtual machine sees the device's ROM; null where nothing is said.</summary>
    public bool? IsRomShown { get; init; }

    /// <summary>Gets the file that the virtual machine sees in the place of the device's ROM, or null.</summary>
    public string? RomFile
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether what the virtual machine owns is a virtual function; null when that is unknown, as of a device that the host does not have.</summary>
    public bool? IsVirtualFunction { get; init; }

    /// <summary>Gets whether the host still has the device; null when that is unknown.</summary>
    public bool? IsKnownToHost { get; init; }

    /// <summary>Gets what deserves attention; the gravest first.</summary>
    public IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the names of vendor and device, each by its number where it has none; null where neither is known.</summary>
    [JsonIgnore]
    public string? Name => PciDevice.NameOf(Vendor, VendorId, Device, DeviceId);

    /// <summary>Gets the first of address, location path, instance path and part that is known, or null: what a command takes for the device.</summary>
    [JsonIgnore]
    public string? Place => Address ?? LocationPath ?? InstancePath ?? Part;

    /// <inheritdoc/>
    public override string ToString() => $"{VmName}: {Place ?? "unknown"}";
}
