using System.Text.Json.Serialization;

namespace NestVirt.Planning;

/// <summary>What a user asks of a host. A plan is made from it and from what the host answers, and from nothing else.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NestingRequest), "nesting")]
[JsonDerivedType(typeof(ModuleParameterRequest), "module")]
[JsonDerivedType(typeof(HugePageRequest), "hugepages")]
[JsonDerivedType(typeof(VirtualFunctionRequest), "sriov")]
[JsonDerivedType(typeof(PciDriverRequest), "driver")]
[JsonDerivedType(typeof(KernelParameterRequest), "kernel")]
[JsonDerivedType(typeof(IommuRequest), "iommu")]
public abstract record ChangeRequest
{
    /// <summary>Gets what is asked for, as a phrase.</summary>
    [JsonIgnore]
    public abstract string Title { get; }

    /// <summary>Gets a value indicating whether running guests may be shut down, and started again, for the change.</summary>
    public bool StopGuests { get; init; }

    /// <summary>Gets how long a guest may take to shut down, in seconds.</summary>
    public int GuestTimeoutSeconds { get; init; } = 120;

    /// <summary>Gets a value indicating whether what is in use may be interrupted. A device the host needs stays refused.</summary>
    public bool Force { get; init; }

    /// <summary>Gets a value indicating whether conflicting lines in other files are commented out.</summary>
    public bool ReplaceConflict { get; init; }
}
