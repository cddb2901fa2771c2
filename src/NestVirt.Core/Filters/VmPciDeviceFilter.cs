using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps PCI devices of virtual machines.</summary>
/// <param name="names">The names or ids of the virtual machines; * and ? stand for other characters.</param>
public sealed class VmPciDeviceFilter(IEnumerable<string>? names) : ResultFilter<VmPciDevice>
{
    private readonly WantedWords _names = new("a PCI device of a virtual machine", names ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing =>
        [
            .. _names.Missing.Select(static missing =>
                missing with
                {
                    Remedy = "The host has no virtual machine of that name or id, or it owns no PCI device.",
                }
            ),
        ];

    /// <inheritdoc/>
    public override IReadOnlyList<VmPciDevice> Keep(IReadOnlyList<VmPciDevice> results) =>
        [.. results.Where(device => _names.Fit(device.VmName, device.VmId))];
}
