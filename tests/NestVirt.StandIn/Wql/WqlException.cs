namespace NestVirt.StandIn.Wql;

/// <summary>A text that is not WQL, or not the part of it that is understood here.</summary>
/// <param name="message">What is wrong.</param>
public sealed class WqlException(string message) : Exception(message);
