using System.Diagnostics;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Settings;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Text;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>Reads and sets settings of virtual machines. What the host shows afterwards is what counts, whatever it said.</summary>
/// <param name="session">The way to the host.</param>
/// <param name="calls">Calls methods.</param>
/// <param name="pace">How long is waited.</param>
internal sealed class VMSettings(ICimSession session, CimCalls calls, ChangePace pace)
{
    private readonly DeviceWays _devices = new(session, calls);

    private const string Connection = "Msvm_EthernetPortAllocationSettingData";
    private const string Association = "Msvm_EthernetPortSettingDataComponent";

    /// <summary>Reads a setting.</summary>
    /// <param name="step">The setting, and of what.</param>
    /// <returns>The value as plans have it; null where what has it is gone.</returns>
    /// <exception cref="NestVirtException">The host does not answer, however often it is asked.</exception>
    internal Task<string?> ReadAsync(UnitStep step) =>
        step switch
        {
            DeviceStep device => AskAsync(
                async () => device.ValueAt(await _devices.FindAsync(device).ConfigureAwait(false)),
                takesFaults: false
            ),
            VMStep setting => ReadAsync(setting),
            _ => throw new UnreachableException(),
        };

    /// <summary>Says where the device of a step is, for who is to find it again.</summary>
    /// <param name="step">The step.</param>
    /// <returns>The end of a sentence; null for a step of no device.</returns>
    /// <exception cref="NestVirtException">The host does not answer, however often it is asked.</exception>
    internal async Task<string?> WhereAsync(UnitStep step) =>
        step is not DeviceStep device
            ? null
            : (await AskAsync(() => _devices.FindAsync(device)).ConfigureAwait(false)) switch
            {
                { Place: DevicePlace.Assigned, Owner: { } owner } when owner == device.VM =>
                    "the virtual machine has it",
                { Place: DevicePlace.Assigned, Owner: { } owner } =>
                    $"the virtual machine {owner.ToString().ToUpperInvariant()} has it",
                { Place: DevicePlace.Dismounted } => "it is dismounted: neither the host nor a virtual machine has it",
                { Place: DevicePlace.Disabled } => "it is in the host, disabled",
                { Place: DevicePlace.Waiting } => "it is in the host, and waits for its next boot",
                { InItsPlace: { } other } =>
                    $"another device is plugged in where it was ({HostText.ForDisplay(other, 200)})",
                { Place: DevicePlace.Enabled } => "it is in the host",
                _ => "the host does not show it",
            };

    /// <summary>Tells whether a virtual machine has other devices than those of some steps.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="steps">The steps.</param>
    /// <returns>True if so.</returns>
    /// <exception cref="NestVirtException">The host does not answer, however often it is asked.</exception>
    internal Task<bool> HasOtherDevicesAsync(Guid vm, IReadOnlyList<DeviceStep> steps) =>
        AskAsync(() => _devices.HasOthersAsync(vm, steps), takesFaults: false);

    private async Task<string?> ReadAsync(VMStep step)
    {
        (CimInstance? instance, bool isThere) = await AskAsync(() => FindAsync(step)).ConfigureAwait(false);

        return instance is null && isThere ? step.Setting.WhenUnset : step.Setting.Read(instance);
    }

    /// <summary>Reads a setting where Plug and Play may not have come to its end.</summary>
    /// <param name="step">The setting, and of what.</param>
    /// <returns>The value as plans have it; null where what has it is gone, and did not come in the time that a device may take.</returns>
    /// <exception cref="NestVirtException">The host does not answer, however often it is asked.</exception>
    internal async Task<string?> ReadArrivedAsync(UnitStep step)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string? now = await ReadAsync(step).ConfigureAwait(false);
            if (now is not null || step is not DeviceStep || HasArrived(began))
            {
                return now;
            }

