namespace NestVirt.Changes;

/// <summary>A change that is ready to be made, once somebody has agreed to its plan.</summary>
public sealed class PreparedChange
{
    private readonly Func<ChangePlan, ChangeWatch, CancellationToken, Task<ChangeResult>> _apply;
    private readonly ChangeWatch _watch = new();
    private volatile Task<ChangeResult>? _running;

    /// <summary>Initializes a new instance of the <see cref="PreparedChange"/> class.</summary>
    /// <param name="plan">What will change.</param>
    /// <param name="isWhole">Whether the plan is made whole or not at all.</param>
    /// <param name="goesOnAlone">Whether the host goes on to the end by itself once it was told to begin.</param>
    /// <param name="apply">Makes a plan, and tells how far it is.</param>
    internal PreparedChange(
        ChangePlan plan,
        bool isWhole,
        bool goesOnAlone,
        Func<ChangePlan, ChangeWatch, CancellationToken, Task<ChangeResult>> apply
    )
    {
        Plan = plan;
        IsWhole = isWhole;
        GoesOnAlone = goesOnAlone;
        _apply = apply;
    }

    /// <summary>Gets what will change; no changes when there is nothing to do.</summary>
    public ChangePlan Plan { get; }

    /// <summary>Gets a value indicating whether the plan is made whole or not at all.</summary>
    public bool IsWhole { get; }

    /// <summary>Gets a value indicating whether the host was told to begin.</summary>
    public bool HasBegun => _watch.HasBegun;

    /// <summary>Gets what is done at the host right now, as a phrase; null where that was not told.</summary>
    internal string? Doing => _watch.Doing;

    /// <summary>Gets a value indicating whether the host goes on to the end by itself once it was told to begin.</summary>
    internal bool GoesOnAlone { get; }

    /// <summary>Gets the change that is being made, or was; null where none was begun.</summary>
    internal Task<ChangeResult>? Running => _running;

    /// <summary>Leaves out some of the changes.</summary>
    /// <param name="changes">Those that are to be made.</param>
    /// <returns>The change; its plan says what was left out.</returns>
    /// <exception cref="InvalidOperationException">It is made whole or not at all.</exception>
    public PreparedChange Part(IReadOnlyCollection<HostChange> changes)
    {
        if (IsWhole)
        {
            throw new InvalidOperationException("The plan is made whole or not at all.");
        }

        ILookup<bool, HostChange> choice = Plan.Changes.ToLookup(changes.Contains);
        return choice[false].Any()
            ? new PreparedChange(
                Plan with
                {
                    Changes = [.. choice[true]],
                    LeftOut = [.. choice[false]],
                },
                isWhole: false,
                GoesOnAlone,
                _apply
            )
            : this;
    }

    /// <summary>Makes the change.</summary>
    /// <param name="cancellationToken">Stops waiting; a change that has begun goes on to its end on a host that goes on alone, and to a place where it can end on another.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">The host has changed, is locked, or a change failed.</exception>
    internal async Task<ChangeResult> ApplyAsync(CancellationToken cancellationToken)
    {
        // It is there before it can have begun.
        TaskCompletionSource<ChangeResult> running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _running = running.Task;
        try
        {
            ChangeResult result = await _apply(Plan, _watch, cancellationToken).ConfigureAwait(false);
            running.SetResult(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            running.SetCanceled(CancellationToken.None);
            throw;
        }
        catch (Exception error)
        {
            running.SetException(error);
            throw;
        }
    }
}
