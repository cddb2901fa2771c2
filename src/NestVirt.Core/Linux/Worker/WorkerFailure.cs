using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Turns what the worker on a host says into an error, or into findings.</summary>
internal static class WorkerFailure
{
    private const string Warning = "warning: ";

    /// <summary>Says of a change taken back that a boot since made it take effect.</summary>
    /// <param name="state">How the change stood before it was taken back: that of one that was interrupted is known in part.</param>
    internal static Finding StillBooted(JournalState state) =>
        new(
            FindingCodes.RestartPending,
            Severity.Warning,
            state == JournalState.Interrupted
                ? "The host was restarted while the change was being made, and may run with a part of it until the next restart."
                : "The host was restarted since the change was made, and runs with it until the next restart."
        )
        {
            Remedy = Advice.Of($"Restart the host, which undo does with {ChangeSwitch.Restart}."),
        };

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
            "interrupted" => ChangeFailure.Interrupted(plan.Target, Number(rest)),
            "newer" => ChangeFailure.MadeMeanwhile(Number(rest)),
            "missing" => new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The host has no {rest}, which a safe change needs."
            )
            {
                Remedy =
                    "Install it: util-linux has setsid and flock, mawk or gawk has awk, and coreutils has the rest.",
            },
            "denied" => Denied(rest),
            "sudo" => Denied(SudoRefusal.Of(rest).Reason),
            "gone" => new NestVirtException(
                NestVirtErrorKind.ChangeNotFound,
                "The journal of the host does not have this change any more."
            ),
            _ => new NestVirtException(
                NestVirtErrorKind.ChangeFailed,
                $"The journal in /var/lib/nestvirt/journal, or the lock in /run/nestvirt, cannot be written{(rest.Length > 0 ? $": {rest.TrimEnd()}" : string.Empty)}. Nothing was done."
            )
            {
                Remedy = "See whether the file system is full or read-only.",
            },
        };
    }

    private static NestVirtException Denied(string reason) =>
        new(NestVirtErrorKind.HostPermissionDenied, $"Changes need root, and {reason}.")
        {
            Remedy = SudoRefusal.RemedyIn(reason),
        };

    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static NestVirtException Differs(ChangePlan plan, ChangeReport report, string sentence, string remedy)
    {
        string[] odd = Those(FileAction.NotFile);
        string[] dangling = Those(FileAction.DanglingLink);
        return dangling.Length > 0
                ? new(
                    NestVirtErrorKind.ChangeRefused,
                    $"{string.Join(", ", dangling)} is a symbolic link to what is not there, so it cannot be edited, and nothing was done."
                )
                {
                    Remedy = "See with ls -l where it points, and remove the link or make the file that it points to.",
                }
            : odd.Length > 0
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
        string[] Those(string state) =>
            [.. report.Differences.Where(pair => pair.Value == state).Select(pair => Setting(plan, pair.Key))];
    }

    // Of a file's content only the hash is told.
    private static string Found(string state) =>
        state == FileAction.Absent ? "is not there"
        : state.Length == 64 && state.All(char.IsAsciiHexDigitLower) ? "has other content"
        : $"is {state}";

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
        ChangeFailure.UndoOf(plan.Target, id, switches);

    // nv_module_unload names who holds the module.
    private static string? HeldRemedy(ChangePlan plan, ChangeReport report, int? id) =>
        report.Steps.Any(pair =>
            pair.Value.State == StepState.Kept
            && pair.Key >= 1
            && pair.Key <= plan.Changes.Count
            && plan.Changes[pair.Key - 1].Step.Action == ModuleAction.Action.Name
            && pair.Value.Output.Split('\n')
                .Any(static line =>
                    line.Contains(" is in use by ", StringComparison.Ordinal)
                    && !line.EndsWith(KvmUser.NoGuest, StringComparison.Ordinal)
                )
        )
            ? Advice.Of(
                $"Have the guests shut down and started again: {Undo(plan, id, ChangeSwitch.StopGuests)}. End what is no guest first."
            )
            : null;
}
