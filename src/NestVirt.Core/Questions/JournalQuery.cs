using System.Runtime.CompilerServices;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Linux.Worker;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which changes were made on a host, the newest first, and whether those that had to wait are in effect.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class JournalQuery(IProbeReader reader) : IHostQuery<JournalEntry>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalEntry> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader
            .ReadAsync(target, [JournalProbe.Probe], cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<JournalEntry> journal = JournalProbe.Read(target, answers);
        JournalEntry[] waiting = [.. Waiting(journal)];
        if (waiting.Length > 0)
        {
            HostProbe[] probes =
            [
                .. waiting.SelectMany(static entry => ChangePlanners.Probes(entry.Plan!.Request)).Distinct(),
            ];
            answers = await reader.ReadAsync(target, probes, cancellationToken).ConfigureAwait(false);
        }

        foreach (JournalEntry entry in journal)
        {
            yield return waiting.Contains(entry) ? Check(entry, answers) : entry;
        }
    }

    // A newer change of the same kind takes the place of an older one.
    private static IEnumerable<JournalEntry> Waiting(IReadOnlyList<JournalEntry> journal) =>
        journal
            .Where(static entry => entry is { State: JournalState.Applied, Plan: not null })
            .DistinctBy(static entry => entry.Plan!.Request.GetType())
            .Where(static entry => entry.Changes.Any(static change => change.TakesEffect != ChangeTiming.Now));

    // What a new plan of the same request would still change is not in effect.
    private static JournalEntry Check(JournalEntry entry, ProbeAnswers answers)
    {
        try
        {
            ChangePlan next = ChangePlanners.Plan(entry.Target, entry.Plan!.Request, answers);
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
