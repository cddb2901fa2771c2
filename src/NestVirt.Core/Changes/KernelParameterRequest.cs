using System.Text.Json.Serialization;
using NestVirt.Guidance;

namespace NestVirt.Changes;

/// <summary>Asks for words on the kernel's command line.</summary>
/// <param name="Set">Words to have, such as <c>hugepagesz=1G</c>; of one name only the last value stays.</param>
/// <param name="Remove">Words, or names with any value, to take away.</param>
public sealed record KernelParameterRequest(IReadOnlyList<string> Set, IReadOnlyList<string> Remove) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        $"set kernel parameters {string.Join(' ', Set.Concat(Remove.Select(static word => $"-{word}")))}";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetKernel,
            [
                .. Set.Select(static word => (CommandArgument.KernelWord, word)),
                .. Remove.Select(static word => (CommandArgument.RemovedKernelWord, word)),
            ]
        );
}
