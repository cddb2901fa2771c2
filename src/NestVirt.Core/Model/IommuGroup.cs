using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>Devices that the IOMMU cannot isolate from one another.</summary>
/// <param name="Number">The group number that the kernel assigned.</param>
/// <param name="Devices">The member devices, ordered by address.</param>
public sealed record IommuGroup(int Number, IReadOnlyList<PciDevice> Devices)
{
    /// <summary>Gets the member devices, ordered by address.</summary>
    public IReadOnlyList<PciDevice> Devices
    {
        get;
        init => field = TextList<PciDevice>.Of(value);
    } = TextList<PciDevice>.Of(Devices);

    /// <summary>Gets the host that reported the group.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the type of the default domain: DMA, DMA-FQ, identity, blocked, unmanaged; null when it is unknown.</summary>
    public string? Type
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the regions that must not be mapped, as the kernel lists them.</summary>
    public IReadOnlyList<ReservedRegion> ReservedRegions
    {
        get;
        init => field = TextList<ReservedRegion>.Of(value);
    } = TextList<ReservedRegion>.Empty;

    /// <summary>Gets the names of members that are no PCI functions, such as platform devices.</summary>
    public IReadOnlyList<string> OtherDevices
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets a value indicating whether one device can be passed through without any other.</summary>
    public bool IsIsolated => Devices.Count(static device => !device.IsBridge) == 1;

    /// <summary>Gets whether a guest could be given the group now, by VFIO's own rule; null where nothing is to be given, and where that is unknown.</summary>
    public required bool? IsViable { get; init; }

    /// <summary>Gets why the devices share the group, and what keeps the group from being viable.</summary>
    public required IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    }

    /// <summary>Gets the number, under the name of its column.</summary>
    [JsonIgnore]
    public int Group => Number;

    /// <summary>Gets <see cref="IsIsolated"/>, under the name of its column.</summary>
    [JsonIgnore]
    public bool Isolated => IsIsolated;

    /// <summary>Gets <see cref="IsViable"/>, under the name of its column.</summary>
    [JsonIgnore]
    public bool? Viable => IsViable;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{HostName} group {Number}");
}

/// <summary>A range of IO virtual addresses that must not be mapped.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">The last address.</param>
/// <param name="Kind">direct, direct-relaxable, reserved or msi.</param>
public sealed record ReservedRegion(ulong Start, ulong End, string Kind)
{
    /// <summary>Gets direct, direct-relaxable, reserved or msi.</summary>
    public string Kind
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Kind);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start:x8}-{End:x8} {Kind}");
}
