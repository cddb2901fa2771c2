namespace NestVirt.Linux.GuestTuning;

/// <summary>What of the free memory of a host guests take at their next start: each of them would see it as free.</summary>
internal sealed class MemoryClaims
{
    private readonly List<(string Guest, int? Node, long SizeKiB, long MemoryKiB)> _claims = [];

    /// <summary>Notes what a guest takes.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="node">The node; null where it may come from any.</param>
    /// <param name="sizeKiB">The size of its pages, in KiB; 0 for small ones.</param>
    /// <param name="memoryKiB">How much, in KiB.</param>
    internal void Add(string guest, int? node, long sizeKiB, long memoryKiB) =>
        _claims.Add((guest, node, sizeKiB, memoryKiB));

    /// <summary>Notes that a guest takes nothing.</summary>
    /// <param name="guest">The guest.</param>
    internal void Release(string guest) => _claims.RemoveAll(claim => claim.Guest == guest);

    /// <summary>Gets how much is taken of a node, in KiB.</summary>
    /// <param name="node">The node; null for the whole host.</param>
    /// <param name="sizeKiB">The size of the pages, in KiB; 0 for small ones.</param>
    /// <returns>What is taken of it, and of any.</returns>
    internal long Of(int? node, long sizeKiB) => Having(node, sizeKiB).Sum(static claim => claim.MemoryKiB);

    /// <summary>Gets who takes something of a node.</summary>
    /// <param name="node">The node; null for the whole host.</param>
    /// <param name="sizeKiB">The size of the pages, in KiB.</param>
    /// <returns>The guests.</returns>
    internal IReadOnlyList<string> GuestsOf(int? node, long sizeKiB) =>
        [.. Having(node, sizeKiB).Select(static claim => claim.Guest).Distinct(StringComparer.Ordinal)];

    private IEnumerable<(string Guest, int? Node, long SizeKiB, long MemoryKiB)> Having(int? node, long sizeKiB) =>
        _claims.Where(claim => claim.SizeKiB == sizeKiB && (node is null || claim.Node is null || claim.Node == node));
}
