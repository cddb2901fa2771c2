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

    private long MemoryKiB => (saved.MemoryBytes ?? 0) >> 10;

    private long OwnSizeKiB =>
        edit.Root.Find("memoryBacking", "hugepages", "page") is { } page
        && PageSize.Parse($"{page.Value("size")}{page.Value("unit") ?? "KiB"}") is { } size
            ? size
            : site.Memory.DefaultSizeKiB ?? 0;

    private bool HasPages => edit.Root.Find("memoryBacking", "hugepages") is not null;

    /// <summary>Gets the nodes that its memory has to come from; none where it may come from any.</summary>
    internal IReadOnlyCollection<int> BoundNodes =>
        edit.Root.Find("numatune", "memory") is { } memory && memory.Value("mode") is null or "strict" or "restrictive"
            ? CpuList.Members(memory.Value("nodeset")) ?? []
            : [];

    /// <summary>Tells how well a node does for one of so many equal parts of the memory.</summary>
    /// <param name="node">The node.</param>
    /// <param name="parts">How many parts.</param>
    /// <returns>0 where it cannot hold it; more where more of it is free for it.</returns>
    internal int RankOf(int node, int parts)
    {
        bool isAsked = site.Request.Has(VmTuning.Memory) || site.Request.Has(VmTuning.HugePages);
        MemoryCounts? counts = site.Memory.NodeMemory.GetValueOrDefault(node) ?? site.Memory.Memory;
        long part = MemoryKiB / parts;
        if (!isAsked || counts is null || part == 0)
        {
            return Room;
        }

        // What it has there now it gives back when it is shut down.
        long own = guest.IsActive && BoundNodes.Count == 1 && BoundNodes.Contains(node) ? part : 0;
        bool hasPages = HasPages
            ? Has(OwnSizeKiB, node, part - own)
            : site.Request.Has(VmTuning.HugePages) && Sizes().Any(size => Has(size, node, part));
        return hasPages ? PagesReady
            : part > counts.TotalKiB ? NoRoom
            : !HasPages && counts.FreeKiB + own - site.Claims.Of(node, 0) >= part ? FreeRoom
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
        bool isFree = nodes.Distinct().All(node => RankOf(node, nodes.Length) >= FreeRoom);
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

        foreach (int node in HasPages || !isFree ? [] : nodes)
        {
            site.Claims.Add(node, 0, MemoryKiB / nodes.Length);
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

        if (edit.Root.Find("memoryBacking", "source")?.Value("type") == "file" || MemoryKiB == 0)
        {
            yield return TuningFindings.Left("Its memory is in files, and so in no huge pages.", "<memoryBacking>");
            yield break;
        }

        int[] nodes = site.Pool.Layout.Nodes.Count < 2 ? [] : [.. placement?.Nodes ?? BoundNodes];
        long[] even = [.. Sizes().Where(size => MemoryKiB % (size * Math.Max(1, nodes.Length)) == 0)];
        long found = even.OrderDescending().FirstOrDefault(size => HasAll(size, nodes));
        if (found > 0)
        {
            edit.SetHugePages(found);
            foreach (int? node in nodes.Length == 0 ? [null] : nodes.Select(static node => (int?)node))
            {
                site.Claims.Add(node, found, MemoryKiB / Math.Max(1, nodes.Length));
            }

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
        Finding few = TuningFindings.PagesFew(
            wanted,
            MemoryKiB / wanted,
            TotalWith(wanted),
            Evidence(wanted, nodes),
            isAsked,
            nodes is [var only] ? only : null
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

    private long TotalWith(long sizeKiB) =>
        (site.Memory.Sizes.GetValueOrDefault(sizeKiB)?.UsedCount ?? 0) + (MemoryKiB / sizeKiB);

    private bool HasAll(long sizeKiB, int[] nodes) =>
        nodes.Length == 0
            ? FreeKiB(sizeKiB) >= MemoryKiB
            : nodes
                .GroupBy(static node => node)
                .All(group => Has(sizeKiB, group.Key, MemoryKiB / nodes.Length * group.Count()));

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
        return string.Join("; ", each);
    }
}
