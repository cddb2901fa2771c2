using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>A host's processors and memory.</summary>
public sealed record TopologyFacts
{
    /// <summary>Gets how many logical CPUs are online, or null.</summary>
    public int? LogicalCpuCount { get; init; }

    /// <summary>Gets how many cores they belong to, or null.</summary>
    public int? CoreCount { get; init; }

    /// <summary>Gets whether cores run more than one thread; null when that is unknown.</summary>
    public bool? IsSmtActive { get; init; }

    /// <summary>Gets the NUMA nodes, ordered by number; empty when the host shows none.</summary>
    public IReadOnlyList<NumaNode> Nodes
    {
        get;
        init => field = TextList<NumaNode>.Of(value);
    } = TextList<NumaNode>.Empty;

    /// <summary>Gets the huge-page pools of the whole host, ordered by page size.</summary>
    public IReadOnlyList<HugePagePool> HugePages
    {
        get;
        init => field = TextList<HugePagePool>.Of(value);
    } = TextList<HugePagePool>.Empty;

    /// <summary>Gets the memory of the host in bytes, or null.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Gets the memory that is free, in bytes; null where the host is not asked for it, as on Linux.</summary>
    public long? FreeMemoryBytes { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(
            ", ",
            new[]
            {
                Count(LogicalCpuCount, "CPU"),
                Count(CoreCount, "core"),
                Count(Nodes.Count == 0 ? null : Nodes.Count, "node"),
                MemoryBytes is long memory ? string.Create(CultureInfo.InvariantCulture, $"{memory >> 20} MiB") : null,
            }
                .OfType<string>()
                .Concat(HugePages.Where(static pool => pool.TotalCount > 0).Select(static pool => pool.ToString()))
        );

    private static string? Count(int? count, string noun) =>
        count is int value
            ? string.Create(CultureInfo.InvariantCulture, $"{value} {noun}{(value == 1 ? string.Empty : "s")}")
            : null;
}

/// <summary>One NUMA node.</summary>
/// <param name="Number">The kernel's number.</param>
/// <param name="Cpus">Its logical CPUs in the kernel's list form, such as 0-3,8.</param>
public sealed record NumaNode(int Number, string Cpus)
{
    /// <summary>Gets its logical CPUs in the kernel's list form, such as 0-3,8.</summary>
    public string Cpus
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Cpus);

    /// <summary>Gets its memory in bytes, or null.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Gets its free memory in bytes, or null.</summary>
    public long? FreeMemoryBytes { get; init; }

    /// <summary>Gets its huge-page pools, ordered by page size.</summary>
    public IReadOnlyList<HugePagePool> HugePages
    {
        get;
        init => field = TextList<HugePagePool>.Of(value);
    } = TextList<HugePagePool>.Empty;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"node {Number}: CPUs {Cpus}");
}

/// <summary>Huge pages of one size.</summary>
/// <param name="PageSizeBytes">The size of a page.</param>
/// <param name="TotalCount">How many pages there are.</param>
/// <param name="FreeCount">How many of them are free.</param>
public sealed record HugePagePool(long PageSizeBytes, long TotalCount, long FreeCount)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{TotalCount} x {(PageSizeBytes >> 20 > 0 ? $"{PageSizeBytes >> 20} MiB" : $"{PageSizeBytes >> 10} KiB")}"
        );
}
