using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Worker;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Shell;

namespace NestVirt.Changes;

/// <summary>Plans a change of one host, makes it, takes it back, and tells what was made.</summary>
/// <param name="shells">Opens shells on hosts.</param>
public sealed class HostChanger(IHostShellFactory shells)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(60);

    /// <summary>Gets a value indicating whether a host may be restarted when a change waits for that.</summary>
    public bool MayRestart { get; init; }

    /// <summary>Plans a change. Reads the host, and changes nothing.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot be brought there, or would be harmed.</exception>
    public async Task<ChangePlan> PlanAsync(
        HostTarget target,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            ChangePlan plan = await PlanAsync(shell, target, request, cancellationToken).ConfigureAwait(false);
            return MayRestart && plan.Pending.Count > 0
                ? plan with
                {
                    Findings = [.. plan.Findings, ChangeFailure.Restarts],
                }
                : plan;
        }
    }

    /// <summary>Makes the changes of a plan, and reads the host again.</summary>
    /// <remarks>
    /// The host checks under its lock that everything is as the plan found it. Once begun it goes on to the end, even if
    /// this call is cancelled or the connection is lost.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">The host has changed, is locked, or a change failed and was taken back.</exception>
    public async Task<ChangeResult> ApplyAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (plan.Changes.Count == 0)
        {
            return MayRestart && plan.Pending.Count > 0
                ? await RestartAsync(plan, null, cancellationToken).ConfigureAwait(false)
                : Verified(plan, plan, null);
        }

        HostTarget target = plan.Target;
        TimeSpan patience = plan.Changes.Aggregate(s_margin, static (sum, change) => sum + change.Step.Patience);
        IHostShell shell = await shells.OpenAsync(Patient(target, patience), cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell
                .RunAsync(ChangeScript.Apply(plan, Who(), target.AllowSudo), cancellationToken)
                .ConfigureAwait(false);
            ChangeReport report = ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
            ChangeFailure.ThrowIfFailed(plan, report, result.ErrorOutput);
            ChangePlan next = await PlanAsync(shell, target, plan.Request, cancellationToken).ConfigureAwait(false);
            return MayRestart && next.Pending.Count > 0
                ? await RestartAsync(plan, report, cancellationToken).ConfigureAwait(false)
                : Verified(plan, next, report);
        }
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
        return new PreparedChange(plan, token => ApplyAsync(plan, token));
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
        PreparedChange change = await PrepareAsync(reviewed.Target, reviewed.Request, cancellationToken)
            .ConfigureAwait(false);

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
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change in the journal; null for the newest that is not taken back yet.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The change; its plan is empty when there is nothing to take back.</returns>
    /// <exception cref="NestVirtException">The journal has no such change, or its plan cannot be read.</exception>
    public async Task<PreparedChange> PrepareUndoAsync(
        HostTarget target,
        int? id,
        ChangeScope scope,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<JournalEntry> journal = await ReadJournalAsync(target, cancellationToken).ConfigureAwait(false);
        JournalEntry? entry = id is null
            ? journal.FirstOrDefault(static entry => entry.State is JournalState.Interrupted)
                ?? journal.FirstOrDefault(static entry => entry.State is JournalState.Applied or JournalState.Failed)
            : journal.FirstOrDefault(entry => entry.Id == id) ?? throw ChangeFailure.NotFound(id.Value, journal);
        if (entry is null || entry.State is JournalState.Undone or JournalState.RolledBack)
        {
            ChangePlan nothing = new(
                target,
                entry?.Plan?.Request ?? new NestingRequest(Enable: true),
                new HostIdentity(string.Empty, string.Empty, string.Empty),
                []
            )
            {
                Label = entry is null
                    ? "undo: no change is left to take back"
                    : FormattableString.Invariant($"undo {entry.Id}: it was taken back already"),
            };
            return new PreparedChange(
                nothing,
                _ => Task.FromResult(new ChangeResult(target, nothing.Title, ChangeState.Unchanged))
            );
        }

        ChangePlan plan = entry.Plan ?? throw ChangeFailure.PlanUnreadable(entry.Id);
        ChangePlan back = plan with
        {
            Label = FormattableString.Invariant($"undo {entry.Id}: {plan.Title}"),
            Changes = Reversed(plan),
        };
        return new PreparedChange(back, token => UndoAsync(entry, scope, token));
    }

    /// <summary>Reads the journal of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes, the newest first.</returns>
    public async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(
        HostTarget target,
        CancellationToken cancellationToken
    )
    {
        IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            return await ReadJournalAsync(shell, target, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a change back. Where a restart is allowed, it follows if the host was restarted since the change, and only then has it in effect.</summary>
    /// <param name="entry">The change, as the journal has it.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">Something was changed since, or could not be put back.</exception>
    public async Task<ChangeResult> UndoAsync(
        JournalEntry entry,
        ChangeScope scope,
        CancellationToken cancellationToken
    )
    {
        ChangePlan plan = entry.Plan ?? throw ChangeFailure.PlanUnreadable(entry.Id);
        HostTarget target = entry.Target;
        TimeSpan patience =
            plan.Changes.Aggregate(s_margin, static (sum, change) => sum + change.Step.Patience)
            + TimeSpan.FromSeconds(scope.StopGuests ? scope.GuestTimeoutSeconds : 0);
        IHostShell shell = await shells.OpenAsync(Patient(target, patience), cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            IReadOnlyList<JournalEntry> later = await ReadLaterAsync(shell, entry, cancellationToken)
                .ConfigureAwait(false);
            ChangeFailure.ThrowIfOverlaid(plan, later, scope.Force);
            string script = ChangeScript.Undo(plan, entry.Id, Who(), scope, target.AllowSudo);
            ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
            ChangeReport report = ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
            ChangeFailure.ThrowIfNotUndone(plan, entry.Id, report, result.ErrorOutput);
            Finding? waits = await WaitsAsync(shell, entry, plan, cancellationToken).ConfigureAwait(false);
            if (waits is not null && MayRestart)
            {
                await new HostRestart(shells)
                    .RunAsync(
                        target,
                        await ReadBootAsync(shell, target, cancellationToken).ConfigureAwait(false),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                waits = null;
            }

            return new ChangeResult(
                target,
                FormattableString.Invariant($"undo {entry.Id}: {plan.Title}"),
                ChangeState.Undone
            )
            {
                Id = entry.Id,
                Changes = Reversed(plan),
                Pending = waits is null ? [] : [waits],
                Findings = [.. ChangeFailure.Warnings(report), .. ChangeFailure.WasSoAlready(plan, report)],
            };
        }
    }

    // What a boot, or a reload of the module, has made of the change since, and what undoing files does not end.
    private static async Task<Finding?> WaitsAsync(
        IHostShell shell,
        JournalEntry entry,
        ChangePlan plan,
        CancellationToken cancellationToken
    )
    {
        if (
            WaitsForBoot(plan)
            && await ReadBootAsync(shell, entry.Target, cancellationToken).ConfigureAwait(false) != entry.BootId
        )
        {
            return ChangeFailure.StillBooted;
        }

        if (!plan.Pending.Any(static finding => finding.Code == FindingCodes.ReloadBlocked))
        {
            return null;
        }

        ProbeAnswers answers = await ProbeReader
            .AskAsync(shell, [KvmModuleProbe.Probe], entry.Target.AllowSudo, cancellationToken)
            .ConfigureAwait(false);
        return answers[KvmModuleProbe.Probe] is { IsAvailable: true } answer
            ? ModuleReloadPlan.StillLoaded(KvmModuleProbe.Parse(answer.Text), plan.Request)
            : null;
    }

    // The changes made after it that still hold.
    private static async Task<IReadOnlyList<JournalEntry>> ReadLaterAsync(
        IHostShell shell,
        JournalEntry entry,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await ReadJournalAsync(shell, entry.Target, cancellationToken).ConfigureAwait(false)).Where(other =>
                other.Id > entry.Id
                && other.State is (JournalState.Applied or JournalState.Failed or JournalState.Interrupted)
            ),
        ];

    private static async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(
        IHostShell shell,
        HostTarget target,
        CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await ProbeReader
            .AskAsync(shell, [JournalProbe.Probe], target.AllowSudo, cancellationToken)
            .ConfigureAwait(false);
        return JournalProbe.Read(target, answers);
    }

    private static async Task<string> ReadBootAsync(
        IHostShell shell,
        HostTarget target,
        CancellationToken cancellationToken
    ) =>
        HostIdentityProbe
            .Read(
                await ProbeReader
                    .AskAsync(shell, [HostIdentityProbe.Probe], target.AllowSudo, cancellationToken)
                    .ConfigureAwait(false)
            )
            .BootId;

    private async Task<ChangeResult> RestartAsync(
        ChangePlan plan,
        ChangeReport? report,
        CancellationToken cancellationToken
    )
    {
        await new HostRestart(shells)
            .RunAsync(plan.Target, plan.Identity.BootId, cancellationToken)
            .ConfigureAwait(false);
        ChangePlan next = await PlanAsync(plan.Target, plan.Request, cancellationToken).ConfigureAwait(false);
        return Verified(plan, next, report);
    }

    private static async Task<ChangePlan> PlanAsync(
        IHostShell shell,
        HostTarget target,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await ProbeReader
            .AskAsync(shell, ChangePlanners.Probes(request), target.AllowSudo, cancellationToken)
            .ConfigureAwait(false);
        if (
            answers.All.Values.FirstOrDefault(static answer => !answer.IsAvailable) is { UnavailableReason: { } reason }
        )
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostPermissionDenied,
                $"The change cannot be planned: {reason}."
            )
            {
                Remedy = "Log in as root, or let the account use sudo without a password.",
            };
        }

        return ChangePlanners.Plan(target, request, answers);
    }

    // What the new plan still asks for is not in effect, though it was made.
    private static ChangeResult Verified(ChangePlan plan, ChangePlan next, ChangeReport? report)
    {
        ILookup<bool, HostChange> missing = next.Changes.ToLookup(change =>
            plan.LeftOut.Any(left => left.Setting == change.Setting)
        );
        Finding[] pending = [.. next.Pending, .. missing[true].Select(LeftOut)];
        ChangeState state =
            missing[false].Any() && report is not null ? ChangeState.NotInEffect
            : pending.Length > 0 ? ChangeState.Pending
            : report is null ? ChangeState.Unchanged
            : ChangeState.InEffect;
        return new ChangeResult(plan.Target, plan.Title, state)
        {
            Id = report?.Id,
            Changes = plan.Changes,
            Pending = pending,
            Findings =
            [
                .. plan.Findings,
                .. report is null ? [] : ChangeFailure.Warnings(report),
                .. report is null
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

    // Files alone, of which a boot makes something; whatever else a plan does is in effect at once, and so is its way back.
    private static bool WaitsForBoot(ChangePlan plan) =>
        plan.Changes.Any(static change => change.TakesEffect == ChangeTiming.NextBoot)
        && (
            plan.LeftOut.Count > 0
            || plan.Changes.All(static change =>
                change.Step.Action is FileAction.Name or LinkAction.Name or ToolAction.Name
            )
        );

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

    private static HostChange[] Reversed(ChangePlan plan) =>
        [.. ChangeScript.UndoOrder(plan).Select(number => Reverse(plan.Changes[number - 1]))];

    private static HostChange Reverse(HostChange change) =>
        change with
        {
            From = change.To,
            To = change.From,
            Diff =
            [
                .. change.Diff.Select(static line =>
                    line[0] switch
                    {
                        '-' => $"+{line[1..]}",
                        '+' => $"-{line[1..]}",
                        _ => line,
                    }
                ),
            ],
            Undo = "not taken back by undo: make the change again",
        };

    private static HostTarget Patient(HostTarget target, TimeSpan patience) =>
        target.CommandTimeout >= patience ? target : target with { CommandTimeout = patience };

    private static string Who() => $"{Environment.UserName}@{Environment.MachineName}";
}
