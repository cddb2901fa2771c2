using System.Net;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Finds the functions that the host's routes and the connection lead through.</summary>
internal static class NetworkUses
{
    private const string SwitchName = "ovs-system";

    /// <summary>Finds them.</summary>
    public static IEnumerable<(string Address, HostUse Use)> Find(IReadOnlyList<PciDevice> devices, HostUseFacts facts)
    {
        ILookup<string, string> byInterface = devices
            .SelectMany(static device => device.InterfaceNames.Select(name => (name, device.Address)))
            .ToLookup(static pair => pair.name, static pair => pair.Address, StringComparer.Ordinal);
        IEnumerable<(string Kind, string Interface, string What)> roots =
        [
            .. facts
                .Routes.Where(static route => route.PrefixLength == 0)
                .Select(static route => ("DefaultRoute", route.Interface, "default route")),
            .. ConnectionInterfaces(facts)
                .Select(static name => ("Connection", name, "the connection that the host was asked through")),
        ];
        return from root in roots.Distinct()
            from way in Layers.Down(root.Interface, name => Below(name, facts, byInterface))
            from address in byInterface[way.Bottom]
            select (address, new HostUse(root.Kind, $"{root.What} on {string.Join(" on ", way.Way)}"));
    }

    // The way back to the client, and the interface that has the server's address, which differ under policy routing.
    private static IEnumerable<string> ConnectionInterfaces(HostUseFacts facts)
    {
        if (facts.Connection is not { } connection || IPAddress.IsLoopback(connection.Server))
        {
            return [];
        }

        IEnumerable<string> owners = facts
            .Addresses.Where(own =>
                own.Address.GetAddressBytes().AsSpan().SequenceEqual(connection.Server.GetAddressBytes())
            )
            .Select(static own => own.Interface);
        return [.. owners, .. Nearest(facts, connection.Server), .. Nearest(facts, connection.Client)];
    }

    private static IEnumerable<string> Nearest(HostUseFacts facts, IPAddress address)
    {
        RouteFacts[] routes = [.. facts.Routes.Where(route => route.LeadsTo(address))];
        int longest = routes.Length == 0 ? 0 : routes.Max(static route => route.PrefixLength);
        return routes.Where(route => route.PrefixLength == longest).Select(static route => route.Interface).Distinct();
    }

    // An internal port of Open vSwitch stands on nothing that sysfs shows; any port of the switch may carry it.
    private static IReadOnlyList<string> Below(string name, HostUseFacts facts, ILookup<string, string> byInterface) =>
        facts.LowerInterfaces.GetValueOrDefault(name)
        ?? (
            !byInterface.Contains(name) && name != SwitchName && facts.LowerInterfaces.ContainsKey(SwitchName)
                ? [SwitchName]
                : []
        );
}
