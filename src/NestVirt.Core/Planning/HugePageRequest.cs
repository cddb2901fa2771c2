using System.Text.Json.Serialization;

namespace NestVirt.Planning;

/// <summary>Asks for a number of huge pages.</summary>
/// <param name="SizeKiB">The size of a page, in KiB: 2048 or 1048576 on x86.</param>
/// <param name="Count">How many there shall be.</param>
public sealed record HugePageRequest(long SizeKiB, long Count) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => FormattableString.Invariant(
        $"set {Count} huge pages of {SizeKiB} KiB{(Node is { } node ? $" on node {node}" : string.Empty)}");

    /// <summary>Gets the NUMA node, or null to leave the choice to the kernel.</summary>
    public int? Node { get; init; }

    /// <summary>Gets a value indicating whether the number holds only until the next boot.</summary>
    public bool IsTemporary { get; init; }
}
