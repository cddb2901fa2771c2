using NestVirt.Linux.Pci;

namespace NestVirt.Linux.Iommu;

/// <summary>Judges every function of a host, and concludes from the kernel's groups what could not be read.</summary>
internal static class AcsVerdicts
{
    /// <summary>Judges the functions.</summary>
    /// <param name="topology">The functions.</param>
    /// <param name="hasIvrs">Whether the firmware describes an AMD IOMMU.</param>
    /// <returns>A verdict for each.</returns>
    public static IReadOnlyDictionary<PciNode, AcsVerdict> Judge(PciTopology topology, bool hasIvrs)
    {
        Dictionary<PciNode, AcsVerdict> verdicts = [];
        HashSet<PciNode> open = [];
        foreach (PciNode node in topology.Nodes)
        {
            // Nodes come after the bridges above them, so what lies above is settled.
            bool isBelowOpen = node.Parent is not null && open.Contains(node.Parent);
            AcsVerdict verdict = AcsRule.Judge(node, hasIvrs);
            verdict = verdict.IsIsolated is null
                ? verdict with
                {
                    IsIsolated = isBelowOpen || Infer(topology, node),
                    IsInferred = true,
                }
                : verdict;
            verdicts[node] = verdict;
            if (isBelowOpen || verdict.IsIsolated == false)
            {
                open.Add(node);
            }
        }

        return verdicts;
    }

    // A port that isolates lets what is below it have groups of its own; one that does not, cannot.
    private static bool Infer(PciTopology topology, PciNode node)
    {
        PciNode[] below = [.. node.Children.Where(static child => child.Device.IommuGroup is not null)];
        return below.Length > 0
            ? below.Any(child => child.Device.IommuGroup != node.Device.IommuGroup)
            : !topology
                .SiblingsOf(node)
                .Any(other => !other.IsVirtual && other.Device.IommuGroup == node.Device.IommuGroup);
    }
}
