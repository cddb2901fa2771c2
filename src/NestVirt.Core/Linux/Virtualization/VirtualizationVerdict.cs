using NestVirt.Model;

namespace NestVirt.Linux.Virtualization;

/// <summary>What is proved about a processor's virtualization extension.</summary>
/// <param name="Extension">Its name, or null when there is none or it is not known.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Evidence">What the host said; null when nothing was said.</param>
internal sealed record VirtualizationVerdict(
    string? Extension,
    VirtualizationState State,
    string Reason,
    string? Evidence
)
{
    /// <summary>Gets what makes the extension usable, or shows whether it is; null when nothing is known to.</summary>
    public string? Remedy { get; init; }

    /// <summary>Gets what keeps guests from running hypervisors though the extension is there; null when nothing is known to.</summary>
    public Finding? NestingObstacle { get; init; }

    /// <summary>Gets the features, by the kernel's names and in its order.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}
