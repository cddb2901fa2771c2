using System.Globalization;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Linux.GuestPci;

/// <summary>Weighs whether a guest can have a device, and what comes of that.</summary>
/// <remarks>
/// What stands against a start is looked for where the start is to give a guest a device that it does not run with: one that it runs with
/// it was given. The host is weighed as libvirt leaves it for the start, with vfio-pci on what it manages (src/hypervisor/virhostdev.c).
/// </remarks>
internal static class DeviceVerdicts
{
    private const string Vfio = "vfio-pci";

    /// <summary>Weighs a device of a guest.</summary>
    /// <param name="owned">The device.</param>
    /// <param name="device">What the host says of it; null where the host does not have it, or that is not known.</param>
    /// <param name="owners">Which guests have which devices.</param>
    /// <param name="host">The host.</param>
    /// <returns>The findings, in no order of weight.</returns>
    internal static IEnumerable<Finding> Of(
        OwnedDevice owned,
        PciDevice? device,
        DeviceOwners owners,
        GuestPciHost host
    )
    {
        PciDevice[] members = device is null ? [] : (host.GroupOf(device)?.Members ?? []);
        return Missing(owned, device, owners, host)
            .Concat(OfDefinition(owned, device, host))
            .Concat(owners.Assess(owned, members.Where(member => member.Address != device!.Address).ToArray()))
            .Concat(device is null || !owned.Device.IsWhole ? [] : OfFunction(owned, device, owners, host));
    }

    private static IEnumerable<Finding> Missing(
        OwnedDevice owned,
        PciDevice? device,
        DeviceOwners owners,
        GuestPciHost host
    )
    {
        if (!owned.Device.IsNamed)
        {
            yield return MissingDeviceFindings.NotNamed(owned.Device.Kind);
        }
        else if (!owned.Device.IsWhole)
        {
            if (host.Has(owned.Device.Part) == false)
            {
                yield return MissingDeviceFindings.PartMissing(owned.Device);
            }
        }
        else if (device is null && host.IsKnown)
        {
            yield return host.WouldBeOf(owned.Address) is { Physical.Sriov.Count: 0 } virtualOf
            && Holder(virtualOf.Physical, owners) is { } holder
                ? MissingDeviceFindings.MissingWithPhysical(owned.Address!.Value, virtualOf.Physical, holder)
                : MissingDeviceFindings.Missing(owned.Address!.Value, host.WouldBeOf(owned.Address));
        }
    }

    // Whom a physical function was given to, which cannot make virtual ones there.
    private static string? Holder(PciDevice physical, DeviceOwners owners) =>
        owners.RunningWith(physical) is { } names ? $"a virtual machine runs with it: {names}"
        : PciDriverRules.IsVfio(physical) ? $"{physical.Driver} has it for guests"
        : null;

    private static IEnumerable<Finding> OfDefinition(OwnedDevice owned, PciDevice? device, GuestPciHost host)
    {
        if (owned.Device.Kind == VmPciKind.CommandLine)
        {
            yield return GuestPciFindings.CommandLine(owned);
        }

        if (owned.IsPending == true)
        {
            yield return GuestPciFindings.Pending(owned);
        }

        if (owned.IsDefined == true && owned.Device.Driver is "kvm" or "xen")
        {
            yield return GuestPciFindings.LegacyDriver(owned.Device.Driver!);
        }

        if (device is null || owned is not { IsWaiting: true, Device.Kind: VmPciKind.NetworkAdapter })
        {
            yield break;
        }

        if (device is { PhysicalFunction: null, HasBridgeHeader: false })
        {
            yield return GuestPciFindings.NotVirtual(device);
        }
        else if (host.Find(device.PhysicalFunction) is { InterfaceNames.Count: 0 } physical)
        {
            yield return GuestPciFindings.NoInterface(device, physical);
        }
    }

    private static IEnumerable<Finding> OfFunction(
        OwnedDevice owned,
        PciDevice device,
        DeviceOwners owners,
        GuestPciHost host
    )
    {
        if (device.HasBridgeHeader)
        {
            return [GuestPciFindings.Bridge(device)];
        }

        if (device.IsLost && owned.IsWaiting)
        {
            return LostDevices.Assess(device).Select(AsObstacle);
        }

        PciDevice given = AtStart(owned, device);
        PciDevice[] members =
        [
            .. host.GroupOf(device)
                ?.Members.Where(member => member.Address == device.Address || !GoesAtStart(owned, member, host))
                .Select(member => AtStart(owned, member))
                ?? [],
        ];
        IEnumerable<Finding> found = ResetWays.Assess(host.Iommu, given, members, host.Devices);
        if (!owned.IsWaiting)
        {
            return found;
        }

        if (host.State == IommuState.Off || (host.State == IommuState.On && device.IommuGroup is null))
        {
            return found
                .Append(GuestPciFindings.NoGroup(device, host.State, host.Iommu))
                .Concat(OfDriver(owned, device, owners));
        }

        found = found
            .Concat(OfDriver(owned, device, owners))
            .Concat(
                // The list is looked at when the driver takes a function.
                VfioDenylist
                    .Assess(host.Iommu, device)
                    .Where(_ => device.Driver != Vfio)
                    .Select(finding => OfParameter(finding, VfioDenylist.Allowed, host))
            )
            .Concat(HeldMemory.Assess(host.Iommu, device));
        return host.GroupOf(device) is { } group ? found.Concat(OfGroup(owned, group.Group, members, host)) : found;
    }

