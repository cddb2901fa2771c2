using System.Text;
using NestVirt.Kvm;
using NestVirt.Model;
using NestVirt.Planning;
using NestVirt.Transport;

namespace NestVirt.Changes;

/// <summary>Plans a change of one host, makes it, takes it back, and tells what was made.</summary>
/// <param name="shells">Opens shells on hosts.</param>
public sealed class HostChanger(IHostShellFactory shells)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(60);

    /// <summary>Plans a change. Reads the host, and changes nothing.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot be brought there, or would be harmed.</exception>
    public async Task<ChangePlan> PlanAsync(HostTarget target, ChangeRequest request, CancellationToken cancellationToken)
    {
        IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            return await PlanAsync(shell, target, request, cancellationToken).ConfigureAwait(false);
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
            return Verified(plan, plan, null);
        }

        HostTarget target = plan.Target;
        TimeSpan patience = plan.Changes.Aggregate(s_margin, static (sum, change) => sum + change.Step.Patience);
        IHostShell shell = await shells.OpenAsync(Patient(target, patience), cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell.RunAsync(ChangeScript.Apply(plan, Who(), target.AllowSudo), cancellationToken).ConfigureAwait(false);
            ChangeReport report = ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
            ChangeFailure.ThrowIfFailed(plan, report, result.ErrorOutput);
            ChangePlan next = await PlanAsync(shell, target, plan.Request, cancellationToken).ConfigureAwait(false);
            return Verified(plan, next, report);
        }
    }

    /// <summary>Reads the journal of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The changes, the newest first.</returns>
    public async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(HostTarget target, CancellationToken cancellationToken)
    {
        IHostShell shell = await shells.OpenAsync(target, cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            ProbeAnswers answers = await ProbeReader.AskAsync(shell, [JournalProbe.Probe], target.AllowSudo, cancellationToken).ConfigureAwait(false);
            return JournalProbe.Read(target, answers);
        }
    }

    /// <summary>Takes a change back.</summary>
    /// <param name="entry">The change, as the journal has it.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="NestVirtException">Something was changed since, or could not be put back.</exception>
    public async Task<ChangeResult> UndoAsync(JournalEntry entry, ChangeScope scope, CancellationToken cancellationToken)
    {
        ChangePlan plan = entry.Plan
            ?? throw new NestVirtException(NestVirtErrorKind.PlanInvalid, $"The journal's plan of change {entry.Id} cannot be read.")
            {
                Remedy = "It was made by another release of NestVirt: take it back with that one.",
            };
        HostTarget target = entry.Target;
        TimeSpan patience = plan.Changes.Aggregate(s_margin, static (sum, change) => sum + change.Step.Patience)
            + TimeSpan.FromSeconds(scope.StopGuests ? scope.GuestTimeoutSeconds : 0);
        IHostShell shell = await shells.OpenAsync(Patient(target, patience), cancellationToken).ConfigureAwait(false);
        await using (shell.ConfigureAwait(false))
        {
            string script = ChangeScript.Undo(plan, entry.Id, Who(), scope, target.AllowSudo);
            ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
            ChangeReport report = ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
            ChangeFailure.ThrowIfNotUndone(plan, entry.Id, report, result.ErrorOutput);
            return new ChangeResult(target, $"undo: {plan.Title}", ChangeState.Undone)
            {
                Id = entry.Id,
                Changes = [.. ChangeScript.UndoOrder(plan).Select(number => Reverse(plan.Changes[number - 1]))],
                Findings = ChangeFailure.Warnings(report),
            };
        }
    }

    private static async Task<ChangePlan> PlanAsync(
        IHostShell shell, HostTarget target, ChangeRequest request, CancellationToken cancellationToken)
    {
        ProbeAnswers answers = await ProbeReader
            .AskAsync(shell, ChangePlanners.Probes(request), target.AllowSudo, cancellationToken)
            .ConfigureAwait(false);
        if (answers.All.Values.FirstOrDefault(static answer => !answer.IsAvailable) is { UnavailableReason: { } reason })
        {
            throw new NestVirtException(NestVirtErrorKind.HostPermissionDenied, $"The change cannot be planned: {reason}.")
            {
                Remedy = "Log in as root, or let the account use sudo without a password.",
            };
        }

        return ChangePlanners.Plan(target, request, answers);
    }

    // What the new plan still asks for is not in effect, though it was made.
    private static ChangeResult Verified(ChangePlan plan, ChangePlan next, ChangeReport? report)
    {
        ChangeState state = next.Changes.Count > 0 && report is not null ? ChangeState.NotInEffect
            : next.Pending.Count > 0 ? ChangeState.Pending
            : report is null ? ChangeState.Unchanged
            : ChangeState.InEffect;
        return new ChangeResult(plan.Target, plan.Title, state)
        {
            Id = report?.Id,
            Changes = plan.Changes,
            Pending = next.Pending,
            Findings =
            [
                .. plan.Findings,
                .. report is null ? [] : ChangeFailure.Warnings(report),
                .. report is null ? [] : next.Changes.Select(static change => new Finding(
                    "NotInEffect", Severity.Error, $"{change.Setting} is {change.From ?? "(none)"} after the change, not {change.To ?? "(none)"}.")),
            ],
        };
    }

    private static HostChange Reverse(HostChange change) => change with { From = change.To, To = change.From };

    private static HostTarget Patient(HostTarget target, TimeSpan patience) =>
        target.CommandTimeout >= patience ? target : target with { CommandTimeout = patience };

    private static string Who() => $"{Environment.UserName}@{Environment.MachineName}";
}
