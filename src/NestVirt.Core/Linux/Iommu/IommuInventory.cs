using NestVirt.Hosts;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Iommu;

/// <summary>Puts together the IOMMU groups of a host: their members, why these share a group, and whether a guest can have them.</summary>
internal static class IommuInventory
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [IommuProbe.Probe, .. PciInventory.Probes, ModprobeConfigProbe.Probe];

    /// <summary>Says why the groups of a host are not known.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <returns>A sentence's worth without a full stop, or null when they are known. A host whose IOMMU is off is known to have none.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static string? UnavailableReason(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[IommuProbe.Probe];
        return answer.UnavailableReason
            ?? PciInventory.UnavailableReason(answers)
            ?? (
                IommuAssessor.Read(answers).XenControlDomain is not null
                    ? "this is Xen's control domain, where the IOMMU is Xen's (ask: xl info, xl dmesg)"
                : IommuAssessor.Summarize(answers).State == IommuState.Unknown
                    ? "there is no directory /sys/kernel/iommu_groups"
                : null
            );
    }

    /// <summary>Reads the groups of a host.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The groups that have members, ordered by number.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IReadOnlyList<IommuGroup> Read(ProbeAnswers answers, HostTarget target) =>
        Build(
            IommuAssessor.Read(answers),
            PciDeviceInventory.Modprobe(answers),
            PciInventory.Read(answers, target),
            target
        );

    /// <summary>Reads the groups of a host that is to have an answer.</summary>
    /// <param name="answers">The host's answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>The groups that have members, ordered by number.</returns>
    /// <exception cref="NestVirtException">They are not known.</exception>
    public static IReadOnlyList<IommuGroup> Require(ProbeAnswers answers, HostTarget target) =>
        UnavailableReason(answers) is { } reason
            ? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The IOMMU groups of the host are not known: {reason}."
            )
            : Read(answers, target);

    /// <summary>Puts groups together from what was read.</summary>
    internal static IReadOnlyList<IommuGroup> Build(
        IommuFacts facts,
        ModprobeConfig modprobe,
        IReadOnlyList<PciDevice> functions,
        HostTarget target
    )
    {
        IReadOnlyList<PciDevice> devices = WithGroups(functions, facts.Groups);
        IommuGrouping grouping = new(
            devices,
            facts.Tables.Contains("IVRS"),
            new IommuOptions(facts.CommandLine).AcsOverrideOption
        );
        HashSet<string> addresses = [.. devices.Select(static device => device.Address)];
        VfioWishFindings wishes = new(facts, new VfioWishes(facts, modprobe), devices);
        List<IommuGroup> groups = [];
        foreach ((IommuGroupFacts group, PciDevice[] members) in MembersOf(facts, devices))
        {
            (bool? isViable, IReadOnlyList<Finding> obstacles) = GroupViability.Assess(facts, group, members, devices);
            groups.Add(
                new IommuGroup(group.Number, members)
                {
                    Target = target,
                    Type = group.Type,
                    ReservedRegions = group.ReservedRegions,
                    OtherDevices =
                    [
                        .. group.Members.Select(static member => member.Name).Where(name => !addresses.Contains(name)),
                    ],
                    IsViable = isViable,
                    Reasons =
                    [
                        .. grouping.Explain(group.Number, members),
                        .. obstacles
                            .Concat(members.SelectMany(wishes.Of))
                            .Select(finding => finding.For(target))
                            .Distinct(),
                    ],
                }
            );
        }

        return groups;
    }

    /// <summary>Finds the PCI functions of each group.</summary>
    /// <param name="facts">What the host says of its IOMMU.</param>
    /// <param name="functions">The functions of the host.</param>
    /// <returns>The groups that have members, by number, with their functions by address.</returns>
    internal static IEnumerable<(IommuGroupFacts Group, PciDevice[] Members)> MembersOf(
        IommuFacts facts,
        IReadOnlyList<PciDevice> functions
    )
    {
        IReadOnlyList<PciDevice> devices = WithGroups(functions, facts.Groups);
        Dictionary<string, PciDevice> byAddress = devices.ToDictionary(
            static device => device.Address,
            StringComparer.Ordinal
        );
        return WithLinks(facts.Groups, devices).Select(group => (group, Members(group, byAddress).ToArray()));
    }

    private static IEnumerable<PciDevice> Members(IommuGroupFacts group, Dictionary<string, PciDevice> byAddress) =>
        group
            .Members.Where(member => byAddress.ContainsKey(member.Name))
            .Select(member => byAddress[member.Name])
            .OrderBy(static device => PciAddress.TryParse(device.Address, out PciAddress address) ? address : default);

    // A tree may hold the groups and not the devices' links to them.
    private static IReadOnlyList<PciDevice> WithGroups(
        IReadOnlyList<PciDevice> devices,
        IReadOnlyList<IommuGroupFacts> groups
    )
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        foreach (IommuGroupFacts group in groups)
        {
            foreach (IommuMember member in group.Members)
            {
                numbers[member.Name] = group.Number;
            }
        }

        return
        [
            .. devices.Select(device =>
                device.IommuGroup is null && numbers.TryGetValue(device.Address, out int number)
                    ? device with
                    {
                        IommuGroup = number,
                    }
                    : device
            ),
        ];
    }

    // A tree may hold the devices' links to their groups and not the groups; then a group is what its devices say.
    private static IEnumerable<IommuGroupFacts> WithLinks(
        IReadOnlyList<IommuGroupFacts> groups,
        IReadOnlyList<PciDevice> devices
    ) =>
        groups.Count > 0
            ? groups.Where(static group => group.Members.Count > 0)
            : devices
                .Where(static device => device.IommuGroup is not null)
                .GroupBy(static device => device.IommuGroup!.Value)
                .OrderBy(static group => group.Key)
                .Select(static group => new IommuGroupFacts(group.Key)
                {
                    Members = [.. group.Select(static device => new IommuMember(device.Address, Driver: null))],
                });
}
