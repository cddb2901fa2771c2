using NestVirt.Changes;
using NestVirt.Linux.Guests;
using NestVirt.Linux.HugePages;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Fits the memory of one guest to its host.</summary>
/// <param name="site">The host.</param>
/// <param name="guest">The guest.</param>
/// <param name="saved">What its definition says.</param>
/// <param name="edit">Its definition, which is edited.</param>
internal sealed class GuestMemory(TuningSite site, LibvirtGuest guest, DomainDefinition saved, TuningEdit edit)
{
    private const int NoRoom = 0;
    private const int Room = 1;
    private const int FreeRoom = 2;
    private const int PagesReady = 3;

    // The nodes that have the pages which it gets by this plan.
    private int[] _pageNodes = [];

    private long MemoryKiB => (saved.MemoryBytes ?? 0) >> 10;

    private bool HasPages => edit.Root.Find("memoryBacking", "hugepages") is not null;

    /// <summary>Tells how well a node does for one of so many parts of the memory, of which it may be the largest.</summary>
    /// <param name="node">The node.</param>
    /// <param name="parts">How many parts.</param>
    /// <returns>0 where it cannot hold it; more where more of it is free for it.</returns>
    internal int RankOf(int node, int parts) => Rank(node, PartsKiB(parts).Max());

    // Nodes that it sees have memory of their own; others are equal.
    private long[] PartsKiB(int count)
    {
        long[] cells =
        [
            .. (edit.Root.Find("cpu", "numa")?.All("cell") ?? []).Select(static cell =>
                PageSize.Parse($"{cell.Value("memory")}{cell.Value("unit") ?? "KiB"}") ?? 0
            ),
        ];
        return cells.Length == count ? cells : [.. Enumerable.Repeat(MemoryKiB / count, count)];
    }

    private Dictionary<int, long> PartsKiB(int[] nodes)
    {
        Dictionary<int, long> parts = [];
        foreach ((int at, long part) in PartsKiB(nodes.Length).Index())
        {
            parts[nodes[at]] = parts.GetValueOrDefault(nodes[at]) + part;
        }

        return parts;
    }

    private int Rank(int node, long partKiB)
    {
        bool isAsked = site.Request.Has(VmTuning.Memory) || site.Request.Has(VmTuning.HugePages);
        MemoryCounts? counts = site.Memory.NodeMemory.GetValueOrDefault(node) ?? site.Memory.Memory;
        if (!isAsked || counts is null || partKiB == 0)
        {
            return Room;
        }

        // What it has there now it gives back when it is shut down.
        long own = guest.IsActive && saved.MemoryNodes.Count == 1 && saved.MemoryNodes.Contains(node) ? partKiB : 0;
        bool hasPages = saved.HasHugePages
            ? Has(saved.HugePageKiB ?? site.Memory.DefaultSizeKiB ?? 0, node, partKiB - own)
            : site.Request.Has(VmTuning.HugePages) && !HasPages && Sizes().Any(size => Has(size, node, partKiB));
        return hasPages ? PagesReady
            : partKiB > counts.TotalKiB ? NoRoom
            : !HasPages && counts.FreeKiB + own - site.Claims.Of(node, 0) >= partKiB ? FreeRoom
            : Room;
    }

    /// <summary>Fits it.</summary>
    /// <param name="placement">Where its processors are, or null.</param>
    /// <returns>What there is to know.</returns>
    /// <exception cref="ChangeRefusedException">The host has not the huge pages that are asked for.</exception>
    internal IReadOnlyList<Finding> Fit(CpuPlacement? placement)
    {
        List<Finding> notes = [];
        if (site.Request.Has(VmTuning.HugePages))
        {
            notes.AddRange(FitPages(placement));
        }

        if (site.Request.Has(VmTuning.Memory) && placement is not null && site.Pool.Layout.Nodes.Count > 1)
        {
            notes.AddRange(FitNodes(placement));
        }

        return notes;
    }

