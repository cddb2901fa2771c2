using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Asks for the driver of a PCI device.</summary>
/// <param name="Address">The address, such as 0000:01:00.0.</param>
/// <param name="Driver">The driver, such as vfio-pci; null for the one that the host would choose.</param>
public sealed record PciDriverRequest(string Address, string? Driver) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => Driver is null ? $"give {Address} back to the host" : $"bind {Address} to {Driver}";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetDriver,
            [(CommandArgument.Address, Address), .. Driver is null ? [] : new[] { (CommandArgument.Driver, Driver) }],
            (ChangeSwitch.HostDriver, Driver is null),
            (ChangeSwitch.WholeGroup, WholeGroup),
            (ChangeSwitch.Temporary, IsTemporary)
        );

    /// <summary>Gets a value indicating whether the driver holds only until the next boot.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Gets a value indicating whether the other devices of its IOMMU group are bound, too.</summary>
    public bool WholeGroup { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [.. PciFaults.OfAddress(Address), .. PciFaults.OfDriver(Driver)];
}
