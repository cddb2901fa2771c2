using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Settings;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>A connection to a Hyper-V host that is changed.</summary>
/// <remarks>
/// A virtual machine is set whole or not at all; between two of them the run can be given up. Each call is followed by a look at
/// what the host shows. Where it does not answer any more, or is not as it was and not as it was to be, the journal says that the
/// change was interrupted or failed, and which virtual machines it left shut down: the way back reads all of that again.
/// </remarks>
internal sealed class HyperVChangeSession : IChangeSession
{
    private readonly HostTarget _target;
    private readonly ICimSession _session;
    private readonly string _root;
    private readonly ChangePace _pace;
    private readonly VMSettings _settings;
    private readonly VMPower _power;
    private readonly HostActivity _activity;

    /// <summary>Initializes a new instance of the <see cref="HyperVChangeSession"/> class.</summary>
    /// <param name="target">The host.</param>
    /// <param name="session">The way to it, which this session owns.</param>
    /// <param name="root">The folder of the journals.</param>
    /// <param name="pace">How long it is waited for.</param>
    internal HyperVChangeSession(HostTarget target, ICimSession session, string root, ChangePace pace)
    {
        (_target, _session, _root, _pace) = (target, session, root, pace);
        CimCalls calls = new(session, pace);
        _activity = calls.Activity;
        _settings = new VMSettings(session, calls, pace);
        _power = new VMPower(session, calls, _settings, pace);
    }