    private IEnumerable<Finding> FitNodes(CpuPlacement placement)
    {
        int[] nodes = [.. placement.Nodes];
        bool isFree =
            _pageNodes.SequenceEqual(nodes) || PartsKiB(nodes).All(part => Rank(part.Key, part.Value) >= FreeRoom);
        if (placement.Cells.Count > 1 && edit.Root.Find("cpu", "numa") is null)
        {
            edit.SetCells(placement.Cells, MemoryKiB / placement.Cells.Count);
            yield return TuningFindings.Tuned(
                FormattableString.Invariant(
                    $"It sees {placement.Cells.Count} NUMA nodes, as it is on so many of the host: it keeps what belongs together on one."
                )
            );
        }

        if (IsBound(nodes))
        {
            yield break;
        }

        // Of several nodes libvirt takes no mere preference (virDomainNumatuneNodesetIsAvailable; mode preferred has one node).
        if (!isFree && nodes.Distinct().Count() > 1)
        {
            yield return TuningFindings.Left(
                "Its memory is bound to no nodes, since these have not as much free as it takes.",
                Evidence(nodes)
            );
            yield break;
        }

        edit.SetMemoryNodes(nodes.Distinct().Count() == 1 ? [nodes[0]] : nodes, isFree ? "strict" : "preferred");
        yield return TuningFindings.Tuned(
            $"Its memory comes from {(nodes.Distinct().Count() == 1 ? "node" : "nodes")} {CpuList.Write(nodes)}, where its processors are{(isFree ? string.Empty : ", as long as there is some: not as much is free now")}.",
            Evidence(nodes)
        );
    }

    private string? Evidence(IEnumerable<int> nodes) =>
        nodes
            .Distinct()
            .Select(node => site.Memory.NodeMemory.GetValueOrDefault(node)?.Evidence)
            .OfType<string>()
            .ToArray()
            is { Length: > 0 } lines
            ? string.Join("; ", lines)
            : null;

    private bool IsBound(int[] nodes) =>
        edit.Root.Find("numatune", "memory") is { } memory
        && CpuList.Members(memory.Value("nodeset"))?.SetEquals(nodes) == true
        && (
            nodes.Distinct().Count() == 1
            || edit.Root.Find("numatune")!
                .All("memnode")
                .Select(static one => one.Value("nodeset"))
                .SequenceEqual(nodes.Select(static node => CpuList.Write([node])))
        );

    private IEnumerable<Finding> FitPages(CpuPlacement? placement)
    {
        bool isAsked = site.Request.PageSizeKiB is not null || site.Request.Tunings.Contains(VmTuning.HugePages);
        if (HasPages)
        {
            yield break;
        }

        if (AgainstPages() is { } reason)
        {
            yield return isAsked ? throw new ChangeRefusedException(reason with { Severity = Severity.Error }) : reason;
            yield break;
        }

        int[] nodes = site.Pool.Layout.Nodes.Count < 2 ? [] : [.. placement?.Nodes ?? [.. saved.MemoryNodes.Order()]];
        long[] parts = PartsKiB(Math.Max(1, nodes.Length));
        long[] even = [.. Sizes().Where(size => parts.All(part => part % size == 0))];
        long found = even.OrderDescending().FirstOrDefault(size => HasAll(size, nodes));
        if (found > 0)
        {
            edit.SetHugePages(found);
            _pageNodes = nodes;
            yield return TuningFindings.Tuned(
                $"Its memory is in huge pages of {HugePageRequest.SizeText(found)}: a hypervisor in it walks two tables for each page, and so far fewer.",
                Evidence(found, nodes)
            );
            yield break;
        }

        if (site.Request.PageSizeKiB is { } size && MemoryKiB % size != 0)
        {
            throw new ChangeRefusedException(TuningFindings.PagesUneven(size));
        }

        long wanted = site.Request.PageSizeKiB ?? site.Memory.DefaultSizeKiB ?? 2048;
        int? node = nodes is [var only] ? only : null;
        Finding few = TuningFindings.PagesFew(
            wanted,
            MemoryKiB / wanted,
            TotalWith(wanted, node),
            Evidence(wanted, nodes),
            isAsked,
            node
        );
        yield return isAsked ? throw new ChangeRefusedException(few) : few;
    }

