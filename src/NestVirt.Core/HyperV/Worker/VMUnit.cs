using NestVirt.Changes;
using NestVirt.HyperV.Settings;
using NestVirt.Model;

namespace NestVirt.HyperV.Worker;

/// <summary>A virtual machine that could not be set as was asked for.</summary>
/// <param name="message">Why, as a sentence.</param>
/// <param name="kept">What could not be put back, as a sentence; null where it is as it was.</param>
/// <param name="inner">The error behind it, or null.</param>
internal sealed class VMUnitException(string message, string? kept, NestVirtException? inner)
    : NestVirtException(NestVirtErrorKind.ChangeFailed, message, inner)
{
    /// <summary>Gets what could not be put back, as a sentence; null where it is as it was.</summary>
    internal string? Kept { get; } = kept;

    /// <summary>Gets a value indicating whether it is as it was.</summary>
    internal bool IsPutBack => Kept is null;
}

/// <summary>Sets what a plan changes of one virtual machine: all of it, or none.</summary>
/// <param name="settings">Reads and sets.</param>
/// <param name="power">Shuts down, and starts.</param>
/// <param name="scope">What may be interrupted.</param>
/// <param name="onStopped">Notes which virtual machine is shut down, before it is; or that it was started again.</param>
internal sealed class VMUnit(VMSettings settings, VMPower power, ChangeScope scope, Action<Guid?> onStopped)
{
    /// <summary>Sets values.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="wanted">What is to be set, and what it is before.</param>
    /// <returns>What the host warned of.</returns>
    /// <exception cref="VMUnitException">It could not be set.</exception>
    /// <exception cref="NestVirtException">The host does not answer any more, so that nobody knows.</exception>
    internal async Task<IReadOnlyList<Finding>> SetAsync(
        Guid vm,
        IReadOnlyList<(VMStep Step, string Value, string Before)> wanted
    )
    {
        VMSystemState state =
            await power.FindAsync(vm).ConfigureAwait(false)
            ?? throw new VMUnitException($"The virtual machine {vm} is gone.", kept: null, inner: null);
        bool isStopped = wanted.Any(static one => one.Step.Setting.NeedsOff) && !state.IsOff;
        List<Finding> warnings = [];
        List<(VMStep Step, string Value, string Before)> made = [];
        if (isStopped)
        {
            await StopAsync(vm, state).ConfigureAwait(false);
        }

        foreach ((VMStep step, string value, string before) in wanted)
        {
            CallResult result = await settings.SetAsync(step, value).ConfigureAwait(false);
            if (result.End != CallEnd.Done)
            {
                throw await PutBackAsync(
                        vm,
                        $"{state.Name}: {step.Setting.Property} could not be set to {value}: {result.Text}",
                        made,
                        isStopped,
                        result.Error
                    )
                    .ConfigureAwait(false);
            }

            made.Add((step, value, before));
            warnings.AddRange(WarningOf(state, result));
        }

        if (isStopped)
        {
            CallResult started = await power.StartAsync(vm).ConfigureAwait(false);
            if (started.End != CallEnd.Done)
            {
                throw await PutBackAsync(
                        vm,
                        $"{state.Name} does not start with what was set: {started.Text}",
                        made,
                        isStopped,
                        started.Error
                    )
                    .ConfigureAwait(false);
            }

            onStopped(null);
            warnings.AddRange(WarningOf(state, started));
        }

        return warnings;
    }

    private async Task StopAsync(Guid vm, VMSystemState state)
    {
        if (!scope.StopGuests || !state.IsRunning)
        {
            NestVirtException runs = HyperVFailure.Runs(state.Name, state);
            throw new VMUnitException(runs.Message, kept: null, runs) { Remedy = runs.Remedy };
        }

        onStopped(vm);
        CallResult stopped = await power
            .ShutDownAsync(vm, TimeSpan.FromSeconds(scope.GuestTimeoutSeconds), scope.Force)
            .ConfigureAwait(false);
        if (stopped.End != CallEnd.Done)
        {
            onStopped(null);
            throw new VMUnitException($"{state.Name} was not shut down: {stopped.Text}", kept: null, stopped.Error);
        }
    }

    // It ran before, and is to run again, whatever else goes wrong.
    private async Task<VMUnitException> PutBackAsync(
        Guid vm,
        string message,
        List<(VMStep Step, string Value, string Before)> made,
        bool isStopped,
        NestVirtException? error
    )
    {
        List<string> kept = [];
        foreach ((VMStep step, string _, string before) in Enumerable.Reverse(made))
        {
            CallResult result = await settings.SetAsync(step, before).ConfigureAwait(false);
            if (result.End != CallEnd.Done)
            {
                kept.Add($"{step.Setting.Property} is not {before} again: {result.Text}");
            }
        }

        if (isStopped)
        {
            CallResult started = await power.StartAsync(vm).ConfigureAwait(false);
            if (started.End == CallEnd.Done)
            {
                onStopped(null);
            }
            else
            {
                kept.Add($"it was not started again: {started.Text}");
            }
        }

        return new VMUnitException(message, kept.Count == 0 ? null : string.Join("; ", kept), error);
    }

    private static IEnumerable<Finding> WarningOf(VMSystemState vm, CallResult result) =>
        result.Text is { } text ? [new Finding(FindingCodes.StepWarning, Severity.Warning, $"{vm.Name}: {text}")] : [];
}
