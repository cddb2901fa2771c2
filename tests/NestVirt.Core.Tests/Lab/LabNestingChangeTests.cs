using NestVirt.Changes;
using NestVirt.Client;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Nesting turned off and on over a real kernel; what is true there is read by the test itself.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabNestingChangeTests : IAsyncLifetime
{
    private const string Host = LabHost.Amd;
    private const string Site = "/etc/modprobe.d/lab.conf";
    private const string Files =
        "find /etc/modprobe.d /etc/modules-load.d -type f -exec sha256sum {} + | sort; stat -c '%n %U:%G %a' /etc/modprobe.d /dev/kvm";

    private static readonly ChangeScope s_scope = new(StopGuests: true, GuestTimeoutSeconds: 90, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();

    [Fact]
    public async Task Nesting_goes_off_and_on_by_reloads_and_undo_restores_every_byte()
    {
        Needs.Lab(Host);
        string before = await LabHost.RunAsync(Host, Files);
        Assert.Equal("1", await NestedAsync());

        ChangeResult off = await ChangeAsync(new NestingRequest(Enable: false));
        Assert.Equal((ChangeState.InEffect, "0"), (off.State, await NestedAsync()));
        Assert.Contains(
            "options kvm_amd nested=0",
            await LabHost.RunAsync(Host, "modprobe --showconfig"),
            StringComparison.Ordinal
        );
        Assert.Equal(ChangeState.Unchanged, (await ChangeAsync(new NestingRequest(Enable: false))).State);

        ChangeResult on = await ChangeAsync(new NestingRequest(Enable: true));
        Assert.Equal((ChangeState.InEffect, "1"), (on.State, await NestedAsync()));

        await UndoAsync();
        Assert.Equal("0", await NestedAsync());
        await UndoAsync();
        Assert.Equal("1", await NestedAsync());
        Assert.Equal(before, await LabHost.RunAsync(Host, Files));
    }

    [Fact]
    public async Task What_a_start_up_file_exports_does_not_reach_modprobe()
    {
        Needs.Lab(Host);
        await LabHost.RunAsync(
            Host,
            "touch ~/.bashrc; cp -p ~/.bashrc /tmp/bashrc; { echo export MODPROBE_OPTIONS=-n; cat /tmp/bashrc; } >~/.bashrc"
        );
        try
        {
            Assert.Equal("-n\n", await LabHost.RunAsync(Host, "printf '%s\\n' \"$MODPROBE_OPTIONS\""));

            ChangeResult off = await ChangeAsync(new NestingRequest(Enable: false));

            Assert.Equal((ChangeState.InEffect, "0"), (off.State, await NestedAsync()));
        }
        finally
        {
            await LabHost.RunAsync(Host, "mv /tmp/bashrc ~/.bashrc");
        }

        await UndoAsync();
        Assert.Equal("1", await NestedAsync());
    }

    [Fact]
    public async Task A_running_guest_is_named_and_left_alone_until_guests_may_be_stopped()
    {
        Needs.Lab(Host);
        await LabGuest.StartAsync(Host, listens: true);
        string process = await GuestProcessAsync();

        ChangeResult waiting = await ChangeAsync(new NestingRequest(Enable: false));

        Assert.Equal((ChangeState.Pending, "1"), (waiting.State, await NestedAsync()));
        Assert.Contains($"guest {LabGuest.Name}", Assert.Single(waiting.Pending).Message, StringComparison.Ordinal);
        Assert.Equal(process, await GuestProcessAsync());

        ChangeResult done = await ChangeAsync(
            new NestingRequest(Enable: false) { StopGuests = true, GuestTimeoutSeconds = 90 }
        );

        Assert.Equal((ChangeState.InEffect, "0"), (done.State, await NestedAsync()));
        Assert.NotEqual(process, await GuestProcessAsync());

        string files = await LabHost.RunAsync(Host, Files);
        PreparedChange back = await _changer.PrepareUndoAsync(
            LabHost.Target(Host),
            null,
            new ChangeScope(StopGuests: false, 90, Force: false),
            CancellationToken.None
        );
        NestVirtException held = await Assert.ThrowsAsync<NestVirtException>(() =>
            back.ApplyAsync(CancellationToken.None)
        );

        Assert.Equal(NestVirtErrorKind.ChangeRefused, held.Kind);
        Assert.Contains(
            "nothing was done: module kvm_amd (kvm_amd is in use by qemu",
            held.Message,
            StringComparison.Ordinal
        );
        Assert.Equal((files, "0"), (await LabHost.RunAsync(Host, Files), await NestedAsync()));

        await UndoAsync();
        Assert.Equal("1", await NestedAsync());
        Assert.NotEqual(string.Empty, await GuestProcessAsync());
        await UndoAsync();
    }

    [Fact]
    public async Task A_guest_that_does_not_shut_down_takes_everything_back()
    {
        Needs.Lab(Host);
        string before = await LabHost.RunAsync(Host, Files);
        await LabGuest.StartAsync(Host, listens: false);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            ChangeAsync(new NestingRequest(Enable: false) { StopGuests = true, GuestTimeoutSeconds = 3 })
        );

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains($"{LabGuest.Name} did not shut down within 3 s", error.Message, StringComparison.Ordinal);
        Assert.Equal("running", (await LabHost.RunAsync(Host, $"virsh domstate {LabGuest.Name}")).Trim());
        Assert.Equal((before, "1"), (await LabHost.RunAsync(Host, Files), await NestedAsync()));

        // It was asked to shut down, so it is looked whether it still does.
        await LabHost.RunAsync(
            Host,
            $"""
            n=$(virsh -q domid {LabGuest.Name}); virsh qemu-monitor-command {LabGuest.Name} --hmp quit
            until m=$(virsh -q domid {LabGuest.Name}) && [ "$m" != "$n" ] && [ "$m" != - ]; do sleep 1; done
            while ls /run/nestvirt/watch* >/dev/null 2>&1; do sleep 1; done
            """
        );
    }

    [Fact]
    public async Task A_process_that_is_no_guest_is_named_and_never_stopped()
    {
        Needs.Lab(Host);
        await LabHost.RunAsync(Host, "(exec setsid sleep 600 3<>/dev/kvm >/dev/null 2>&1 &)");
        try
        {
            ChangeResult waiting = await ChangeAsync(new NestingRequest(Enable: false) { StopGuests = true });

            Assert.Equal((ChangeState.Pending, "1"), (waiting.State, await NestedAsync()));
            Assert.Contains("sleep (process ", Assert.Single(waiting.Pending).Message, StringComparison.Ordinal);
        }
        finally
        {
            await LabHost.RunAsync(Host, "pkill -f 'sleep 600'");
            await UndoAsync();
        }
    }

    [Fact]
    public async Task Of_two_clients_at_once_one_wins_and_the_other_is_told()
    {
        Needs.Lab(Host);
        ChangePlan plan = await _changer.PlanAsync(
            LabHost.Target(Host),
            new NestingRequest(Enable: false),
            CancellationToken.None
        );
        Task<ChangeResult>[] both =
        [
            _changer.ApplyAsync(plan, CancellationToken.None),
            _changer.ApplyAsync(plan, CancellationToken.None),
        ];
        NestVirtException loser = await Assert.ThrowsAsync<NestVirtException>(() => Task.WhenAll(both));

        Assert.Equal(1, both.Count(static task => task.IsCompletedSuccessfully));
        Assert.True(loser.Kind is NestVirtErrorKind.HostLocked or NestVirtErrorKind.HostChanged, loser.Message);
        Assert.Equal("0", await NestedAsync());
        await UndoAsync();
    }

    [Fact]
    public async Task A_reviewed_plan_is_applied_from_its_document_and_refused_when_the_host_has_changed()
    {
        Needs.Lab(Host);
        ChangePlan plan = await _changer.PlanAsync(
            LabHost.Target(Host),
            new NestingRequest(Enable: false),
            CancellationToken.None
        );
        (ChangePlan read, string fingerprint) = PlanDocument.Read(PlanDocument.Write(plan), "plan.json");
        ChangePlan reviewed = read with { Target = LabHost.Target(Host) };
        await LabHost.RunAsync(Host, "echo 'options kvm_amd npt=1' >/etc/modprobe.d/nestvirt.conf");
        try
        {
            NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
                _changer.PrepareAsync(reviewed, fingerprint, CancellationToken.None)
            );
            Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        }
        finally
        {
            await LabHost.RunAsync(Host, "rm /etc/modprobe.d/nestvirt.conf");
        }

        PreparedChange prepared = await _changer.PrepareAsync(reviewed, fingerprint, CancellationToken.None);
        Assert.Equal(ChangeState.InEffect, (await prepared.ApplyAsync(CancellationToken.None)).State);
        Assert.Equal("0", await NestedAsync());
        await UndoAsync();
    }

    [Fact]
    public async Task A_parameter_that_the_processor_lacks_is_refused()
    {
        Needs.Lab(Host);
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            _changer.PlanAsync(
                LabHost.Target(Host),
                new ModuleParameterRequest("kvm_amd", new Dictionary<string, string> { ["avic"] = "1" }),
                CancellationToken.None
            )
        );

        Assert.Equal("FeatureMissing", Assert.Single(refusal.Reasons).Code);
    }

    [Fact]
    public async Task A_line_that_ends_the_load_refuses_the_change_and_KVM_stays_on()
    {
        Needs.Lab(Host);
        foreach (
            string line in (string[])
                [
                    "options kvm_amd npt=maybe",
                    "options kvm halt_poll_ns=abc",
                    "options kvm_amd nested=Y",
                    "options kvm_amd nested = 0",
                    "install kvm_amd /bin/false",
                ]
        )
        {
            await WithLineAsync(
                line,
                async () =>
                {
                    ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                        ChangeAsync(new NestingRequest(Enable: false))
                    );

                    Assert.Equal($"{Site}:1: {line}", Assert.Single(refusal.Reasons).Evidence);
                    Assert.Equal("1", await NestedAsync());
                }
            );
        }
    }

    [Fact]
    public async Task Nesting_over_an_invalid_line_leaves_a_module_that_loads()
    {
        Needs.Lab(Host);
        foreach (string line in (string[])["options kvm_amd nested=Y", "options kvm_amd nested=\"1\r\""])
        {
            await ChangeAsync(new NestingRequest(Enable: false));
            await WithLineAsync(
                line,
                async () =>
                {
                    await ChangeAsync(new NestingRequest(Enable: true) { ReplaceConflict = true });

                    Assert.Equal("1", await NestedAsync());
                    Assert.Equal(
                        "1\n",
                        await LabHost.RunAsync(
                            Host,
                            "modprobe -r kvm_amd && modprobe kvm_amd && cat /sys/module/kvm_amd/parameters/nested"
                        )
                    );
                    await UndoAsync();
                    Assert.Equal("0", await NestedAsync());
                }
            );
            await UndoAsync();
        }
    }

    [Fact]
    public async Task Undo_over_a_line_that_was_written_since_loads_the_module_as_it_was()
    {
        Needs.Lab(Host);
        foreach (
            string line in (string[])
                ["options kvm_amd npt=maybe", "options kvm halt_poll_ns=abc", "install kvm_amd /bin/false"]
        )
        {
            await ChangeAsync(new NestingRequest(Enable: false));

            await WithLineAsync(
                line,
                async () =>
                {
                    await UndoAsync();

                    Assert.Equal("1", await NestedAsync());
                }
            );
        }
    }

    [Fact]
    public async Task A_reload_that_nobody_knew_would_fail_leaves_the_module_as_it_was()
    {
        Needs.Lab(Host);
        string before = await LabHost.RunAsync(Host, "grep . /sys/module/kvm*/parameters/*");
        ChangePlan plan = await _changer.PlanAsync(
            LabHost.Target(Host),
            new NestingRequest(Enable: false),
            CancellationToken.None
        );

        await WithLineAsync(
            "options kvm_amd npt=maybe",
            async () =>
            {
                NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
                    _changer.ApplyAsync(plan, CancellationToken.None)
                );

                Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
                Assert.Equal(before, await LabHost.RunAsync(Host, "grep . /sys/module/kvm*/parameters/*"));
            }
        );
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    // A test that failed in the middle leaves nothing to the next one.
    public async ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable(Host) is null)
        {
            return;
        }

        await LabGuest.RemoveAsync(Host);
        while (
            (await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, CancellationToken.None))
                is { Plan.Changes.Count: > 0 } left
        )
        {
            await left.ApplyAsync(CancellationToken.None);
        }
    }

    private static async Task WithLineAsync(string line, Func<Task> test)
    {
        await LabHost.RunAsync(Host, $"printf '%s\\n' '{line}' >{Site}");
        try
        {
            await test();
        }
        finally
        {
            await LabHost.RunAsync(Host, $"rm -f {Site}; modprobe kvm_amd");
        }
    }

    private static async Task<string> NestedAsync() =>
        (await LabHost.RunAsync(Host, "cat /sys/module/kvm_amd/parameters/nested")).Trim();

    private static async Task<string> GuestProcessAsync() =>
        (await LabHost.RunAsync(Host, $"cat /run/libvirt/qemu/{LabGuest.Name}.pid")).Trim();

    private async Task<ChangeResult> ChangeAsync(ChangeRequest request) =>
        await (await _changer.PrepareAsync(LabHost.Target(Host), request, CancellationToken.None)).ApplyAsync(
            CancellationToken.None
        );

    private async Task UndoAsync() =>
        Assert.Equal(
            ChangeState.Undone,
            (
                await (
                    await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, CancellationToken.None)
                ).ApplyAsync(CancellationToken.None)
            ).State
        );
}
