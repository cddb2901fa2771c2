using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Changes Linux hosts by a script that goes on to its end there, whatever becomes of the connection.</summary>
/// <param name="shells">Opens shells on hosts.</param>
internal sealed class LinuxChangeWorker(IHostShellFactory shells) : IChangeWorker
{
    /// <inheritdoc/>
    public bool GoesOnAlone => true;

    /// <inheritdoc/>
    public async Task<IChangeSession> OpenAsync(
        HostTarget target,
        TimeSpan timeout,
        CancellationToken cancellationToken
    ) =>
        new Session(
            shells,
            target,
            await shells
                .OpenAsync(
                    target.CommandTimeout >= timeout ? target : target with { CommandTimeout = timeout },
                    cancellationToken
                )
                .ConfigureAwait(false)
        );

    /// <inheritdoc/>
    public IReadOnlyList<HostChange> OrderUndo(ChangePlan plan) =>
        [.. ChangeScript.UndoOrder(plan).Select(number => plan.Changes[number - 1])];

    private sealed class Session(IHostShellFactory shells, HostTarget target, IHostShell shell) : IChangeSession
    {
        public Task<ProbeAnswers> ReadAsync(IReadOnlyList<HostProbe> probes, CancellationToken cancellationToken) =>
            ProbeReader.AskAsync(shell, probes, target.AllowSudo, cancellationToken);

        public Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(CancellationToken cancellationToken) =>
            Judging.RunAsync(
                target,
                token => ReadAsync([JournalProbe.Probe], token),
                answers => JournalProbe.Read(target, answers),
                cancellationToken
            );

        public async Task<ChangeReceipt> ApplyAsync(
            ChangePlan plan,
            IProgress<string> progress,
            CancellationToken cancellationToken
        )
        {
            (ChangeReport report, string errorOutput) = await RunAsync(
                    ChangeScript.Apply(plan, Who(), target.AllowSudo),
                    plan.Changes.Count,
                    cancellationToken
                )
                .ConfigureAwait(false);
            WorkerFailure.ThrowIfFailed(plan, report, errorOutput);
            return new ChangeReceipt(report.Id, WorkerFailure.Warnings(report));
        }

        public async Task<IReadOnlyList<Finding>> UndoAsync(
            JournalEntry entry,
            int newestId,
            ChangeScope scope,
            IProgress<string> progress,
            CancellationToken cancellationToken
        )
        {
            (ChangeReport report, string errorOutput) = await RunAsync(
                    ChangeScript.Undo(entry.Plan!, entry.Id, newestId, Who(), scope, target.AllowSudo),
                    entry.Plan!.Changes.Count,
                    cancellationToken
                )
                .ConfigureAwait(false);
            WorkerFailure.ThrowIfNotUndone(entry.Plan!, entry.Id, report, errorOutput);
            return [.. WorkerFailure.Warnings(report), .. WorkerFailure.WasSoAlready(entry.Plan!, report)];
        }

        // What a boot, or a reload of the module, has made of the change since, and what undoing files does not end.
        public async Task<Finding?> FindWaitingAsync(JournalEntry entry, CancellationToken cancellationToken)
        {
            ChangePlan plan = entry.Plan!;
            if (WaitsForBoot(plan) && await ReadBootAsync(cancellationToken).ConfigureAwait(false) != entry.BootId)
            {
                return WorkerFailure.StillBooted(entry.State);
            }

            if (!plan.Pending.Any(static finding => finding.Code == FindingCodes.ReloadBlocked))
            {
                return null;
            }

            ProbeAnswers answers = await ReadAsync([KvmModuleProbe.Probe], cancellationToken).ConfigureAwait(false);
            return answers[KvmModuleProbe.Probe] is { IsAvailable: true } answer
                ? ModuleReloadPlan.StillLoaded(KvmModuleProbe.Parse(answer.Text), plan.Request!)
                : null;
        }

        public async Task RestartAsync(CancellationToken cancellationToken) =>
            await new HostRestart(shells)
                .RunAsync(
                    target,
                    shell,
                    await ReadBootAsync(cancellationToken).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);

        public ValueTask DisposeAsync() => shell.DisposeAsync();

        // Files alone, of which a boot makes something; whatever else a plan does is in effect at once, and so is its way back.
        private static bool WaitsForBoot(ChangePlan plan) =>
            plan.Changes.Any(static change => change.TakesEffect == ChangeTiming.NextBoot)
            && plan.Changes.All(static change => HostActions.Require(change.Step).Kind != ActionKind.Live);

        private static string Who() => $"{Environment.UserName}@{Environment.MachineName}";

        private async Task<string> ReadBootAsync(CancellationToken cancellationToken) =>
            HostIdentityProbe
                .Read(await ReadAsync([HostIdentityProbe.Probe], cancellationToken).ConfigureAwait(false))
                .BootId;

        private async Task<(ChangeReport Report, string ErrorOutput)> RunAsync(
            string script,
            int stepCount,
            CancellationToken cancellationToken
        )
        {
            ShellResult result = await shell.RunAsync(script, cancellationToken).ConfigureAwait(false);
            return (ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span), stepCount), result.ErrorOutput);
        }
    }
}
