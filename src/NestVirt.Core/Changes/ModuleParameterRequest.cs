using System.Text.Json.Serialization;
using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Asks for parameters of a module.</summary>
/// <param name="Module">The module's name; dashes and underscores are one.</param>
/// <param name="Parameters">The parameters and their values.</param>
public sealed record ModuleParameterRequest(string Module, IReadOnlyDictionary<string, string> Parameters)
    : ChangeRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Title =>
        $"set {Module} {string.Join(' ', Parameters.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}"))}";

    /// <inheritdoc/>
    internal override CommandCall? Call =>
        CallOf(
            OwnCommand.SetModule,
            Parameters
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => (CommandArgument.Parameter, $"{pair.Key}={pair.Value}"))
                .Prepend((CommandArgument.Module, Module))
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Finding> FindFaults() =>
        [.. ModuleParameterFaults.OfModule(Module), .. ModuleParameterFaults.OfParameters(Parameters)];
}
