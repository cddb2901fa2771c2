using System.Collections.Concurrent;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Takes changes back, in an order that keeps the journal true.</summary>
/// <param name="workerOf">Finds what changes a host.</param>
/// <param name="mayRestart">Whether a host may be restarted when a change stays in effect until then.</param>
internal sealed class HostUndo(Func<HostTarget, IChangeWorker> workerOf, bool mayRestart)
{
    // Of several changes of a host, the newest comes first: the way back of the others is planned as if it had been gone.
    private readonly ConcurrentDictionary<(HostTarget Target, int Id), bool> _prepared = [];

    /// <summary>Makes ready what takes a change back.</summary>
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change; null for the newest that is not taken back yet.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The change; its plan is empty when there is nothing to take back.</returns>
    internal async Task<PreparedChange> PrepareAsync(
        HostTarget target,
        int? id,
        ChangeScope scope,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<JournalEntry> journal;
        IChangeSession session = await workerOf(target)
            .OpenAsync(target, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            journal = await session.ReadJournalAsync(cancellationToken).ConfigureAwait(false);
        }

        if (UndoChoice.Find(journal, id) is not { } entry)
        {
            return Nothing(target, "undo: no change is left to take back");
        }

        if (IsTakenBack(entry))
        {
            return Nothing(target, TakenBackTitle(entry));
        }

        UndoChoice choice = UndoChoice.Make(
            journal,
            entry,
            scope.Force,
            other => _prepared.ContainsKey((target, other.Id))
        );
        foreach (JournalEntry one in choice.All)
        {
            _prepared[(target, one.Id)] = true;
        }

        return new PreparedChange(
            PlanOf(choice),
            isWhole: true,
            workerOf(target).GoesOnAlone,
            (_, watch, token) => RunAsync(choice, scope, watch, token)
        );
    }

    private async Task<ChangeResult> RunAsync(
        UndoChoice shown,
        ChangeScope scope,
        ChangeWatch watch,
        CancellationToken cancellationToken
    )
    {
        HostTarget target = shown.Entry.Target;
        TimeSpan timeout =
            shown.All.Max(entry => HostChanger.TimeoutOf(entry.Plan!, scope))
            + TimeSpan.FromSeconds(scope.StopGuests ? scope.GuestTimeoutSeconds : 0);
        IChangeSession session = await workerOf(target)
            .OpenAsync(target, timeout, cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            IReadOnlyList<JournalEntry> journal = await session
                .ReadJournalAsync(cancellationToken)
                .ConfigureAwait(false);
            JournalEntry entry = UndoChoice.Find(journal, shown.Entry.Id)!;
            if (IsTakenBack(entry))
            {
                return new ChangeResult(target, TakenBackTitle(entry), ChangeState.Unchanged);
            }

            UndoChoice choice = UndoChoice.Make(journal, entry, scope.Force, static _ => false);
            if (
                choice.All.ExceptBy(shown.All.Select(static one => one.Id), static one => one.Id).FirstOrDefault() is
                { } other
            )
            {
                throw ChangeFailure.MadeMeanwhile(other.Id);
            }

            watch.Begin();
            List<Finding> findings = [];
            foreach (JournalEntry one in choice.All)
            {
                bool isUnderWay = false;
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    isUnderWay = true;
                    findings.AddRange(
                        await session
                            .UndoAsync(one, journal[0].Id, scope, watch, cancellationToken)
                            .ConfigureAwait(false)
                    );
                }
                catch (NestVirtException error) when (choice.Along.Count > 0)
                {
                    throw ChangeFailure.OneOfSeveral(error, [.. choice.All], one);
                }
                catch (OperationCanceledException)
                    when (!(isUnderWay && workerOf(target).GoesOnAlone) && one != choice.All.First())
                {
                    // Nobody else tells what was taken back before it.
                    throw ChangeFailure.UndoGivenUp(target, [.. choice.All], one);
                }
            }

            List<Finding> pending = [];
            foreach (JournalEntry one in choice.All)
            {
                if (
                    await session.FindWaitingAsync(one, cancellationToken).ConfigureAwait(false) is { } waits
                    && !pending.Contains(waits)
                )
                {
                    pending.Add(waits);
                }
            }

            if (pending.Count > 0 && mayRestart)
            {
                await session.RestartAsync(cancellationToken).ConfigureAwait(false);
                pending.Clear();
            }

            return new ChangeResult(target, TitleOf(choice), ChangeState.Undone)
            {
                Id = entry.Id,
                Changes = Reversed(choice),
                Pending = pending,
                Findings = findings,
            };
        }
    }

    private static bool IsTakenBack(JournalEntry entry) =>
        entry.State is JournalState.Undone or JournalState.RolledBack;

    private static string TakenBackTitle(JournalEntry entry) =>
        FormattableString.Invariant($"undo {entry.Id}: it was taken back already");

    private static PreparedChange Nothing(HostTarget target, string title) =>
        new(
            new ChangePlan(target, null, HostIdentity.Unknown, []) { Label = title },
            isWhole: true,
            goesOnAlone: true,
            (_, _, _) => Task.FromResult(new ChangeResult(target, title, ChangeState.Unchanged))
        );

    private ChangePlan PlanOf(UndoChoice choice) =>
        new(choice.Entry.Target, null, choice.Entry.Plan!.Identity, Reversed(choice))
        {
            Label = TitleOf(choice),
            Findings =
            [
                .. choice.Along.Count > 0 ? [ChangeFailure.TakesAlong(choice.Along)] : Array.Empty<Finding>(),
                .. choice.Unreadable.Count > 0
                    ? [ChangeFailure.LeavesUnreadable(choice.Unreadable)]
                    : Array.Empty<Finding>(),
            ],
            Pending = choice.Entry.Plan.Pending,
        };

    private static string TitleOf(UndoChoice choice) =>
        FormattableString.Invariant(
            $"undo {string.Join(", then ", choice.All.Select(static entry => entry.Id))}: {string.Join("; ", choice.All.Select(static entry => entry.Title))}"
        );

    private HostChange[] Reversed(UndoChoice choice) =>
        [
            .. choice
                .All.SelectMany(entry => workerOf(entry.Target).OrderUndo(entry.Plan!))
                .Select(static change => Reverse(change)),
        ];

    internal static HostChange Reverse(HostChange change) =>
        change with
        {
            From = change.To,
            To = change.From,
            Diff =
            [
                .. change.Diff.Select(static line =>
                    line switch
                    {
                        ['-', .. string rest] => $"+{rest}",
                        ['+', .. string rest] => $"-{rest}",
                        _ => line,
                    }
                ),
            ],
            Undo = "make the change again",
            EndsHardLinks = false,
        };
}
