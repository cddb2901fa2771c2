using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Methods;

/// <summary>What a method gives back.</summary>
/// <param name="ReturnValue">The return value.</param>
public sealed record MethodResult(uint ReturnValue)
{
    /// <summary>Gets the job; null where it was done at once.</summary>
    public CimObject? Job { get; init; }

    /// <summary>Gets out-parameters that are texts.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Texts { get; init; } = [];

    /// <summary>Gets out-parameters that are instances themselves.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<CimObject> Instances)> Instances { get; init; } = [];

    /// <summary>Gets out-parameters that name instances.</summary>
    public IReadOnlyList<(string Name, CimObject Instance)> References { get; init; } = [];
}
