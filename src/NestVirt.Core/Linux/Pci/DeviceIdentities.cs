using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Pci;

/// <summary>Knows the PCI functions of a host again in a later look at it.</summary>
/// <remarks>
/// First by what they are and where they are plugged in: ids, and device and function numbers of themselves and of the bridges
/// above. Bus numbers do not count: they shift when a card or the firmware changes. What is left is paired by ids alone, in the order
/// of addresses: a card that went into another slot. A virtual function is known by its physical one and its place among its like.
/// </remarks>
internal static class DeviceIdentities
{
    /// <summary>Pairs functions.</summary>
    /// <param name="before">Those of the earlier look.</param>
    /// <param name="after">Those of the later look.</param>
    /// <returns>For each address of the earlier look whose function is still there, its address now.</returns>
    public static IReadOnlyDictionary<string, string> Match(IEnumerable<PciDevice> before, IEnumerable<PciDevice> after)
    {
        PciTopology old = new(before);
        PciTopology now = new(after);
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        Pair(old.Nodes, now.Nodes, Places(old), Places(now), pairs);
        HashSet<string> taken = [.. pairs.Values];
        PciNode[] oldRest = [.. old.Nodes.Where(node => !pairs.ContainsKey(node.Device.Address))];
        PciNode[] nowRest = [.. now.Nodes.Where(node => !taken.Contains(node.Device.Address))];
        Pair(oldRest, nowRest, Kinds(oldRest), Kinds(nowRest), pairs);
        return pairs;
    }

    private static void Pair(
        IReadOnlyList<PciNode> old,
        IReadOnlyList<PciNode> now,
        Dictionary<PciNode, string> oldKeys,
        Dictionary<PciNode, string> nowKeys,
        Dictionary<string, string> pairs
    )
    {
        Dictionary<string, PciNode> byKey = new(StringComparer.Ordinal);
        foreach (PciNode node in now)
        {
            byKey.TryAdd(nowKeys[node], node);
        }

        foreach (PciNode node in old)
        {
            if (byKey.Remove(oldKeys[node], out PciNode? match))
            {
                pairs.TryAdd(node.Device.Address, match.Device.Address);
            }
        }
    }

    private static Dictionary<PciNode, string> Places(PciTopology topology)
    {
        Dictionary<PciNode, string> places = [];
        Dictionary<string, int> virtualCounts = new(StringComparer.Ordinal);
        foreach (PciNode node in topology.Nodes)
        {
            // Nodes come after the bridges above them, and virtual functions after all others.
            if (
                topology.Find(node.Device.PhysicalFunction) is { } physical
                && places.TryGetValue(physical, out string? place)
            )
            {
                int index = virtualCounts[place] = virtualCounts.GetValueOrDefault(place) + 1;
                places[node] = string.Create(CultureInfo.InvariantCulture, $"{place}/vf{index}");
                continue;
            }

            string above = node.Parent is not null
                ? places[node.Parent]
                : string.Create(CultureInfo.InvariantCulture, $"{node.Address.Domain:x4}:{node.Address.Bus:x2}");
            places[node] = string.Create(
                CultureInfo.InvariantCulture,
                $"{above}/{node.Address.Device:x2}.{node.Address.Function}={Ids(node.Device)}"
            );
        }

        return places;
    }

    private static Dictionary<PciNode, string> Kinds(IReadOnlyList<PciNode> nodes)
    {
        Dictionary<PciNode, string> kinds = [];
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (PciNode node in nodes.OrderBy(static node => node.Address))
        {
            string ids = $"{Ids(node.Device)}{(node.IsVirtual ? "vf" : string.Empty)}";
            int ordinal = counts[ids] = counts.GetValueOrDefault(ids) + 1;
            kinds[node] = string.Create(CultureInfo.InvariantCulture, $"{ids}#{ordinal}");
        }

        return kinds;
    }

    private static string Ids(PciDevice device) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{device.VendorId:x4}:{device.DeviceId:x4}:{device.SubsystemVendorId:x4}:{device.SubsystemDeviceId:x4}"
        );
}
