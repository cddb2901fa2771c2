using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Methods;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>PCI devices given to virtual machines, taken back, and both of that undone.</summary>
public sealed class HyperVDeviceTests
{
    private const string Gpu = "0000:3b:00.0";
    private const string GpuPlace = "PCIROOT(3A)#PCI(0000)#PCI(0000)";
    private const string Disk = "0000:18:00.0";

    private static readonly ChangeScope s_force = new(StopGuests: false, GuestTimeoutSeconds: 120, Force: true);
    private static readonly string[] s_switches = ["Disable", "Enable"];
    private static readonly ChangeScope s_stop = new(StopGuests: true, GuestTimeoutSeconds: 120, Force: false);

    [Fact]
    public async Task A_device_goes_to_a_machine_with_what_it_takes_and_back_by_undo()
    {
        await using ChangedHost host = await StartAsync();
        VirtualMachine vm = host.Machine.VMs[0];

        ChangeResult made = await host.ChangeAsync(Add(Gpu));

        Assert.Equal(ChangeState.InEffect, made.State);
        Assert.Equal(
            [
                "lab: driver of 0000:3b:00.0: enabled -> disabled",
                "lab: mount of 0000:3b:00.0: mounted -> dismounted",
                "lab: AutomaticShutdownAction: 3 -> 2",
                "lab: GuestControlledCacheTypes: false -> true",
                "lab: LowMmioGapSize: 128 -> 144",
                "lab: HighMmioGapSize: 512 -> 16944",
                "lab: assignment of 0000:3b:00.0: unassigned -> assigned",
            ],
            made.Changes.Select(static change => change.ToString())
        );
        Assert.Equal("takes 0000:3b:00.0 from the host", made.Changes[0].Disrupts);
        Assert.Same(vm, host.Machine.OwnerOf(Device(host, Gpu)));
        Assert.Equal((2UL, true, 144UL, 16944UL), SettingsOf(vm));

        // As the host itself would look at it.
        Assert.Equal(ChangeState.Unchanged, (await host.ChangeAsync(Add(GpuPlace))).State);

        Assert.Equal(ChangeState.Undone, (await host.UndoAsync()).State);
        AssertAsBefore(host);
        Assert.Equal(JournalState.Undone, Assert.Single(await host.HistoryAsync()).State);
    }

    [Fact]
    public async Task A_device_is_taken_back_and_given_again_by_undo()
    {
        await using ChangedHost host = await StartAsync();
        VirtualMachine vm = host.Machine.VMs[0];
        await host.ChangeAsync(Add(Gpu, Disk));
        Assert.Equal(2, host.Machine.DevicesOf(vm).Count());

        ChangeResult made = await host.ChangeAsync(
            Remove(@"PCIP\VEN_10DE&DEV_1DB4&SUBSYS_121410DE&REV_A1\4&2F8C9A1&0&0000")
        );

        Assert.Equal(
            [
                "lab: assignment of 0000:3b:00.0: assigned -> unassigned",
                "lab: mount of 0000:3b:00.0: dismounted -> mounted",
                "lab: driver of 0000:3b:00.0: disabled -> enabled",
            ],
            made.Changes.Select(static change => change.ToString())
        );
        Assert.Equal((false, 0u), StateOf(host, Gpu));
        Assert.Equal(16945UL, vm.Settings.Number("HighMmioGapSize"));
        Assert.Single(host.Machine.DevicesOf(vm));
        Assert.Equal(ChangeState.Unchanged, (await host.ChangeAsync(Remove(Gpu))).State);

        await host.UndoAsync(scope: s_force);
        Assert.Equal(2, host.Machine.DevicesOf(vm).Count());
        await host.UndoAsync(1);
        AssertAsBefore(host);
    }

