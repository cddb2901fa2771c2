using System.Globalization;
using NestVirt.Kvm;
using NestVirt.Model;
using NestVirt.Planning;

namespace NestVirt.Changes;

/// <summary>Turns what the worker on a host says into an error, or into findings.</summary>
internal static class ChangeFailure
{
    private const string Warning = "warning: ";

    /// <summary>Gets what is said of a change taken back that a boot since made take effect.</summary>
    internal static Finding StillBooted { get; } =
        new("RestartPending", Severity.Warning, "The host was restarted since the change was made, and runs with it until the next restart.")
        {
            Remedy = "Restart the host; undo does so with --restart, or -Restart.",
        };

    /// <summary>Throws unless a plan was applied.</summary>
    internal static void ThrowIfFailed(ChangePlan plan, ChangeReport report, string errorOutput)
    {
        ThrowIfRefused(report);
        if (report.Differences.Count > 0)
        {
            throw Differs(plan, report, "The host has changed since the plan was made, and nothing was done", "Plan again.");
        }

        switch (report.State)
        {
            case "applied":
                return;
            case "rolled-back":
                throw new NestVirtException(NestVirtErrorKind.ChangeFailed, $"{FirstFailure(plan, report)} Everything was put back as it was.");
            case "failed":
                throw new NestVirtException(NestVirtErrorKind.ChangeIncomplete,
                    $"{FirstFailure(plan, report)} Not everything could be put back: {Kept(plan, report)}.")
                {
                    Remedy = HeldRemedy(plan, report, report.Id) ?? Undo(report.Id),
                };
            default:
                throw Ended(report, errorOutput);
        }
    }

    /// <summary>Throws unless a change was taken back.</summary>
    internal static void ThrowIfNotUndone(ChangePlan plan, int id, ChangeReport report, string errorOutput)
    {
        ThrowIfRefused(report);
        if (report.Differences.Count > 0)
        {
            throw Differs(plan, report, "Something else was changed since, and nothing was done", "To take it back all the same, use --force or -Force.");
        }

        if (report.State == "failed")
        {
            throw new NestVirtException(NestVirtErrorKind.ChangeIncomplete, $"Not everything could be put back: {Kept(plan, report)}.")
            {
                Remedy = HeldRemedy(plan, report, id) ?? $"Mend the cause, then repeat: undo goes on where it stopped. {Undo(id)}",
            };
        }

        if (report.State != "undone")
        {
            throw Ended(report with { Id = id }, errorOutput);
        }
    }

    /// <summary>Gets what the steps' tools warned of.</summary>
    internal static IReadOnlyList<Finding> Warnings(ChangeReport report) =>
    [
        .. report.Steps.Values
            .SelectMany(static step => step.Output.Split('\n'))
            .Where(static line => line.StartsWith(Warning, StringComparison.Ordinal))
            .Select(static line => new Finding("StepWarning", Severity.Warning, line[Warning.Length..])),
    ];

    /// <summary>Makes the error for a plan that does not fit its host any more.</summary>
    internal static NestVirtException NotAsReviewed(ChangePlan reviewed, ChangePlan present)
    {
        string difference = reviewed.Identity.MachineId != present.Identity.MachineId ? "it was made for another machine"
            : present.Changes.Except(reviewed.Changes, ChangeTexts.Instance).Select(static change => change.ToString()).FirstOrDefault() is { } change
                ? $"now this would change: {HostText.ForDisplay(change, 300)}"
                : "fewer or other bytes would change";
        string waits = present.Pending is [{ } first, ..] ? $" {first.Message}" : string.Empty;
        return new NestVirtException(NestVirtErrorKind.HostChanged, $"The plan does not fit any more, and nothing was done: {difference}.{waits}")
        {
            Remedy = "Plan again, and review the new plan.",
        };
    }

    /// <summary>Makes the error for a change that the journal does not have.</summary>
    internal static NestVirtException NotFound(int id, IReadOnlyList<JournalEntry> journal) => new(
        NestVirtErrorKind.ChangeNotFound,
        string.Create(CultureInfo.InvariantCulture, $"The journal of the host has no change {id}."))
    {
        Remedy = journal.Count == 0 ? "It has none at all." : $"It has {string.Join(", ", journal.Select(static entry => entry.Id))}.",
    };

    /// <summary>Makes the error for a plan in the journal that cannot be read.</summary>
    internal static NestVirtException PlanUnreadable(int id) => new(
        NestVirtErrorKind.PlanInvalid,
        string.Create(CultureInfo.InvariantCulture, $"The journal's plan of change {id} cannot be read."))
    {
        Remedy = "It was made by another release of NestVirt: take it back with that one.",
    };

