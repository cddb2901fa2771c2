using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Changes;

/// <summary>Plans a change of one host, makes it, takes it back, and tells what was made.</summary>
public sealed class HostChanger : IDisposable
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private readonly Func<HostTarget, IReadOnlyList<IChangePlatform>> _platformsOf;
    private readonly IProbeReader _reader;
    private readonly HostUndo _undo;
    private readonly Func<Task>? _end;

    /// <summary>Initializes a new instance of the <see cref="HostChanger"/> class.</summary>
    /// <param name="platformsOf">Finds the platforms that a host may be of: one where it is live.</param>
    /// <param name="reader">Asks hosts, live or recorded.</param>
    /// <param name="mayRestart">Whether a host may be restarted when a change waits for that.</param>
    /// <param name="end">Ends what is kept open between two looks at a host; null where nothing is.</param>
    internal HostChanger(
        Func<HostTarget, IReadOnlyList<IChangePlatform>> platformsOf,
        IProbeReader reader,
        bool mayRestart,
        Func<Task>? end = null
    )
    {
        _end = end;
        _platformsOf = platformsOf;
        _reader = reader;
        _undo = new HostUndo(target => PlatformOf(target).Worker, mayRestart);
        MayRestart = mayRestart;
    }

    /// <summary>Gets a value indicating whether a host may be restarted when a change waits for that.</summary>
    public bool MayRestart { get; }

    /// <summary>Ends the log-ins that were kept from one look at a host to the next.</summary>
    public void Dispose() => _end?.Invoke().GetAwaiter().GetResult();

    /// <summary>Plans a change. Reads the host, and changes nothing.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot be brought there, or would be harmed.</exception>
    internal async Task<ChangePlan> PlanAsync(
        HostTarget target,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        ChangePlan plan = await Judging
            .RunAsync(
                target,
                token =>
                    HostKinds.ReadAsync(
                        _platformsOf(target),
                        platform => platform.FindPlanner(request),
                        static planner => planner.Probes,
                        platform => ChangeFailure.NotPlanned(request, platform.Name),
                        (probes, stop) => _reader.ReadAsync(target, probes, stop),
                        token
                    ),
                read => read.Part.Plan(target, request, read.Answers),
                cancellationToken
            )
            .ConfigureAwait(false);
        return MayRestart && WaitsForHost(plan)
            ? plan with
            {
                Findings = [.. plan.Findings, ChangeFailure.Restarts],
            }
            : plan;
    }

    /// <summary>Makes the changes of a plan, and reads the host again.</summary>
    /// <remarks>
    /// It is checked under a lock that everything is as the plan found it. Once begun a host that goes on alone does so to the
    /// end, even if this call is cancelled or the connection is lost; what another has begun is brought to a place where it can end.
    /// </remarks>
    /// <param name="plan">The plan; one of a request.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">The host has changed, is locked, or a change failed and was taken back.</exception>
    internal Task<ChangeResult> ApplyAsync(ChangePlan plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, new ChangeWatch(), cancellationToken);

    private async Task<ChangeResult> ApplyAsync(ChangePlan plan, ChangeWatch watch, CancellationToken cancellationToken)
    {
        ChangePlan next = plan;
        ChangeReceipt? receipt = null;
        if (plan.Changes.Count == 0 && !(MayRestart && WaitsForHost(plan)))
        {
            return Verified(plan, next, receipt);
        }

        HostTarget target = plan.Target;
        ChangeRequest request =
            plan.Request ?? throw new ArgumentException("It is the plan of a way back.", nameof(plan));
        ChangePlanner planner = PlannerOf(target, request);
        IChangeSession session = await PlatformOf(target)
            .Worker.OpenAsync(target, TimeoutOf(plan, ChangeScope.Of(request)), cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            if (plan.Changes.Count > 0)
            {
                watch.Begin();
                receipt = await session.ApplyAsync(plan, watch, cancellationToken).ConfigureAwait(false);

                // What this process alone brings to its end is told by it, too; and what was made is not refused afterwards.
                bool goesOnAlone = PlatformOf(target).Worker.GoesOnAlone;
                try
                {
                    next = await PlanAsync(
                            planner,
                            target,
                            plan.Again ?? request,
                            token => session.ReadAsync(planner.Probes, token),
                            goesOnAlone ? cancellationToken : CancellationToken.None
                        )
                        .ConfigureAwait(false);
                }
                catch (NestVirtException error) when (!goesOnAlone || error is ChangeRefusedException)
                {
                    throw ChangeFailure.NotReadAgain(target, receipt.Id, error);
                }
            }

            if (MayRestart && WaitsForHost(next))
            {
                watch.Begin();
                await session.RestartAsync(cancellationToken).ConfigureAwait(false);

                // The session that the host was reached in ended with its boot.
                HostTarget restarted = target with
                {
                    Session = null,
                };
                next = await PlanAsync(
                        planner,
                        restarted,
                        plan.Again ?? request,
                        token => _reader.ReadAsync(restarted, planner.Probes, token),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        }

        return Verified(plan, next, receipt);
    }

    /// <summary>Plans a change and makes it ready.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The change.</returns>
    public async Task<PreparedChange> PrepareAsync(
        HostTarget target,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        ChangePlan plan = await PlanAsync(target, request, cancellationToken).ConfigureAwait(false);
        return new PreparedChange(plan, request.IsWhole, PlatformOf(target).Worker.GoesOnAlone, ApplyAsync);
    }

    /// <summary>Makes a reviewed plan ready: plans again, and refuses when the host has changed since.</summary>
    /// <param name="reviewed">The plan as the document has it; its target may be another way to the same machine.</param>
    /// <param name="fingerprint">The fingerprint that the document claims.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The change.</returns>
    /// <exception cref="NestVirtException">The host, or the document, is not any more what was reviewed.</exception>
    public async Task<PreparedChange> PrepareAsync(
        ChangePlan reviewed,
        string fingerprint,
        CancellationToken cancellationToken
    )
    {
        ChangeRequest request =
            reviewed.Request ?? throw new ArgumentException("It is the plan of a way back.", nameof(reviewed));
        PreparedChange change = await PrepareAsync(reviewed.Target, request, cancellationToken).ConfigureAwait(false);

        // Whoever applies a plan twice finds nothing left to do.
        bool isDone = change.Plan.Changes.Count == 0 && change.Plan.Identity.MachineId == reviewed.Identity.MachineId;
        if (!isDone && change.Plan.Fingerprint != fingerprint)
        {
            throw ChangeFailure.NotAsReviewed(reviewed, change.Plan);
        }

        return
            isDone
            || change.Plan.Changes.Select(Shown).SequenceEqual(reviewed.Changes.Select(Shown), StringComparer.Ordinal)
            ? change
            : throw ChangeFailure.NotAsWritten();
    }

    /// <summary>Makes ready what takes a change back.</summary>
    /// <remarks>
    /// Later changes of the same have to be taken back first, and are, too, where the scope says so. What is made ready by
    /// one changer is made in that order.
    /// </remarks>
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change in the journal; null for the newest that is not taken back yet.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The change; its plan is empty when there is nothing to take back.</returns>
    /// <exception cref="NestVirtException">The journal has no such change, its plan cannot be read, or later changes stand in the way.</exception>
    public Task<PreparedChange> PrepareUndoAsync(
        HostTarget target,
        int? id,
        ChangeScope scope,
        CancellationToken cancellationToken
    ) => _undo.PrepareAsync(target, id, scope, cancellationToken);

    /// <summary>Takes a change back.</summary>
    /// <param name="entry">The change, as the journal has it.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">Something was changed since, or could not be put back.</exception>
    internal async Task<ChangeResult> UndoAsync(
        JournalEntry entry,
        ChangeScope scope,
        CancellationToken cancellationToken
    )
    {
        PreparedChange back = await PrepareUndoAsync(entry.Target, entry.Id, scope, cancellationToken)
            .ConfigureAwait(false);
        return await back.ApplyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the journal of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes, the newest first.</returns>
    internal async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(
        HostTarget target,
        CancellationToken cancellationToken
    )
    {
        IChangeSession session = await PlatformOf(target)
            .Worker.OpenAsync(target, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await session.ReadJournalAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gets how long the changes of a plan may take.</summary>
    /// <remarks>
    /// A plan may come from a host's journal, and how many guests there are is what the host says: the sum of what its
    /// steps ask for counts up to a time of ours, and only the user's own scope makes that longer.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="scope">What the user allows.</param>
    /// <returns>The time.</returns>
    internal static TimeSpan TimeoutOf(ChangePlan plan, ChangeScope scope)
    {
        TimeSpan longest = scope.StopGuests
            ? (2 * s_longest)
                + TimeSpan.FromSeconds(Math.Clamp(scope.GuestTimeoutSeconds, 0, ChangeScope.MaximumGuestTimeoutSeconds))
            : s_longest;
        TimeSpan sum = s_margin;
        foreach (HostChange change in plan.Changes)
        {
            TimeSpan left = longest - sum;
            sum +=
                change.Step.Timeout < TimeSpan.Zero ? TimeSpan.Zero
                : change.Step.Timeout < left ? change.Step.Timeout
                : left;
        }

        return sum;
    }

    private static Task<ChangePlan> PlanAsync(
        ChangePlanner planner,
        HostTarget target,
        ChangeRequest request,
        Func<CancellationToken, Task<ProbeAnswers>> read,
        CancellationToken cancellationToken
    ) => Judging.RunAsync(target, read, answers => planner.Plan(target, request, answers), cancellationToken);

    // What waits for one guest is no reason to restart all of them.
    private static bool WaitsForHost(ChangePlan plan) =>
        plan.Pending.Any(static finding => finding.Code != FindingCodes.VmRestartPending);

    // Of a recorded host any would do: none changes it.
    private IChangePlatform PlatformOf(HostTarget target) => _platformsOf(target)[^1];

    private ChangePlanner PlannerOf(HostTarget target, ChangeRequest request) =>
        PlatformOf(target) is var platform && platform.FindPlanner(request) is { } planner
            ? planner
            : throw ChangeFailure.NotPlanned(request, platform.Name);

    // What the new plan still asks for is not in effect, though it was made.
    private static ChangeResult Verified(ChangePlan plan, ChangePlan next, ChangeReceipt? receipt)
    {
        ILookup<bool, HostChange> missing = next.Changes.ToLookup(change =>
            plan.LeftOut.Any(left => left.Setting == change.Setting)
        );
        Finding[] pending = [.. next.Pending, .. missing[true].Select(LeftOut)];
        ChangeState state =
            missing[false].Any() && receipt is not null ? ChangeState.NotInEffect
            : pending.Length > 0 ? ChangeState.Pending
            : receipt is null ? ChangeState.Unchanged
            : ChangeState.InEffect;
        return new ChangeResult(plan.Target, plan.Title, state)
        {
            Id = receipt?.Id,
            Changes = plan.Changes,
            Pending = pending,
            Findings =
            [
                .. plan.Findings,
                .. receipt?.Findings ?? [],
                .. receipt is null
                    ? []
                    : missing[false]
                        .Select(static change => new Finding(
                            FindingCodes.NotInEffect,
                            Severity.Error,
                            $"{change.Setting} is {change.From ?? "(none)"} after the change, not {change.To ?? "(none)"}."
                        )),
            ],
        };
    }

    private static Finding LeftOut(HostChange change) =>
        new(
            FindingCodes.ChangeLeftOut,
            Severity.Information,
            $"{change.Setting} was left out, and is {change.From ?? "(none)"} still."
        );

    // What a reviewer of a document reads of a change.
    private static string Shown(HostChange change) =>
        string.Join(
            '\n',
            [
                change.ToString(),
                change.TakesEffect.ToString(),
                change.Disrupts ?? string.Empty,
                change.Undo,
                .. change.Diff,
            ]
        );
}
