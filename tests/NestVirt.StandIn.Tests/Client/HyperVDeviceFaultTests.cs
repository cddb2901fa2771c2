using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>A connection that is cut at each request while a device is on its way, and a host that goes away at each: it is in the host or in the virtual machine, or the journal knows.</summary>
public sealed class HyperVDeviceFaultTests
{
    private const string Place = "PCIROOT(17)#PCI(0000)#PCI(0000)";

    // Of what is tried at each request, every other will do.
    private const int Every = 2;

    private static readonly ChangeScope s_stop = new(StopGuests: true, GuestTimeoutSeconds: 120, Force: false);

    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 2)]
    [InlineData(false, false, 2)]
    [InlineData(false, true, 1)]
    public async Task A_connection_that_is_cut_once_is_no_loss(bool add, bool afterwards, int first)
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host, add);
        int last = await CountAsync(host, plan, add);
        for (int at = first; at <= last; at += Every)
        {
            Reset(host, add);
            int cut = host.Host.Requests.Count + at;
            if (afterwards)
            {
                host.Host.Options.Variants.CutsAnswerOfRequest = cut;
            }
            else
            {
                host.Host.Options.Variants.CutsAtRequest = cut;
            }

            NestVirtException? error = await ApplyAsync(host, plan);

            // The log-on itself, and the last look, are not tried again.
            Assert.True(
                error is null ? IsThere(host, add) : IsThere(host, true) || IsThere(host, false),
                $"{at} of {last}: {error?.Message}: {Describe(host)}"
            );
            Assert.Equal(VMState.Running, host.Machine.VMs[0].State);
            await CheckWayBackAsync(host, add, $"{at} of {last}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_goes_away_leaves_a_change_that_is_taken_back_when_it_answers_again(bool add)
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host, add);
        int last = await CountAsync(host, plan, add);
        int interrupted = 0;
        for (int at = add ? 1 : 2; at <= last; at += Every)
        {
            Reset(host, add);
            host.Host.Options.Variants.IsGoneFromRequest = host.Host.Requests.Count + at;

            NestVirtException? error = await ApplyAsync(host, plan);

            Assert.NotNull(error);
            host.Host.Options.Variants.IsGoneFromRequest = null;
            bool isKnown = (await host.HistoryAsync()) is [{ State: JournalState.Interrupted }, ..];
            interrupted += isKnown ? 1 : 0;
            Assert.True(
                isKnown || IsThere(host, true) || IsThere(host, false),
                $"{at} of {last}: {error.Message}: {Describe(host)}"
            );
            await CheckWayBackAsync(host, add, $"{at} of {last}");
        }

        Assert.InRange(interrupted, 5 / Every, last);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_way_back_that_is_cut_off_can_be_gone_again(bool add)
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host, add);
        int last = await CountAsync(host, plan, add);
        for (int at = add ? 1 : 2; at <= last; at += Every)
        {
            Reset(host, add);
            Assert.Null(await ApplyAsync(host, plan));
            host.Host.Options.Variants.IsGoneFromRequest = host.Host.Requests.Count + at;
            try
            {
                await host.UndoAsync(scope: s_stop with { Force = !add });
            }
            catch (NestVirtException)
            {
                // As it is to be.
            }

            host.Host.Options.Variants.IsGoneFromRequest = null;
            await CheckWayBackAsync(host, add, $"{at} of {last}");
        }
    }

    private static async Task CheckWayBackAsync(ChangedHost host, bool add, string at)
    {
        try
        {
            await host.UndoAsync(scope: s_stop);
        }
        catch (ChangeRefusedException refused) when (!add)
        {
            // It is in the host, which may have begun to use it.
            Assert.Equal(FindingCodes.DeviceUsedByHost, Assert.Single(refused.Reasons).Code);
            await host.UndoAsync(scope: s_stop with { Force = true });
        }

        // A job that was cut off must have ended before.
        host.Machine.Jobs.Finish();
        Assert.True(IsThere(host, !add), $"{at}: {Describe(host)}");
        Assert.True(host.Machine.VMs[0].State == VMState.Running, $"{at}: {Describe(host)}");
        Assert.All(await host.HistoryAsync(), static entry => Assert.False(entry.CanUndo, entry.State.ToString()));
    }

    private static async Task<int> CountAsync(ChangedHost host, ChangePlan plan, bool add)
    {
        int before = host.Host.Requests.Count;
        Assert.Null(await ApplyAsync(host, plan));
        Assert.True(IsThere(host, add));
        int count = host.Host.Requests.Count - before;
        Assert.InRange(count, 20, 250);
        return count;
    }

    private static async Task<ChangedHost> StartAsync()
    {
        HyperVMachine machine = new();
        machine
            .AddDevice(
                new HostDevice(@"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&A1F3C2D&0&0000", "Disk")
                {
                    Bus = 24,
                    ClassCode = 0x010802,
                    LocationPath = Place,
                    Memory = [(0xB4D00000, 0xB4D03FFF)],
                    PnpClass = "SCSIAdapter",
                    Service = "stornvme",
                }
            )
            .Use.Partitions = 0;
        machine.AddVM("lab", new VMOptions { State = VMState.Running, AutomaticShutdownAction = 2 });
        return await ChangedHost.StartAsync(machine);
    }

    private static void Reset(ChangedHost host, bool add)
    {
        VirtualMachine vm = host.Machine.VMs[0];
        HostDevice device = host.Machine.Devices[0];
        vm.Devices.Clear();
        (device.IsDismounted, device.ErrorCode) = (!add, add ? 0 : HostDevice.DisabledCode);
        (vm.Settings["LowMmioGapSize"], vm.Settings["HighMmioGapSize"]) = (128UL, 512UL);
        if (!add)
        {
            CimObject setting = host
                .Machine.Instances(Names.Virtualization, "Msvm_PciExpressSettingData")
                .First()
                .Copy();
            setting["InstanceID"] = $@"{vm.Settings.Text("InstanceID")}\7E1A0000-0000-4000-8000-000000000001";
            setting["HostResource"] = new object[]
            {
                host.Machine.Instances(Names.Virtualization, "Msvm_PciExpress").First().RelativePath(),
            };
            vm.Devices.Add(setting);
        }

        vm.State = VMState.Running;
        host.Forget();
    }

    private static async Task<ChangePlan> PlanAsync(ChangedHost host, bool add)
    {
        Reset(host, add);
        return await PlanOfAsync(host, add);
    }

    private static Task<ChangePlan> PlanOfAsync(ChangedHost host, bool add) =>
        host.Changer.PlanAsync(
            host.Target,
            new VmPciDeviceRequest("lab", [Place], add) { StopGuests = true, Force = true },
            TestContext.Current.CancellationToken
        );

    private static async Task<NestVirtException?> ApplyAsync(ChangedHost host, ChangePlan plan)
    {
        try
        {
            await host.Changer.ApplyAsync(plan, TestContext.Current.CancellationToken);
            return null;
        }
        catch (NestVirtException error)
        {
            return error;
        }
    }

    // In the virtual machine with what it takes; or in the host, whose driver has it.
    private static bool IsThere(ChangedHost host, bool isAway)
    {
        VirtualMachine vm = host.Machine.VMs[0];
        HostDevice device = host.Machine.Devices[0];
        return isAway
            ? ReferenceEquals(host.Machine.OwnerOf(device), vm)
            : !device.IsDismounted && device.ErrorCode == 0 && vm.Devices.Count == 0;
    }

    private static string Describe(ChangedHost host)
    {
        HostDevice device = host.Machine.Devices[0];
        return $"{device.InstancePath}, {device.ErrorCode}, {host.Machine.OwnerOf(device)?.Name}, {host.Machine.VMs[0].State}";
    }
}
