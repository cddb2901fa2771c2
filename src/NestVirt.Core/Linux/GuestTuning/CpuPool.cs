using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.GuestTuning;

/// <summary>The processors of a host that guests can be given, and whose they are already.</summary>
internal sealed class CpuPool
{
    // A part of each node stays for the host, and for what QEMU does beside running processors of guests.
    private const int ShareOfHost = 8;

    private readonly Dictionary<int, List<string>> _owners = [];
    private readonly HashSet<HostCore> _ofHost = [];

    /// <summary>Initializes a new instance of the <see cref="CpuPool"/> class.</summary>
    /// <param name="layout">The processors of the host.</param>
    internal CpuPool(CpuLayout layout)
    {
        Layout = layout;
        foreach (int node in layout.Nodes)
        {
            HostCore[] cores = [.. layout.Cores.Where(core => core.Node == node && !IsIsolated(core))];
            bool isFirst = layout.Cores is [var first, ..] && first.Node == node;
            if (cores.Length > 1 || (isFirst && cores.Length > 0))
            {
                _ofHost.UnionWith(cores.Take(Math.Max(1, cores.Length / ShareOfHost)));
            }
        }
    }

    /// <summary>Gets the processors of the host.</summary>
    internal CpuLayout Layout { get; }

    /// <summary>Notes whose processors a guest's pins make: those of one core each. What may run on several cores has none of them for itself.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="definition">What it runs with, or starts with.</param>
    internal void Take(string guest, DomainDefinition? definition) =>
        Take(guest, definition?.Pins.Values.Where(IsOfOneCore).SelectMany(static cpus => cpus) ?? []);

    /// <summary>Notes that processors are a guest's.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="cpus">The processors.</param>
    internal void Take(string guest, IEnumerable<int> cpus)
    {
        foreach (int cpu in cpus)
        {
            List<string> owners = _owners.TryGetValue(cpu, out List<string>? known) ? known : _owners[cpu] = [];
            if (!owners.Contains(guest))
            {
                owners.Add(guest);
            }
        }
    }

    /// <summary>Notes that a guest has no processors any more.</summary>
    /// <param name="guest">The guest.</param>
    internal void Release(string guest)
    {
        foreach (List<string> owners in _owners.Values)
        {
            owners.Remove(guest);
        }
    }

    /// <summary>Finds whose processors some are.</summary>
    /// <param name="cpus">The processors.</param>
    /// <returns>The guests.</returns>
    internal IReadOnlyList<string> OwnersOf(IEnumerable<int> cpus) =>
        [.. cpus.SelectMany(cpu => _owners.GetValueOrDefault(cpu) ?? []).Distinct(StringComparer.Ordinal)];

    /// <summary>Finds the cores of a node that a guest can be given.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isShared">Whether those of other guests count, too; behind the others.</param>
    /// <returns>The cores: those that the scheduler leaves alone first, since they were set aside for guests.</returns>
    internal IReadOnlyList<HostCore> CoresOf(int node, bool isShared) =>
        [
            .. Layout
                .Cores.Where(core => core.Node == node && !_ofHost.Contains(core) && (isShared || !IsTaken(core)))
                .OrderBy(IsTaken)
                .ThenByDescending(IsIsolated)
                .ThenBy(static core => core.Threads[0]),
        ];

    /// <summary>Finds the processors that stay for the host, and that nobody has pinned all the same.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <returns>Those of the nodes; where they have none, all of the host; none where guests have them all.</returns>
    internal IReadOnlySet<int> OfHost(IReadOnlyCollection<int> nodes)
    {
        HostCore[] free = [.. _ofHost.Where(core => !IsTaken(core))];
        HostCore[] near = [.. free.Where(core => nodes.Contains(core.Node))];
        return (near.Length > 0 ? near : free).SelectMany(static core => core.Threads).ToHashSet();
    }

    /// <summary>Tells whether a processor stays for the host.</summary>
    /// <param name="cpu">The processor.</param>
    /// <returns>True if so.</returns>
    internal bool IsOfHost(int cpu) => _ofHost.Any(core => core.Threads.Contains(cpu));

    /// <summary>Tells what a node has, as evidence.</summary>
    /// <param name="node">The node.</param>
    /// <returns>How many cores, how many of them are free, and whose the others are.</returns>
    internal string Describe(int node)
    {
        HostCore[] cores = [.. Layout.Cores.Where(core => core.Node == node)];
        IReadOnlyList<string> owners = OwnersOf(cores.SelectMany(static core => core.Threads));
        string others = owners.Count == 0 ? string.Empty : $", others with {Text.WordList.Short(owners)}";
        return FormattableString.Invariant(
            $"node {node}: {CoresOf(node, isShared: false).Count} of {cores.Length} cores free ({cores.Count(_ofHost.Contains)} for the host{others})"
        );
    }

    /// <summary>Tells whether processors are threads of one core.</summary>
    /// <param name="cpus">The processors.</param>
    /// <returns>True if so.</returns>
    internal bool IsOfOneCore(IReadOnlySet<int> cpus) =>
        cpus.Count > 0 && Layout.CoreOf(cpus.First()) is { } core && cpus.All(core.Threads.Contains);

    private bool IsIsolated(HostCore core) => core.Threads.Any(Layout.Reserved.Contains);

    private bool IsTaken(HostCore core) => OwnersOf(core.Threads).Count > 0;
}