    private static IEnumerable<Finding> OfDriver(OwnedDevice owned, PciDevice device, DeviceOwners owners)
    {
        bool isTaken = owned.IsTakenFromHost;
        if (isTaken && owned.Device.Driver != device.Driver && DmaDrivers.IsVgpu(device))
        {
            yield return GuestPciFindings.VgpuLost(device);
        }

        if (PciDriverRules.IsVfio(device))
        {
            yield break;
        }

        if (!isTaken && DmaDrivers.IsUnclear(device))
        {
            yield return GuestPciFindings.ReadyUnknown(device);
        }
        else if (!isTaken)
        {
            yield return GuestPciFindings.NotReady(owned.Device, device);
        }

        HostUse[] uses = [.. device.HostUses.Where(static use => use.Kind != "Unknown")];
        if (uses.Length > 0)
        {
            yield return GuestPciFindings.UsedByHost(owned, device, uses, isTaken);
        }
        else if (device.HasHostUse && isTaken)
        {
            yield return GuestPciFindings.UseUnknown(device);
        }

        if (device.Sriov is { Count: > 0 } sriov && isTaken)
        {
            yield return GuestPciFindings.HasVirtual(
                device,
                sriov.Count,
                owners.RunningWithVirtual(device, owned.Guest)
            );
        }
    }

    private static IEnumerable<Finding> OfGroup(
        OwnedDevice owned,
        IommuGroupFacts group,
        PciDevice[] members,
        GuestPciHost host
    )
    {
        if (!group.IsTranslated && host.Iommu.Groups.Count > 0)
        {
            yield return GuestPciFindings.PretendedGroup(group);
        }

        PciDevice[] bound =
        [
            .. members.Where(member => member.Address != owned.Address?.ToString() && !DmaDrivers.IsHarmless(member)),
        ];
        IommuMember[] others =
        [
            .. group.Members.Where(static member => !member.IsPci && !DmaDrivers.IsHarmless(member.Driver)),
        ];
        Finding[] regions = [.. DirectRegions.Assess(host.Iommu, group, members)];
        if (bound.Length + others.Length > 0)
        {
            yield return GuestPciFindings.GroupNotViable(
                group.Number.ToString(CultureInfo.InvariantCulture),
                bound,
                others,
                [.. PhysicalFunctions.Beside(members)],
                isRefused: Array.Exists(regions, static finding => finding.Severity > Severity.Information)
            );
        }

        foreach (Finding finding in regions.Concat(PhysicalFunctions.Assess(members)))
        {
            yield return AsObstacle(finding);
        }

        foreach (Finding finding in InterruptRemapping.Refusals(host.Iommu))
        {
            yield return OfParameter(finding, InterruptRemapping.Allowed, host);
        }
    }

    // What a group cannot be given for is a warning where nobody asks for it.
    private static Finding AsObstacle(Finding finding) =>
        finding.Severity == Severity.Warning ? finding with { Severity = Severity.Error } : finding;

    // A module that is not loaded yet shows no parameters, and may be loaded with what allows it.
    private static Finding OfParameter(Finding finding, string parameter, GuestPciHost host) =>
        host.Iommu.VfioParameters.ContainsKey(parameter)
            ? AsObstacle(finding)
            : GuestPciFindings.MayBeRefused(finding, parameter);

    private static PciDevice AtStart(OwnedDevice owned, PciDevice device) =>
        IsTaken(owned, device) ? device with { Driver = Vfio } : device;

    // Virtual functions go with the driver of their physical one; with vfio-pci in its place they stay.
    private static bool GoesAtStart(OwnedDevice owned, PciDevice device, GuestPciHost host) =>
        host.Find(device.PhysicalFunction) is { } physical && IsTaken(owned, physical);

    // Whether libvirt manages a device is not known of recordings by earlier releases, and is then taken for granted.
    private static bool IsTaken(OwnedDevice owned, PciDevice device) =>
        !PciDriverRules.IsVfio(device)
        && Given(owned).Any(one => one.IsManaged != false && one.Address?.ToString() == device.Address);

    private static IEnumerable<Guests.GuestDevice> Given(OwnedDevice owned) =>
        ((owned.Guest.Saved ?? owned.Guest.Running)?.Devices ?? []).Where(static one =>
            one.IsWhole && one.Kind != VmPciKind.CommandLine
        );
}
