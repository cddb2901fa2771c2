namespace NestVirt.StandIn.Cim;

/// <summary>A property of a class.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type; of one item where it is an array.</param>
/// <param name="IsArray">Whether it is an array.</param>
/// <param name="IsKey">Whether it is part of what names an instance.</param>
/// <param name="SinceBuild">The first build of Windows that has it; 0 for all.</param>
public sealed record CimProperty(string Name, CimType Type, bool IsArray, bool IsKey, int SinceBuild);
