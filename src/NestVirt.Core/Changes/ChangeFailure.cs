using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Words why a change is not made, or not taken back, whatever the platform.</summary>
internal static class ChangeFailure
{
    private const int MostListed = 20;

    /// <summary>Gets what is said where a host is to be restarted, for the plan.</summary>
    internal static Finding Restarts { get; } =
        new(
            FindingCodes.HostRestarts,
            Severity.Warning,
            "The host is restarted after the change, and all that runs on it ends: guests are shut down as the host's own shutdown does it, and only those that start with the host come back."
        );

    /// <summary>Makes the error for a plan that does not fit its host any more.</summary>
    internal static NestVirtException NotAsReviewed(ChangePlan reviewed, ChangePlan present)
    {
        if (reviewed.Identity.MachineId != present.Identity.MachineId)
        {
            return new NestVirtException(
                NestVirtErrorKind.HostChanged,
                "The plan was made for another machine, and nothing was done."
            )
            {
                Remedy = "Name the host that it was made for, or plan for this one.",
            };
        }

        string difference = present
            .Changes.Except(reviewed.Changes, ChangeTexts.Instance)
            .Select(static change => change.ToString())
            .FirstOrDefault()
            is { } change
            ? $"now this would change: {HostText.ForDisplay(change, 300)}"
            : "fewer or other bytes would change";
        string waits = present.Pending is [{ } first, ..] ? $" {first.Message}" : string.Empty;
        return new NestVirtException(
            NestVirtErrorKind.HostChanged,
            $"The plan does not fit any more, and nothing was done: {difference}.{waits}"
        )
        {
            Remedy = "Plan again, and review the new plan.",
        };
    }

    /// <summary>Makes the error for a plan whose document shows other changes than those that its request makes.</summary>
    internal static NestVirtException NotAsWritten() =>
        new(
            NestVirtErrorKind.PlanInvalid,
            "The plan was edited since it was written: what it shows is not what would be done, and nothing was done."
        )
        {
            Remedy = "Plan again, and review the new plan.",
        };

