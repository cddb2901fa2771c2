namespace NestVirt.Linux.GuestTuning;

/// <summary>What of the free memory of a host a plan has promised to guests already: each of them would see it as free.</summary>
internal sealed class MemoryClaims
{
    private readonly Dictionary<(int? Node, long SizeKiB), long> _claimed = [];

    /// <summary>Promises memory.</summary>
    /// <param name="node">The node; null where it may come from any.</param>
    /// <param name="sizeKiB">The size of its pages, in KiB; 0 for small ones.</param>
    /// <param name="memoryKiB">How much, in KiB.</param>
    internal void Add(int? node, long sizeKiB, long memoryKiB) =>
        _claimed[(node, sizeKiB)] = _claimed.GetValueOrDefault((node, sizeKiB)) + memoryKiB;

    /// <summary>Gets how much may be promised of a node, in KiB.</summary>
    /// <param name="node">The node; null for the whole host.</param>
    /// <param name="sizeKiB">The size of the pages, in KiB; 0 for small ones.</param>
    /// <returns>What was promised of it, and of any.</returns>
    internal long Of(int? node, long sizeKiB) =>
        _claimed
            .Where(claim =>
                claim.Key.SizeKiB == sizeKiB && (node is null || claim.Key.Node is null || claim.Key.Node == node)
            )
            .Sum(static claim => claim.Value);
}
