using NestVirt.Linux.Guests;
using NestVirt.Model;

namespace NestVirt.Linux.GuestPci;

/// <summary>A device of a guest: in what it runs with, in what it is defined with, or in both.</summary>
/// <param name="Guest">The guest.</param>
/// <param name="Device">What its definition says of the device; that of its next start where both say something.</param>
internal sealed record OwnedDevice(LibvirtGuest Guest, GuestDevice Device)
{
    /// <summary>Gets whether the guest runs with it; null when that is unknown.</summary>
    public bool? IsAttached { get; init; }

    /// <summary>Gets whether the next start is with it; null when that is unknown, as where a network gives what is free.</summary>
    public bool? IsDefined { get; init; }

    /// <summary>Gets the function that it is, or that it was made of; null where that is not known.</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Gets the adapter that gets it out of the pool of a network, or null.</summary>
    public GuestNetwork? Network { get; init; }

    /// <summary>Gets whether a start of the guest changes that; null where it does not run, or has no next start.</summary>
    internal bool? IsPending =>
        Guest is { IsActive: true, IsPersistent: true } && IsAttached is { } now && IsDefined is { } next
            ? now != next
            : null;

    /// <summary>Gets a value indicating whether a start is to give the guest what it does not have now.</summary>
    internal bool IsWaiting => IsDefined == true && IsAttached == false;

    /// <summary>Gets a value indicating whether libvirt takes the whole device from the host's driver for a start.</summary>
    /// <remarks>That is not known of recordings by earlier releases, and is then taken for granted.</remarks>
    internal bool IsTakenFromHost =>
        Device.IsWhole && Device.IsManaged != false && Device.Kind != VmPciKind.CommandLine;

    /// <summary>Finds what a guest owns.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="host">The host.</param>
    /// <returns>The devices, by address.</returns>
    internal static IEnumerable<OwnedDevice> Of(LibvirtGuest guest, GuestPciHost host)
    {
        ILookup<(PciAddress?, string?, int), GuestDevice> now = ByKey(guest.Running);
        ILookup<(PciAddress?, string?, int), GuestDevice> next = ByKey(guest.Saved);
        return now.Concat(next)
            .Select(static group => group.Key)
            .Distinct()
            .Select(key =>
            {
                GuestDevice device = next[key].Concat(now[key]).First();
                bool? isDefined =
                    !guest.IsPersistent ? false
                    : guest.Saved is null ? null
                    : next.Contains(key);
                GuestNetwork? network = isDefined == false ? PoolOf(device, guest.Saved) : null;
                return new OwnedDevice(guest, device)
                {
                    IsAttached =
                        !guest.IsActive ? false
                        : guest.Running is null ? null
                        : now.Contains(key),
                    IsDefined = network is null ? isDefined : null,
                    Address = device.Address ?? host.MadeOf(device.Part),
                    Network = network,
                };
            })
            .OrderBy(static owned => owned.Address ?? default)
            .ThenBy(static owned => owned.Device.Part, StringComparer.Ordinal);
    }

    private static ILookup<(PciAddress?, string?, int), GuestDevice> ByKey(DomainDefinition? definition) =>
        (definition?.Devices ?? []).ToLookup(static device => device.Key);

    // A recording of an earlier release has no MAC address, and then the first adapter stands for all.
    private static GuestNetwork? PoolOf(GuestDevice device, DomainDefinition? saved) =>
        device.Kind is VmPciKind.NetworkAdapter
            ? saved?.Networks.FirstOrDefault(network => network.MacAddress == device.MacAddress)
            : null;
}
