namespace NestVirt.Fuzz;

/// <summary>A piece of Core that reads what comes from outside.</summary>
/// <param name="Name">The name.</param>
/// <param name="Seeds">Inputs to begin with.</param>
/// <param name="Run">Reads an input; an exception that is not ours, or one that says that a promise was broken, is a finding.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<string> Seeds, Action<string> Run)
{
    /// <summary>Gets a value indicating whether the first line of an input says what the rest is, and stays.</summary>
    internal bool HasHeader { get; init; }
}

/// <summary>A promise that did not hold: a file that changes when it is edited again, words that are not read back.</summary>
/// <param name="message">What was promised.</param>
internal sealed class BrokenPromiseException(string message) : Exception(message);
