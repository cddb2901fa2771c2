namespace NestVirt.StandIn;

/// <summary>A request that came in, for tests that count and compare them.</summary>
/// <param name="Number">Its place among all, from 1.</param>
/// <param name="Connection">The connection that it came on.</param>
/// <param name="Authorization">The scheme of its Authorization; null where it had none.</param>
/// <param name="ContentType">Its Content-Type.</param>
/// <param name="Text">The message in the clear; empty where it was not let in.</param>
public sealed record StandInRequest(
    int Number,
    string Connection,
    string? Authorization,
    string ContentType,
    string Text
);
