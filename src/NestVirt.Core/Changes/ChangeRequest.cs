using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>What a user asks of a host. A plan is made from it and from what the host answers, and from nothing else.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NestingRequest), "nesting")]
[JsonDerivedType(typeof(ModuleParameterRequest), "module")]
[JsonDerivedType(typeof(HugePageRequest), "hugepages")]
[JsonDerivedType(typeof(VirtualFunctionRequest), "sriov")]
[JsonDerivedType(typeof(PciDriverRequest), "driver")]
[JsonDerivedType(typeof(KernelParameterRequest), "kernel")]
[JsonDerivedType(typeof(IommuRequest), "iommu")]
[JsonDerivedType(typeof(VmCpuRequest), "cpu")]
[JsonDerivedType(typeof(VmPciDeviceRequest), "vmpci")]
[JsonDerivedType(typeof(VmTuningRequest), "tuning")]
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

    /// <summary>Gets the command that asks for it, of whatever host; null where it is not written.</summary>
    internal virtual CommandCall? Call => null;

    /// <summary>Gets a value indicating whether its plan is made whole or not at all: one change of it without the others would leave something nowhere.</summary>
    internal virtual bool IsWhole => false;

    /// <inheritdoc/>
    public sealed override string ToString() => Title;

    /// <summary>Finds what is wrong with the request itself, whatever the host: words without a meaning, and wishes that exclude one another.</summary>
    /// <returns>The faults, each with what to ask for instead; none for a request that can be put to a host.</returns>
    public virtual IReadOnlyList<Finding> FindFaults() => [];

    /// <summary>Makes the command that asks for it, with what the user allows.</summary>
    private protected CommandCall CallOf(
        OwnCommand command,
        IEnumerable<(CommandArgument Name, string Value)> arguments,
        params IEnumerable<(ChangeSwitch Name, bool IsOn)> switches
    ) =>
        new(command, [.. arguments])
        {
            Switches =
            [
                .. switches.Where(static pair => pair.IsOn).Select(static pair => pair.Name),
                .. StopGuests ? [ChangeSwitch.StopGuests] : Array.Empty<ChangeSwitch>(),
                .. Force ? [ChangeSwitch.Force] : Array.Empty<ChangeSwitch>(),
                .. ReplaceConflict ? [ChangeSwitch.ReplaceConflict] : Array.Empty<ChangeSwitch>(),
            ],
        };

    /// <summary>Refuses a request with a fault.</summary>
    /// <exception cref="ChangeRefusedException">It has one.</exception>
    internal void RequireFaultless()
    {
        if (FindFaults() is { Count: > 0 } faults)
        {
            throw new ChangeRefusedException(faults);
        }
    }
}