    /// <inheritdoc/>
    public Task<ProbeAnswers> ReadAsync(IReadOnlyList<HostProbe> probes, CancellationToken cancellationToken) =>
        CimAnswers.AskAsync(_session, [.. probes.Cast<CimProbe>()], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournalEntry>> ReadJournalAsync(CancellationToken cancellationToken) =>
        (await FindJournalAsync(cancellationToken).ConfigureAwait(false)).Journal.Read(_target, isOwn: false);

    /// <inheritdoc/>
    public async Task<ChangeReceipt> ApplyAsync(
        ChangePlan plan,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        _activity.Listener = progress;
        (ClientJournal journal, HostIdentity machine) = await FindJournalAsync(cancellationToken).ConfigureAwait(false);
        if (machine.MachineId != plan.Identity.MachineId)
        {
            throw HyperVFailure.OtherMachine();
        }

        UnitStep[] steps = [.. plan.Changes.Select(Require)];
        using IDisposable own = journal.Lock();
        RequireNoInterrupted(journal.Read(_target, isOwn: true), except: null);
        await RequireAsPlannedAsync(plan, steps).ConfigureAwait(false);
        int id = journal.Begin(plan);
        ChangeScope scope = plan.Request is { } request ? ChangeScope.Of(request) : default;
        Run run = new(
            new VMUnit(_settings, _power, scope, new StoppedVMs(journal, id), _activity),
            [
                .. plan
                    .Changes.Zip(steps)
                    .Select(static pair => new Wanted(
                        pair.First,
                        new VMValue(pair.Second, pair.Second.Value, pair.First.Step.Expected)
                    )),
            ],
            []
        );
        await FinishAsync(journal, id, run, JournalWords.Applied, JournalWords.RolledBack, cancellationToken)
            .ConfigureAwait(false);
        return new ChangeReceipt(id, run.Warnings);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> UndoAsync(
        JournalEntry entry,
        int newestId,
        ChangeScope scope,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        _activity.Listener = progress;
        (ClientJournal journal, _) = await FindJournalAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable own = journal.Lock();
        IReadOnlyList<JournalEntry> entries = journal.Read(_target, isOwn: true);
        if (entries is [{ } newest, ..] && newest.Id > newestId)
        {
            throw ChangeFailure.MadeMeanwhile(newest.Id);
        }

        if (!scope.Force)
        {
            RequireNoInterrupted(entries, except: entry.Id);
        }

        // How it stands may have changed since it was looked at without the lock.
        JournalState state =
            entries.FirstOrDefault(other => other.Id == entry.Id)?.State
            ?? throw ChangeFailure.NotFound(entry.Id, entries);
        if (state is JournalState.Interrupted or JournalState.Failed)
        {
            await RequireNoJobsAsync(scope).ConfigureAwait(false);
        }

        (List<Wanted> wanted, List<Finding> findings) = await FindWayBackAsync(
                entry.Plan!,
                scope,
                isCutOff: state == JournalState.Interrupted
            )
            .ConfigureAwait(false);
        await RequireNotNeededAsync(wanted, scope).ConfigureAwait(false);
        StoppedVMs stopped = new(journal, entry.Id);
        Run run = new(new VMUnit(_settings, _power, scope, stopped, _activity), wanted, [.. stopped.All]);
        await RequireOffAsync(run, scope).ConfigureAwait(false);
        journal.End(entry.Id, JournalWords.Undoing);
        await FinishAsync(
                journal,
                entry.Id,
                run,
                JournalWords.Undone,
                state switch
                {
                    JournalState.Applied => JournalWords.Applied,
                    JournalState.Failed => JournalWords.Failed,
                    _ => JournalWords.Undoing,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return [.. findings, .. run.Warnings];
    }

    /// <inheritdoc/>
    public Task<Finding?> FindWaitingAsync(JournalEntry entry, CancellationToken cancellationToken) =>
        Task.FromResult<Finding?>(null);

    /// <inheritdoc/>
    /// <remarks>No setting of a virtual machine waits for that.</remarks>
    public Task RestartAsync(CancellationToken cancellationToken) =>
        throw new NestVirtException(NestVirtErrorKind.FeatureNotSupported, "This release restarts no Hyper-V hosts.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static UnitStep Require(HostChange change) =>
        UnitStep.Read(change.Step) ?? throw HyperVFailure.UnknownStep(change);

    private async Task<(ClientJournal Journal, HostIdentity Machine)> FindJournalAsync(
        CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await ReadAsync(WindowsIdentityProbe.Probes, cancellationToken).ConfigureAwait(false);
        HostIdentity machine = WindowsIdentityProbe.Read(answers);
        if (
            answers[WindowsIdentityProbe.Product] is { UnavailableReason: { } reason } product
            && !CimAnswers.IsMissing(product)
        )
        {
            throw HyperVFailure.NotIdentified(reason);
        }

        return machine.MachineId.Length == 0
            ? throw HyperVFailure.NoIdentity()
            : (ClientJournal.Of(_root, machine), machine);
    }

    private void RequireNoInterrupted(IReadOnlyList<JournalEntry> entries, int? except)
    {
        if (
            entries.FirstOrDefault(entry => entry.State == JournalState.Interrupted && entry.Id != except) is
            { } interrupted
        )
        {
            throw ChangeFailure.Interrupted(_target, interrupted.Id);
        }
    }

    // What was cut off may still go on at the host, and would be made after it was taken back.
    private async Task RequireNoJobsAsync(ChangeScope scope)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (await _settings.CountJobsAsync().ConfigureAwait(false) is > 0 and { } count && !scope.Force)
        {
            if (TimeProvider.System.GetElapsedTime(began) > _pace.Settling)
            {
                throw HyperVFailure.JobsRun(count);
            }

            _activity.Say("waiting for jobs of Hyper-V");

            await Task.Delay(_pace.Between).ConfigureAwait(false);
        }
    }

    private async Task RequireAsPlannedAsync(ChangePlan plan, UnitStep[] steps)
    {
        List<(HostChange Change, string? Now)> other = [];
        foreach ((HostChange change, UnitStep step) in plan.Changes.Zip(steps))
        {
            string? now = await _settings.ReadAsync(step).ConfigureAwait(false);
            if (now != change.Step.Expected)
            {
                other.Add((change, now));
            }
        }

        if (other.Count > 0)
        {
            throw HyperVFailure.Differs(
                "The host has changed since the plan was made, and nothing was done",
                other,
                "Plan again."
            );
        }
    }

    private async Task<(List<Wanted> Wanted, List<Finding> Findings)> FindWayBackAsync(
        ChangePlan plan,
        ChangeScope scope,
        bool isCutOff
    )
    {
        List<Wanted> wanted = [];
        List<Finding> findings = [];
        List<(HostChange Change, string? Now)> other = [];
        HashSet<string> gone = [];
        foreach (HostChange change in plan.Changes.Reverse())
        {
            // What its taking back makes sure of is what that is allowed, and not what the change was.
            UnitStep step = Require(change) is DeviceStep device
                ? device with
                {
                    Check = scope.Force ? DeviceCheck.Isolation : DeviceCheck.Full,
                }
                : Require(change);
            string? now = gone.Contains(step.Touches)
                ? await _settings.ReadAsync(step).ConfigureAwait(false)
                : await _settings.ReadArrivedAsync(step).ConfigureAwait(false);
            if (now is null)
            {
                gone.Add(step.Touches);
            }

            if (now is null && scope.Force)
            {
                findings.Add(
                    new Finding(
                        FindingCodes.VmGone,
                        Severity.Warning,
                        $"{change.Setting} is not on this host any more, and was not put back."
                    )
                );
            }
            else if (
                isCutOff
                && (now == DevicePart.Driver.AtHost || now == DeviceStep.AtNextBoot)
                && change.Step.Expected == DevicePart.Driver.AtHost
                && step is DeviceStep { Part: var part }
                && part == DevicePart.Driver
            )
            {
                // A disabling that was cut off may wait for the next boot, whether that is shown or not.
                wanted.Add(new Wanted(change, new VMValue(step, change.Step.Expected, now, IsSure: false)));
            }
            else if (now == change.Step.Expected)
            {
                findings.Add(
                    new Finding(
                        FindingCodes.AsBeforeAlready,
                        Severity.Information,
                        $"{change.Setting} was as before the change already."
                    )
                );
            }
            else if (now is not null && (now == step.Value || (scope.Force && !DeviceStep.IsOfOther(now))))
            {
                wanted.Add(new Wanted(change, new VMValue(step, change.Step.Expected, now)));
            }
            else
            {
                other.Add((change, now));
            }
        }

        if (gone.Count > 0 && !await ShowsItselfAsync().ConfigureAwait(false))
        {
            throw HyperVFailure.HidesItself();
        }

        findings.AddRange(await KeepForOthersAsync(plan, wanted).ConfigureAwait(false));

        return other.Count > 0
            ? throw HyperVFailure.Differs(
                "Something else was changed since, or is not on this host any more, and nothing was done",
                other,
                other.Any(static one => DeviceStep.IsOfOther(one.Now))
                    ? "Take the device back from the virtual machine that has it; nothing else takes it from there."
                    : Advice.Of(
                        $"To take back what there is all the same, use {ChangeSwitch.Force}; what was moved to another host stays there as it is."
                    )
            )
            : (wanted, findings);
    }

    // Devices that were given since need what was set for the first of them.
    private async Task<IReadOnlyList<Finding>> KeepForOthersAsync(ChangePlan plan, List<Wanted> wanted)
    {
        DeviceStep[] devices = [.. plan.Changes.Select(Require).OfType<DeviceStep>()];
        List<Finding> kept = [];
        foreach (Guid vm in devices.Select(static step => step.VM).Distinct())
        {
            Wanted[] settings =
            [
                .. wanted.Where(one =>
                    one.Value.Step is VMStep step && step.VM == vm && VMSetting.OfDevices.Contains(step.Setting)
                ),
            ];
            if (settings.Length == 0 || !await _settings.HasOtherDevicesAsync(vm, devices).ConfigureAwait(false))
            {
                continue;
            }

            foreach (Wanted one in settings)
            {
                wanted.Remove(one);
                kept.Add(
                    new Finding(
                        FindingCodes.StepWarning,
                        Severity.Warning,
                        $"{one.Change.Setting} stays {one.Value.Before}: the virtual machine has other devices, which need it."
                    )
                );
            }
        }

        return kept;
    }

    // Between the change and its way back the host may have begun to use a device, or to be reached by it.
    private async Task RequireNotNeededAsync(IReadOnlyList<Wanted> wanted, ChangeScope scope)
    {
        DeviceStep[] taken =
        [
            .. wanted
                .Where(static one => one.Value.Step is DeviceStep { Part: var part } && part == DevicePart.Driver)
                .Where(static one => one.Value.Value == DevicePart.Driver.Away)
                .Select(static one => (DeviceStep)one.Value.Step),
        ];
        if (taken.Length == 0)
        {
            return;
        }

        ProbeAnswers answers = await _settings
            .AskAsync(() => ReadAsync([.. DeviceInventory.Probes.Union(DeviceUse.Probes)], CancellationToken.None))
            .ConfigureAwait(false);
        DeviceInventory inventory = DeviceInventory.Require(answers);
        HostNeed need = new(answers.Read(DeviceUse.Reading), () => HostWays.Of(_target));
        Finding[] against =
        [
            .. taken
                .Select(step => (step.Name, Device: inventory.Find(step.InstancePath)))
                .Where(static pair => pair.Device is not null)
                .Select(pair => (pair.Name, Found: need.Against(pair.Device!, scope.Force)))
                .Where(static pair => pair.Found is not null)
                .Select(static pair => AssignmentFindings.OnTheWayBack(pair.Name, pair.Found!)),
        ];
        if (against.Length > 0)
        {
            throw new ChangeRefusedException(against);
        }
    }

    // A host that shows the account not even itself shows it no virtual machines.
    private Task<bool> ShowsItselfAsync() =>
        _settings.AskAsync(async () =>
        {
            bool has = false;
            IAsyncEnumerable<CimInstance> systems = _session.QueryAsync(
                VMProbes.Systems.Namespace,
                VMProbes.Systems.Query,
                CancellationToken.None
            );
            await foreach (CimInstance _ in systems.ConfigureAwait(false))
            {
                has = true;
            }

            return has;
        });

    // Before the first is begun.
    private async Task RequireOffAsync(Run run, ChangeScope scope)
    {
        foreach ((Guid vm, IReadOnlyList<Wanted> wanted) in run.Units)
        {
            if (
                wanted.Any(static one => one.Value.Step.NeedsOff)
                && await _power.FindAsync(vm).ConfigureAwait(false) is { IsOff: false } state
                && !(scope.StopGuests && state.IsRunning)
            )
            {
                throw HyperVFailure.Runs(state.Name, state);
            }
        }
    }

    private async Task FinishAsync(
        ClientJournal journal,
        int id,
        Run run,
        string done,
        string notDone,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await run.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (VMUnitException error)
        {
            throw HyperVFailure.Ended(
                _target,
                id,
                error,
                run.Done,
                run.Left,
                TryEnd(journal, id, error.IsPutBack && run.Done.Count == 0 ? notDone : JournalWords.Failed)
            );
        }
        catch (OperationCanceledException)
        {
            throw HyperVFailure.GivenUp(
                _target,
                id,
                run.Done,
                run.Left,
                TryEnd(journal, id, run.Done.Count == 0 ? notDone : JournalWords.Failed)
            );
        }
        catch (JournalException error)
        {
            throw HyperVFailure.NotWritten(_target, id, error, run.Done, run.Left);
        }
        catch (NestVirtException error)
        {
            // The journal has no end of it: it was interrupted.
            throw HyperVFailure.Unsettled(_target, id, error);
        }

        journal.End(id, done);
    }

    // What became of the host is to be said, also where it cannot be written down.
    private static string? TryEnd(ClientJournal journal, int id, string word)
    {
        try
        {
            journal.End(id, word);
            return null;
        }
        catch (NestVirtException error)
        {
            return error.Message;
        }
    }

    /// <summary>A change that is to be made, or taken back.</summary>
    /// <param name="Change">The change of the plan.</param>
    /// <param name="Value">What is to be set.</param>
    private sealed record Wanted(HostChange Change, VMValue Value);

    /// <summary>Sets values, one virtual machine after the other, and starts those that were left shut down.</summary>
    private sealed class Run(VMUnit unit, IReadOnlyList<Wanted> wanted, IReadOnlyList<Guid> stopped)
    {
        internal IReadOnlyList<(Guid VM, IReadOnlyList<Wanted> Wanted)> Units { get; } =
        [
            .. wanted
                .GroupBy(static one => one.Value.Step.VM)
                .Select(static group => (group.Key, (IReadOnlyList<Wanted>)[.. group])),
            .. stopped
                .Except(wanted.Select(static one => one.Value.Step.VM))
                .Select(static vm => (vm, (IReadOnlyList<Wanted>)[])),
        ];

        internal List<Finding> Warnings { get; } = [];

        internal List<string> Done { get; } = [];

        internal IReadOnlyList<string> Left { get; private set; } = [];

        internal async Task ExecuteAsync(CancellationToken cancellationToken)
        {
            for (int at = 0; at < Units.Count; at++)
            {
                (Guid vm, IReadOnlyList<Wanted> own) = Units[at];
                Left = [.. Units.Skip(at).Select(NameOf)];
                cancellationToken.ThrowIfCancellationRequested();
                Left = [.. Left.Skip(1)];

                // Nobody is told that what is gone is as was asked for.
                if (own.Count == 0 && await unit.ForgetGoneAsync(vm).ConfigureAwait(false))
                {
                    continue;
                }

                try
                {
                    Warnings.AddRange(
                        await unit.SetAsync(vm, [.. own.Select(static one => one.Value)]).ConfigureAwait(false)
                    );
                }
                catch (JournalException)
                {
                    // What was to be written is that all of it is done.
                    Done.Add(NameOf(Units[at]));
                    throw;
                }

                Done.Add(NameOf(Units[at]));
            }
        }

        // The setting is shown behind what the virtual machine is called.
        private static string NameOf((Guid VM, IReadOnlyList<Wanted> Wanted) unit) =>
            unit.Wanted is [{ Change.Setting: var text }, ..]
            && text.LastIndexOf(": ", StringComparison.Ordinal) is var end and > 0
                ? text[..end]
                : unit.VM.ToString();
    }
}
