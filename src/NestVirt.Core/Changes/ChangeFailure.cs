using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Worker;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Turns what the worker on a host says into an error, or into findings.</summary>
internal static class ChangeFailure
{
    private const string Warning = "warning: ";

    /// <summary>Gets what is said of a change taken back that a boot since made take effect.</summary>
    internal static Finding StillBooted =>
        new(
            FindingCodes.RestartPending,
            Severity.Warning,
            "The host was restarted since the change was made, and runs with it until the next restart."
        )
        {
            Remedy = Advice.Of($"Restart the host, which undo does with {ChangeSwitch.Restart}."),
        };

    /// <summary>Gets what is said where a host is to be restarted, for the plan.</summary>
    internal static Finding Restarts { get; } =
        new(
            FindingCodes.HostRestarts,
            Severity.Warning,
            "The host is restarted after the change, and all that runs on it ends: guests are shut down as the host's own shutdown does it, and only those that start with the host come back."
        );

    /// <summary>Throws unless a plan was applied.</summary>
    internal static void ThrowIfFailed(ChangePlan plan, ChangeReport report, string errorOutput)
    {
        ThrowIfRefused(plan, report);
        if (report.Differences.Count > 0)
        {
            throw Differs(
                plan,
                report,
                "The host has changed since the plan was made, and nothing was done",
                "Plan again."
            );
        }

        switch (report.State)
        {
            case "applied":
                return;
            case "rolled-back":
                throw new NestVirtException(
                    NestVirtErrorKind.ChangeFailed,
                    $"{FirstFailure(plan, report)} Everything was put back as it was."
                )
                {
                    Remedy = FileRemedy(report),
                };
            case "failed":
                throw new NestVirtException(
                    NestVirtErrorKind.ChangeIncomplete,
                    $"{FirstFailure(plan, report)} Not everything could be put back: {Kept(plan, report)}."
                )
                {
                    Remedy = HeldRemedy(plan, report, report.Id) ?? Advice.Of($"Run: {Undo(plan, report.Id)}."),
                };
            default:
                throw Ended(plan, report, errorOutput);
        }
    }

    /// <summary>Throws unless a change was taken back.</summary>
    /// <param name="plan">The plan of the change.</param>
    /// <param name="id">Its number.</param>
    /// <param name="report">What the worker said.</param>
    /// <param name="errorOutput">What the host wrote to standard error.</param>
    internal static void ThrowIfNotUndone(ChangePlan plan, int id, ChangeReport report, string errorOutput)
    {
        ThrowIfRefused(plan, report);
        if (report.Differences.Count > 0)
        {
            throw Differs(
                plan,
                report,
                "Something else was changed since, and nothing was done",
                Advice.Of($"To take it back all the same, use {ChangeSwitch.Force}.")
            );
        }

        if (report.State is null && report.Steps.Values.Any(static step => step.State == StepState.Kept))
        {
            throw new NestVirtException(
                NestVirtErrorKind.ChangeRefused,
                $"This cannot be taken back now, and nothing was done: {Kept(plan, report)}."
            )
            {
                Remedy = HeldRemedy(plan, report, id) ?? "End what uses it, then repeat.",
            };
        }

        if (report.State == "failed")
        {
            throw new NestVirtException(
                NestVirtErrorKind.ChangeIncomplete,
                $"Not everything could be put back: {Kept(plan, report)}."
            )
            {
                Remedy =
                    HeldRemedy(plan, report, id)
                    ?? Advice.Of($"Mend the cause, then repeat: undo goes on where it stopped. Run: {Undo(plan, id)}."),
            };
        }

        if (report.State != "undone")
        {
            throw Ended(plan, report with { Id = id }, errorOutput);
        }
    }

    /// <summary>Refuses to take back what later changes were built on, however the host stands now.</summary>
    /// <remarks>Each change goes back to what it found: out of order, the way back of the later ones would bring this one again.</remarks>
    /// <param name="plan">The plan of the change.</param>
    /// <param name="later">The changes made after it that still hold.</param>
    /// <param name="force">Whether it is to be taken back all the same.</param>
    /// <exception cref="NestVirtException">A later change has a setting of this one.</exception>
    internal static void ThrowIfOverlaid(ChangePlan plan, IReadOnlyList<JournalEntry> later, bool force)
    {
        HashSet<string> settings = plan
            .Changes.Where(static change => !ToolAction.IsRebuild(change.Step))
            .Select(static change => change.Setting)
            .ToHashSet(StringComparer.Ordinal);
        JournalEntry[] others =
        [
            .. later
                .Where(entry => entry.Changes.Any(change => settings.Contains(change.Setting)))
                .OrderBy(static entry => entry.Id),
        ];
        if (force || others.Length == 0)
        {
            return;
        }

        IEnumerable<string> shared = others
            .SelectMany(static entry => entry.Changes)
            .Select(static change => change.Setting)
            .Where(settings.Contains)
            .Distinct(StringComparer.Ordinal);
        throw new NestVirtException(
            NestVirtErrorKind.HostChanged,
            $"{Numbers([.. others.Select(static entry => entry.Id)])} changed the same since, and nothing was done: {string.Join("; ", shared)}."
        )
        {
            Remedy = Advice.Of(
                $"Take {(others.Length == 1 ? "that" : "those")} back first; or use {ChangeSwitch.Force}, which takes {(others.Length == 1 ? "its" : "their")} changes of this along."
            ),
        };
    }

