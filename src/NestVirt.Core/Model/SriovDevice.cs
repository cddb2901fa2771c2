using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>A physical function that can have virtual functions.</summary>
/// <param name="Address">Its PCI address.</param>
/// <param name="State">Its virtual functions; null where the host does not tell how many it can have, or has.</param>
public sealed record SriovDevice(string Address, SriovState? State)
{
    /// <summary>Gets its PCI address.</summary>
    public string Address
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Address);

    /// <summary>Gets the host.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the function itself.</summary>
    public required PciDevice Device { get; init; }

    /// <summary>Gets the virtual functions, in their order.</summary>
    public IReadOnlyList<PciDevice> VirtualFunctions
    {
        get;
        init => field = TextList<PciDevice>.Of(value);
    } = TextList<PciDevice>.Empty;

    /// <summary>Gets why it has no virtual functions, or fewer than are asked for, and what has them made at boot.</summary>
    public IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the number of virtual functions it can have; null when that is unknown.</summary>
    public int? TotalCount { get; init; } = State?.TotalCount;

    /// <summary>Gets the number of virtual functions it has now; null when that is unknown.</summary>
    public int? Count { get; init; } = State?.Count;

    /// <summary>Gets the name of the driver, or null.</summary>
    public string? Driver => Device.Driver;

    /// <summary>Gets the number of virtual functions it has now, under the name of its column.</summary>
    [JsonIgnore]
    public int? VFs => Count;

    /// <summary>Gets the names of vendor and device.</summary>
    [JsonIgnore]
    public string Name => Device.Name;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{HostName} {Address} {Count?.ToString(CultureInfo.InvariantCulture) ?? "?"}/{TotalCount?.ToString(CultureInfo.InvariantCulture) ?? "?"}"
        );
}
