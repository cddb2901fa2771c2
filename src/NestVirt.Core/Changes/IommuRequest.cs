using System.Text.Json.Serialization;

namespace NestVirt.Changes;

/// <summary>Asks for the IOMMU to be on or off at the next boot.</summary>
/// <param name="Enable">On.</param>
public sealed record IommuRequest(bool Enable) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => Enable ? "enable the IOMMU" : "disable the IOMMU";

    /// <summary>Gets whether the host's own devices bypass translation (<c>iommu=pt</c>); null to leave it.</summary>
    public bool? Passthrough { get; init; }
}
