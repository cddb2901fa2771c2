using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Why the kernel puts a device into another one's group.</summary>
internal enum JoinCause
{
    /// <summary>A bridge sends the DMA of all below it under one number.</summary>
    PciBridge,

    /// <summary>The device sends its DMA under another one's number.</summary>
    DmaAlias,

    /// <summary>The device is behind a controller that sends for it (Intel VMD).</summary>
    Controller,

    /// <summary>A port above lets devices below it reach one another.</summary>
    Path,

    /// <summary>Functions of one device reach one another.</summary>
    Multifunction,
}

/// <summary>One step of the kernel's rule: a device joins the group of another.</summary>
/// <param name="Device">The device that joins.</param>
/// <param name="Partner">The device whose group it joins.</param>
/// <param name="Cause">Why.</param>
/// <param name="Culprits">The bridges or functions to blame.</param>
internal sealed record GroupJoin(PciNode Device, PciNode Partner, JoinCause Cause, IReadOnlyList<PciNode> Culprits);

/// <summary>What the rule comes to.</summary>
/// <param name="Groups">The number of the group of each device; the numbers are not the kernel's.</param>
/// <param name="Joins">The steps that made groups of more than one device.</param>
internal sealed record PredictedGroups(IReadOnlyDictionary<PciNode, int> Groups, IReadOnlyList<GroupJoin> Joins);

/// <summary>The kernel's rule for the groups of PCI devices: pci_device_group() in drivers/iommu/iommu.c, in our own words.</summary>
/// <remarks>Linux 6.1 to 6.12 have the same rule. It does not hold on s390x and ppc64, where firmware groups devices.</remarks>
internal sealed class IommuGroupRule
{
    private readonly PciTopology _topology;
    private readonly IReadOnlyDictionary<PciNode, AcsVerdict> _verdicts;
    private readonly Dictionary<PciNode, bool> _isPathIsolated = [];
    private readonly HashSet<ulong> _busesWithAliases;
    private readonly Dictionary<PciNode, int> _groups = [];
    private readonly List<GroupJoin> _joins = [];
    private int _count;

    private IommuGroupRule(PciTopology topology, IReadOnlyDictionary<PciNode, AcsVerdict> verdicts)
    {
        _topology = topology;
        _verdicts = verdicts;
        _busesWithAliases = [.. topology.Nodes.Where(DmaAliases.HasAlias).Select(static node => node.BusKey)];
        foreach (PciNode node in topology.Nodes)
        {
            // Nodes come after the bridges above them.
            _isPathIsolated[node] = IsIsolated(node) && (node.Parent is null || _isPathIsolated[node.Parent]);
        }
    }

    /// <summary>Applies the rule to the devices that an IOMMU translates for.</summary>
    /// <param name="topology">The devices of a host.</param>
    /// <param name="verdicts">For each of them whether it is isolated; unknown counts as not.</param>
    /// <returns>The groups.</returns>
    public static PredictedGroups Predict(PciTopology topology, IReadOnlyDictionary<PciNode, AcsVerdict> verdicts)
    {
        IommuGroupRule rule = new(topology, verdicts);
        foreach (PciNode node in topology.Nodes.Where(static node => node.Device.IommuGroup is not null))
        {
            GroupJoin? join = rule.FindPartner(node);
            rule._groups[node] = join is null ? rule._count++ : rule._groups[join.Partner];
            if (join is not null)
            {
                rule._joins.Add(join);
            }
        }

        return new PredictedGroups(rule._groups, rule._joins);
    }

    private bool IsIsolated(PciNode node) => _verdicts[node].IsIsolated == true;

    private bool HasGroup(PciNode node) => _groups.ContainsKey(node);

    private GroupJoin? FindPartner(PciNode node)
    {
        PciNode sender = Sender(node);
        if (sender != node && HasGroup(sender))
        {
            return new GroupJoin(node, sender, JoinCause.Controller, [sender]);
        }

        // Bridges to or of conventional PCI send under one number for all below them.
        PciNode last = sender;
        foreach (
            PciNode bridge in sender
                .Ancestors.TakeWhile(static bridge => !DmaAliases.TranslatesBelow(bridge))
                .Where(SendsForOthers)
        )
        {
            last = bridge;
            if (HasGroup(bridge))
            {
                return new GroupJoin(node, bridge, JoinCause.PciBridge, [bridge]);
            }
        }

        foreach (PciNode port in last.Ancestors.TakeWhile(port => !_isPathIsolated[port]))
        {
            last = port;
            if (HasGroup(port))
            {
                return new GroupJoin(
                    node,
                    port,
                    JoinCause.Path,
                    [.. port.Ancestors.Prepend(port).Where(above => !IsIsolated(above))]
                );
            }
        }

        return FindAlias(node, last, [last]) ?? FindFunction(node, last, [last]);
    }

    // pci_real_dma_dev(): the functions below Intel VMD, which have a domain of the kernel's own making.
    private PciNode Sender(PciNode node)
    {
        const uint FirstMadeUpDomain = 0x10000;
        return node.Address.Domain < FirstMadeUpDomain
            ? node
            : _topology.Nodes.FirstOrDefault(other =>
                other.Device.Driver == "vmd" && other.Device.IommuGroup == node.Device.IommuGroup
            ) ?? node;
    }

    // pci_for_each_dma_alias(). A bridge that could not be read is taken for a port: its verdict says what else it may be.
    private static bool SendsForOthers(PciNode bridge) =>
        bridge.Device.PortType switch
        {
            PciePortType.PcieToPciBridge or PciePortType.PciToPcieBridge => true,
            null => bridge.Device.AcsUnknownReason is null,
            _ => false,
        };

    // get_pci_alias_group()
    private GroupJoin? FindAlias(PciNode joining, PciNode node, HashSet<PciNode> seen)
    {
        IEnumerable<PciNode> bus = _busesWithAliases.Contains(node.BusKey) ? _topology.OnBusOf(node) : [];
        foreach (PciNode other in bus.Where(other => other != node && DmaAliases.AreAliases(node, other)))
        {
            PciNode[] culprits = [.. new[] { node, other }.Where(DmaAliases.HasAlias)];
            if (seen.Add(other))
            {
                GroupJoin? found = HasGroup(other)
                    ? new GroupJoin(joining, other, JoinCause.DmaAlias, culprits)
                    : FindAlias(joining, other, seen) ?? FindFunction(joining, other, seen);
                if (found is not null)
                {
                    return found;
                }
            }
        }

        return null;
    }

    // get_pci_function_alias_group()
    private GroupJoin? FindFunction(PciNode joining, PciNode node, HashSet<PciNode> seen)
    {
        if (!node.IsMultifunction || IsIsolated(node))
        {
            return null;
        }

        foreach (PciNode other in _topology.SiblingsOf(node).Where(other => !IsIsolated(other)))
        {
            if (seen.Add(other))
            {
                GroupJoin? found = HasGroup(other)
                    ? new GroupJoin(joining, other, JoinCause.Multifunction, [node, other])
                    : FindAlias(joining, other, seen);
                if (found is not null)
                {
                    return found;
                }
            }
        }

        return null;
    }
}
