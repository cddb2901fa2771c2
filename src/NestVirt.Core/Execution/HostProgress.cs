namespace NestVirt.Execution;

/// <summary>How far a run over hosts is.</summary>
/// <param name="Ended">How many hosts gave their last answer.</param>
/// <param name="Added">How many hosts there are.</param>
/// <param name="Elapsed">How long the run has lasted.</param>
public readonly record struct HostProgress(int Ended, int Added, TimeSpan Elapsed)
{
    /// <summary>Gets what is done at one of the hosts right now, as in <c>lab: shutting down, 12 s</c>; null where none says so.</summary>
    public string? Doing { get; init; }
}
