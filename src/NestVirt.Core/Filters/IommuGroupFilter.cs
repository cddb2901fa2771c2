using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps IOMMU groups.</summary>
/// <param name="numbers">The numbers of the groups.</param>
/// <param name="addresses">The addresses of which a group must hold one; the domain may be left out.</param>
/// <param name="isolated">Whether only groups with a single function are kept, bridges aside.</param>
/// <param name="viable">Whether only groups are kept that a guest could be given now.</param>
public sealed class IommuGroupFilter(
    IReadOnlyCollection<int>? numbers,
    IEnumerable<string>? addresses,
    bool isolated,
    bool viable
) : ResultFilter<IommuGroup>
{
    private readonly WantedNumbers _numbers = new("the group", numbers ?? []);
    private readonly WantedWords _addresses = new("the address", addresses ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing => [.. _addresses.Missing, .. _numbers.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<IommuGroup> Keep(IReadOnlyList<IommuGroup> results) =>
        [
            .. results.Where(group =>
                _numbers.Has(group.Number)
                & HasAddress(group)
                & (!isolated || group.IsIsolated)
                & (!viable || group.IsViable == true)
            ),
        ];

    /// <inheritdoc/>
    public override Finding? FindNote(IReadOnlyList<IommuGroup> results) =>
        results.Count > 0
            ? null
            : new Finding(FindingCodes.IommuOff, Severity.Warning, "The IOMMU is off, so that there are no groups.")
            {
                Remedy = Advice.Of($"{OwnCommand.Support} says why, and {OwnCommand.EnableIommu} turns it on."),
            };

    // Every function is looked at, since each may be the one that an address means.
    private bool HasAddress(IommuGroup group) =>
        group.Devices.Aggregate(_addresses.IsEmpty, (has, device) => _addresses.FitAddress(device.Address) || has);
}