    /// <summary>Says which settings stood as before the change already, so that nothing was done to them.</summary>
    internal static IReadOnlyList<Finding> WasSoAlready(ChangePlan plan, ChangeReport report) =>
        [
            .. report
                .Steps.Where(static step => step.Value.State == StepState.AsBefore)
                .Select(step => new Finding(
                    FindingCodes.AsBeforeAlready,
                    Severity.Information,
                    $"{Setting(plan, step.Key)} was as before the change already."
                )),
        ];

    /// <summary>Gets what the steps' tools warned of.</summary>
    internal static IReadOnlyList<Finding> Warnings(ChangeReport report) =>
        [
            .. report
                .Steps.Values.SelectMany(static step => step.Output.Split('\n'))
                .Where(static line => line.StartsWith(Warning, StringComparison.Ordinal))
                .Select(static line => new Finding(FindingCodes.StepWarning, Severity.Warning, line[Warning.Length..])),
        ];

    /// <summary>Makes the error for a plan that does not fit its host any more.</summary>
    internal static NestVirtException NotAsReviewed(ChangePlan reviewed, ChangePlan present)
    {
        string difference =
            reviewed.Identity.MachineId != present.Identity.MachineId ? "it was made for another machine"
            : present
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

    /// <summary>Makes the error for a change that the journal does not have.</summary>
    internal static NestVirtException NotFound(int id, IReadOnlyList<JournalEntry> journal) =>
        new(
            NestVirtErrorKind.ChangeNotFound,
            string.Create(CultureInfo.InvariantCulture, $"The journal of the host has no change {id}.")
        )
        {
            Remedy =
                journal.Count == 0
                    ? "It has none at all."
                    : $"It has {string.Join(", ", journal.Select(static entry => entry.Id))}.",
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

    private static void ThrowIfRefused(ChangePlan plan, ChangeReport report)
    {
        if (report.Refusal is not { } refusal)
        {
            return;
        }

        string rest = refusal.IndexOf(' ', StringComparison.Ordinal) is var space and >= 0
            ? refusal[(space + 1)..]
            : string.Empty;
        throw refusal.Split(' ')[0] switch
        {
            "locked" => new NestVirtException(
                NestVirtErrorKind.HostLocked,
                $"Another change of this host is under way{(rest.Length > 0 ? $", made by {rest}" : string.Empty)}. Nothing was done."
            )
            {
                Remedy = Advice.Of($"Repeat when it has ended, as {OwnCommand.History} shows."),
            },
            "interrupted" => new NestVirtException(
                NestVirtErrorKind.ChangeIncomplete,
                $"Change {rest} was interrupted in the middle, and has to be taken back before another is made. Nothing was done."
            )
            {
                Remedy = Advice.Of(
                    $"Run: {Undo(plan, int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int other) ? other : null)}."
                ),
            },
            "missing" => new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The host has no {rest}, which a safe change needs."
            )
            {
                Remedy = "Install the packages util-linux and coreutils.",
            },
            "denied" => new NestVirtException(NestVirtErrorKind.HostPermissionDenied, $"Changes need root, and {rest}.")
            {
                Remedy = "Log in as root, or let the account use sudo without a password.",
            },
            "gone" => new NestVirtException(
                NestVirtErrorKind.ChangeNotFound,
                "The journal of the host does not have this change any more."
            ),
            _ => new NestVirtException(
                NestVirtErrorKind.ChangeFailed,
                "The journal in /var/lib/nestvirt/journal, or the lock in /run/nestvirt, cannot be written. Nothing was done."
            )
            {
                Remedy = "See whether the file system is full or read-only.",
            },
        };
    }

    private static NestVirtException Differs(ChangePlan plan, ChangeReport report, string sentence, string remedy)
    {
        string[] odd =
        [
            .. report
                .Differences.Where(static pair => pair.Value == FileAction.NotFile)
                .Select(pair => Setting(plan, pair.Key)),
        ];
        return odd.Length > 0
            ? new(
                NestVirtErrorKind.ChangeRefused,
                $"{string.Join(", ", odd)} is there and is no regular file, so it cannot be edited, and nothing was done."
            )
            {
                Remedy = "See with ls -l what it is, such as a directory or a link to a device, and move it away.",
            }
            : new(
                NestVirtErrorKind.HostChanged,
                $"{sentence}: {string.Join("; ", report.Differences.Select(pair => $"{Setting(plan, pair.Key)} {Found(pair.Value)}"))}."
            )
            {
                Remedy = remedy,
            };
    }

    // Of a file's content only the hash is told.
    private static string Found(string state) =>
        state == FileAction.Absent ? "is not there"
        : state.Length == 64 && state.All(char.IsAsciiHexDigitLower) ? "has other content"
        : $"is {state}";

    private static string Numbers(int[] ids) =>
        ids.Length == 1
            ? string.Create(CultureInfo.InvariantCulture, $"Change {ids[0]}")
            : $"Changes {string.Join(", ", ids[..^1])} and {ids[^1].ToString(CultureInfo.InvariantCulture)}";

    private static string? FileRemedy(ChangeReport report)
    {
        string said = string.Join('\n', report.Steps.Values.Select(static step => step.Output));
        return said.Contains(" is full", StringComparison.Ordinal)
            || said.Contains("No space left", StringComparison.Ordinal)
                ? "Make room there, and repeat."
            : said.Contains("Read-only file system", StringComparison.Ordinal)
                ? "Mount it writable, or see in the kernel's log why it is not."
            : said.Contains("Operation not permitted", StringComparison.Ordinal)
                ? "Somebody may have made the file immutable: lsattr shows that, and chattr -i ends it."
            : null;
    }

    private static NestVirtException Ended(ChangePlan plan, ChangeReport report, string errorOutput)
    {
        string said = HostText.ForDisplay(errorOutput, 200);
        return new NestVirtException(
            NestVirtErrorKind.ChangeIncomplete,
            $"The host did not say how the change ended{(said.Length > 0 ? $": {said}" : string.Empty)}."
        )
        {
            Remedy = report.Id is null
                ? Advice.Of($"Look at {OwnCommand.History}, then repeat.")
                : Advice.Of($"Run: {Undo(plan, report.Id)}."),
        };
    }

    private static string FirstFailure(ChangePlan plan, ChangeReport report)
    {
        if (report.FailedStep is not { } number)
        {
            return "A change failed.";
        }

        string said = report.Steps[number].Output.ReplaceLineEndings("; ");
        return $"{Setting(plan, number)} could not be changed{(said.Length > 0 ? $": {said}" : string.Empty)}.";
    }

    private static string Kept(ChangePlan plan, ChangeReport report) =>
        string.Join(
            "; ",
            report
                .Steps.Where(static pair => pair.Value.State == StepState.Kept)
                .Select(pair => $"{Setting(plan, pair.Key)} ({pair.Value.Output.ReplaceLineEndings(" ")})")
        );

    private static string Setting(ChangePlan plan, int number) =>
        number >= 1 && number <= plan.Changes.Count
            ? plan.Changes[number - 1].Setting
            : string.Create(CultureInfo.InvariantCulture, $"step {number}");

    private static CommandCall Undo(ChangePlan plan, int? id, params IReadOnlyList<ChangeSwitch> switches) =>
        new(
            OwnCommand.Undo,
            id is { } number ? [(CommandArgument.ChangeId, number.ToString(CultureInfo.InvariantCulture))] : []
        )
        {
            Host = plan.Target.CommandWord,
            Switches = switches,
        };

    // nv_module_unload names who holds the module.
    private static string? HeldRemedy(ChangePlan plan, ChangeReport report, int? id) =>
        report.Steps.Any(pair =>
            pair.Value.State == StepState.Kept
            && pair.Key >= 1
            && pair.Key <= plan.Changes.Count
            && plan.Changes[pair.Key - 1].Step.Action == ModuleAction.Action.Name
            && pair.Value.Output.Contains(" is in use by ", StringComparison.Ordinal)
        )
            ? Advice.Of(
                $"Have the guests shut down and started again: {Undo(plan, id, ChangeSwitch.StopGuests)}. End what is no guest first."
            )
            : null;

    // Two changes are the same to a reviewer when they read the same.
    private sealed class ChangeTexts : IEqualityComparer<HostChange>
    {
        public static ChangeTexts Instance { get; } = new();

        public bool Equals(HostChange? one, HostChange? other) => one?.ToString() == other?.ToString();

        public int GetHashCode(HostChange change) => StringComparer.Ordinal.GetHashCode(change.ToString());
    }
}
