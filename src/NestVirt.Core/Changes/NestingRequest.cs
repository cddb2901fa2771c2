using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Asks for nesting to be on or off.</summary>
/// <param name="Enable">On.</param>
public sealed record NestingRequest(bool Enable) : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title => Enable ? "enable nesting" : "disable nesting";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            Enable ? OwnCommand.EnableNesting : OwnCommand.DisableNesting,
            Parameters
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => (CommandArgument.Parameter, $"{pair.Key}={pair.Value}"))
        );

    /// <summary>Gets other parameters of the module that decides on nesting, such as enable_shadow_vmcs=1.</summary>
    public IReadOnlyDictionary<string, string> Parameters
    {
        get;
        // The serializer sets what a document does not have to null.
        init => field = value ?? new Dictionary<string, string>();
    } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [.. ModuleParameterFaults.OfParameters(Parameters), .. ModuleParameterFaults.OfNesting(Enable, Parameters)];
}
