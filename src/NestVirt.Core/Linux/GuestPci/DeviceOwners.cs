using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestPci;

/// <summary>Which guests of a host have which of its devices.</summary>
/// <param name="all">All devices of all guests.</param>
internal sealed class DeviceOwners(IReadOnlyList<OwnedDevice> all)
{
    private readonly ILookup<PciAddress, OwnedDevice> _byAddress = all.Where(static owned => owned.Address is not null)
        .ToLookup(static owned => owned.Address!.Value);

    private readonly ILookup<string, OwnedDevice> _byPart = all.Where(static owned =>
            owned.Device is { IsWhole: false, IsNamed: true, Part: not null }
        )
        .ToLookup(static owned => owned.Device.Part!, StringComparer.Ordinal);

    /// <summary>Says which others have the device of a guest.</summary>
    /// <param name="owned">The device.</param>
    /// <param name="members">The other functions of its IOMMU group.</param>
    /// <returns>The findings.</returns>
    internal IEnumerable<Finding> Assess(OwnedDevice owned, IReadOnlyCollection<PciDevice> members)
    {
        OwnedDevice[] others = [.. Others(owned)];
        OwnedDevice[] running = [.. others.Where(static other => other.IsAttached == true)];
        OwnedDevice[] alike = [.. running.Where(other => other.Device.IsWhole == owned.Device.IsWhole)];
        if (owned.IsWaiting && alike.Length > 0)
        {
            yield return SharedDeviceFindings.RunsElsewhere(Names(alike));
        }
        else if (owned.IsWaiting && owned.IsTakenFromHost && running.Length > 0)
        {
            yield return SharedDeviceFindings.PartsGo(owned.Address!.Value, Names(running));
        }

        if (owned.IsWaiting && owned.Device.IsWhole)
        {
            OwnedDevice[] beside =
            [
                .. members
                    .SelectMany(OwnersOf)
                    .Where(other =>
                        other.Guest.Id != owned.Guest.Id && other is { IsAttached: true, Device.IsWhole: true }
                    ),
            ];
            if (beside.Length > 0 && running.Length == 0)
            {
                yield return SharedDeviceFindings.GroupElsewhere(Names(beside), beside[0].Address!.Value);
            }
        }

        OwnedDevice[] own =
        [
            .. members
                .SelectMany(OwnersOf)
                .Concat(owned.Device.IsWhole ? _byAddress[owned.Address!.Value] : [])
                .Where(other => other.Guest.Id == owned.Guest.Id && other != owned && other.Device.IsWhole)
                .Where(other => other.IsDefined == true && (owned.Device.OpensGroup || other.Device.OpensGroup)),
        ];
        if (owned.IsWaiting && owned.Device.IsWhole && own.Length > 0)
        {
            yield return SharedDeviceFindings.OpenedTwice(owned, own);
        }

        HashSet<string> now = [.. running.Select(static other => other.Guest.Id)];
        OwnedDevice[] defined = [.. others.Where(other => other.IsDefined == true && !now.Contains(other.Guest.Id))];
        if (owned.IsDefined == true && defined.Length > 0)
        {
            yield return defined.Any(other => other.Device.IsWhole == owned.Device.IsWhole)
                ? SharedDeviceFindings.DefinedElsewhere(Names(defined))
                : SharedDeviceFindings.PartsElsewhere(Names(defined));
        }
        else if (owned.IsDefined == true && owned.Device.IsWhole)
        {
            OwnedDevice[] waiting =
            [
                .. members
                    .SelectMany(OwnersOf)
                    .Where(other =>
                        other.Guest.Id != owned.Guest.Id
                        && other is { IsDefined: true, IsAttached: not true, Device.IsWhole: true }
                    ),
            ];
            if (waiting.Length > 0)
            {
                yield return SharedDeviceFindings.GroupDefinedElsewhere(Names(waiting), waiting[0].Address!.Value);
            }
        }
    }

    /// <summary>Finds the guests that run with the whole of a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>Their names; null where there are none.</returns>
    internal string? RunningWith(PciDevice device)
    {
        OwnedDevice[] found =
        [
            .. OwnersOf(device).Where(static owned => owned is { IsAttached: true, Device.IsWhole: true }),
        ];
        return found.Length == 0 ? null : Names(found);
    }

    /// <summary>Finds the guests that run with a virtual function of a physical one.</summary>
    /// <param name="physical">The physical function.</param>
    /// <param name="owner">The guest that is not meant.</param>
    /// <returns>Their names; null where there are none.</returns>
    internal string? RunningWithVirtual(PciDevice physical, LibvirtGuest owner)
    {
        OwnedDevice[] found =
        [
            .. (physical.Sriov?.VirtualFunctions ?? [])
                .SelectMany(address => PciAddress.TryParse(address, out PciAddress known) ? _byAddress[known] : [])
                .Where(other => other.IsAttached == true && other.Guest.Id != owner.Id),
        ];
        return found.Length == 0 ? null : Names(found);
    }

    // Guests may have parts of one device side by side; namespaces of one NVMe controller go with the whole of it.
    private IEnumerable<OwnedDevice> Others(OwnedDevice owned) =>
        (
            owned.Device.IsWhole ? _byAddress[owned.Address!.Value]
            : owned.Device is { IsNamed: true, Part: { } part } ? _byPart[part]
            : []
        ).Where(other => other.Guest.Id != owned.Guest.Id);

    private IEnumerable<OwnedDevice> OwnersOf(PciDevice device) =>
        PciAddress.TryParse(device.Address, out PciAddress address) ? _byAddress[address] : [];

    private static string Names(IEnumerable<OwnedDevice> owners) =>
        WordList.Short(
            [.. owners.DistinctBy(static owned => owned.Guest.Id)],
            static owned => HostText.ForDisplay(owned.Guest.Name, 60)
        );
}