    /// <summary>Makes the error for a change that was made, and that nobody could look at afterwards.</summary>
    internal static NestVirtException NotReadAgain(HostTarget target, int? id, NestVirtException error) =>
        new(
            NestVirtErrorKind.ChangeIncomplete,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Change {id} was made, and how the host stands could not be read afterwards: {error.Message}"
            ),
            error
        )
        {
            Remedy = Advice.Of($"To take it back, run: {UndoOf(target, id)}."),
        };

    /// <summary>Makes the error for a change that the journal does not have.</summary>
    internal static NestVirtException NotFound(int id, IReadOnlyList<JournalEntry> journal) =>
        new(
            NestVirtErrorKind.ChangeNotFound,
            string.Create(CultureInfo.InvariantCulture, $"The journal of the host has no change {id}.")
        )
        {
            Remedy =
                journal.Count == 0 ? "It has none at all."
                : journal.Count <= MostListed ? $"It has {string.Join(", ", journal.Select(static entry => entry.Id))}."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"It has {journal.Count} changes, the newest of which are {string.Join(", ", journal.Take(MostListed).Select(static entry => entry.Id))}."
                ),
        };

    /// <summary>Makes the error for a plan in the journal that cannot be read.</summary>
    internal static NestVirtException PlanUnreadable(int id) =>
        new(
            NestVirtErrorKind.PlanInvalid,
            string.Create(CultureInfo.InvariantCulture, $"The journal's plan of change {id} cannot be read.")
        )
        {
            Remedy = "It was made by another release of NestVirt: take it back with that one.",
        };

    /// <summary>Makes the error for a change beside one that was interrupted.</summary>
    internal static NestVirtException Interrupted(HostTarget target, int? id) =>
        new(NestVirtErrorKind.ChangeIncomplete, $"{InterruptedText(id)} Nothing was done.")
        {
            Remedy = Advice.Of($"Run: {UndoOf(target, id)}."),
        };

    /// <summary>Says of a change that it was interrupted, to whoever asks anything of the host.</summary>
    internal static Finding WasInterrupted(HostTarget target, int id) =>
        new Finding(FindingCodes.ChangeInterrupted, Severity.Warning, InterruptedText(id))
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"/var/lib/nestvirt/journal/{id}/state is none of applied, rolled-back, failed and undone"
            ),
            Remedy =
                "Take it back, which puts what was there before in place; nothing else is changed on the host until then.",
            Mend = UndoOf(target, id),
        }.For(target);

    /// <summary>Makes the error for changes that were made of the same after the one to take back.</summary>
    internal static NestVirtException Overlaid(JournalEntry entry, IReadOnlyList<JournalEntry> later)
    {
        TouchedThings things = new();
        things.Add(entry.Touches);
        IEnumerable<string> shared = later
            .SelectMany(other => other.Shared(things))
            .Distinct(StringComparer.Ordinal)
            .Take(MostListed);
        return new NestVirtException(
            NestVirtErrorKind.HostChanged,
            $"{Numbers(later)} changed the same since, and nothing was done: {string.Join("; ", shared)}."
        )
        {
            Remedy = Advice.Of(
                $"Take {(later.Count == 1 ? "that" : "those")} back first; or use {ChangeSwitch.Force}, which takes {(later.Count == 1 ? "it" : "them")} back, too."
            ),
        };
    }

    /// <summary>Makes the error for later changes of which nobody can tell whether they are of the same.</summary>
    internal static NestVirtException LaterUnreadable(IReadOnlyList<JournalEntry> later) =>
        new(
            NestVirtErrorKind.HostChanged,
            $"{Numbers(later)} may have changed the same since, and nothing was done: the journal's plan cannot be read."
        )
        {
            Remedy = Advice.Of(
                $"Take {(later.Count == 1 ? "that" : "those")} back first, with the release that made {(later.Count == 1 ? "it" : "them")}; or use {ChangeSwitch.Force}, which leaves {(later.Count == 1 ? "it as it is" : "them as they are")}."
            ),
        };

    /// <summary>Says that later changes of which nobody can tell whether they are of the same are left as they are.</summary>
    internal static Finding LeavesUnreadable(IReadOnlyList<JournalEntry> later) =>
        new(
            FindingCodes.LaterChangeUnreadable,
            Severity.Warning,
            $"{Numbers(later)} may have changed the same since, and {(later.Count == 1 ? "stays as it is" : "stay as they are")}: the journal's plan cannot be read."
        );

    /// <summary>Says which later changes are taken back, too.</summary>
    internal static Finding TakesAlong(IReadOnlyList<JournalEntry> later) =>
        new(
            FindingCodes.LaterChangeUndone,
            Severity.Warning,
            $"{Numbers(later)} changed the same since, and {(later.Count == 1 ? "is" : "are")} taken back first: {string.Join("; ", later.Select(static entry => entry.Title))}."
        );

    /// <summary>Says of an undo of several changes, of which one failed, what became of the others.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="all">The changes, in the order in which they are taken back.</param>
    /// <param name="failed">The one that failed.</param>
    internal static NestVirtException OneOfSeveral(
        NestVirtException error,
        IReadOnlyList<JournalEntry> all,
        JournalEntry failed
    )
    {
        JournalEntry[] done = [.. all.TakeWhile(one => one != failed)];
        JournalEntry[] left = [.. all.Skip(done.Length + 1)];
        string others = string.Concat(
            done.Length > 0 ? $" {Numbers(done)} {Were(done)} taken back before it." : null,
            left.Length > 0 ? $" {Numbers(left)} {Were(left)} to be taken back after it, and {Stand(left)}." : null
        );
        return new NestVirtException(
            error.Kind,
            string.Create(CultureInfo.InvariantCulture, $"Change {failed.Id}: {error.Message}{others}"),
            error
        )
        {
            Remedy = error.Remedy,
        };
    }

    /// <summary>Makes the error for an undo of several changes that its user gave up between two of them.</summary>
    /// <param name="target">The host.</param>
    /// <param name="all">The changes, in the order in which they are taken back.</param>
    /// <param name="next">The first that was not begun.</param>
    internal static NestVirtException UndoGivenUp(HostTarget target, IReadOnlyList<JournalEntry> all, JournalEntry next)
    {
        JournalEntry[] done = [.. all.TakeWhile(one => one != next)];
        JournalEntry[] left = [.. all.Skip(done.Length)];
        return new NestVirtException(
            NestVirtErrorKind.ChangeIncomplete,
            $"It was given up. {Numbers(done)} {Were(done)} taken back. {Numbers(left)} {Were(left)} to be taken back after that, and {Stand(left)}."
        )
        {
            Remedy = Advice.Of(
                $"To take back what stands, run: {UndoOf(target, all[^1].Id, left.Length > 1 ? [ChangeSwitch.Force] : [])}."
            ),
        };
    }

    /// <summary>Makes the error for a change that was made after the journal was looked at.</summary>
    internal static NestVirtException MadeMeanwhile(int? id) =>
        new(
            NestVirtErrorKind.HostChanged,
            string.Create(CultureInfo.InvariantCulture, $"Change {id} was made meanwhile, and nothing was done.")
        )
        {
            Remedy = "Repeat: it is looked at then.",
        };

    /// <summary>Makes the error for a request that the platform has no planner for.</summary>
    internal static NestVirtException NotPlanned(ChangeRequest request, string platform) =>
        new(NestVirtErrorKind.FeatureNotSupported, $"This release cannot {request.Title} on {platform}.");

    /// <summary>Makes the command that takes a change back.</summary>
    internal static CommandCall UndoOf(HostTarget target, int? id, params IReadOnlyList<ChangeSwitch> switches) =>
        new(
            OwnCommand.Undo,
            id is { } number ? [(CommandArgument.ChangeId, number.ToString(CultureInfo.InvariantCulture))] : []
        )
        {
            Host = target.CommandWord,
            Switches = switches,
        };

    private static string InterruptedText(int? id) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Change {id} was interrupted in the middle, and has to be taken back first."
        );

    private static string Were(JournalEntry[] entries) => entries.Length == 1 ? "was" : "were";

    private static string Stand(JournalEntry[] entries) => entries.Length == 1 ? "stands" : "stand";

    private static string Numbers(IReadOnlyList<JournalEntry> entries)
    {
        string[] ids =
        [
            .. entries
                .Select(static entry => entry.Id)
                .Order()
                .Select(static id => id.ToString(CultureInfo.InvariantCulture)),
        ];
        return ids.Length == 1 ? $"Change {ids[0]}"
            : ids.Length <= MostListed ? $"Changes {string.Join(", ", ids[..^1])} and {ids[^1]}"
            : string.Create(CultureInfo.InvariantCulture, $"{ids.Length} changes from {ids[0]} to {ids[^1]}");
    }

    // Two changes are the same to a reviewer when they read the same.
    private sealed class ChangeTexts : IEqualityComparer<HostChange>
    {
        public static ChangeTexts Instance { get; } = new();

        public bool Equals(HostChange? one, HostChange? other) => one?.ToString() == other?.ToString();

        public int GetHashCode(HostChange change) => StringComparer.Ordinal.GetHashCode(change.ToString());
    }
}
