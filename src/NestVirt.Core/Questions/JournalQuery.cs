using System.Runtime.CompilerServices;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which changes were made on a host, the newest first, and whether those that had to wait are in effect.</summary>
/// <param name="platforms">The platforms that hosts may be of.</param>
internal sealed class JournalQuery(PlatformCatalog platforms) : IHostQuery<JournalEntry>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEntry> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (target.Address is SnapshotAddress)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "A snapshot does not hold the journal of its host."
            )
            {
                Remedy = "Ask the live host.",
            };
        }

        IPlatform platform = platforms.Of(target)[0];
        IReadOnlyList<JournalEntry> journal;
        IChangeSession session = await platform
            .Worker.OpenAsync(target, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            journal =
            [
                .. (await session.ReadJournalAsync(cancellationToken).ConfigureAwait(false)).Select(static entry =>
                    entry.State == JournalState.Interrupted
                        ? entry with
                        {
                            Pending = [ChangeFailure.WasInterrupted(entry.Target, entry.Id)],
                        }
                        : entry
                ),
            ];
            Dictionary<int, ChangePlanner> waiting = Waiting(journal, platform);
            HostProbe[] probes = [.. waiting.Values.SelectMany(static planner => planner.Probes).Distinct()];
            if (probes.Length > 0)
            {
                journal = await Judging
                    .RunAsync(
                        target,
                        token => session.ReadAsync(probes, token),
                        answers => Check(journal, waiting, answers),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        }

        foreach (JournalEntry entry in journal)
        {
            yield return entry;
        }
    }

    // A newer change of the same kind takes the place of an older one.
    private static Dictionary<int, ChangePlanner> Waiting(IReadOnlyList<JournalEntry> journal, IPlatform platform) =>
        journal
            .Where(static entry => entry is { State: JournalState.Applied, Plan.Request: not null })
            .DistinctBy(static entry => entry.Plan!.Request!.GetType())
            .Where(static entry => entry.Changes.Any(static change => change.TakesEffect != ChangeTiming.Now))
            .Select(entry => (Entry: entry, Planner: platform.FindPlanner(entry.Plan!.Request!)))
            .Where(static pair => pair.Planner is not null)
            .ToDictionary(static pair => pair.Entry.Id, static pair => pair.Planner!);

    private static IReadOnlyList<JournalEntry> Check(
        IReadOnlyList<JournalEntry> journal,
        Dictionary<int, ChangePlanner> waiting,
        ProbeAnswers answers
    ) =>
        [
            .. journal.Select(entry =>
                waiting.TryGetValue(entry.Id, out ChangePlanner? planner) ? Check(entry, planner, answers) : entry
            ),
        ];

    // What a new plan of the same request would still change is not in effect.
    private static JournalEntry Check(JournalEntry entry, ChangePlanner planner, ProbeAnswers answers)
    {
        try
        {
            ChangePlan next = planner.Plan(entry.Target, entry.Plan!.Request!, answers.Only(planner.Probes));
            return entry with
            {
                Effect =
                    next.Changes.Count > 0 ? ChangeState.NotInEffect
                    : next.Pending.Count > 0 ? ChangeState.Pending
                    : ChangeState.InEffect,
                Pending = next.Pending,
            };
        }
        catch (NestVirtException)
        {
            // The host is not any more one that could be changed so; the journal still tells what was done.
            return entry;
        }
    }
}
