using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Lab;

/// <summary>A network card of a host with KVM and an IOMMU goes into a guest that starts with it, and comes back.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabGuestDeviceTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;

    // An 82574L on a port of its own.
    private const string Card = "0000:04:00.0";
    private const string Model = "8086:10d3";

    private static readonly ChangeScope s_scope = new(StopGuests: true, GuestTimeoutSeconds: 90, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();

    [Fact]
    public async Task A_network_card_goes_into_a_guest_and_comes_back_to_the_driver_of_the_host()
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true);
        string before = await DefinitionAsync();
        Assert.Equal("e1000e", await DriverAsync());
        Assert.DoesNotContain(Model, await DevicesAsync(), StringComparison.Ordinal);

        ChangeResult given = await ChangeAsync(
            new VmPciDeviceRequest(LabGuest.Name, [Card], Add: true) { StopGuests = true, GuestTimeoutSeconds = 90 }
        );

        Assert.Equal(ChangeState.InEffect, given.State);
        Assert.Contains(Model, await DevicesAsync(), StringComparison.Ordinal);
        Assert.Equal("vfio-pci", await DriverAsync());
        await LabGuest.IsUpAsync(Host);

        // It holds the card, which nobody else is given then.
        Assert.Contains(given.Findings, static finding => finding.Code == FindingCodes.VmMemoryPinned);
        ChangeResult back = await UndoAsync();

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Equal(before, await DefinitionAsync());
        Assert.DoesNotContain(Model, await DevicesAsync(), StringComparison.Ordinal);
        Assert.Equal("e1000e", await DriverAsync());
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

    private static async Task<string> DriverAsync() =>
        (await LabHost.RunAsync(Host, $"basename \"$(readlink /sys/bus/pci/devices/{Card}/driver)\"")).Trim();

    private static Task<string> DevicesAsync() =>
        LabHost.RunAsync(Host, $"virsh -q qemu-monitor-command {LabGuest.Name} --hmp 'info pci'");

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
