using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Methods;

/// <summary>A parameter that goes into a method.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type: a text also where it holds an embedded instance.</param>
/// <param name="IsArray">Whether it may stand more than once.</param>
public sealed record MethodParameter(string Name, CimType Type, bool IsArray = false);
