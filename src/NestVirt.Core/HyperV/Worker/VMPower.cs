using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>How a virtual machine stands.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="State">The state.</param>
internal sealed record VMSystemState(string Name, VmState State)
{
    /// <summary>Gets a value indicating whether it runs.</summary>
    internal bool IsRunning => State == VmState.Running;

    /// <summary>Gets a value indicating whether it is off.</summary>
    internal bool IsOff => State == VmState.Off;

    /// <summary>Gets the state as a word of a sentence.</summary>
    internal string Text => State.ToString().ToLowerInvariant();
}

/// <summary>Shuts virtual machines down, and starts them.</summary>
/// <param name="session">The way to the host.</param>
/// <param name="calls">Calls methods.</param>
/// <param name="settings">Asks the host again where it does not answer.</param>
/// <param name="pace">How long is waited.</param>
/// <remarks>
/// Msvm_ComputerSystem.RequestStateChange with 2, which starts, as measured (r4sd/go-wsman); Msvm_ShutdownComponent as libvirt
/// calls it, which is documented but for the keys of its instance: unproven.
/// </remarks>
internal sealed class VMPower(ICimSession session, CimCalls calls, VMSettings settings, ChangePace pace)
{
    private const string System = "Msvm_ComputerSystem";
    private const string Component = "Msvm_ShutdownComponent";
    private const ushort Start = 2;
    private const int ShownLength = 60;

    // A guest is asked by the shutdown component, and goes off when it has ended its own affairs.
    private static readonly string[] s_keys =
    [
        "SystemCreationClassName",
        "SystemName",
        "CreationClassName",
        "DeviceID",
    ];

    /// <summary>Reads how a virtual machine stands.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <returns>How it stands; null where it is gone.</returns>
    /// <exception cref="NestVirtException">The host does not answer.</exception>
    internal async Task<VMSystemState?> FindAsync(Guid vm)
    {
        CimInstance? found = await settings
            .AskAsync(() => session.GetAsync(PathOf(vm), CancellationToken.None))
            .ConfigureAwait(false);
        return found is null
            ? null
            : new VMSystemState(
                HostText.ForDisplay(found.Text("ElementName") ?? vm.ToString(), ShownLength),
                VMStates.Of(found.Number("EnabledState"))
            );
    }

    /// <summary>Shuts a virtual machine down by its own system, and waits until it is off.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="patience">How long that may take.</param>
    /// <param name="force">Whether programs in it that do not want to end are ended.</param>
    /// <returns>Done or refused, as the host shows it; unknown where it was asked, and may go off later.</returns>
    /// <exception cref="NestVirtException">The host does not answer any more.</exception>
    internal async Task<CallResult> ShutDownAsync(Guid vm, TimeSpan patience, bool force)
    {
        if (await settings.AskAsync(() => FindComponentAsync(vm)).ConfigureAwait(false) is not { } component)
        {
            return new CallResult(
                CallEnd.Refused,
                "It cannot be shut down by its own system: no integration services answer in it."
            );
        }

        long began = TimeProvider.System.GetTimestamp();
        calls.Activity.Say("shutting down");
        CallResult called = await InitiateAsync(component, force).ConfigureAwait(false);
        bool isSure = called.End == CallEnd.Done;
        while (called.End != CallEnd.Refused)
        {
            if (await FindAsync(vm).ConfigureAwait(false) is not { IsOff: false })
            {
                return new CallResult(CallEnd.Done);
            }

            TimeSpan waited = TimeProvider.System.GetElapsedTime(began);
            calls.Activity.Say(
                string.Create(CultureInfo.InvariantCulture, $"shutting down, {waited.TotalSeconds:0} s")
            );
            if (waited > patience)
            {
                return new CallResult(
                    CallEnd.Unknown,
                    string.Create(CultureInfo.InvariantCulture, $"it was not off within {patience.TotalSeconds:0} s.")
                );
            }

            await calls.PauseAsync().ConfigureAwait(false);

            // It may never have been asked. To ask twice does no more than to ask once.
            if (!isSure && TimeProvider.System.GetElapsedTime(began) > pace.Settling)
            {
                // It is refused, too, where the first was heard, and the guest is on its way.
                isSure = true;
                _ = await InitiateAsync(component, force).ConfigureAwait(false);
            }
        }

        return called;
    }

    private Task<CallResult> InitiateAsync(CimPath component, bool force) =>
        calls.CallAsync(
            component,
            "InitiateShutdown",
            new CimArgument("Force", CimValue.Of(force)),
            new CimArgument("Reason", CimValue.Of("NestVirt: a setting takes the virtual machine to be off."))
        );

    /// <summary>Starts a virtual machine.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <returns>Done or refused, as the host shows it.</returns>
    /// <exception cref="NestVirtException">The host does not answer any more.</exception>
    internal async Task<CallResult> StartAsync(Guid vm)
    {
        calls.Activity.Say("starting");
        CallResult called = await calls
            .CallAsync(
                PathOf(vm),
                "RequestStateChange",
                new CimArgument("RequestedState", CimValue.Of(CimType.UInt16, Start))
            )
            .ConfigureAwait(false);
        Settling settling = new(settings, pace, pace.Settling);
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            VmState? state = (await FindAsync(vm).ConfigureAwait(false))?.State;
            bool mayFail = called.End != CallEnd.Done && state == VmState.Starting;
            if (mayFail && TimeProvider.System.GetElapsedTime(began) < pace.Job)
            {
                await calls.PauseAsync().ConfigureAwait(false);
                continue;
            }

            if (state is VmState.Running or VmState.Starting)
            {
                return called with { End = CallEnd.Done, Text = called.End == CallEnd.Done ? called.Text : null };
            }

            if (called.End != CallEnd.Unknown || await settling.IsOverAsync().ConfigureAwait(false))
            {
                return called with
                {
                    End = CallEnd.Refused,
                    Text =
                        called.End == CallEnd.Done ? "Hyper-V says that it started, and it does not run." : called.Text,
                };
            }
        }
    }

    private static CimPath PathOf(Guid vm) =>
        CimPath.Of(
            WmiNamespaces.Virtualization,
            System,
            ("CreationClassName", System),
            ("Name", vm.ToString().ToUpperInvariant())
        );

    // A GUID can be no more in a query than it looks like.
    private async Task<CimPath?> FindComponentAsync(Guid vm)
    {
        IAsyncEnumerable<CimInstance> found = session.QueryAsync(
            WmiNamespaces.Virtualization,
            $"SELECT * FROM {Component} WHERE SystemName = '{vm.ToString().ToUpperInvariant()}'",
            CancellationToken.None
        );
        CimPath? path = null;
        await foreach (CimInstance instance in found.ConfigureAwait(false))
        {
            path ??= new CimPath(
                WmiNamespaces.Virtualization,
                Component,
                [
                    .. s_keys
                        .Select(key => KeyValuePair.Create(key, instance[key]))
                        .Where(static pair => pair.Value is not null)
                        .Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!)),
                ]
            );
        }

        return path;
    }
}
