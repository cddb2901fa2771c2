namespace NestVirt.Linux.Machine;

/// <summary>Which processors of a host are threads of one core, and where the cores are.</summary>
/// <param name="Cores">The cores that are online, by the number of their first thread; empty where that is not known.</param>
/// <param name="Reserved">The processors that the scheduler puts nothing on by itself (isolcpus).</param>
internal sealed record CpuLayout(IReadOnlyList<HostCore> Cores, IReadOnlySet<int> Reserved)
{
    /// <summary>Gets the nodes that have cores.</summary>
    internal IReadOnlyList<int> Nodes => [.. Cores.Select(static core => core.Node).Distinct().Order()];

    /// <summary>Finds the core of a processor.</summary>
    /// <param name="cpu">The processor.</param>
    /// <returns>The core, or null.</returns>
    internal HostCore? CoreOf(int cpu) => Cores.FirstOrDefault(core => core.Threads.Contains(cpu));
}

/// <summary>One core.</summary>
/// <param name="Node">Its NUMA node; 0 where the host shows none.</param>
/// <param name="Threads">Its processors that are online, in order.</param>
internal sealed record HostCore(int Node, IReadOnlyList<int> Threads);
