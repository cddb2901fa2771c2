using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Asks for nesting to be on or off.</summary>
/// <param name="Enable">On.</param>
public sealed record NestingRequest(bool Enable) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        string.Concat(
            Enable ? "enable nesting" : "disable nesting",
            VmNames is null ? string.Empty : $" of {WordList.Short(VmNames)}"
        );

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            Enable ? OwnCommand.EnableNesting : OwnCommand.DisableNesting,
            (VmNames ?? [])
                .Select(static name => (CommandArgument.VmName, name))
                .Concat(
                    Parameters
                        .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                        .Select(static pair => (CommandArgument.Parameter, $"{pair.Key}={pair.Value}"))
                )
        );

    /// <summary>Gets the virtual machines that are meant, by name or id with <c>*</c> and <c>?</c>; null for all that can have it, of a KVM host for the host itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? VmNames
    {
        get;
        init => field = value is null ? null : TextList<string>.Of(value);
    }

    /// <summary>Gets other parameters of the module that decides on nesting, such as enable_shadow_vmcs=1.</summary>
    public IReadOnlyDictionary<string, string> Parameters
    {
        get;
        // The serializer sets what a document does not have to null.
        init => field = value ?? new Dictionary<string, string>();
    } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [
            .. VmNameFaults.Of(VmNames ?? []),
            .. ModuleParameterFaults.OfParameters(Parameters),
            .. ModuleParameterFaults.OfNesting(Enable, Parameters),
        ];
}
