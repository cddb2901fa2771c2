using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Methods;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>Settings of virtual machines, planned, made, looked at and taken back.</summary>
public sealed class HyperVChangeTests
{
    private static readonly ChangeScope s_force = new(StopGuests: false, GuestTimeoutSeconds: 120, Force: true);
    private static readonly ChangeScope s_stop = new(StopGuests: true, GuestTimeoutSeconds: 120, Force: false);

    [Fact]
    public async Task Nesting_is_turned_on_and_the_way_back_leads_to_what_was_there()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(3));

        ChangeResult made = await host.ChangeAsync(Expose("vm-0002"));

        Assert.Equal((ChangeState.InEffect, 1), (made.State, made.Id));
        Assert.Equal("vm-0002: ExposeVirtualizationExtensions: false -> true", Assert.Single(made.Changes).ToString());
        Assert.Equal(ChangeTiming.GuestRestart, made.Changes[0].TakesEffect);
        Assert.Equal([false, true, false], host.Machine.VMs.Select(static vm => vm.IsNested));
        JournalEntry entry = Assert.Single(await host.HistoryAsync());
        Assert.Equal((JournalState.Applied, true), (entry.State, entry.CanUndo));
        Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", entry.Who);

        ChangeResult back = await host.UndoAsync();

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.DoesNotContain(host.Machine.VMs, static vm => vm.IsNested);
        Assert.Equal(JournalState.Undone, Assert.Single(await host.HistoryAsync()).State);
        Assert.Equal(ChangeState.Unchanged, (await host.UndoAsync(1)).State);
    }

    [Fact]
    public async Task A_setting_is_looked_at_before_it_is_set_and_afterwards_and_no_more()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        ChangePlan plan = await host.Changer.PlanAsync(host.Target, Expose("vm-0001"), CancellationToken.None);
        int before = host.Host.Requests.Count;

        await host.Changer.ApplyAsync(plan, CancellationToken.None);

        // With the plan, when its turn has come, and when it is set.
        Assert.Equal(
            3,
            host.Host.Requests.Skip(before)
                .Count(static request =>
                    request.Text.Contains("/transfer/Get<") && request.Text.Contains("Msvm_ProcessorSettingData")
                )
        );
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_in_the_middle_is_no_change_that_was_cut_off()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(
            new HyperVMachine().AddVMs(2, static _ => new VMOptions { State = VMState.Running })
        );
        string stopped = Path.Join(host.Journal, "1", "stopped");
        host.Machine.Jobs.AfterWork = () =>
        {
            if (File.Exists(stopped))
            {
                File.Delete(stopped);
                Directory.CreateDirectory(Path.Join(stopped, "in the way"));
            }
        };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(new NestingRequest(Enable: true) { StopGuests = true })
        );

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.StartsWith("The journal in ", error.Message);
        Assert.EndsWith("Changed, and as was asked for: vm-0001. Not begun: vm-0002.", error.Message);
        Assert.DoesNotContain("cut off", error.Message);
        Assert.Equal(
            [(true, VMState.Running), (false, VMState.Running)],
            host.Machine.VMs.Select(static vm => (vm.IsNested, vm.State))
        );
    }

    [Fact]
    public async Task One_that_is_gone_and_cannot_be_forgotten_is_not_said_to_be_as_was_asked_for()
    {
        HyperVMachine machine = new();
        VirtualMachine off = machine.AddVM("off");
        VirtualMachine gone = machine.AddVM("gone", new VMOptions { State = VMState.Running });
        gone.IgnoresShutdown = true;
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("off", "gone") with { StopGuests = true, GuestTimeoutSeconds = 1 })
        );
        Assert.True(off.IsNested);
        machine.Remove(gone);
        string stopped = Path.Join(host.Journal, "1", "stopped");
        machine.Jobs.AfterWork = () =>
        {
            File.Delete(stopped);
            Directory.CreateDirectory(Path.Join(stopped, "in the way"));
        };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync(scope: s_force));

        Assert.StartsWith("The journal in ", error.Message);
        Assert.EndsWith(" Changed, and as was asked for: off.", error.Message);
        Assert.False(off.IsNested);
    }

    [Fact]
    public async Task What_is_so_already_is_not_touched()
    {
        HyperVMachine machine = new();
        machine.AddVM("lab", new VMOptions { IsNested = true });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(Expose("LAB"));

        Assert.Equal((ChangeState.Unchanged, null), (made.State, made.Id));
        Assert.DoesNotContain(host.Host.Requests, static request => request.Text.Contains("ModifyResource"));
        Assert.Empty(await host.HistoryAsync());
    }

    [Fact]
    public async Task Every_setting_is_set_by_its_own_method_and_taken_back_by_it()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { HasDynamicMemory = true, Adapters = 2 });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(
            new VmCpuRequest([vm.Id.ToString()])
            {
                Expose = true,
                CpuCount = 8,
                ThreadsPerCore = 2,
                StaticMemory = true,
                MacSpoofing = true,
                IovWeight = 50,
                VbsOptOut = true,
            }
        );

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.Equal(
            [
                "lab: ExposeVirtualizationExtensions: false -> true",
                "lab: VirtualQuantity: 2 -> 8",
                "lab: HwThreadsPerCore: 0 -> 2",
                "lab: DynamicMemoryEnabled: true -> false",
                "lab: VirtualizationBasedSecurityOptOut: false -> true",
                "lab: AllowMacSpoofing of network adapter 1: false -> true",
                "lab: AllowMacSpoofing of network adapter 2: false -> true",
                "lab: IOVOffloadWeight of network adapter 1: 0 -> 50",
                "lab: IOVOffloadWeight of network adapter 2: 0 -> 50",
            ],
            made.Changes.Select(static change => change.ToString())
        );
        Assert.Equal([50UL, 50UL], vm.Adapters.Select(static adapter => adapter.Offload!.Number("IOVOffloadWeight")));
        Assert.Equal(FindingCodes.SriovSwitchUnseen, Assert.Single(made.Findings).Code);
        Assert.Equal((true, 8UL, 2UL, false, true, true), StateOf(vm));

        await host.UndoAsync();

        Assert.Equal((false, 2UL, 0UL, true, false, false), StateOf(vm));
        Assert.NotNull(vm.Adapters[0].Security);
        Assert.All(vm.Adapters, static adapter => Assert.Equal(0UL, adapter.Offload!.Number("IOVOffloadWeight")));
    }

    [Fact]
    public async Task The_weight_of_an_adapter_is_set_while_it_runs_also_where_nothing_was_ever_set()
    {
        HyperVMachine machine = new()
        {
            Host = { IsIovSupported = false, IovReasons = ["The firmware has to be updated."] },
        };
        VirtualMachine has = machine.AddVM("has", new VMOptions { State = VMState.Running });
        VirtualMachine lacks = machine.AddVM("lacks", new VMOptions { State = VMState.Running, IovWeight = null });
        has.Adapters[0].Offload!["VMQOffloadWeight"] = 7;
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(new VmCpuRequest(["*"]) { IovWeight = 100 });

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.All(made.Changes, static change => Assert.Equal(ChangeTiming.Now, change.TakesEffect));
        Assert.All(
            [has, lacks],
            static vm =>
                Assert.Equal((VMState.Running, 100UL), (vm.State, vm.Adapters[0].Offload!.Number("IOVOffloadWeight")))
        );
        Assert.Equal(7UL, has.Adapters[0].Offload!.Number("VMQOffloadWeight"));
        Finding warning = Assert.Single(made.Findings);
        Assert.Equal(
            (FindingCodes.HyperVIovUnsupported, Severity.Warning, "The firmware has to be updated."),
            (warning.Code, warning.Severity, warning.Evidence)
        );

        await host.UndoAsync();

        Assert.All([has, lacks], static vm => Assert.Equal(0UL, vm.Adapters[0].Offload!.Number("IOVOffloadWeight")));
    }

    [Fact]
    public async Task What_an_adapter_has_already_is_modified_and_nothing_else_of_it()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running, AllowsMacSpoofing = false });
        vm.Adapters[0].Security!["EnableRouterGuard"] = true;
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(new VmCpuRequest(["lab"]) { MacSpoofing = true });

        Assert.Equal((ChangeState.InEffect, ChangeTiming.Now), (made.State, made.Changes[0].TakesEffect));
        Assert.True(vm.Adapters[0].Security!.IsTrue("AllowMacSpoofing"));
        Assert.True(vm.Adapters[0].Security!.IsTrue("EnableRouterGuard"));
        Assert.Equal(VMState.Running, vm.State);
    }

    [Fact]
    public async Task Without_names_nesting_is_turned_on_for_all_that_can_have_it_and_the_others_are_told()
    {
        HyperVMachine machine = new();
        machine.AddVM("off");
        machine.AddVM("nests", new VMOptions { IsNested = true });
        machine.AddVM("old", new VMOptions { Version = "5.0" });
        machine.AddVM("runs-1", new VMOptions { State = VMState.Running });
        machine.AddVM("runs-2", new VMOptions { State = VMState.Running });
        machine.AddVM("saved", new VMOptions { State = VMState.Saved });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(new NestingRequest(Enable: true));

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.Equal(["off", "nests"], machine.VMs.Where(static vm => vm.IsNested).Select(static vm => vm.Name));
        Assert.Equal(
            [
                (FindingCodes.VmVersionTooOld, "old: left as it is."),
                (FindingCodes.VmNotOff, "runs-1, runs-2: left as it is."),
                (FindingCodes.VmSaved, "saved: left as it is."),
            ],
            made.Findings.Where(static finding => finding.Message.Contains("left as it is"))
                .Select(static finding =>
                    (finding.Code, finding.Message[..(finding.Message.IndexOf('.', StringComparison.Ordinal) + 1)])
                )
        );
    }

    [Fact]
    public async Task How_many_queries_a_plan_takes_does_not_grow_with_the_machines()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(
            new HyperVMachine().AddVMs(1000, static at => new VMOptions { IsNested = at % 2 == 0 })
        );

        ChangePlan plan = await host.Changer.PlanAsync(
            host.Target,
            new NestingRequest(Enable: true),
            TestContext.Current.CancellationToken
        );

        Assert.Equal(500, plan.Changes.Count);
        Assert.Equal(
            13,
            host.Host.Requests.Count(static request => request.Text.Contains("<n:Enumerate", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("runs", FindingCodes.VmNotOff)]
    [InlineData("paused", FindingCodes.VmNotOff)]
    [InlineData("saved", FindingCodes.VmSaved)]
    [InlineData("old", FindingCodes.VmVersionTooOld)]
    [InlineData("twice", FindingCodes.VmNameAmbiguous)]
    [InlineData("none", FindingCodes.VmNotFound)]
    [InlineData("no*", FindingCodes.VmNotFound)]
    public async Task One_that_is_named_and_cannot_have_it_is_refused(string name, string code)
    {
        HyperVMachine machine = new();
        machine.AddVM("runs", new VMOptions { State = VMState.Running });
        machine.AddVM("paused", new VMOptions { State = VMState.Paused });
        machine.AddVM("saved", new VMOptions { State = VMState.Saved });
        machine.AddVM("old", new VMOptions { Version = "5.0" });
        machine.AddVM("twice");
        machine.AddVM("Twice");
        machine.AddVM("off");
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            host.Changer.PlanAsync(host.Target, Expose("off", name), TestContext.Current.CancellationToken)
        );

        Assert.Equal(code, Assert.Single(refused.Reasons).Code);
    }

    [Fact]
    public async Task A_host_that_cannot_start_them_so_refuses_and_lets_the_setting_be_taken_away()
    {
        HyperVMachine machine = new(new HostFacts { CpuVendor = "AuthenticAMD", Build = 17763 });
        machine.AddVM("lab", new VMOptions { Version = "9.0" });
        machine.AddVM("stuck", new VMOptions { Version = "9.0", IsNested = true });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            host.Changer.PlanAsync(host.Target, Expose("lab"), TestContext.Current.CancellationToken)
        );
        Assert.Equal(FindingCodes.HyperVTooOldForAmd, Assert.Single(refused.Reasons).Code);

        await host.ChangeAsync(new NestingRequest(Enable: false) { VmNames = ["stuck"] });

        Assert.DoesNotContain(machine.VMs, static vm => vm.IsNested);
    }

    [Fact]
    public async Task One_that_runs_is_shut_down_and_started_again_where_that_is_allowed()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        ChangeResult made = await host.ChangeAsync(Expose("lab") with { StopGuests = true, CpuCount = 4 });

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.All(
            made.Changes,
            static change =>
                Assert.Equal(
                    (ChangeTiming.Now, "shuts lab down, and starts it again"),
                    (change.TakesEffect, change.Disrupts)
                )
        );
        Assert.Equal((true, VMState.Running), (vm.IsNested, vm.State));
        Assert.Single(host.Host.Requests, static request => request.Text.Contains("InitiateShutdown_INPUT"));

        NestVirtException runs = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());
        Assert.Equal(NestVirtErrorKind.ChangeRefused, runs.Kind);
        Assert.True(vm.IsNested);

        await host.UndoAsync(scope: s_stop);
        Assert.Equal((false, VMState.Running), (vm.IsNested, vm.State));
    }

    [Fact]
    public async Task One_that_does_not_start_with_it_is_put_back_and_runs_again()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        machine.Jobs.Forced.Enqueue(null);
        machine.Jobs.Forced.Enqueue(
            new MethodFailure(ReturnCodes.Failed, "It does not support nested virtualization.")
        );

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("lab") with { StopGuests = true })
        );

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains("lab does not start with what was set", error.Message, StringComparison.Ordinal);
        Assert.Contains("It does not support nested virtualization.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Everything is as it was.", error.Message, StringComparison.Ordinal);
        Assert.Equal((false, VMState.Running), (vm.IsNested, vm.State));
        Assert.Equal(JournalState.RolledBack, Assert.Single(await host.HistoryAsync()).State);
    }

    [Fact]
    public async Task One_that_does_not_go_off_in_time_is_left_as_it_is()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        vm.IgnoresShutdown = true;
        machine.AddVM("mute", new VMOptions { State = VMState.Running, HasIntegration = false });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        NestVirtException late = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("lab") with { StopGuests = true, GuestTimeoutSeconds = 1 })
        );
        NestVirtException mute = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("mute") with { StopGuests = true })
        );

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, late.Kind);
        Assert.Contains("it was not off within 1 s.", late.Message, StringComparison.Ordinal);
        Assert.Contains("it may still go off", late.Message, StringComparison.Ordinal);
        Assert.Contains("no integration services answer", mute.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(machine.VMs, static one => one.IsNested || one.State != VMState.Running);

        // As it may be a minute later.
        vm.State = VMState.Off;
        Assert.Equal(
            [JournalState.RolledBack, JournalState.Failed],
            (await host.HistoryAsync()).Select(static entry => entry.State)
        );
        await host.UndoAsync();
        Assert.Equal(VMState.Running, vm.State);
    }

    [Fact]
    public async Task One_that_may_still_go_off_is_named_when_its_change_is_taken_back_before_that()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        VirtualMachine other = machine.AddVM("gone", new VMOptions { State = VMState.Running });
        (vm.IgnoresShutdown, other.IgnoresShutdown) = (true, true);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        foreach (string name in new[] { "lab", "gone" })
        {
            await Assert.ThrowsAsync<NestVirtException>(() =>
                host.ChangeAsync(Expose(name) with { StopGuests = true, GuestTimeoutSeconds = 1 })
            );
        }

        machine.Remove(other);

        Assert.Equal(ChangeState.Undone, (await host.UndoAsync(2, s_force)).State);
        Finding finding = Assert.Single(
            (await host.UndoAsync(1)).Findings,
            static found => found.Severity == Severity.Warning
        );
        Assert.Contains("should it still, it does not start by itself", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_hides_its_machines_takes_nothing_back()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(1);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        await host.ChangeAsync(Expose("vm-0001"));
        VirtualMachine vm = machine.VMs[0];
        machine.Remove(vm);
        machine.Host.HidesItself = true;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync(scope: s_force));

        Assert.Equal(NestVirtErrorKind.HostPermissionDenied, error.Kind);
        Assert.Equal(JournalState.Applied, Assert.Single(await host.HistoryAsync()).State);
    }

    [Fact]
    public async Task One_that_could_not_be_started_again_is_started_by_the_way_back()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        MethodFailure full = new(ReturnCodes.OutOfMemory, "There is not enough memory.");
        machine.Jobs.Forced.Enqueue(null);
        machine.Jobs.Forced.Enqueue(full);
        machine.Jobs.Forced.Enqueue(null);
        machine.Jobs.Forced.Enqueue(full);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("lab") with { StopGuests = true })
        );

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Contains(
            "it was not started again: There is not enough memory.",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal((false, VMState.Off), (vm.IsNested, vm.State));

        ChangeResult back = await host.UndoAsync();

        Assert.Equal(VMState.Running, vm.State);
        Assert.Contains(back.Findings, static finding => finding.Message.Contains("was started again"));
    }

    [Fact]
    public async Task What_the_host_makes_of_a_value_is_put_back_where_it_is_another()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab");
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        machine.Jobs.AfterWork = () =>
        {
            machine.Jobs.AfterWork = null;
            vm.Processor["VirtualQuantity"] = 3UL;
        };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(new VmCpuRequest(["lab"]) { CpuCount = 8 })
        );

        Assert.Contains("VirtualQuantity is 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(2UL, vm.Processor.Number("VirtualQuantity"));
    }

    [Fact]
    public async Task One_whose_turn_comes_late_is_looked_at_again()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(3);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        machine.Jobs.AfterWork = () => machine.VMs[1].Processor["VirtualQuantity"] = 16UL;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(new VmCpuRequest(["*"]) { CpuCount = 4 })
        );

        Assert.Contains(
            "vm-0002: VirtualQuantity is 16 by now, not 2, and was left alone.",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal([4UL, 16UL, 2UL], machine.VMs.Select(static vm => vm.Processor.Number("VirtualQuantity")));
    }

    [Fact]
    public async Task Adapters_of_a_machine_that_is_gone_hold_up_no_other()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(2);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        await host.ChangeAsync(new VmCpuRequest(["*"]) { MacSpoofing = true });
        machine.Remove(machine.VMs[1]);

        await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());
        ChangeResult back = await host.UndoAsync(scope: s_force);

        Assert.Equal(FindingCodes.VmGone, Assert.Single(back.Findings).Code);
        Assert.False(machine.VMs[0].Adapters[0].AllowsMacSpoofing);
    }

    [Fact]
    public async Task Of_several_those_before_the_one_that_fails_stay_and_are_named_and_can_be_taken_back()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(4));
        host.Machine.Jobs.Forced.Enqueue(null);
        host.Machine.Jobs.Forced.Enqueue(null);
        host.Machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.SystemInUse, "The disk is being merged."));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(new NestingRequest(Enable: true))
        );

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Equal(
            "vm-0003: ExposeVirtualizationExtensions could not be set to true: The disk is being merged. (job state 10, error 32774) It is as it was. Changed before it, and as was asked for: vm-0001, vm-0002. Not begun: vm-0004.",
            error.Message
        );
        Assert.Equal([true, true, false, false], host.Machine.VMs.Select(static vm => vm.IsNested));
        Assert.Equal(JournalState.Failed, Assert.Single(await host.HistoryAsync()).State);

        ChangeResult back = await host.UndoAsync();

        Assert.DoesNotContain(host.Machine.VMs, static vm => vm.IsNested);
        Assert.Equal(2, back.Findings.Count(static finding => finding.Code == FindingCodes.AsBeforeAlready));
    }

    [Fact]
    public async Task Settings_of_one_machine_are_made_together_or_not_at_all()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM("lab");
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        machine.Jobs.Forced.Enqueue(null);
        machine.Jobs.Forced.Enqueue(null);
        machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.InvalidParameter, "Not that many."));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("lab") with { CpuCount = 8, ThreadsPerCore = 2 })
        );

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Equal((false, 2UL, 0UL, false, false, false), StateOf(vm));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_job_that_vanishes_is_settled_by_what_the_host_shows(int reads)
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        host.Machine.Jobs.ReadsUntilFinished = reads;
        host.Machine.Jobs.VanishesAfterReads = 0;

        Assert.Equal(ChangeState.InEffect, (await host.ChangeAsync(Expose("vm-0001"))).State);

        host.Machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.Failed, "Nobody hears this."));
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Expose("vm-0001") with { Expose = false })
        );

        Assert.Contains(reads == 0 ? "was gone before" : "Nobody hears this", error.Message, StringComparison.Ordinal);
        Assert.True(host.Machine.VMs[0].IsNested);
    }

    [Fact]
    public async Task A_change_that_was_cut_off_is_not_taken_back_while_jobs_run()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        host.Machine.Jobs.ReadsUntilFinished = 3;
        ChangePlan plan = await host.Changer.PlanAsync(
            host.Target,
            Expose("vm-0001"),
            TestContext.Current.CancellationToken
        );
        Task<ChangeResult> making = host.Changer.ApplyAsync(plan, TestContext.Current.CancellationToken);
        while (host.Machine.Jobs.Jobs.Count == 0)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        host.Host.Options.Variants.IsGoneFromRequest = 1;
        await Assert.ThrowsAsync<NestVirtException>(() => making);
        host.Host.Options.Variants.IsGoneFromRequest = null;
        host.Machine.Jobs.IsStuck = true;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());

        Assert.Equal(NestVirtErrorKind.ChangeRefused, error.Kind);
        Assert.Contains("a job of Hyper-V that may be of it has not ended", error.Message, StringComparison.Ordinal);
        host.Machine.Jobs.IsStuck = false;
        await host.UndoAsync();
        Assert.False(host.Machine.VMs[0].IsNested);
    }

    [Fact]
    public async Task Warnings_of_a_job_are_told_and_are_no_failure()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        host.Machine.Jobs.Warning = "The virtual machine may be slow.";

        ChangeResult made = await host.ChangeAsync(Expose("vm-0001"));

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.Contains(
            made.Findings,
            static finding =>
                finding is { Code: FindingCodes.StepWarning, Message: "vm-0001: The virtual machine may be slow." }
        );
    }

    [Fact]
    public async Task A_method_that_answers_at_once_needs_no_job()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        host.Machine.Jobs.IsSynchronous = true;

        Assert.Equal(ChangeState.InEffect, (await host.ChangeAsync(Expose("vm-0001"))).State);

        host.Machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.AccessDenied, "No."));
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(new VmCpuRequest(["vm-0001"]) { CpuCount = 4 })
        );

        Assert.Contains(
            "Hyper-V refuses ModifyResourceSettings: the account may not (error 32769).",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_somebody_else_changed_since_is_not_taken_back_unless_that_is_said()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(2));
        await host.ChangeAsync(new VmCpuRequest(["*"]) { CpuCount = 4 });
        host.Machine.VMs[0].Processor["VirtualQuantity"] = 6UL;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());

        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.Contains("vm-0001: VirtualQuantity is 6", error.Message, StringComparison.Ordinal);
        Assert.Equal(4UL, host.Machine.VMs[1].Processor.Number("VirtualQuantity"));

        await host.UndoAsync(scope: new ChangeScope(StopGuests: false, 120, Force: true));
        Assert.All(host.Machine.VMs, static vm => Assert.Equal(2UL, vm.Processor.Number("VirtualQuantity")));
    }

    [Fact]
    public async Task A_plan_that_does_not_fit_any_more_is_not_made()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(2));
        ChangePlan plan = await host.Changer.PlanAsync(
            host.Target,
            new VmCpuRequest(["*"]) { CpuCount = 4 },
            TestContext.Current.CancellationToken
        );
        host.Machine.VMs[1].Processor["VirtualQuantity"] = 6UL;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.Changer.ApplyAsync(plan, TestContext.Current.CancellationToken)
        );

        Assert.Equal(NestVirtErrorKind.HostChanged, error.Kind);
        Assert.Equal(2UL, host.Machine.VMs[0].Processor.Number("VirtualQuantity"));
        Assert.Empty(await host.HistoryAsync());

        host.Machine.VMs[1].Processor["VirtualQuantity"] = 2UL;
        host.Machine.Host.ProductId = Guid.NewGuid();
        Assert.Contains(
            "Another machine answers",
            (
                await Assert.ThrowsAsync<NestVirtException>(() =>
                    host.Changer.ApplyAsync(plan, TestContext.Current.CancellationToken)
                )
            ).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_machine_that_is_gone_may_be_on_another_host_and_is_left_out_where_that_is_said()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(2);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);
        await host.ChangeAsync(new NestingRequest(Enable: true));
        machine.Remove(machine.VMs[0]);

        NestVirtException gone = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());

        Assert.Contains("vm-0001: ExposeVirtualizationExtensions is gone", gone.Message, StringComparison.Ordinal);
        Assert.True(machine.VMs[0].IsNested);
        Assert.Equal(JournalState.Applied, Assert.Single(await host.HistoryAsync()).State);

        ChangeResult back = await host.UndoAsync(scope: s_force);

        Assert.Equal(ChangeState.Undone, back.State);
        Finding finding = Assert.Single(back.Findings);
        Assert.Equal((FindingCodes.VmGone, Severity.Warning), (finding.Code, finding.Severity));
        Assert.False(machine.VMs[0].IsNested);
    }

    [Fact]
    public async Task Two_changes_of_the_same_are_taken_back_in_their_order()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(2));
        await host.ChangeAsync(new VmCpuRequest(["vm-0001"]) { CpuCount = 4 });
        await host.ChangeAsync(new VmCpuRequest(["vm-0001"]) { CpuCount = 6 });
        await host.ChangeAsync(new VmCpuRequest(["vm-0002"]) { CpuCount = 8 });

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync(1));
        Assert.Contains("Change 2 changed the same since", error.Message, StringComparison.Ordinal);

        await host.UndoAsync(1, new ChangeScope(StopGuests: false, 120, Force: true));
        Assert.Equal([2UL, 8UL], host.Machine.VMs.Select(static vm => vm.Processor.Number("VirtualQuantity")));
        Assert.Equal(
            [JournalState.Applied, JournalState.Undone, JournalState.Undone],
            (await host.HistoryAsync()).Select(static entry => entry.State)
        );
    }

    [Fact]
    public async Task Nobody_changes_a_host_beside_another()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        await host.ChangeAsync(Expose("vm-0001"));
        using (
            FileStream held = new(Path.Join(host.Journal, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None)
        )
        {
            NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());
            Assert.Equal(NestVirtErrorKind.HostLocked, error.Kind);
        }

        await host.UndoAsync();
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_hears_how_far_it_went()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(8));
        using CancellationTokenSource stop = new();
        Listener listener = new();
        ChangeRun run = RunOf(listener, stop.Token, host);
        Task giving = Task.Run(async () =>
        {
            while (!host.Machine.VMs[1].IsNested)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            host.Host.Options.Variants.Delay = TimeSpan.FromMilliseconds(30);
            await stop.CancelAsync();
        });

        run.Execute();
        await giving;

        // Whoever is quick enough is not told that he has to wait.
        Assert.Equal(["failure"], listener.Heard.Where(static word => word != "ending hv1"));
        int changed = host.Machine.VMs.Count(static vm => vm.IsNested);
        Assert.InRange(changed, 2, 7);
        string names = string.Join(", ", host.Machine.VMs.Take(changed).Select(static vm => vm.Name));
        NestVirtException error = Assert.IsType<NestVirtException>(listener.Failure);
        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.StartsWith(
            changed <= 5 ? $"It was given up. Changed, and as was asked for: {names}." : "It was given up.",
            error.Message
        );
        Assert.Equal(JournalState.Failed, Assert.Single(await host.HistoryAsync()).State);

        await host.UndoAsync();
        Assert.DoesNotContain(host.Machine.VMs, static vm => vm.IsNested);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_for_the_last_one_hears_what_became_of_it_once()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        using CancellationTokenSource stop = new();
        Listener listener = new();
        ChangeRun run = RunOf(listener, stop.Token, host);
        host.Machine.Jobs.AfterWork = stop.Cancel;

        run.Execute();

        Assert.Equal(["result"], listener.Heard.Where(static word => word != "ending hv1"));
        Assert.Equal(JournalState.Applied, Assert.Single(await host.HistoryAsync()).State);
    }

    [Fact]
    public async Task Whoever_waits_hears_how_long_a_shutdown_takes_and_how_far_a_job_is()
    {
        await using ChangedHost host = await ChangedHost.StartAsync(
            new HyperVMachine().AddVMs(1, static _ => new VMOptions { State = VMState.Running })
        );
        VirtualMachine vm = host.Machine.VMs[0];
        vm.IgnoresShutdown = true;
        host.Machine.Jobs.IsStuck = true;
        Listener listener = new()
        {
            WhileDoing = doing =>
            {
                if (doing?.Contains("shutting down, ", StringComparison.Ordinal) == true)
                {
                    vm.State = VMState.Off;
                }
                else if (doing?.Contains('%') == true)
                {
                    host.Machine.Jobs.IsStuck = false;
                }
            },
        };
        ChangeRun run = new(
            new Agreement(),
            listener,
            throttleLimit: 1,
            mayRestart: false,
            TestContext.Current.CancellationToken
        );
        NestingRequest request = new(Enable: true) { StopGuests = true };
        run.Add(host.Target, (target, token) => host.Changer.PrepareAsync(target, request, token));

        run.Execute();

        Assert.Equal(["result"], listener.Heard);
        Assert.True(vm.IsNested);
        Assert.Contains(
            listener.Doing,
            static text => text?.StartsWith("vm-0001: shutting down, ", StringComparison.Ordinal) == true
        );
        Assert.Contains(
            listener.Doing,
            static text =>
                text?.StartsWith("vm-0001: a job of Hyper-V, ", StringComparison.Ordinal) == true
                && text.EndsWith(" %", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Whoever_has_had_enough_begins_with_no_other_host()
    {
        await using ChangedHost first = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        await using ChangedHost second = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        first.Machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.Failed, "No."));
        Listener listener = new() { HasEnough = true };
        ChangeRun run = RunOf(listener, TestContext.Current.CancellationToken, first, second);

        Assert.Throws<InvalidOperationException>(run.Execute);

        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(second.Machine.VMs[0].IsNested);
    }

    [Fact]
    [Trait("Category", "Security")]
    [UnsupportedOSPlatform("windows")]
    public async Task The_journal_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        await using ChangedHost host = await ChangedHost.StartAsync(new HyperVMachine().AddVMs(1));
        await host.ChangeAsync(Expose("vm-0001"));

        const UnixFileMode Others =
            UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.All(
            Directory
                .EnumerateFileSystemEntries(host.Journal, "*", SearchOption.AllDirectories)
                .Where(static path => Path.GetFileName(path) != "lock")
                .Append(host.Journal),
            static path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others)
        );
    }

    [Fact]
    public async Task A_host_without_uuid_is_known_by_its_name()
    {
        HyperVMachine machine = new HyperVMachine(new HostFacts { ProductId = Guid.Empty }).AddVMs(1);
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        await host.ChangeAsync(Expose("vm-0001"));
        await host.UndoAsync();

        Assert.False(machine.VMs[0].IsNested);
    }

    // Lets all machines of each host nest, one host after the other.
    private static ChangeRun RunOf(Listener listener, CancellationToken stop, params ChangedHost[] hosts)
    {
        ChangeRun run = new(new Agreement(), listener, throttleLimit: 1, mayRestart: false, stop);
        for (int at = 0; at < hosts.Length; at++)
        {
            HostChanger changer = hosts[at].Changer;
            run.Add(
                hosts[at].Target with
                {
                    Name = $"hv{at + 1}",
                },
                (target, token) => changer.PrepareAsync(target, new NestingRequest(Enable: true), token)
            );
        }

        return run;
    }

    private sealed class Agreement : IConsent
    {
        public IReadOnlyList<PreparedChange> Ask(IReadOnlyList<PreparedChange> changes) => changes;
    }

    private sealed class Listener : IChangeObserver
    {
        internal List<string> Heard { get; } = [];

        internal bool HasEnough { get; init; }

        internal Exception? Failure { get; private set; }

        public void OnPlan(ChangePlan plan) { }

        public void OnResult(ChangeResult result) => Heard.Add("result");

        public void OnFailure(HostTarget host, Exception failure)
        {
            Heard.Add("failure");
            Failure = failure;
            if (HasEnough)
            {
                throw new InvalidOperationException("Enough.");
            }
        }

        public void OnLeft(IReadOnlyList<HostTarget> hosts) => Heard.Add("left");

        public void OnEnding(IReadOnlyList<HostTarget> hosts) => Heard.Add($"ending {hosts[0].Name}");

        internal List<string?> Doing { get; } = [];

        internal Action<string?>? WhileDoing { get; init; }

        public void OnProgress(HostProgress progress)
        {
            Doing.Add(progress.Doing);
            WhileDoing?.Invoke(progress.Doing);
        }

        public void OnProgressEnded() { }
    }

    private static VmCpuRequest Expose(params string[] names) => new(names) { Expose = true };

    private static (bool Nests, ulong Count, ulong Threads, bool IsDynamic, bool OptsOut, bool Spoofs) StateOf(
        VirtualMachine vm
    ) =>
        (
            vm.IsNested,
            vm.Processor.Number("VirtualQuantity"),
            vm.Processor.Number("HwThreadsPerCore"),
            vm.Memory.IsTrue("DynamicMemoryEnabled"),
            vm.Security.IsTrue("VirtualizationBasedSecurityOptOut"),
            vm.Adapters.Any(static adapter => adapter.Security?.IsTrue("AllowMacSpoofing") == true)
        );
}
