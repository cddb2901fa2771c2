using NestVirt.Changes;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Linux.GuestDevices;

/// <summary>What of a definition is to change, and what is to be known of that.</summary>
/// <param name="Meant">The devices that are meant, those that are as they are to be among them.</param>
/// <param name="Changed">The devices that come or go.</param>
/// <param name="Edit">The edit of the definition.</param>
/// <param name="Notes">What may surprise.</param>
internal sealed record GuestDeviceWishes(
    IReadOnlyList<GuestDevice> Meant,
    IReadOnlyList<GuestDevice> Changed,
    GuestDeviceEdit Edit,
    IReadOnlyList<Finding> Notes
)
{
    private const uint NetworkClass = 0x02;

    /// <summary>Finds what a guest does not have yet.</summary>
    /// <param name="site">The guest and what is asked for.</param>
    /// <returns>The wishes that are not fulfilled.</returns>
    /// <exception cref="ChangeRefusedException">It cannot be given a device, or not so.</exception>
    internal static GuestDeviceWishes Added(GuestDeviceSite site)
    {
        PciAddress[] named = AddressesOf(site.Request);
        Refuse(
            named
                .Where(address => site.Host.Find(address) is null)
                .Select(address => GuestDeviceFindings.Missing(address, site.Host.WouldBeOf(address)))
        );
        PciDevice[] devices = [.. named.Select(address => site.Host.Find(address)!)];
        Refuse(NamedFaults(site, devices));
        GuestDevice[] meant =
        [
            .. devices.Select(device => WishOf(site, device, isNamed: true)),
            .. BesideOf(site, devices).Select(device => WishOf(site, device, isNamed: false)),
        ];
        Refuse(
            meant
                .Take(named.Length)
                .SelectMany(wish => Having(site, wish).Where(device => !Fits(device, wish, site.Request)))
                .Select(device => GuestDeviceFindings.HasOtherwise(device.Address!.Value, device))
        );
        GuestDevice[] missing =
        [
            .. meant.Where(wish => !Having(site, wish).Any()).OrderBy(static wish => wish.Kind == VmPciKind.Device),
        ];
        Refuse(PlaceFaults(site, missing));
        GuestDeviceEdit edit = new([], [.. missing.Select(GuestDeviceElement.Write)])
        {
            Addresses = [.. missing.Select(static wish => wish.Address!.Value)],
            RomFile = missing.Select(static wish => wish.RomFile).FirstOrDefault(static file => file is not null),
        };
        // One that is started anew has to start with all of them.
        GuestDevice[] asked = site.Request.StopGuests && site.Guest.IsActive ? meant : missing;
        return new GuestDeviceWishes(
            meant,
            missing,
            edit,
            asked.Length == 0 ? [] : [.. GuestDeviceSafety.Require(site, edit, asked)]
        );
    }

    /// <summary>Finds what a guest has that it is to lose.</summary>
    /// <param name="site">The guest and what is asked for.</param>
    /// <returns>The wishes that are not fulfilled.</returns>
    /// <exception cref="ChangeRefusedException">A device cannot be taken from it here.</exception>
    internal static GuestDeviceWishes Removed(GuestDeviceSite site)
    {
        PciAddress[] named = AddressesOf(site.Request);
        IReadOnlyList<DefinedDevice> defined = DefinedDevice.Of(site.Document);
        int?[] groups = site.Request.WholeGroup ? [.. named.Select(address => GroupOf(site, address))] : [];
        PciAddress[] meant =
        [
            .. named,
            .. defined
                .Select(static one => one.Device.Address!.Value)
                .Where(address => GroupOf(site, address) is { } group && groups.Contains(group))
                .Except(named),
        ];
        GuestDevice[] owned = [.. site.Saved.Devices.Where(device => Is(device, meant))];
        Refuse(
            owned
                .Where(static device => !IsElement(device))
                .Select(static device => GuestDeviceFindings.NotOurs(device.Address!.Value, device))
                .Concat(
                    OwnedDevice
                        .Of(site.Guest, site.Host)
                        .Where(one => one.Address is { } address && named.Contains(address))
                        .Where(static one => !one.Device.IsWhole || one.Network is not null)
                        .Select(static one => GuestDeviceFindings.NotOurs(one.Address!.Value, one.Device, one.Network))
                )
        );
        DefinedDevice[] leaving = [.. defined.Where(one => Is(one.Device, meant))];
        if (leaving.Any(static one => one.Lines is null))
        {
            throw new ChangeRefusedException(
                GuestChangeFindings.Unread("its elements do not have lines for themselves, as libvirt writes them")
            );
        }

        GuestDeviceEdit edit = new([.. leaving.Select(static one => one.Lines!)], [])
        {
            Addresses = [.. leaving.Select(static one => one.Device.Address!.Value)],
        };
        return new GuestDeviceWishes(
            [.. meant.Select(address => new GuestDevice(VmPciKind.Device) { Address = address })],
            [.. leaving.Select(static one => one.Device)],
            edit,
            [
                .. named
                    .Where(address =>
                        site.Host.IsKnown
                        && site.Host.Find(address) is null
                        && !site
                            .Saved.Devices.Concat(site.Guest.Running?.Devices ?? [])
                            .Any(device => Is(device, [address]))
                    )
                    .Select(GuestDeviceFindings.Nowhere),
                .. edit.IsEmpty ? [] : GuestDeviceSafety.RequireRest(site, edit),
            ]
        );
    }

    private static PciAddress[] AddressesOf(VmPciDeviceRequest request)
    {
        Refuse(
            request.Devices.Where(static word => PciFaults.Read(word) is null).Select(GuestDeviceFindings.NoAddress)
        );
        return [.. request.Devices.Select(static word => PciFaults.Read(word)!.Value).Distinct()];
    }

    private static void Refuse(IEnumerable<Finding> faults)
    {
        Finding[] found = [.. faults];
        if (found.Length > 0)
        {
            throw new ChangeRefusedException(found);
        }
    }

    private static IEnumerable<Finding> NamedFaults(GuestDeviceSite site, PciDevice[] devices)
    {
        VmPciDeviceRequest request = site.Request;
        if (request.MacAddress is not null || request.VlanId is not null)
        {
            foreach (PciDevice device in devices.Where(device => !IsAdapter(site.Host, device) && !IsHad(site, device)))
            {
                yield return GuestDeviceFindings.NoAdapter(device, site.Host.Find(device.PhysicalFunction));
            }
        }

        if (request.Multifunction && !AddressesOf(request).Any(static address => address.Function == 0))
        {
            yield return GuestDeviceFindings.FirstMissing(PciFaults.Read(request.GuestAddress!)!.Value);
        }
    }

    private static bool IsHad(GuestDeviceSite site, PciDevice device) =>
        site.Saved.Devices.Any(had => had.IsWhole && had.Address?.ToString() == device.Address);

    // Bridges stay as they are: VFIO leaves them out. So does the physical function of a virtual one, which would go with its driver; and
    // the virtual ones of one that is named go with that.
    private static IEnumerable<PciDevice> BesideOf(GuestDeviceSite site, PciDevice[] devices)
    {
        if (!site.Request.WholeGroup)
        {
            return [];
        }

        PciDevice[] members =
        [
            .. devices
                .SelectMany(device => site.Host.GroupOf(device)?.Members ?? [])
                .DistinctBy(static device => device.Address),
        ];
        HashSet<string> kept = [.. PhysicalFunctions.Beside(members).Select(static physical => physical.Address)];
        return members.Where(member =>
            !member.IsBridge
            && !kept.Contains(member.Address)
            && !devices.Any(device => device.Address == member.PhysicalFunction)
            && !devices.Any(device => device.Address == member.Address)
        );
    }

    private static GuestDevice WishOf(GuestDeviceSite site, PciDevice device, bool isNamed)
    {
        VmPciDeviceRequest request = site.Request;
        _ = PciAddress.TryParse(device.Address, out PciAddress address);
        GuestDevice wish = new(IsAdapter(site.Host, device) ? VmPciKind.NetworkAdapter : VmPciKind.Device)
        {
            Address = address,
            IsManaged = !request.Unmanaged,
        };
        PciAddress? place = request.GuestAddress is null ? null : PciFaults.Read(request.GuestAddress);
        return isNamed
            ? wish with
            {
                MacAddress = request.MacAddress?.ToLowerInvariant(),
                Vlans = request.VlanId is { } vlan ? [vlan] : [],
                RomFile = request.RomFile,
                IsRomShown = request.NoRom ? false : null,
                GuestAddress = request.Multifunction ? place!.Value with { Function = address.Function } : place,
                IsMultifunction = request.Multifunction && address.Function == 0 ? true : null,
            }
            : wish;
    }

    // libvirt sets their addresses by the interface of the physical function.
    private static bool IsAdapter(GuestPciHost host, PciDevice device) =>
        device.ClassCode >> 16 == NetworkClass && host.Find(device.PhysicalFunction) is { InterfaceNames.Count: > 0 };

    private static bool Fits(GuestDevice device, GuestDevice wish, VmPciDeviceRequest request) =>
        IsElement(device)
        && (!request.Unmanaged || device.IsManaged == false)
        && (request.MacAddress is null || wish.MacAddress == device.MacAddress)
        && (request.VlanId is null || device.Vlans.SequenceEqual(wish.Vlans))
        && (request.GuestAddress is null || wish.GuestAddress == device.GuestAddress)
        && (request.RomFile is null || wish.RomFile == device.RomFile)
        && (!request.NoRom || device.IsRomShown == false);

    private static IEnumerable<Finding> PlaceFaults(GuestDeviceSite site, GuestDevice[] missing)
    {
        (PciAddress? Place, bool IsOurs)[] taken =
        [
            .. XmlText
                .Read(site.Document.Text)
                .Find("devices")
                ?.Parts.Select(static part =>
                    (GuestDeviceReader.ReadPlace(part), part.Name is "hostdev" or "interface" or "controller")
                )
                ?? [],
        ];
        foreach (PciAddress address in missing.Select(static wish => wish.GuestAddress).OfType<PciAddress>())
        {
            if (taken.Any(one => one.Place == address))
            {
                yield return GuestDeviceFindings.AddressTaken(address);
            }
            else if (
                address.Function > 0
                && taken.Any(one => one.Place == address with { Function = 0 } && !one.IsOurs)
            )
            {
                yield return GuestDeviceFindings.SlotTaken(address);
            }
        }

        if (!site.Request.Force && missing.Select(static wish => wish.MacAddress).FirstOrDefault() is { } mac)
        {
            string[] names =
            [
                .. site.Others.Where(guest => site.Definitions.HasMac(guest, mac)).Select(static guest => guest.Name),
            ];
            if (names.Length > 0)
            {
                yield return GuestDeviceFindings.MacShared(mac, names);
            }
        }
    }

    private static IEnumerable<GuestDevice> Having(GuestDeviceSite site, GuestDevice wish) =>
        site.Saved.Devices.Where(device => Is(device, [wish.Address!.Value]));

    private static bool Is(GuestDevice device, PciAddress[] addresses) =>
        device is { IsWhole: true, Address: { } address } && addresses.Contains(address);

    private static bool IsElement(GuestDevice device) => device.Kind is VmPciKind.Device or VmPciKind.NetworkAdapter;

    private static int? GroupOf(GuestDeviceSite site, PciAddress address) => site.Host.Find(address)?.IommuGroup;
}
