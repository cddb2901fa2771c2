using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Puts the steps that made a group of several devices into words, one finding for each bridge or device at fault.</summary>
internal static class SharedGroupReasons
{
    private const string ReadAcsRemedy = "Ask as root, or allow sudo -n for this account, so that ACS can be read.";

    private const string BrokenListRemedy =
        "Look for newer firmware of the device: it does not list its capabilities as PCI Express demands, and root sees no more of them.";

    private const string MoveRemedy =
        "Move the card to a slot below a port with ACS, or give all devices of the group to the same guest.";

    /// <summary>Describes the steps.</summary>
    /// <param name="joins">The steps inside one group.</param>
    /// <param name="verdicts">What is known of each function.</param>
    /// <param name="severity">How much it matters that the devices share the group.</param>
    /// <returns>The findings.</returns>
    public static IEnumerable<Finding> Describe(
        IReadOnlyList<GroupJoin> joins,
        IReadOnlyDictionary<PciNode, AcsVerdict> verdicts,
        Severity severity
    )
    {
        IEnumerable<(PciNode Culprit, GroupJoin Join)> paths =
            from step in joins
            where step.Cause == JoinCause.Path
            from culprit in step.Culprits
            orderby culprit.Address
            select (culprit, step);
        foreach (IGrouping<PciNode, (PciNode, GroupJoin Join)> port in paths.GroupBy(static pair => pair.Culprit))
        {
            yield return DescribePort(
                port.Key,
                verdicts[port.Key],
                [.. port.Select(static pair => pair.Join.Device)],
                severity
            );
        }

        IEnumerable<IGrouping<PciNode, GroupJoin>> bridges = joins
            .Where(static join => join.Cause is JoinCause.PciBridge or JoinCause.Controller)
            .GroupBy(static join => join.Culprits[0]);
        foreach (IGrouping<PciNode, GroupJoin> bridge in bridges)
        {
            yield return DescribeBridge(
                bridge.Key,
                bridge.First().Cause,
                [.. bridge.Select(static join => join.Device)],
                severity
            );
        }

        foreach (IGrouping<(ulong, byte), PciNode> slot in FunctionsBySlot(joins, JoinCause.Multifunction))
        {
            yield return DescribeFunctions(
                [.. slot.Distinct().OrderBy(static node => node.Address)],
                verdicts,
                severity
            );
        }

        foreach (GroupJoin alias in joins.Where(static join => join.Cause == JoinCause.DmaAlias))
        {
            yield return new Finding(
                FindingCodes.DmaAlias,
                severity,
                $"{alias.Culprits[0]} sends its DMA under the number of another function of its slot, so {IommuGrouping.List([alias.Device, alias.Partner])} cannot be told apart."
            )
            {
                Evidence = "a known fault of the device, for which the kernel has a quirk",
                Remedy = "Give all devices of the group to the same guest.",
            };
        }
    }

    /// <summary>Says what to do where ACS could not be read.</summary>
    /// <param name="verdict">The verdict that had to be concluded.</param>
    /// <returns>The remedy.</returns>
    public static string RemedyFor(AcsVerdict verdict) =>
        verdict.Why.Contains(PciConfigSpace.Broken, StringComparison.Ordinal) ? BrokenListRemedy : ReadAcsRemedy;

    private static IEnumerable<IGrouping<(ulong, byte), PciNode>> FunctionsBySlot(
        IReadOnlyList<GroupJoin> joins,
        JoinCause cause
    ) =>
        joins
            .Where(join => join.Cause == cause)
            .SelectMany(static join => join.Culprits)
            .GroupBy(static node => (node.BusKey, node.Address.Device));

    private static Finding DescribePort(PciNode port, AcsVerdict verdict, PciNode[] below, Severity severity) =>
        verdict.IsInferred
            ? new Finding(
                FindingCodes.AcsUnknown,
                severity,
                $"ACS could not be read ({verdict.Why}). By the kernel's rule {IommuGrouping.List(below)} can share the group only if {port} has no ACS, has it off, or leads to conventional PCI."
            )
            {
                Evidence = $"/sys/kernel/iommu_groups/{port.Device.IommuGroup}",
                Remedy = RemedyFor(verdict),
            }
            : new Finding(
                FindingCodes.NoAcsOnPath,
                severity,
                $"{port} {verdict.Why}, so everything below it shares its group: {IommuGrouping.List(below)}."
            )
            {
                Evidence = IommuGrouping.AcsText(port),
                Remedy = port.Device.Acs is { IsPresent: true }
                    ? $"Turn ACS of {port.Device.Address} on: in the firmware setup, or by removing what turns it off from the kernel command line. {MoveRemedy}"
                    : MoveRemedy,
            };

    private static Finding DescribeBridge(PciNode bridge, JoinCause cause, PciNode[] below, Severity severity) =>
        cause == JoinCause.Controller
            ? new Finding(
                FindingCodes.BehindController,
                severity,
                $"{bridge} does the DMA of what is behind it, so it shares its group with {IommuGrouping.List(below)}."
            )
            {
                Evidence = $"driver {bridge.Device.Driver}",
                Remedy =
                    "Turn the controller (Intel VMD) off in the firmware setup to have the devices behind it one by one.",
            }
            : new Finding(
                FindingCodes.BehindPciBridge,
                severity,
                $"{bridge} sends the DMA of everything behind it under one number, so the IOMMU cannot tell {IommuGrouping.List(below)} from it or from one another."
            )
            {
                Evidence = IommuGrouping.AcsText(bridge),
                Remedy = "Give all devices of the group to the same guest, or use PCI Express cards.",
            };

    private static Finding DescribeFunctions(
        PciNode[] functions,
        IReadOnlyDictionary<PciNode, AcsVerdict> verdicts,
        Severity severity
    )
    {
        string names = IommuGrouping.List(functions);
        if (functions.FirstOrDefault(node => verdicts[node].IsInferred) is { } unread)
        {
            return new Finding(
                FindingCodes.AcsUnknown,
                severity,
                $"ACS could not be read ({verdicts[unread].Why}). By the kernel's rule {names}, functions of one device, can share the group only if they have no ACS or have it off."
            )
            {
                Evidence = $"/sys/kernel/iommu_groups/{unread.Device.IommuGroup}",
                Remedy = RemedyFor(verdicts[unread]),
            };
        }

        string why = string.Join("; ", functions.Select(node => $"{node} {verdicts[node].Why}"));
        return new Finding(
            FindingCodes.MultifunctionWithoutAcs,
            severity,
            $"{names} are functions of one device and may reach one another: {why}."
        )
        {
            Evidence = string.Join("; ", functions.Select(IommuGrouping.AcsText)),
            Remedy = "Give all devices of the group to the same guest.",
        };
    }
}
