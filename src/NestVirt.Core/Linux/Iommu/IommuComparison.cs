using System.Globalization;
using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Compares two looks at the IOMMU groups of a host by the company that devices keep, never by group numbers.</summary>
internal static class IommuComparison
{
    /// <summary>Compares the groups.</summary>
    /// <param name="before">The groups of the earlier look.</param>
    /// <param name="after">The groups of the later look.</param>
    /// <param name="referenceName">The name of the earlier look.</param>
    /// <param name="target">The host or snapshot of the later look.</param>
    /// <returns>
    /// The devices that came, went, or keep other company, ordered by address; or, when just one look has any groups,
    /// that the IOMMU was turned on or off.
    /// </returns>
    public static IReadOnlyList<IommuDifference> Compare(
        IReadOnlyList<IommuGroup> before,
        IReadOnlyList<IommuGroup> after,
        string referenceName,
        HostTarget target
    )
    {
        if (before.Count == 0 != (after.Count == 0))
        {
            return [Turned(before, after, referenceName, target)];
        }

        IReadOnlyDictionary<string, string> addressNow = DeviceIdentities.Match(
            before.SelectMany(static group => group.Devices),
            after.SelectMany(static group => group.Devices)
        );
        Dictionary<string, (PciDevice Device, IommuGroup Group)> old = [];
        foreach (IommuGroup group in before)
        {
            foreach (PciDevice device in group.Devices)
            {
                // Known by its address now; one that left has none, and keeps a name that no address can be.
                old.TryAdd(NameNow(device.Address, addressNow), (device, group));
            }
        }

        List<IommuDifference> differences = [];
        foreach (IommuGroup group in after)
        {
            differences.AddRange(
                group
                    .Devices.Select(device =>
                        Compare(
                            device,
                            group,
                            old.TryGetValue(device.Address, out (PciDevice, IommuGroup) previous) ? previous : null,
                            addressNow
                        )
                    )
                    .OfType<IommuDifference>()
            );
        }

        differences.AddRange(
            old.Values.Where(place => !addressNow.ContainsKey(place.Device.Address))
                .Select(place => Gone(place.Device, place.Group))
        );
        return
        [
            .. differences
                .OrderBy(static difference =>
                    PciAddress.TryParse(difference.Address, out PciAddress address) ? address : default
                )
                .Select(difference => difference with { ReferenceName = referenceName, Target = target }),
        ];
    }

    private static IommuDifference Turned(
        IReadOnlyList<IommuGroup> before,
        IReadOnlyList<IommuGroup> after,
        string referenceName,
        HostTarget target
    )
    {
        (IommuChange change, IReadOnlyList<IommuGroup> groups) =
            before.Count == 0 ? (IommuChange.TurnedOn, after) : (IommuChange.TurnedOff, before);
        int devices = groups.Sum(static group => group.Devices.Count + group.OtherDevices.Count);
        return new IommuDifference(change, Address: null)
        {
            ReferenceName = referenceName,
            Target = target,
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{devices} device{(devices == 1 ? string.Empty : "s")} in {groups.Count} group{(groups.Count == 1 ? string.Empty : "s")}"
            ),
        };
    }

    private static string NameNow(string address, IReadOnlyDictionary<string, string> addressNow) =>
        addressNow.TryGetValue(address, out string? now) ? now : Departed(address);

    private static string Departed(string address) => $"-{address}";

    private static IommuDifference? Compare(
        PciDevice device,
        IommuGroup group,
        (PciDevice Device, IommuGroup Group)? previous,
        IReadOnlyDictionary<string, string> addressNow
    )
    {
        string[] company = [.. Company(group, device.Address)];
        string[] companyBefore = previous is { } known
            ?
            [
                .. Company(known.Group, known.Device.Address)
                    .Select(name => IsAddress(name) ? NameNow(name, addressNow) : name),
            ]
            : [];
        string[] gained = [.. company.Except(companyBefore, StringComparer.Ordinal)];
        string[] lost =
        [
            .. companyBefore.Except(company, StringComparer.Ordinal).Select(static name => name.TrimStart('-')),
        ];
        return previous is not null && gained.Length + lost.Length == 0
            ? null
            : new IommuDifference(previous is null ? IommuChange.Joined : IommuChange.Moved, device.Address)
            {
                ReferenceName = string.Empty,
                PreviousAddress = previous?.Device.Address,
                PreviousGroup = previous?.Group.Number,
                Group = group.Number,
                Gained = gained,
                Lost = lost,
                Description = Title(device),
            };
    }

    private static IommuDifference Gone(PciDevice device, IommuGroup group) =>
        new(IommuChange.Left, device.Address)
        {
            ReferenceName = string.Empty,
            PreviousAddress = device.Address,
            PreviousGroup = group.Number,
            Lost = [.. Company(group, device.Address)],
            Description = Title(device),
        };

    private static IEnumerable<string> Company(IommuGroup group, string address) =>
        group
            .Devices.Select(static device => device.Address)
            .Where(other => other != address)
            .Concat(group.OtherDevices);

    private static bool IsAddress(string name) => PciAddress.TryParse(name, out _);

    private static string Title(PciDevice device) =>
        string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(' ', new[] { device.Vendor, device.Device }.OfType<string>())} [{device.VendorId:x4}:{device.DeviceId:x4}]"
            )
            .TrimStart();
}