    private static void ThrowIfRefused(ChangeReport report)
    {
        if (report.Refusal is not { } refusal)
        {
            return;
        }

        string rest = refusal.IndexOf(' ', StringComparison.Ordinal) is var space and >= 0 ? refusal[(space + 1)..] : string.Empty;
        throw refusal.Split(' ')[0] switch
        {
            "locked" => new NestVirtException(NestVirtErrorKind.HostLocked,
                $"Another change of this host is under way{(rest.Length > 0 ? $", made by {rest}" : string.Empty)}. Nothing was done.")
            {
                Remedy = "Repeat when it has ended; nestvirt history shows it.",
            },
            "interrupted" => new NestVirtException(NestVirtErrorKind.ChangeIncomplete,
                $"Change {rest} was interrupted in the middle, and has to be taken back before another is made. Nothing was done.")
            {
                Remedy = $"Run: nestvirt undo {rest}, or Undo-NestChange -Id {rest}.",
            },
            "missing" => new NestVirtException(NestVirtErrorKind.FeatureNotSupported, $"The host has no {rest}, which a safe change needs.")
            {
                Remedy = "Install the packages util-linux and coreutils.",
            },
            "denied" => new NestVirtException(NestVirtErrorKind.HostPermissionDenied, $"Changes need root, and {rest}.")
            {
                Remedy = "Log in as root, or let the account use sudo without a password.",
            },
            "gone" => new NestVirtException(NestVirtErrorKind.ChangeNotFound, "The journal of the host does not have this change any more."),
            _ => new NestVirtException(NestVirtErrorKind.ChangeFailed,
                "The journal in /var/lib/nestvirt/journal, or the lock in /run/nestvirt, cannot be written. Nothing was done.")
            {
                Remedy = "See whether the file system is full or read-only.",
            },
        };
    }

    private static NestVirtException Differs(ChangePlan plan, ChangeReport report, string sentence, string remedy) =>
        new(NestVirtErrorKind.HostChanged,
            $"{sentence}: {string.Join("; ", report.Differences.Select(pair => $"{Setting(plan, pair.Key)} is {pair.Value}"))}.")
        {
            Remedy = remedy,
        };

    private static NestVirtException Ended(ChangeReport report, string errorOutput)
    {
        string said = HostText.ForDisplay(errorOutput, 200);
        return new NestVirtException(NestVirtErrorKind.ChangeIncomplete,
            $"The host did not say how the change ended{(said.Length > 0 ? $": {said}" : string.Empty)}.")
        {
            Remedy = report.Id is null ? "Look at nestvirt history, then repeat." : Undo(report.Id),
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

    private static string Kept(ChangePlan plan, ChangeReport report) => string.Join("; ", report.Steps
        .Where(static pair => pair.Value.State == StepState.Kept)
        .Select(pair => $"{Setting(plan, pair.Key)} ({pair.Value.Output.ReplaceLineEndings(" ")})"));

    private static string Setting(ChangePlan plan, int number) =>
        number >= 1 && number <= plan.Changes.Count ? plan.Changes[number - 1].Setting : string.Create(CultureInfo.InvariantCulture, $"step {number}");

    private static string Undo(int? id) => string.Create(CultureInfo.InvariantCulture, $"Run: nestvirt undo {id}, or Undo-NestChange -Id {id}.");

    // nv_module_unload names who holds the module.
    private static string? HeldRemedy(ChangePlan plan, ChangeReport report, int? id) =>
        report.Steps.Any(pair => pair.Value.State == StepState.Kept
            && pair.Key >= 1 && pair.Key <= plan.Changes.Count && plan.Changes[pair.Key - 1].Step.Action == ModuleAction.Action.Name
            && pair.Value.Output.Contains(" is in use by ", StringComparison.Ordinal))
            ? string.Create(CultureInfo.InvariantCulture,
                $"Have the guests shut down and started again: nestvirt undo {id} --stop-guests, or Undo-NestChange -Id {id} -StopGuest. End what is no guest first.")
            : null;

    // Two changes are the same to a reviewer when they read the same.
    private sealed class ChangeTexts : IEqualityComparer<HostChange>
    {
        public static ChangeTexts Instance { get; } = new();

        public bool Equals(HostChange? one, HostChange? other) => one?.ToString() == other?.ToString();

        public int GetHashCode(HostChange change) => StringComparer.Ordinal.GetHashCode(change.ToString());
    }
}
