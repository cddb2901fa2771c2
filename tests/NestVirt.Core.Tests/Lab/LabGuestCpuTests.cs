using NestVirt.Changes;
using NestVirt.Client;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Processors of guests set on a host with KVM; what is true is what the guest's own kernel and libvirt say.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabGuestCpuTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;
    private const string Plain =
        "<cpu mode='custom' match='exact'><model fallback='forbid'>Opteron_G1</model><feature policy='disable' name='svm'/></cpu>";

    private static readonly ChangeScope s_scope = new(StopGuests: true, GuestTimeoutSeconds: 90, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();

    [Fact]
    public async Task A_guest_is_given_nesting_is_shut_down_and_started_sees_it_and_is_given_back_as_it_was()
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true, Plain);
        string before = await DefinitionAsync();
        Assert.False(await LabGuest.IsUpAsync(Host));

        ChangeResult waits = await ChangeAsync(new VmCpuRequest([LabGuest.Name]) { Expose = true });
        Assert.Equal((ChangeState.Pending, false), (waits.State, await LabGuest.IsUpAsync(Host)));
        Assert.Equal(
            ["-    <feature policy='disable' name='svm'/>", "+    <feature policy='require' name='svm'/>"],
            Difference(before, await DefinitionAsync())
        );

        ChangeResult set = await ChangeAsync(
            new VmCpuRequest([LabGuest.Name])
            {
                Expose = true,
                StopGuests = true,
                GuestTimeoutSeconds = 90,
            }
        );
        Assert.Equal((ChangeState.InEffect, true), (set.State, await LabGuest.IsUpAsync(Host)));

        await UndoAsync();
        await UndoAsync();
        Assert.Equal((before, false), (await DefinitionAsync(), await LabGuest.IsUpAsync(Host)));
    }

    [Fact]
    public async Task What_libvirt_would_not_start_is_not_defined_unless_it_is_forced()
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true, Plain);
        string before = await DefinitionAsync();

        // Memory protection extensions are Intel's.
        VmCpuRequest request = new([LabGuest.Name])
        {
            Features = new Dictionary<string, string> { ["mpx"] = "require" },
        };
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => ChangeAsync(request));

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("would not start so: the CPU is incompatible", error.Message, StringComparison.Ordinal);
        Assert.Contains("mpx", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DefinitionAsync());

        await ChangeAsync(request with { Force = true });
        Assert.Contains(
            "incompatible",
            await LabHost.RunAsync(Host, $"virsh -q destroy {LabGuest.Name}; virsh start {LabGuest.Name} 2>&1; true"),
            StringComparison.Ordinal
        );
        await UndoAsync();
        Assert.Equal(before, await DefinitionAsync());
    }

    [Theory]
    [InlineData(VmCpuMode.HostModel, true)]
    [InlineData(VmCpuMode.Maximum, false)]
    public async Task Whatever_the_mode_the_guest_sees_what_was_asked_for(VmCpuMode mode, bool nests)
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true, Plain);

        ChangeResult set = await ChangeAsync(
            new VmCpuRequest([LabGuest.Name])
            {
                Mode = mode,
                Expose = nests,
                StopGuests = true,
                GuestTimeoutSeconds = 90,
            }
        );

        Assert.Equal((ChangeState.InEffect, nests), (set.State, await LabGuest.IsUpAsync(Host)));
        Assert.Empty(set.Pending);
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

    private async Task<ChangeResult> ChangeAsync(ChangeRequest request) =>
        await (await _changer.PrepareAsync(LabHost.Target(Host), request, CancellationToken.None)).ApplyAsync(
            CancellationToken.None
        );

    private async Task UndoAsync() =>
        await (await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, CancellationToken.None)).ApplyAsync(
            CancellationToken.None
        );

    private static Task<string> DefinitionAsync() =>
        LabHost.RunAsync(Host, $"virsh dumpxml --inactive --security-info {LabGuest.Name}");

    private static string[] Difference(string before, string after) =>
        [
            .. before.Split('\n').Except(after.Split('\n')).Select(static line => $"-{line}"),
            .. after.Split('\n').Except(before.Split('\n')).Select(static line => $"+{line}"),
        ];
}
