namespace NestVirt.StandIn.Authentication;

/// <summary>A body.</summary>
/// <param name="ContentType">Its Content-Type; empty where there is none.</param>
/// <param name="Bytes">What it holds.</param>
public sealed record StandInBody(string ContentType, ReadOnlyMemory<byte> Bytes);
