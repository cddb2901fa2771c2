using System.Text.Json.Serialization;
using NestVirt.Guidance;

namespace NestVirt.Changes;

/// <summary>Asks for the IOMMU to be on or off at the next boot.</summary>
/// <param name="Enable">On.</param>
public sealed record IommuRequest(bool Enable) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => Enable ? "enable the IOMMU" : "disable the IOMMU";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        Passthrough is null ? CallOf(Enable ? OwnCommand.EnableIommu : OwnCommand.DisableIommu, []) : null;

    /// <summary>Gets whether the host's own devices bypass translation (<c>iommu=pt</c>); null to leave it.</summary>
    public bool? Passthrough { get; init; }
}
