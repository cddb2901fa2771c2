namespace NestVirt.StandIn.Methods;

/// <summary>Why a method did not do what it was asked for.</summary>
/// <param name="Code">The return value, or the error code of the job.</param>
/// <param name="Message">The sentence; a real host writes it in its own language.</param>
public sealed record MethodFailure(uint Code, string Message);
