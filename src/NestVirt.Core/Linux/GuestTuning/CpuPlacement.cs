using NestVirt.Changes;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Which processors of the host run those of a guest.</summary>
/// <param name="Cells">The guest's processors by the NUMA nodes that it sees; one list where it sees none.</param>
/// <param name="Cpus">The processor of the host for each of the guest's.</param>
/// <param name="Nodes">The node of the host for each of <paramref name="Cells"/>.</param>
internal sealed record CpuPlacement(
    IReadOnlyList<IReadOnlyList<int>> Cells,
    IReadOnlyDictionary<int, int> Cpus,
    IReadOnlyList<int> Nodes
)
{
    /// <summary>Gets a value indicating whether the guest's pins are so already.</summary>
    internal bool IsKept { get; init; }

    /// <summary>Finds whether what a guest is pinned to does.</summary>
    /// <param name="pool">The processors of the host; the guest has none of them.</param>
    /// <param name="wish">What the guest needs.</param>
    /// <param name="saved">Its definition.</param>
    /// <returns>Where it is; null where it is to be pinned anew.</returns>
    internal static CpuPlacement? Kept(CpuPool pool, CpuWish wish, DomainDefinition saved)
    {
        int[] vcpus = [.. wish.Cells.SelectMany(static cell => cell)];
        Dictionary<int, int> cpus = [];
        foreach (int vcpu in vcpus)
        {
            if (saved.Pins.GetValueOrDefault(vcpu) is not { Count: 1 } pins)
            {
                return null;
            }

            cpus[vcpu] = pins.First();
        }

        int?[] nodes = [.. wish.Cells.Select(cell => NodeOf(pool.Layout, cell.Select(vcpu => cpus[vcpu])))];
        return
            cpus.Values.Distinct().Count() == vcpus.Length
            && !cpus.Values.Any(pool.IsOfHost)
            && nodes.All(node => node is not null && (wish.Node ?? node) == node)
            && (wish.MayShare || pool.OwnersOf(Used(pool.Layout, cpus.Values)).Count == 0)
            && wish.Cells.All(cell => IsLaidOut(pool.Layout, wish, [.. cell.Select(vcpu => cpus[vcpu])]))
            ? new CpuPlacement(wish.Cells, cpus, [.. nodes.Select(static node => node!.Value)]) { IsKept = true }
            : null;
    }

    /// <summary>Finds processors for a guest: of one node, or else of as few as can be.</summary>
    /// <param name="pool">The processors of the host; the guest has none of them.</param>
    /// <param name="wish">What the guest needs.</param>
    /// <returns>Where it can be; null where the host has not what it needs.</returns>
    internal static CpuPlacement? Find(CpuPool pool, CpuWish wish)
    {
        int[] nodes = [.. pool.Layout.Nodes.Where(node => (wish.Node ?? node) == node)];
        if (wish.Cells.Count > 1)
        {
            return On(pool, wish, wish.Cells, nodes) ?? OnOne(pool, wish, wish.Cells, nodes);
        }

        IReadOnlyList<int> vcpus = wish.Cells[0];
        for (int count = 1; count <= nodes.Length; count++)
        {
            bool isPossible = count == 1 || (vcpus.Count % count == 0 && wish.CanSplit(count));
            if (isPossible && On(pool, wish, [.. vcpus.Chunk(vcpus.Count / count)], nodes) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    // Each part of the guest has a node of its own.
    private static CpuPlacement? On(
        CpuPool pool,
        CpuWish wish,
        IReadOnlyList<IReadOnlyList<int>> cells,
        IReadOnlyList<int> nodes
    )
    {
        (int Node, IReadOnlyList<HostCore> Cores)[] able =
        [
            .. nodes
                .Select(node => (Node: node, Cores: pool.CoresOf(node, wish.MayShare)))
                .Where(one =>
                    wish.RankOf(one.Node, cells.Count) > 0
                    && cells.All(cell => Lay(wish, cell.Count, one.Cores) is not null)
                )
                .OrderByDescending(one => wish.RankOf(one.Node, cells.Count))
                .ThenByDescending(one => wish.NearNodes.Contains(one.Node))
                .ThenByDescending(one => pool.CoresOf(one.Node, isShared: false).Count)
                .ThenBy(static one => one.Node)
                .Take(cells.Count)
                .OrderBy(static one => one.Node),
        ];
        return able.Length < cells.Count
            ? null
            : Made(
                cells,
                [.. cells.Select((cell, at) => Lay(wish, cell.Count, able[at].Cores)!)],
                [.. able.Select(static one => one.Node)]
            );
    }

    private static CpuPlacement? OnOne(
        CpuPool pool,
        CpuWish wish,
        IReadOnlyList<IReadOnlyList<int>> cells,
        IReadOnlyList<int> nodes
    )
    {
        CpuPlacement? whole = On(
            pool,
            wish,
            [
                [.. cells.SelectMany(static cell => cell)],
            ],
            nodes
        );
        return whole is null ? null : whole with { Cells = cells, Nodes = [.. cells.Select(_ => whole.Nodes[0])] };
    }

    private static CpuPlacement Made(
        IReadOnlyList<IReadOnlyList<int>> cells,
        IReadOnlyList<IReadOnlyList<int>> cpus,
        IReadOnlyList<int> nodes
    ) =>
        new(
            cells,
            cells
                .SelectMany((cell, at) => cell.Select((vcpu, place) => (vcpu, Cpu: cpus[at][place])))
                .ToDictionary(static pair => pair.vcpu, static pair => pair.Cpu),
            nodes
        );

    // One of each core, or all of each.
    private static int[]? Lay(CpuWish wish, int count, IReadOnlyList<HostCore> cores)
    {
        int[] cpus =
        [
            .. cores
                .SelectMany(core => wish.Siblings == VmSiblingUse.Pair ? core.Threads : core.Threads.Take(1))
                .Take(count),
        ];
        return cpus.Length == count ? cpus : null;
    }

    // With both threads, cores come one after another, and each whole but for the last.
    private static bool IsLaidOut(CpuLayout layout, CpuWish wish, IReadOnlyList<int> cpus)
    {
        HostCore[] cores = [.. cpus.Select(cpu => layout.CoreOf(cpu)!).Distinct()];
        return wish.Siblings == VmSiblingUse.Avoid
            ? cores.Length == cpus.Count
            : cores
                .SelectMany(static core => core.Threads)
                .Take(cpus.Count)
                .Select(layout.CoreOf)
                .SequenceEqual(cpus.Select(layout.CoreOf));
    }

    private static int? NodeOf(CpuLayout layout, IEnumerable<int> cpus)
    {
        int?[] nodes = [.. cpus.Select(cpu => layout.CoreOf(cpu)?.Node).Distinct()];
        return nodes.Length == 1 ? nodes[0] : null;
    }

    // A core is a guest's with all its threads: what others run on its second one slows the first.
    private static IEnumerable<int> Used(CpuLayout layout, IEnumerable<int> cpus) =>
        cpus.SelectMany(cpu => layout.CoreOf(cpu)?.Threads ?? []);
}

/// <summary>What a guest needs of the host's processors.</summary>
/// <param name="Cells">Its processors by the NUMA nodes that it sees; one list where it sees none.</param>
/// <param name="Siblings">What becomes of the second threads of cores.</param>
internal sealed record CpuWish(IReadOnlyList<IReadOnlyList<int>> Cells, VmSiblingUse Siblings)
{
    /// <summary>Gets whether it can be given so many NUMA nodes to see.</summary>
    internal Func<int, bool> CanSplit { get; init; } = static _ => false;

    /// <summary>Gets the node that is asked for, or null.</summary>
    internal int? Node { get; init; }

    /// <summary>Gets the nodes of its memory and of the devices that it owns.</summary>
    internal IReadOnlyList<int> NearNodes { get; init; } = [];

    /// <summary>Gets a value indicating whether cores of other guests do.</summary>
    internal bool MayShare { get; init; }

    /// <summary>Gets how well the memory of a node does for one of so many equal parts of the guest; 0 where it cannot hold it.</summary>
    internal Func<int, int, int> RankOf { get; init; } = static (_, _) => 1;
}
