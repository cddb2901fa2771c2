using NestVirt.Model;

namespace NestVirt.Linux.Guests;

/// <summary>A PCI device of the host, or what is made of one, in the definition of a guest.</summary>
/// <remarks>The elements are those of libvirt's formatdomain page.</remarks>
/// <param name="Kind">How the guest has it.</param>
internal sealed record GuestDevice(VmPciKind Kind)
{
    /// <summary>Gets its address on the host; null where the definition does not say it, or not so that it can be read.</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Gets what of the device it is: the UUID of a mediated device, the file of a vDPA device, the namespace of an NVMe controller; null where it is the whole.</summary>
    public string? Part { get; init; }

    /// <summary>Gets whether libvirt takes it from the host's driver and gives it back; null where that was not told, and where libvirt does neither.</summary>
    public bool? IsManaged { get; init; }

    /// <summary>Gets the driver that is asked for: vfio or kvm, or a driver of VFIO's such as mlx5_vfio_pci; null where none is.</summary>
    public string? Driver { get; init; }

    /// <summary>Gets the address that the guest sees, or null.</summary>
    public PciAddress? GuestAddress { get; init; }

    /// <summary>Gets whether the guest sees it as a function of several; null where nothing is said.</summary>
    public bool? IsMultifunction { get; init; }

    /// <summary>Gets its place among what the guest is booted from, or null.</summary>
    public int? BootOrder { get; init; }

    /// <summary>Gets whether the guest sees its ROM; null where nothing is said.</summary>
    public bool? IsRomShown { get; init; }

    /// <summary>Gets the file that the guest sees in the place of its ROM, or null.</summary>
    public string? RomFile { get; init; }

    /// <summary>Gets the MAC address that libvirt gives it, or null.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Gets the VLANs that libvirt puts it into.</summary>
    public IReadOnlyList<int> Vlans { get; init; } = [];

    /// <summary>Gets a value indicating whether the guest has the function itself.</summary>
    internal bool IsWhole => Kind is not (VmPciKind.MediatedDevice or VmPciKind.Vdpa) && Address is not null;

    /// <summary>Gets a value indicating whether QEMU opens its IOMMU group for it alone: its driver of NVMe does, for each disk (util/vfio-helpers.c).</summary>
    internal bool OpensGroup =>
        Kind == VmPciKind.Disk || (Kind == VmPciKind.CommandLine && Address is not null && Part is not null);

    /// <summary>Gets what tells whether two definitions mean the same.</summary>
    internal (PciAddress?, string?, int) Key => (IsWhole ? Address : null, Part, Number);

    /// <summary>Gets a value indicating whether its definition says which device it is, so that it can be read.</summary>
    internal bool IsNamed =>
        Kind is VmPciKind.MediatedDevice or VmPciKind.Vdpa ? Part is not null
        : Kind is VmPciKind.CommandLine ? Address is not null || Part is not null
        : Address is not null;

    /// <summary>Gets its place among the devices of its definition that nothing names, from 1; 0 where it is named.</summary>
    internal int Number { get; init; }
}

/// <summary>An adapter of a network of libvirt.</summary>
/// <param name="MacAddress">Its MAC address; null where that was not told.</param>
/// <param name="Network">The network; null where that was not told.</param>
/// <param name="PortGroup">The group of ports, or null.</param>
/// <param name="Vlans">The VLANs that are asked for.</param>
internal sealed record GuestNetwork(string? MacAddress, string? Network, string? PortGroup, IReadOnlyList<int> Vlans);
