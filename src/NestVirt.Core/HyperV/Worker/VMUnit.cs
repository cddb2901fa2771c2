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

/// <summary>A value that a setting is to have.</summary>
/// <param name="Step">What is set, and of what.</param>
/// <param name="Value">The value.</param>
/// <param name="Before">What it is before.</param>
/// <param name="IsSure">Whether nothing need be called where the value is seen: not of a device that may go off at the next boot, and is shown as it was until then.</param>
internal sealed record VMValue(UnitStep Step, string Value, string Before, bool IsSure = true);

/// <summary>Sets what a plan changes of one virtual machine: all of it, or none.</summary>
/// <param name="settings">Reads and sets.</param>
/// <param name="power">Shuts down, and starts.</param>
/// <param name="scope">What may be interrupted.</param>
/// <param name="stopped">Which virtual machines the journal has as shut down for this change, and not started again.</param>
/// <param name="activity">Says what is done.</param>
internal sealed class VMUnit(
    VMSettings settings,
    VMPower power,
    ChangeScope scope,
    StoppedVMs stopped,
    HostActivity activity
)
{
    private const string JobsRun = "a job of Hyper-V has not ended, and may set it still";

    /// <summary>Forgets a virtual machine that was shut down for the change, where somebody took it away since.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <returns>False where it is there, and everything is left to do.</returns>
    /// <exception cref="JournalException">The journal cannot be written.</exception>
    /// <exception cref="NestVirtException">The host does not answer any more.</exception>
    internal async Task<bool> ForgetGoneAsync(Guid vm)
    {
        if (await power.FindAsync(vm).ConfigureAwait(false) is not null)
        {
            return false;
        }

        stopped.Remove(vm);
        return true;
    }

    /// <summary>Sets values; and starts the virtual machine where it was shut down for this change before, and is off still.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="values">The values; none where it is to be started alone.</param>
    /// <returns>What the host warned of.</returns>
    /// <exception cref="VMUnitException">It could not be set.</exception>
    /// <exception cref="NestVirtException">The host does not answer any more, so that nobody knows.</exception>
    internal async Task<IReadOnlyList<Finding>> SetAsync(Guid vm, IReadOnlyList<VMValue> values)
    {
        VMSystemState? found = await power.FindAsync(vm).ConfigureAwait(false);
        if (found is null && values.Count == 0)
        {
            // It was shut down for the change, and somebody took it away since.
            stopped.Remove(vm);
            return [];
        }

        // Its devices come back to the host without it.
        VMSystemState state =
            found
            ?? (
                values.Any(static one => one.Step.NeedsOff)
                    ? throw new VMUnitException($"The virtual machine {vm} is gone.", kept: null, inner: null)
                    : new VMSystemState(vm.ToString(), VmState.Off)
            );
        using IDisposable turn = activity.Begin(state.Name);
        IReadOnlyList<VMValue> wanted = await FindMissingAsync(state, values).ConfigureAwait(false);
        bool isOwed = found is not null && stopped.Has(vm) && state.IsOff;
        bool mayGoOff = stopped.Has(vm) && !state.IsOff;
        bool starts = isOwed;
        if (wanted.Any(static one => one.Step.NeedsOff) && !state.IsOff)
        {
            await StopAsync(vm, state).ConfigureAwait(false);
            starts = true;
        }

        List<Finding> warnings = [];
        List<VMValue> made = [];
        foreach (VMValue one in wanted)
        {
            activity.Say($"setting {one.Step.Thing}");
            CallResult result = await settings.SetAsync(one.Step, one.Value, one.IsSure).ConfigureAwait(false);
            made.Add(one);
            if (result.End != CallEnd.Done)
            {
                string message = $"{state.Name}: {one.Step.NotMade(one.Value)}: {result.Text}";
                throw await PutBackAsync(vm, message, made, starts, result).ConfigureAwait(false);
            }

            warnings.AddRange(WarningOf(state, result));
        }

        if (starts)
        {
            CallResult started = await power.StartAsync(vm).ConfigureAwait(false);
            if (started.End != CallEnd.Done)
            {
                string message =
                    $"{state.Name} does not start{(made.Count > 0 ? " with what was set" : string.Empty)}: {started.Text}";
                throw await PutBackAsync(vm, message, made, starts, started).ConfigureAwait(false);
            }

            warnings.AddRange(WarningOf(state, started));
            if (isOwed)
            {
                warnings.Add(
                    new Finding(
                        FindingCodes.StepWarning,
                        Severity.Information,
                        $"{state.Name} was off since it was shut down for the change, and was started again."
                    )
                );
            }
        }

        if (mayGoOff && !starts)
        {
            warnings.Add(
                new Finding(
                    FindingCodes.StepWarning,
                    Severity.Warning,
                    $"{state.Name} was asked to shut down for the change and has not gone off: should it still, it does not start by itself."
                )
            );
        }

        stopped.Remove(vm);
        return warnings;
    }

    // The turn of one may come an hour after it was planned.
    private async Task<IReadOnlyList<VMValue>> FindMissingAsync(VMSystemState state, IReadOnlyList<VMValue> values)
    {
        List<VMValue> missing = [];
        foreach (VMValue one in values)
        {
            string? now = await settings.ReadAsync(one.Step).ConfigureAwait(false);
            if (now == one.Value && one.IsSure)
            {
                continue;
            }

            missing.Add(
                now == one.Before
                    ? one
                    : throw new VMUnitException(
                        $"{state.Name}: {one.Step.Thing} is {now ?? "gone"} by now, not {one.Before}, and was left alone.",
                        kept: null,
                        inner: null
                    )
            );
        }

        return missing;
    }

    private async Task StopAsync(Guid vm, VMSystemState state)
    {
        if (!scope.StopGuests || !state.IsRunning)
        {
            NestVirtException runs = HyperVFailure.Runs(state.Name, state);
            throw new VMUnitException(runs.Message, kept: null, runs) { Remedy = runs.Remedy };
        }

        try
        {
            stopped.Add(vm);
        }
        catch (NestVirtException error)
        {
            throw new VMUnitException($"{state.Name} was not shut down: {error.Message}", kept: null, error);
        }

        CallResult result = await power
            .ShutDownAsync(vm, TimeSpan.FromSeconds(scope.GuestTimeoutSeconds), scope.Force)
            .ConfigureAwait(false);
        if (result.End == CallEnd.Refused)
        {
            throw new VMUnitException(
                $"{state.Name} was not shut down: {result.Text}",
                kept: ForgetStopped(vm),
                result.Error
            );
        }

        // The way back starts it, should it go off after all.
        if (result.End == CallEnd.Unknown)
        {
            throw new VMUnitException(
                $"{state.Name} was asked to shut down: {result.Text}",
                "it may still go off, and does not start by itself then",
                result.Error
            );
        }
    }

    // It ran before, and is to run again, whatever else goes wrong.
    private async Task<VMUnitException> PutBackAsync(
        Guid vm,
        string message,
        List<VMValue> made,
        bool starts,
        CallResult failed
    )
    {
        List<string> kept = [];
        foreach (VMValue one in Enumerable.Reverse(made))
        {
            // A device whose disabling was cut off may go off at the next boot, and is shown as it was until then.
            bool isSure = !(
                failed.IsLost
                && one == made[^1]
                && one.Step is DeviceStep { Part: var part }
                && part == DevicePart.Driver
            );
            if (isSure && await settings.ReadArrivedAsync(one.Step).ConfigureAwait(false) == one.Before)
            {
                continue;
            }

            // It was there before, and nothing more is asked of it than then.
            UnitStep step = one.Step is DeviceStep device ? device with { Check = DeviceCheck.None } : one.Step;
            CallResult result = await settings.SetAsync(step, one.Before, isSure).ConfigureAwait(false);
            if (result.End != CallEnd.Done)
            {
                string? where = await settings.WhereAsync(one.Step).ConfigureAwait(false);
                kept.Add(
                    $"{one.Step.Thing} is not {one.Before} again: {result.Text?.TrimEnd('.')}{(where is null ? null : $"; {where}")}"
                );
            }
        }

        if (failed.End == CallEnd.Unknown)
        {
            kept.Add(JobsRun);
        }

        if (starts)
        {
            CallResult started = await power.StartAsync(vm).ConfigureAwait(false);
            string? fault =
                started.End == CallEnd.Done ? ForgetStopped(vm) : $"it was not started again: {started.Text}";
            if (fault is not null)
            {
                kept.Add(fault);
            }
        }

        return new VMUnitException(message, kept.Count == 0 ? null : string.Join("; ", kept), failed.Error);
    }

    // What became of the virtual machine is to be said, also where it cannot be written down.
    private string? ForgetStopped(Guid vm)
    {
        try
        {
            stopped.Remove(vm);
            return null;
        }
        catch (NestVirtException error)
        {
            return error.Message.TrimEnd('.');
        }
    }

    private static IEnumerable<Finding> WarningOf(VMSystemState vm, CallResult result) =>
        result.Text is { } text ? [new Finding(FindingCodes.StepWarning, Severity.Warning, $"{vm.Name}: {text}")] : [];
}
