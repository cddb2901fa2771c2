using System.Text.Json.Serialization;
using NestVirt.Guidance;

namespace NestVirt.Changes;

/// <summary>Asks for a number of huge pages.</summary>
/// <param name="SizeKiB">The size of a page, in KiB: 2048 or 1048576 on x86.</param>
/// <param name="Count">How many there shall be.</param>
public sealed record HugePageRequest(long SizeKiB, long Count) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        FormattableString.Invariant(
            $"set {PagesText(Count)} of {SizeText(SizeKiB)}{(Node is { } node ? $" on node {node}" : string.Empty)}"
        );

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetHugePages,
            [
                (CommandArgument.PageSizeKiB, FormattableString.Invariant($"{SizeKiB}")),
                (CommandArgument.PageCount, FormattableString.Invariant($"{Count}")),
                .. Node is { } node ? new[] { (CommandArgument.Node, FormattableString.Invariant($"{node}")) } : [],
            ],
            (ChangeSwitch.Temporary, IsTemporary)
        );

    /// <summary>Gets the NUMA node, or null to leave the choice to the kernel.</summary>
    public int? Node { get; init; }

    /// <summary>Gets a value indicating whether the number holds only until the next boot.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Counts pages for people.</summary>
    /// <param name="count">How many.</param>
    /// <param name="adjective">A word that ends in a blank, such as <c>more </c>, or nothing.</param>
    /// <returns>The phrase.</returns>
    internal static string PagesText(long count, string adjective = "") =>
        FormattableString.Invariant($"{count} {adjective}huge page{(count == 1 ? string.Empty : "s")}");

    /// <summary>Writes the size of a page in the largest unit of which it is a whole number.</summary>
    /// <param name="sizeKiB">The size.</param>
    /// <returns>The size with its unit.</returns>
    internal static string SizeText(long sizeKiB) =>
        sizeKiB % (1 << 20) == 0 ? FormattableString.Invariant($"{sizeKiB >> 20} GiB")
        : sizeKiB % (1 << 10) == 0 ? FormattableString.Invariant($"{sizeKiB >> 10} MiB")
        : FormattableString.Invariant($"{sizeKiB} KiB");
}
