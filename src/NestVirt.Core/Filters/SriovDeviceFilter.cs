using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps functions that can have virtual ones.</summary>
/// <param name="addresses">Their addresses; the domain may be left out.</param>
public sealed class SriovDeviceFilter(IEnumerable<string>? addresses) : ResultFilter<SriovDevice>
{
    private readonly WantedWords _addresses = new("the address", addresses ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing => [.. _addresses.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<SriovDevice> Keep(IReadOnlyList<SriovDevice> results) =>
        [.. results.Where(device => _addresses.FitAddress(device.Address))];
}
