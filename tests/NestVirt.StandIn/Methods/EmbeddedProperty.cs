namespace NestVirt.StandIn.Methods;

/// <summary>A property of an embedded instance.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type that is written with it; null where none is.</param>
/// <param name="IsArray">Whether it is an array.</param>
/// <param name="Values">The values; none for NULL.</param>
public sealed record EmbeddedProperty(string Name, string? Type, bool IsArray, IReadOnlyList<string> Values);
