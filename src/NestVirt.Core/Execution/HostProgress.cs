namespace NestVirt.Execution;

/// <summary>How far a run over hosts is.</summary>
/// <param name="Ended">How many hosts gave their last answer.</param>
/// <param name="Added">How many hosts there are.</param>
/// <param name="Elapsed">How long the run has lasted.</param>
public readonly record struct HostProgress(int Ended, int Added, TimeSpan Elapsed);