    [Fact]
    public async Task What_devices_that_were_given_since_need_stays_when_the_first_is_taken_back()
    {
        await using ChangedHost host = await StartAsync();
        VirtualMachine vm = host.Machine.VMs[0];
        await host.ChangeAsync(Add(Gpu) with { LowMmioMebibytes = 512, HighMmioMebibytes = 33280 });
        await host.ChangeAsync(Add(Disk) with { LowMmioMebibytes = 512, HighMmioMebibytes = 33280 });

        ChangeResult undone = await host.UndoAsync(1);

        Assert.Equal((false, 0u), StateOf(host, Gpu));
        Assert.Same(vm, host.Machine.OwnerOf(Device(host, Disk)));
        Assert.Equal((2UL, true, 512UL, 33280UL), SettingsOf(vm));
        Assert.Equal(
            4,
            undone.Findings.Count(static finding =>
                finding.Code == FindingCodes.StepWarning
                && finding.Message.EndsWith("has other devices, which need it.", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public async Task A_machine_that_runs_is_shut_down_and_started_again_where_that_is_allowed()
    {
        await using ChangedHost host = await StartAsync(VMState.Running);
        VirtualMachine vm = host.Machine.VMs[0];

        ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            host.ChangeAsync(Add(Gpu))
        );
        Assert.Equal(FindingCodes.VmNotOff, Assert.Single(refused.Reasons).Code);

        await host.ChangeAsync(Add(Gpu) with { StopGuests = true });
        Assert.Equal(VMState.Running, vm.State);
        Assert.Same(vm, host.Machine.OwnerOf(Device(host, Gpu)));

        await host.UndoAsync(scope: s_stop);
        Assert.Equal(VMState.Running, vm.State);
        AssertAsBefore(host);
    }

    [Fact]
    public async Task One_that_does_not_start_with_it_is_put_back_and_runs_again()
    {
        await using ChangedHost host = await StartAsync(VMState.Running);
        Fail(host, after: 6);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Add(Gpu) with { StopGuests = true })
        );

        Assert.Contains("lab does not start with what was set: No.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Everything is as it was.", error.Message, StringComparison.Ordinal);
        Assert.Equal(VMState.Running, host.Machine.VMs[0].State);
        AssertAsBefore(host);
        Assert.Equal(JournalState.RolledBack, Assert.Single(await host.HistoryAsync()).State);
    }

    // Taken from the host, four settings, given.
    [Theory]
    [InlineData(0, "0000:3b:00.0 could not be dismounted: No.")]
    [InlineData(3, "LowMmioGapSize could not be set to 144: No.")]
    [InlineData(5, "0000:3b:00.0 could not be assigned: No.")]
    public async Task What_was_made_before_a_step_that_fails_is_put_back(int before, string sentence)
    {
        await using ChangedHost host = await StartAsync();
        Fail(host, before);
        if (before == 0)
        {
            // Hyper-V is asked once more for less.
            Fail(host, after: 0);
        }

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.ChangeAsync(Add(Gpu)));

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        AssertAsBefore(host);
    }

    [Fact]
    public async Task What_cannot_be_put_back_is_said_to_be_where_it_is_and_undone_later()
    {
        await using ChangedHost host = await StartAsync();

        // Given it is not, and then not mounted again either.
        Fail(host, after: 5);
        Fail(host, after: 4);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.ChangeAsync(Add(Gpu)));

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Contains("0000:3b:00.0 is not mounted again: No", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "it is dismounted: neither the host nor a virtual machine has it",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("undo", error.Remedy, StringComparison.Ordinal);
        Assert.Equal((true, 22u), StateOf(host, Gpu));
        Assert.Equal(JournalState.Failed, Assert.Single(await host.HistoryAsync()).State);

        await host.UndoAsync();
        AssertAsBefore(host);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_goes_off_at_the_next_boot_alone_stays(bool keepsWaiting)
    {
        HyperVMachine machine = new();
        HostDevice device = machine.AddDevice(
            new HostDevice(@"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&1&0&0000", "Disk")
            {
                Bus = 24,
                ClassCode = 0x010802,
                LocationPath = "PCIROOT(17)#PCI(0000)#PCI(0000)",
                Memory = [(0xB4D00000, 0xB4D03FFF)],
                NeedsRestart = true,
                Service = "stornvme",
                KeepsWaiting = keepsWaiting,
            }
        );
        device.Use.Partitions = 0;
        machine.AddVM("lab");
        await using ChangedHost host = await ChangedHost.StartAsync(machine);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.ChangeAsync(Add(Disk)));

        Assert.Contains("at the next boot alone", error.Message, StringComparison.Ordinal);
        Assert.Contains("that was called off", error.Message, StringComparison.Ordinal);
        Assert.False(device.IsDismounted);
        Assert.Equal(keepsWaiting ? 14u : 0u, device.ErrorCode);
        Assert.Equal(keepsWaiting ? NestVirtErrorKind.ChangeIncomplete : NestVirtErrorKind.ChangeFailed, error.Kind);
        if (keepsWaiting)
        {
            Assert.Contains("Windows enables it after the next boot alone", error.Message, StringComparison.Ordinal);
            Assert.Contains("waits for its next boot", error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(
            s_switches,
            host.Host.Requests.Select(static request => request.Text)
                .SelectMany(static text => s_switches.Where(one => text.Contains($"{one}_INPUT")))
        );
    }

    [Fact]
    public async Task A_device_comes_home_from_a_machine_that_is_gone()
    {
        await using ChangedHost host = await StartAsync();
        await host.ChangeAsync(Add(Gpu));
        host.Machine.Remove(host.Machine.VMs[0]);

        await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());
        ChangeResult back = await host.UndoAsync(scope: s_force);

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Equal((false, 0u), StateOf(host, Gpu));
        Assert.Contains(back.Findings, static finding => finding.Code == FindingCodes.VmGone);
    }

    [Fact]
    public async Task A_device_that_another_machine_has_since_is_not_taken_from_it()
    {
        await using ChangedHost host = await StartAsync();
        host.Machine.AddVM("other", new VMOptions { AutomaticShutdownAction = 2 });
        await host.ChangeAsync(Add(Disk));
        await host.ChangeAsync(Remove(Disk));
        await host.ChangeAsync(Add(Disk) with { VmName = "other" });

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync(1));
        ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            host.ChangeAsync(Add(Disk))
        );

