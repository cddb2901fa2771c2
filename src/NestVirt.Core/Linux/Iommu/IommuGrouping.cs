using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Says why devices share a group, or why one has its own, by comparing the kernel's groups with its rule.</summary>
internal sealed class IommuGrouping
{
    private readonly PciTopology _topology;
    private readonly PredictedGroups _prediction;
    private readonly IReadOnlyDictionary<PciNode, AcsVerdict> _verdicts;
    private readonly ILookup<int, PciNode> _predicted;
    private readonly ILookup<int?, GroupJoin> _joins;
    private readonly string? _acsOverride;

    /// <summary>Initializes a new instance of the <see cref="IommuGrouping"/> class.</summary>
    /// <param name="devices">Every PCI function of a host, with the groups that the kernel made.</param>
    /// <param name="hasIvrs">Whether the firmware describes an AMD IOMMU.</param>
    /// <param name="acsOverride">The option of the ACS override patch on the kernel's command line, or null.</param>
    public IommuGrouping(IReadOnlyList<PciDevice> devices, bool hasIvrs, string? acsOverride)
    {
        _topology = new PciTopology(devices);
        _verdicts = AcsVerdicts.Judge(_topology, hasIvrs);
        _prediction = IommuGroupRule.Predict(_topology, _verdicts);
        _predicted = _prediction.Groups.ToLookup(static pair => pair.Value, static pair => pair.Key);
        _joins = _prediction.Joins.ToLookup(static join => join.Device.Device.IommuGroup);
        _acsOverride = acsOverride;
    }

    /// <summary>Gets the groups that the rule comes to: the addresses of each.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Predicted =>
        [
            .. _predicted.Select(static group =>
                (IReadOnlyList<string>)
                    [.. group.OrderBy(static node => node.Address).Select(static node => node.Device.Address)]
            ),
        ];

    /// <summary>Says why the members of a group are in it.</summary>
    /// <param name="number">The group's number.</param>
    /// <param name="members">Its PCI functions.</param>
    /// <returns>The reasons.</returns>
    public IReadOnlyList<Finding> Explain(int number, IReadOnlyList<PciDevice> members)
    {
        PciNode[] nodes =
        [
            .. members
                .Select(device => _topology.Find(device.Address))
                .OfType<PciNode>()
                .Where(_prediction.Groups.ContainsKey),
        ];
        if (nodes.Length == 0)
        {
            return [];
        }

        HashSet<PciNode> inside = [.. nodes];
        HashSet<PciNode> predicted =
        [
            .. nodes.Select(node => _prediction.Groups[node]).Distinct().SelectMany(group => _predicted[group]),
        ];
        GroupJoin[] joins =
        [
            .. _joins[number].Where(join => inside.Contains(join.Device) && inside.Contains(join.Partner)),
        ];
        bool isTogether = nodes.All(node => _prediction.Groups[node] == _prediction.Groups[nodes[0]]);
        Severity severity =
            members.Count(static device => !device.IsBridge) > 1 ? Severity.Warning : Severity.Information;
        List<Finding> findings = [.. SharedGroupReasons.Describe(joins, _verdicts, severity)];
        if (!isTogether)
        {
            findings.Add(NotExplained(nodes, severity));
        }
        else if (predicted.Count > nodes.Length)
        {
            findings.Add(Split(number, inside, predicted));
        }
        else if (nodes.Length == 1)
        {
            findings.Add(Alone(nodes[0]));
        }

        return findings;
    }

    private static Finding NotExplained(PciNode[] nodes, Severity severity) =>
        new(
            FindingCodes.NotExplained,
            severity,
            $"The kernel put {List(nodes)} into one group, and its rule for PCI as NestVirt knows it does not say why: a quirk for one device, or the firmware's IOMMU table, may."
        )
        {
            Evidence = "/sys/kernel/iommu_groups",
        };

