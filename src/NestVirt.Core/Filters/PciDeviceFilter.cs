using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps PCI functions.</summary>
/// <param name="addresses">The addresses; the domain may be left out.</param>
/// <param name="classes">The classes, by name, part of a name, or the first digits of the code.</param>
/// <param name="drivers">The drivers; <c>none</c> is that of a function without one.</param>
/// <param name="vendors">The vendors, by name, part of a name, or id.</param>
/// <param name="isolated">Whether only functions are kept that are alone in their IOMMU group, bridges aside.</param>
public sealed class PciDeviceFilter(
    IEnumerable<string>? addresses,
    IEnumerable<string>? classes,
    IEnumerable<string>? drivers,
    IEnumerable<string>? vendors,
    bool isolated
) : ResultFilter<PciDevice>
{
    private readonly WantedWords _addresses = new("the address", addresses ?? []);
    private readonly WantedWords _classes = new("the class", classes ?? []);
    private readonly WantedWords _drivers = PciWords.Drivers(drivers ?? []);
    private readonly WantedWords _vendors = new("the vendor", vendors ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing =>
        [.. _addresses.Missing, .. _classes.Missing, .. _drivers.Missing, .. _vendors.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<PciDevice> Keep(IReadOnlyList<PciDevice> results)
    {
        HashSet<int> single = isolated ? Single(results) : [];
        return
        [
            .. results.Where(device =>
                _addresses.FitAddress(device.Address)
                & _classes.FitClass(device)
                & _drivers.FitDriver(device)
                & _vendors.FitVendor(device)
                & (!isolated || (device is { IsBridge: false, IommuGroup: int group } && single.Contains(group)))
            ),
        ];
    }

    private static HashSet<int> Single(IReadOnlyList<PciDevice> devices) =>
        [
            .. devices
                .Where(static device => device is { IsBridge: false, IommuGroup: not null })
                .GroupBy(static device => device.IommuGroup!.Value)
                .Where(static group => group.Count() == 1)
                .Select(static group => group.Key),
        ];
}