        Assert.Contains("changed the same since", error.Message, StringComparison.Ordinal);
        Assert.Equal(FindingCodes.DeviceInGuest, Assert.Single(refused.Reasons).Code);
        Assert.Same(host.Machine.VMs[1], host.Machine.OwnerOf(Device(host, Disk)));
    }

    [Fact]
    public async Task What_was_disabled_or_dismounted_before_is_so_again()
    {
        await using ChangedHost host = await StartAsync();
        Device(host, Disk).ErrorCode = HostDevice.DisabledCode;
        (Device(host, Gpu).ErrorCode, Device(host, Gpu).IsDismounted) = (HostDevice.DisabledCode, true);

        ChangeResult made = await host.ChangeAsync(Add(Disk, Gpu) with { Force = false });

        Assert.DoesNotContain(
            made.Changes,
            static change => change.Setting.Contains("driver", StringComparison.Ordinal)
        );
        Assert.Equal(2, made.Findings.Count(static finding => finding.Code == FindingCodes.VmMmioUnknown));

        await host.UndoAsync();
        Assert.Equal([(false, 22u), (true, 22u)], [StateOf(host, Disk), StateOf(host, Gpu)]);
    }

    [Fact]
    public async Task A_plan_of_a_file_is_made_as_it_was_reviewed()
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await host.Changer.PlanAsync(host.Target, Add(Gpu), TestContext.Current.CancellationToken);
        ReviewedPlan read = PlanDocument.Read(PlanDocument.Write(plan), "plan.json");

        PreparedChange prepared = await host.Changer.PrepareAsync(
            read.Plan with
            {
                Target = host.Target,
            },
            read.Fingerprint,
            TestContext.Current.CancellationToken
        );
        await prepared.ApplyAsync(TestContext.Current.CancellationToken);

        Assert.True(prepared.IsWhole);
        Assert.Same(host.Machine.VMs[0], host.Machine.OwnerOf(Device(host, Gpu)));
    }

    [Fact]
    public async Task A_maker_that_says_nothing_of_safety_is_told_unless_the_user_says_so()
    {
        await using ChangedHost host = await StartAsync();
        HostDevice adapter = host.Machine.Devices.First(static one => one.PnpClass == "Net");
        adapter.ErrorCode = HostDevice.DisabledCode;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Add(adapter.LocationPath!) with { Force = false })
        );
        await host.ChangeAsync(Add(adapter.LocationPath!));

        Assert.Contains("has not supplied any directives", error.Message, StringComparison.Ordinal);
        Assert.True(adapter.IsDismounted);
    }

    [Fact]
    public async Task A_device_that_was_given_so_is_put_back_so_where_its_machine_does_not_start_without_it()
    {
        await using ChangedHost host = await StartAsync(VMState.Running);
        HostDevice adapter = host.Machine.Devices.First(static one => one.PnpClass == "Net");
        adapter.ErrorCode = HostDevice.DisabledCode;
        await host.ChangeAsync(Add(adapter.LocationPath!) with { StopGuests = true });
        Fail(host, after: 2);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.ChangeAsync(Remove(adapter.LocationPath!) with { StopGuests = true })
        );

        Assert.Contains("lab does not start with what was set: No.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Everything is as it was.", error.Message, StringComparison.Ordinal);
        Assert.Same(host.Machine.VMs[0], host.Machine.OwnerOf(adapter));
        Assert.Equal(VMState.Running, host.Machine.VMs[0].State);
    }

    [Fact]
    public async Task What_is_allowed_is_asked_for_where_the_safer_way_is_refused_and_said()
    {
        await using ChangedHost host = await StartAsync();
        HostDevice adapter = host.Machine.Devices.First(static one => one.PnpClass == "Net");
        adapter.ErrorCode = HostDevice.DisabledCode;

        ChangeResult made = await host.ChangeAsync(Add(adapter.LocationPath!, Gpu));

        // Of the adapter twice; and what the other has need not be done without.
        Assert.Equal(
            [("true", "true"), ("true", "false"), ("true", "true")],
            Asked(host, "DismountAssignableDevice")
                .Select(static text => (Of(text, "RequireAcsSupport"), Of(text, "RequireDeviceMitigations")))
        );
        Assert.Contains(
            made.Findings,
            static finding =>
                finding.Code == FindingCodes.StepWarning
                && finding.Message.Contains("without being secured by its maker", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_the_host_uses_by_now_is_not_taken_from_it_by_undo()
    {
        await using ChangedHost host = await StartAsync();
        await host.ChangeAsync(Add(Disk));
        await host.ChangeAsync(Remove(Disk));
        HostDevice disk = Device(host, Disk);

        PreparedChange back = await host.Changer.PrepareUndoAsync(host.Target, null, default, CancellationToken.None);
        Assert.Contains(back.Plan.Changes, static change => change.Disrupts == $"takes {Disk} from the host");
        ChangeRefusedException used = await Assert.ThrowsAsync<ChangeRefusedException>(() => host.UndoAsync());
        disk.Use.Partitions = 1;
        ChangeRefusedException needed = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            host.UndoAsync(scope: s_force)
        );

        Assert.Equal(FindingCodes.DeviceUsedByHost, Assert.Single(used.Reasons).Code);
        Assert.Equal(FindingCodes.DiskInUse, Assert.Single(needed.Reasons).Code);
        Assert.Equal((false, 0u), StateOf(host, Disk));
        Assert.Equal(JournalState.Applied, (await host.HistoryAsync())[0].State);

        // Who disabled it there has said that nothing of the host needs it.
        disk.ErrorCode = HostDevice.DisabledCode;
        await host.UndoAsync();
        Assert.Same(host.Machine.VMs[0], host.Machine.OwnerOf(disk));
        Assert.All(
            Asked(host, "DismountAssignableDevice").Skip(1),
            static text => Assert.Equal("true", Of(text, "RequireDeviceMitigations"))
        );
    }

    [Fact]
    public async Task What_the_way_there_interrupts_the_way_back_does_not()
    {
        await using ChangedHost host = await StartAsync();
        await host.ChangeAsync(Add(Gpu));

        PreparedChange back = await host.Changer.PrepareUndoAsync(host.Target, null, default, CancellationToken.None);

        Assert.All(back.Plan.Changes, static change => Assert.Null(change.Disrupts));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_switch_takes_a_device_from_another_machine(bool add)
    {
        await using ChangedHost host = await StartAsync();
        VirtualMachine other = host.Machine.AddVM("other", new VMOptions { AutomaticShutdownAction = 2 });
        await host.ChangeAsync(Add(Gpu));
        VirtualMachine lab = host.Machine.VMs[0];
        if (!add)
        {
            await host.ChangeAsync(Remove(Gpu));
            (Device(host, Gpu).ErrorCode, Device(host, Gpu).IsDismounted) = (HostDevice.DisabledCode, true);
        }

        // By other means than these.
        GiveByHand(host, lab, other);

        await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync(scope: s_force));

        Assert.Contains(
            $"assigned to {other.Id.ToString().ToUpperInvariant()}",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("Take the device back", error.Remedy, StringComparison.Ordinal);
        Assert.Same(other, host.Machine.OwnerOf(Device(host, Gpu)));
        Assert.True(Device(host, Gpu).IsDismounted);
    }

    [Fact]
    public async Task A_device_that_a_machine_was_given_meanwhile_is_not_mounted_away_from_it()
    {
        await using ChangedHost host = await StartAsync();
        (Device(host, Gpu).ErrorCode, Device(host, Gpu).IsDismounted) = (HostDevice.DisabledCode, true);
        ChangePlan plan = await host.Changer.PlanAsync(host.Target, Remove(Gpu), TestContext.Current.CancellationToken);
        GiveByHand(host, null, host.Machine.VMs[0]);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            host.Changer.ApplyAsync(plan, TestContext.Current.CancellationToken)
        );

        Assert.Contains("A virtual machine has it by now", error.Message, StringComparison.Ordinal);
        Assert.Empty(Asked(host, "MountAssignableDevice"));
        Assert.Same(host.Machine.VMs[0], host.Machine.OwnerOf(Device(host, Gpu)));
    }

    [Fact]
    public async Task Plug_and_Play_may_show_later_where_a_device_went()
    {
        await using ChangedHost host = await StartAsync();
        using HostChanger patient = host.NewChanger(arrivalSeconds: 30);
        Device(host, Gpu).Lag = 40;

        await patient.ApplyAsync(
            await patient.PlanAsync(host.Target, Add(Gpu), CancellationToken.None),
            CancellationToken.None
        );
        Assert.Same(host.Machine.VMs[0], host.Machine.OwnerOf(Device(host, Gpu)));

        await patient.ApplyAsync(
            await patient.PlanAsync(host.Target, Remove(Gpu), CancellationToken.None),
            CancellationToken.None
        );
        Assert.Equal((false, 0u), StateOf(host, Gpu));
    }

    [Fact]
    public async Task Another_card_in_the_slot_is_left_alone()
    {
        await using ChangedHost host = await StartAsync();
        await host.ChangeAsync(Add(Gpu));
        HostDevice gpu = Device(host, Gpu);
        host.Machine.VMs[0].Devices.Clear();
        host.Machine.Remove(gpu);
        HostDevice other = host.Machine.AddDevice(
            new HostDevice(@"PCI\VEN_10DE&DEV_20B5&SUBSYS_153310DE&REV_A1\4&3&0&0000", "Another")
            {
                Bus = 59,
                LocationPath = GpuPlace,
                ErrorCode = HostDevice.DisabledCode,
            }
        );
        other.IsDismounted = true;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.UndoAsync());

        Assert.Contains("mount of 0000:3b:00.0 is gone", error.Message, StringComparison.Ordinal);
        Assert.True(other.IsDismounted);
        Assert.Empty(Asked(host, "MountAssignableDevice"));
    }

    [Fact]
    public async Task A_disabling_whose_answer_was_lost_is_called_off()
    {
        int at;
        await using (ChangedHost first = await StartAsync())
        {
            await first.ChangeAsync(Add(Gpu));
            at = first.Host.Requests.First(static one => one.Text.Contains("Disable_INPUT")).Number;
        }

        await using ChangedHost host = await StartAsync(needsRestart: true);
        host.Host.Options.Variants.CutsAnswerOfRequest = at;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => host.ChangeAsync(Add(Gpu)));

        Assert.Equal(NestVirtErrorKind.ChangeFailed, error.Kind);
        Assert.Equal(
            s_switches,
            host.Host.Requests.Select(static request => request.Text)
                .SelectMany(static text => s_switches.Where(one => text.Contains($"{one}_INPUT")))
        );
        Assert.Equal((false, 0u), StateOf(host, Gpu));
    }

    [Fact]
    public async Task A_disabling_after_which_the_host_went_away_is_called_off_by_undo()
    {
        int at;
        await using (ChangedHost first = await StartAsync())
        {
            await first.ChangeAsync(Add(Gpu));
            at = first.Host.Requests.First(static one => one.Text.Contains("Disable_INPUT")).Number;
        }

        await using ChangedHost host = await StartAsync(needsRestart: true);
        host.Host.Options.Variants.IsGoneFromRequest = at + 1;
        await Assert.ThrowsAsync<NestVirtException>(() => host.ChangeAsync(Add(Gpu)));
        host.Host.Options.Variants.IsGoneFromRequest = null;
        Assert.Equal(JournalState.Interrupted, Assert.Single(await host.HistoryAsync()).State);

        await host.UndoAsync();

        Assert.Contains(host.Host.Requests, static request => request.Text.Contains("Enable_INPUT"));
        Assert.Equal((false, 0u), StateOf(host, Gpu));
        Assert.Equal(JournalState.Undone, Assert.Single(await host.HistoryAsync()).State);
    }

    [Fact]
    public async Task A_device_is_given_whole()
    {
        await using ChangedHost host = await StartAsync();

        await host.ChangeAsync(Add(Gpu));

        Assert.Contains(
            "VirtualFunctions",
            Assert.Single(Asked(host, "AddResourceSettings")),
            StringComparison.Ordinal
        );
        object[] functions = Assert.IsType<object[]>(host.Machine.VMs[0].Devices[0]["VirtualFunctions"]);
        Assert.Equal(0, Convert.ToInt32(Assert.Single(functions), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_device_that_tells_no_address_any_more_is_seen_where_it_is_plugged_in()
    {
        await using ChangedHost host = await StartAsync();
        host.Machine.Jobs.AfterWork = () => Device(host, Gpu).Withheld.Add("DEVPKEY_Device_BusNumber");

        ChangeResult made = await host.ChangeAsync(Add(Gpu));

        Assert.Equal(ChangeState.InEffect, made.State);
    }

    private static VmPciDeviceRequest Add(params string[] devices) => new("lab", devices, Add: true) { Force = true };

    private static VmPciDeviceRequest Remove(params string[] devices) => new("lab", devices, Add: false);

    private static IEnumerable<string> Asked(ChangedHost host, string method) =>
        host.Host.Requests.Select(static request => request.Text).Where(text => text.Contains($"{method}_INPUT"));

    // The value of a property in an instance that stands in a text.
    private static string Of(string text, string property)
    {
        string plain = System.Net.WebUtility.HtmlDecode(text);
        string rest = plain[plain.IndexOf(property, StringComparison.Ordinal)..];
        rest = rest[(rest.IndexOf("<VALUE>", StringComparison.Ordinal) + "<VALUE>".Length)..];
        return rest[..rest.IndexOf('<', StringComparison.Ordinal)].ToLowerInvariant();
    }

    private static void GiveByHand(ChangedHost host, VirtualMachine? from, VirtualMachine to)
    {
        CimObject setting = host.Machine.Instances(Names.Virtualization, "Msvm_PciExpressSettingData").First().Copy();
        setting["InstanceID"] = $@"{to.Settings.Text("InstanceID")}\7E1A0000-0000-4000-8000-0000000000A1";
        setting["HostResource"] = new object[]
        {
            host.Machine.Instances(Names.Virtualization, "Msvm_PciExpress").First().RelativePath(),
        };
        from?.Devices.Clear();
        to.Devices.Add(setting);
    }

    private static async Task<ChangedHost> StartAsync(VMState state = VMState.Off, bool needsRestart = false)
    {
        HyperVMachine machine = new();
        SampleDevices.AddTo(machine);
        if (needsRestart)
        {
            machine.Devices.First(static one => one.PnpClass == "Display").NeedsRestart = true;
        }

        machine.AddVM("lab", new VMOptions { State = state });
        return await ChangedHost.StartAsync(machine);
    }

    private static void Fail(ChangedHost host, int after)
    {
        for (int at = 0; at < after; at++)
        {
            host.Machine.Jobs.Forced.Enqueue(null);
        }

        host.Machine.Jobs.Forced.Enqueue(new MethodFailure(ReturnCodes.Failed, "No."));
    }

    private static HostDevice Device(ChangedHost host, string address) =>
        host.Machine.Devices.Single(device => device.LocationPath is not null && AddressOf(device) == address);

    private static string AddressOf(HostDevice device) =>
        FormattableString.Invariant($"0000:{device.Bus:x2}:{device.Slot:x2}.{device.Function}");

    private static (bool IsDismounted, uint ErrorCode) StateOf(ChangedHost host, string address) =>
        (Device(host, address).IsDismounted, Device(host, address).ErrorCode);

    private static (ulong Action, bool Cache, ulong Low, ulong High) SettingsOf(VirtualMachine vm) =>
        (
            vm.Settings.Number("AutomaticShutdownAction"),
            vm.Settings.IsTrue("GuestControlledCacheTypes"),
            vm.Settings.Number("LowMmioGapSize"),
            vm.Settings.Number("HighMmioGapSize")
        );

    private static void AssertAsBefore(ChangedHost host)
    {
        Assert.Equal([(false, 0u), (false, 0u)], [StateOf(host, Gpu), StateOf(host, Disk)]);
        Assert.Empty(host.Machine.VMs[0].Devices);
        Assert.Equal((3UL, false, 128UL, 512UL), SettingsOf(host.Machine.VMs[0]));
    }
}
