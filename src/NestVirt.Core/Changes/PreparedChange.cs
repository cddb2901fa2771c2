namespace NestVirt.Changes;

/// <summary>A change that is ready to be made, once somebody has agreed to its plan.</summary>
/// <param name="plan">What will change.</param>
/// <param name="apply">Makes it.</param>
public sealed class PreparedChange(ChangePlan plan, Func<CancellationToken, Task<ChangeResult>> apply)
{
    /// <summary>Gets what will change; no changes when there is nothing to do.</summary>
    public ChangePlan Plan => plan;

    /// <summary>Makes the change.</summary>
    /// <param name="cancellationToken">Stops waiting; a change that has begun goes on to its end on the host.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">The host has changed, is locked, or a change failed.</exception>
    public Task<ChangeResult> ApplyAsync(CancellationToken cancellationToken) => apply(cancellationToken);
}