    // libvirt takes pages from a mount of hugetlbfs of their size, which it finds when it starts.
    private IEnumerable<long> Sizes() =>
        site.Memory.Sizes.Keys.Where(size =>
            (site.Request.PageSizeKiB ?? size) == size
            && site.Mounts.Any(mount =>
                mount.FileSystem == "hugetlbfs" && (mount.PageSizeKiB ?? site.Memory.DefaultSizeKiB) == size
            )
        );

    // What is used, what others take at their next start, and what it takes itself.
    private long TotalWith(long sizeKiB, int? node) =>
        (
            (node is { } one ? site.Memory.Nodes.GetValueOrDefault(one) : site.Memory.Sizes)
                ?.GetValueOrDefault(sizeKiB)
                ?.UsedCount
            ?? 0
        ) + ((site.Claims.Of(node, sizeKiB) + MemoryKiB) / sizeKiB);

    private bool HasAll(long sizeKiB, int[] nodes) =>
        nodes.Length == 0
            ? FreeKiB(sizeKiB) >= MemoryKiB
            : PartsKiB(nodes).All(part => Has(sizeKiB, part.Key, part.Value));

    // KVM of s390x has huge pages and nesting apart (kvm.hpage); what libvirt refuses with them: qemuValidateDomainDefMemory of
    // src/qemu/qemu_validate.c.
    private Finding? AgainstPages() =>
        MemoryKiB == 0
            ? TuningFindings.Left(
                "How much memory it has cannot be told from its definition, and so it stays in small pages.",
                "<memory>"
            )
        : saved.Architecture?.StartsWith("s390", StringComparison.Ordinal) == true
            ? TuningFindings.Left(
                "Its memory stays in small pages: KVM has huge pages and nesting apart on this architecture.",
                saved.Architecture
            )
        : edit.Root.Find("memoryBacking", "allocation")?.Value("mode") == "ondemand"
            ? TuningFindings.Left(
                "Its memory is allocated on demand, and so stays in small pages.",
                "<allocation mode='ondemand'/>"
            )
        : edit.Root.Find("memoryBacking", "source")?.Value("type") is "file" or "anonymous"
            ? TuningFindings.Left(
                "Where its memory comes from is chosen, and so it stays in small pages.",
                "<source> of <memoryBacking>"
            )
        : null;

    // Of a node the kernel does not tell how many are promised: all that are may be there.
    private bool Has(long sizeKiB, int node, long memoryKiB) =>
        site.Memory.Nodes.GetValueOrDefault(node)?.GetValueOrDefault(sizeKiB) is { } pool
            ? ((pool.FreeCount - (site.Memory.Sizes.GetValueOrDefault(sizeKiB)?.ReservedCount ?? 0)) * sizeKiB)
                - site.Claims.Of(node, sizeKiB)
                >= memoryKiB
            : site.Memory.Nodes.Count < 2 && FreeKiB(sizeKiB) >= memoryKiB;

    private long FreeKiB(long sizeKiB) =>
        site.Memory.Sizes.GetValueOrDefault(sizeKiB) is { } counts
            ? ((counts.FreeCount - counts.ReservedCount) * sizeKiB) - site.Claims.Of(null, sizeKiB)
            : 0;

    private string Evidence(long sizeKiB, int[] nodes)
    {
        IEnumerable<string> each =
            nodes.Length == 0
                ?
                [
                    FormattableString.Invariant(
                        $"/sys/kernel/mm/hugepages/hugepages-{sizeKiB}kB/free_hugepages: {site.Memory.Sizes.GetValueOrDefault(sizeKiB)?.FreeCount ?? 0}"
                    ),
                ]
                : nodes
                    .Distinct()
                    .Select(node =>
                        FormattableString.Invariant(
                            $"/sys/devices/system/node/node{node}/hugepages/hugepages-{sizeKiB}kB/free_hugepages: {site.Memory.Nodes.GetValueOrDefault(node)?.GetValueOrDefault(sizeKiB)?.FreeCount ?? 0}"
                        )
                    );
        IReadOnlyList<string> others = site.Claims.GuestsOf(nodes is [var only] ? only : null, sizeKiB);
        return string.Join("; ", others.Count == 0 ? each : each.Append($"promised to {WordList.Short(others)}"));
    }
}