            await Task.Delay(pace.Between).ConfigureAwait(false);
        }
    }

    /// <summary>Sets a value, and looks whether it is set.</summary>
    /// <param name="step">The setting, and of what.</param>
    /// <param name="value">The value.</param>
    /// <param name="isSure">Whether nothing need be called where the value is seen to be set.</param>
    /// <returns>Done or refused, as the host shows it; unknown where jobs run that may set it still.</returns>
    /// <exception cref="NestVirtException">The host does not answer any more, so that nobody knows.</exception>
    internal async Task<CallResult> SetAsync(UnitStep step, string value, bool isSure = true)
    {
        CallResult called = step switch
        {
            DeviceStep device => await MoveAsync(device, value, isSure).ConfigureAwait(false),
            VMStep setting => await CallAsync(setting, value).ConfigureAwait(false),
            _ => throw new UnreachableException(),
        };
        bool isDevice = step is DeviceStep;
        long began = TimeProvider.System.GetTimestamp();
        Settling settling = new(this, pace, isDevice && pace.Arrival > pace.Settling ? pace.Arrival : pace.Settling);
        while (true)
        {
            string? now = await ReadAsync(step).ConfigureAwait(false);
            // One that goes off at the next boot is shown as it was, whether the call that calls that off arrived or not.
            if (now == value && (isSure || called.End == CallEnd.Done))
            {
                return called with { End = CallEnd.Done, Text = called.End == CallEnd.Done ? called.Text : null };
            }

            // Plug and Play shows it later than Hyper-V says that it is done.
            if (isDevice && called.End == CallEnd.Done && !HasArrived(began))
            {
                await Task.Delay(pace.Between).ConfigureAwait(false);
                continue;
            }

            if (called.End != CallEnd.Unknown || await settling.IsOverAsync().ConfigureAwait(false))
            {
                return called with
                {
                    End = settling.DoJobsRun ? CallEnd.Unknown : CallEnd.Refused,
                    IsLost = called.End == CallEnd.Unknown,
                    Text =
                        called.End == CallEnd.Done
                            ? $"Hyper-V says that it did it, and {step.Thing} is {now ?? "gone"}."
                            : called.Text,
                };
            }
        }
    }

    private bool HasArrived(long began) => TimeProvider.System.GetElapsedTime(began) > pace.Arrival;

    /// <summary>Counts the jobs of the host that have not ended, whosever they are.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="NestVirtException">The host does not answer.</exception>
    internal Task<int> CountJobsAsync() =>
        AskAsync(async () =>
        {
            int count = 0;
            IAsyncEnumerable<CimInstance> jobs = session.QueryAsync(
                VMProbes.Jobs.Namespace,
                VMProbes.Jobs.Query,
                CancellationToken.None
            );
            await foreach (CimInstance _ in jobs.ConfigureAwait(false))
            {
                count++;
            }

            return count;
        });

    /// <summary>Asks the host, again where it does not answer: nothing but reading is asked for so.</summary>
    /// <typeparam name="T">What is asked for.</typeparam>
    /// <param name="ask">Asks.</param>
    /// <param name="takesFaults">Whether a fault is an answer; not while Plug and Play moves what is asked for.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="NestVirtException">It refuses, or does not answer however often it is asked.</exception>
    internal async Task<T> AskAsync<T>(Func<Task<T>> ask, bool takesFaults = true)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (NestVirtException error)
                when ((
                        !takesFaults
                        || error is not CimFaultException
                        || error.Kind is NestVirtErrorKind.HostTimeout or NestVirtErrorKind.HostUnreachable
                    )
                    && attempt < pace.Attempts
                )
            {
                await Task.Delay(pace.BetweenAttempts).ConfigureAwait(false);
            }
        }
    }

    // The instance that has a setting; and whether there is what it is of, also where there is none.
    private async Task<(CimInstance? Instance, bool IsThere)> FindAsync(VMStep step)
    {
        CimInstance? found =
            step.InstanceId.Length == 0
                ? null
                : await session
                    .GetAsync(step.Setting.Path(step.InstanceId), CancellationToken.None)
                    .ConfigureAwait(false);
        if (found is not null || step.ConnectionId.Length == 0)
        {
            return (found, found is not null);
        }

        CimPath connection = PathOf(step.ConnectionId);
        if (await session.GetAsync(connection, CancellationToken.None).ConfigureAwait(false) is null)
        {
            return (null, false);
        }

        // It was not there when it was planned, and may be by now.
        IAsyncEnumerable<CimInstance> rules = session.QueryAsync(
            WmiNamespaces.Virtualization,
            Wql.AssociatorsOf(connection, Association, step.Setting.ClassName),
            CancellationToken.None
        );
        await foreach (CimInstance one in rules.ConfigureAwait(false))
        {
            found ??= one;
        }

        return (found, true);
    }

    private static CimPath PathOf(string connectionId) =>
        CimPath.Of(WmiNamespaces.Virtualization, Connection, ("InstanceID", connectionId));

    private async Task<CallResult> CallAsync(VMStep step, string value)
    {
        // What an adapter may do may have come, or gone, since it was planned; the others are where they were.
        string? instanceId =
            step.ConnectionId.Length == 0
                ? step.InstanceId
                : (await AskAsync(() => FindAsync(step)).ConfigureAwait(false)).Instance?.Text("InstanceID");
        return await CallAsync(step, instanceId, value).ConfigureAwait(false);
    }

    private async Task<CallResult> MoveAsync(DeviceStep step, string value, bool isSure) =>
        await (
            await AskAsync(() => _devices.PrepareAsync(step, value, isSure), takesFaults: false).ConfigureAwait(false)
        )()
            .ConfigureAwait(false);

    private Task<CallResult> CallAsync(VMStep step, string? instanceId, string value)
    {
        if (instanceId is not null)
        {
            VMSettingWay way = step.Setting.Way;
            return calls.CallAsync(way.Path, way.Method, way.Argument(step.Setting.Instance(instanceId, value)));
        }

        VMSettingWay adding = VMSettingWay.NewFeature;
        return calls.CallAsync(
            adding.Path,
            adding.Method,
            new CimArgument("AffectedConfiguration", CimValue.Of(PathOf(step.ConnectionId))),
            adding.Argument(step.Setting.Instance(null, value))
        );
    }
}
