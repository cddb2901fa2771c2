using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestPci;

/// <summary>Says which PCI devices of a host its guests of libvirt own, and what keeps them from having these.</summary>
internal static class GuestPciAssessor
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [LibvirtProbe.Probe, KvmUsersProbe.Probe, .. PciInventory.Probes, IommuProbe.Probe];

    /// <summary>Says it of every device that a guest owns, be the guest running or off.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The devices, by the names of the guests.</returns>
    /// <exception cref="NestVirtException">The guests are not known.</exception>
    internal static IEnumerable<VmPciDevice> Assess(ProbeAnswers answers, HostTarget target) =>
        Assess(LibvirtAccess.Require(answers, target).Guests, GuestPciHost.Read(answers, target), target);

    /// <summary>Says it of every device of some guests.</summary>
    /// <param name="guests">The guests.</param>
    /// <param name="host">The host.</param>
    /// <param name="target">The same.</param>
    /// <returns>The devices, in the order of the guests.</returns>
    internal static IReadOnlyList<VmPciDevice> Assess(
        IReadOnlyList<LibvirtGuest> guests,
        GuestPciHost host,
        HostTarget target
    )
    {
        OwnedDevice[] all = [.. guests.SelectMany(guest => OwnedDevice.Of(guest, host))];
        DeviceOwners owners = new(all);
        ILookup<string, OwnedDevice> byGuest = all.ToLookup(static owned => owned.Guest.Id, StringComparer.Ordinal);
        return
        [
            .. guests.SelectMany(guest =>
                byGuest[guest.Id]
                    .Select(owned => Assess(owned, owners, host, target))
                    .Concat(guest.Unread is { } why ? [Unread(guest, why, target)] : [])
            ),
        ];
    }

    /// <summary>Says what may be missing in the list.</summary>
    /// <param name="answers">The answers.</param>
    /// <returns>The findings.</returns>
    internal static IReadOnlyList<Finding> FindingsOf(ProbeAnswers answers)
    {
        if (!answers[LibvirtProbe.Probe].IsAvailable)
        {
            return [];
        }

        return
        [
            .. LibvirtAccess.FindingsOf(answers),
            .. answers.Read(LibvirtFacts.Reading).Guests.Any() && PciInventory.UnavailableReason(answers) is { } reason
                ? [GuestPciFindings.PciUnknown(reason)]
                : Array.Empty<Finding>(),
        ];
    }

    private static VmPciDevice Unread(LibvirtGuest guest, string why, HostTarget target) =>
        new(target)
        {
            VmName = guest.Name,
            VmId = guest.Id,
            State = guest.State,
            Kind = VmPciKind.Unknown,
            Reasons = [GuestPciFindings.Unread(why).For(target)],
        };

    private static VmPciDevice Assess(OwnedDevice owned, DeviceOwners owners, GuestPciHost host, HostTarget target)
    {
        GuestDevice told = owned.Device;
        PciDevice? device = host.Find(owned.Address);
        return new VmPciDevice(target)
        {
            VmName = owned.Guest.Name,
            VmId = owned.Guest.Id,
            State = owned.Guest.State,
            Kind = told.Kind,
            IsAttached = owned.IsAttached,
            IsDefined = owned.IsDefined,
            IsRestartPending = owned.IsPending,
            IsManaged = told.IsManaged,
            Address = owned.Address?.ToString(),
            Part = told.Part,
            Vendor = device?.Vendor,
            Device = device?.Device,
            VendorId = device?.VendorId,
            DeviceId = device?.DeviceId,
            Driver = device?.Driver,
            RequestedDriver = told.Driver,
            IommuGroup = device?.IommuGroup,
            PhysicalFunction = device?.PhysicalFunction,
            MacAddress = told.MacAddress,
            Vlans = told.Vlans,
            Network = owned.Network?.Network,
            PortGroup = owned.Network?.PortGroup,
            GuestAddress = told.GuestAddress?.ToString(),
            IsMultifunction = told.IsMultifunction,
            BootOrder = told.BootOrder,
            IsRomShown = told.IsRomShown,
            RomFile = told.RomFile,
            IsVirtualFunction = IsVirtual(told, device, host),
            IsKnownToHost =
                !told.IsNamed ? null
                : !told.IsWhole ? host.Has(told.Part)
                : host.IsKnown ? device is not null
                : null,
            Reasons =
            [
                .. DeviceVerdicts
                    .Of(owned, device, owners, host)
                    .Distinct()
                    .OrderByDescending(static finding => finding.Severity)
                    .Select(finding => finding.For(target)),
            ],
        };
    }

    // libvirt takes no other functions for adapters. A part of a device is none, whatever it was made of.
    private static bool? IsVirtual(GuestDevice told, PciDevice? device, GuestPciHost host) =>
        told.IsNamed && !told.IsWhole ? false
        : device is not null ? device.PhysicalFunction is not null
        : told.Kind is VmPciKind.NetworkAdapter || host.WouldBeOf(told.Address) is not null ? true
        : null;
}
