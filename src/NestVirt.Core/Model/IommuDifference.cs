using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>What happened to a device between two looks at a host's IOMMU groups.</summary>
public enum IommuChange : long
{
    /// <summary>The device was not there before.</summary>
    Joined,

    /// <summary>The device is gone.</summary>
    Left,

    /// <summary>The device shares its group with other devices than before.</summary>
    Moved,

    /// <summary>The host has IOMMU groups and had none: its devices are not listed one by one.</summary>
    TurnedOn,

    /// <summary>The host has no IOMMU groups and had some: its devices are not listed one by one.</summary>
    TurnedOff,
}

/// <summary>One device whose company changed, or the IOMMU itself.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Address">The device's address after the change; before it, for one that left; null of the IOMMU itself.</param>
public sealed record IommuDifference(IommuChange Change, string? Address)
{
    /// <summary>Gets the device's address after the change; before it, for one that left; null of the IOMMU itself.</summary>
    public string? Address
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Address);

    /// <summary>Gets the name of the look before.</summary>
    public required string ReferenceName
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the host or snapshot of the look after.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the device's address before, or null for one that joined.</summary>
    public string? PreviousAddress
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the number of the group before, or null.</summary>
    public int? PreviousGroup { get; init; }

    /// <summary>Gets the number of the group after, or null.</summary>
    public int? Group { get; init; }

    /// <summary>Gets the devices that it shares its group with now and did not before.</summary>
    public IReadOnlyList<string> Gained
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets the devices that it shared its group with before and does not now.</summary>
    public IReadOnlyList<string> Lost
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets the device's names, or how many devices and groups are concerned, for people.</summary>
    public string? Description
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the groups before and after, such as "2 -> 14"; null of the IOMMU itself.</summary>
    [JsonIgnore]
    public string? Groups =>
        Address is null
            ? null
            : $"{PreviousGroup?.ToString(CultureInfo.InvariantCulture) ?? "-"} -> {Group?.ToString(CultureInfo.InvariantCulture) ?? "-"}";

    /// <summary>Gets what company a device gained and lost, each with its sign; of the IOMMU itself, how much it concerns.</summary>
    [JsonIgnore]
    public string? Company =>
        Address is null
            ? Description
            : string.Join(
                ' ',
                Gained.Select(static address => $"+{address}").Concat(Lost.Select(static address => $"-{address}"))
            );

    /// <inheritdoc/>
    public override string ToString() => $"{HostName} {Change} {Address ?? Description}";
}
