using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>A call of a method.</summary>
/// <param name="Machine">The host.</param>
/// <param name="Target">The instance that it is called on.</param>
/// <param name="Texts">Parameters that are no references, as texts.</param>
/// <param name="References">Parameters that are; an instance is null where there is none of that name.</param>
public sealed record MethodCall(
    HyperVMachine Machine,
    CimObject Target,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Texts,
    IReadOnlyDictionary<string, IReadOnlyList<CimObject?>> References
)
{
    /// <summary>Gets the texts of a parameter.</summary>
    public IReadOnlyList<string> All(string name) => Texts.GetValueOrDefault(name, []);

    /// <summary>Gets the text of a parameter; null where it is not given.</summary>
    public string? One(string name) => All(name) is [var first, ..] ? first : null;

    /// <summary>Gets the instance that a parameter names; null where there is none.</summary>
    public CimObject? Reference(string name) =>
        References.GetValueOrDefault(name, []) is [var first, ..] ? first : null;
}