    private Finding Split(int number, HashSet<PciNode> inside, HashSet<PciNode> predicted)
    {
        PciNode[] culprits =
        [
            .. _prediction
                .Joins.Where(join =>
                    inside.Contains(join.Device) != inside.Contains(join.Partner) && predicted.Contains(join.Device)
                )
                .SelectMany(static join => join.Culprits)
                .Distinct(),
        ];
        string outside = List(predicted.Where(node => !inside.Contains(node)));
        string why = string.Join("; ", culprits.Select(node => $"{node} {_verdicts[node].Why}"));
        return _acsOverride is null
            ? new Finding(
                FindingCodes.NotExplained,
                Severity.Information,
                $"The kernel keeps group {number} apart from {outside}, although {why}: a quirk of the kernel's that NestVirt does not know may say that it is isolated."
            )
            {
                Evidence = string.Join("; ", culprits.Select(AcsText)),
            }
            : new Finding(
                FindingCodes.AcsOverride,
                Severity.Warning,
                $"The isolation from {outside} is claimed by the ACS override and not real: {why}."
            )
            {
                Evidence =
                    $"/proc/cmdline: {HostText.ForDisplay(_acsOverride, maximumLength: 200)}; {string.Join("; ", culprits.Select(AcsText))}",
                Remedy = "Give all of these devices to the same guest, or trust the guests as you trust the host.",
            };
    }

    private Finding Alone(PciNode node)
    {
        PciNode[] deciding = [.. node.Ancestors.Concat(node.IsMultifunction ? [node] : [])];
        string[] why = [.. deciding.Select(each => $"{each} {Phrase(each)}")];
        string message =
            why.Length == 0
                ? $"{node.Device.Address} has a group of its own: it is on a root bus and shares its slot with nothing that it could reach."
                : $"{node.Device.Address} has a group of its own: {string.Join("; ", why)}.";
        AcsVerdict? inferred = deciding
            .Select(each => _verdicts[each])
            .FirstOrDefault(static verdict => verdict.IsInferred);
        if (inferred is null)
        {
            return new Finding(FindingCodes.Isolated, Severity.Information, message)
            {
                Evidence = deciding.Length == 0 ? null : string.Join("; ", deciding.Select(AcsText)),
            };
        }

        return _acsOverride is null
            ? new Finding(FindingCodes.AcsUnknown, Severity.Information, message)
            {
                Remedy = SharedGroupReasons.RemedyFor(inferred),
            }
            : new Finding(
                FindingCodes.AcsOverride,
                Severity.Warning,
                $"{message} With the ACS override on, the isolation may be claimed and not real."
            )
            {
                Evidence = $"/proc/cmdline: {HostText.ForDisplay(_acsOverride, maximumLength: 200)}",
                Remedy = SharedGroupReasons.RemedyFor(inferred),
            };
    }

    private string Phrase(PciNode node) =>
        _verdicts[node] switch
        {
            { IsInferred: true } verdict =>
                $"must have ACS on, or a quirk of the kernel's that stands for it; ACS could not be read ({verdict.Why})",
            { IsQuirk: true } verdict => $"counts as isolated: {verdict.Why}",
            { } verdict => verdict.Why,
        };

    /// <summary>Quotes the ACS registers of a function.</summary>
    internal static string AcsText(PciNode node) =>
        node.Device.Acs switch
        {
            null => $"{node.Device.Address}: ACS was not read",
            { IsPresent: false } => $"{node.Device.Address}: no ACS capability",
            { } acs => $"{node.Device.Address}: ACS can {Words(acs.Capable)}, does {Words(acs.Enabled)}",
        };

    /// <summary>Lists addresses, the first few of many.</summary>
    internal static string List(IEnumerable<PciNode> nodes)
    {
        const int Shown = 8;
        string[] addresses = [.. nodes.OrderBy(static node => node.Address).Select(static node => node.Device.Address)];
        string text = string.Join(", ", addresses.Take(Shown));
        return addresses.Length > Shown ? $"{text} and {addresses.Length - Shown} more" : text;
    }

    private static string Words(IReadOnlyList<string> services) =>
        services.Count == 0 ? "nothing" : string.Join(" ", services);
}
