using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

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

    /// <summary>Gets a value indicating whether the virtual machine owns a virtual function of the device, and not the device itself.</summary>
    public bool IsVirtualFunction { get; init; }

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

    /// <summary>Gets the first of address, location path and instance path that is known, or null: what a command takes for the device.</summary>
    [JsonIgnore]
    public string? Place => Address ?? LocationPath ?? InstancePath;

    /// <inheritdoc/>
    public override string ToString() => $"{VmName}: {Place ?? "unknown"}";
}
