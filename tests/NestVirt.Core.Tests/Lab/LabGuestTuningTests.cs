using NestVirt.Changes;
using NestVirt.Client;

namespace NestVirt.Core.Tests.Lab;

/// <summary>A guest of a host with two NUMA nodes runs on the processors and the memory that it is fitted to, and everywhere again afterwards.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabGuestTuningTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;

    private static readonly ChangeScope s_scope = new(StopGuests: true, GuestTimeoutSeconds: 90, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();

    // Of two processors one stays for the host, and QEMU's own threads run there.
    [Fact]
    public async Task A_guest_runs_where_it_is_fitted_to_and_everywhere_again_when_that_is_undone()
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true);
        string before = await DefinitionAsync();
        Assert.Equal("0-1 0-1\n0-1", await PlacesAsync());

        ChangeResult fitted = await ChangeAsync(
            new VmTuningRequest([LabGuest.Name])
            {
                Tunings = [VmTuning.Cpu, VmTuning.Memory],
                StopGuests = true,
                GuestTimeoutSeconds = 90,
            }
        );

        Assert.Equal(ChangeState.InEffect, fitted.State);
        Assert.Equal("1 1\n0", await PlacesAsync());
        await LabGuest.IsUpAsync(Host);

        Assert.Equal(ChangeState.Undone, (await UndoAsync()).State);
        Assert.Equal(before, await DefinitionAsync());
        Assert.Equal("0-1 0-1\n0-1", await PlacesAsync());
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable(Host) is { Length: > 0 })
        {
            while (
                (await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, CancellationToken.None))
                    is { Plan.Changes.Count: > 0 } left
            )
            {
                await left.ApplyAsync(CancellationToken.None);
            }

            await LabGuest.RemoveAsync(Host);
        }

        _changer.Dispose();
    }

    // As the kernel has it: where its processor may run, and take memory from; where QEMU's main thread may run.
    private static async Task<string> PlacesAsync() =>
        (
            await LabHost.RunAsync(
                Host,
                $$"""
                pid=$(cat /run/libvirt/qemu/{{LabGuest.Name}}.pid)
                for task in /proc/$pid/task/*; do
                  case $(cat "$task/comm") in 'CPU 0'*) awk '/^Cpus_allowed_list/ { cpus = $2 } /^Mems_allowed_list/ { print cpus, $2 }' "$task/status" ;; esac
                done
                awk '/^Cpus_allowed_list/ { print $2 }' "/proc/$pid/status"
                """
            )
        ).Trim();

    private static Task<string> DefinitionAsync() =>
        LabHost.RunAsync(Host, $"virsh -q dumpxml --inactive --security-info {LabGuest.Name}");

    private async Task<ChangeResult> ChangeAsync(ChangeRequest request) =>
        await (
            await _changer.PrepareAsync(LabHost.Target(Host), request, TestContext.Current.CancellationToken)
        ).ApplyAsync(TestContext.Current.CancellationToken);

    private async Task<ChangeResult> UndoAsync() =>
        await (
            await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, TestContext.Current.CancellationToken)
        ).ApplyAsync(TestContext.Current.CancellationToken);
}
