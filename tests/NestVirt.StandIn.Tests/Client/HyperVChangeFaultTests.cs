using NestVirt.Changes;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>A connection that is cut at each request of a change, and a host that goes away at each: old or new is left, and the journal says which.</summary>
public sealed class HyperVChangeFaultTests
{
    private static readonly VmCpuRequest s_request = new(["lab"])
    {
        Expose = true,
        CpuCount = 4,
        MacSpoofing = true,
        StopGuests = true,
    };

    private static readonly ChangeScope s_stop = new(StopGuests: true, GuestTimeoutSeconds: 120, Force: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_cut_once_is_no_loss(bool afterwards)
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host);
        int last = await CountAsync(host, plan);
        for (int at = 1; at <= last; at++)
        {
            Reset(host);
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
                error is null ? IsNew(host) : IsNew(host) || IsOld(host),
                $"{at} of {last}: {error?.Message}: {Describe(host)}"
            );
            Assert.Equal(VMState.Running, host.Machine.VMs[0].State);
            await CheckWayBackAsync(host, $"{at} of {last}");
        }
    }

    [Fact]
    public async Task A_host_that_goes_away_leaves_a_change_that_is_taken_back_when_it_answers_again()
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host);
        int last = await CountAsync(host, plan);
        int interrupted = 0;
        for (int at = 1; at <= last; at++)
        {
            Reset(host);
            host.Host.Options.Variants.IsGoneFromRequest = host.Host.Requests.Count + at;

            NestVirtException? error = await ApplyAsync(host, plan);

            Assert.NotNull(error);
            host.Host.Options.Variants.IsGoneFromRequest = null;
            if ((await host.HistoryAsync()) is [{ State: JournalState.Interrupted } entry, ..])
            {
                interrupted++;
                Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
                Assert.Contains("how far it went is not known", error.Message, StringComparison.Ordinal);
                NestVirtException other = await Assert.ThrowsAsync<NestVirtException>(() =>
                    host.ChangeAsync(new VmCpuRequest(["lab"]) { VbsOptOut = true, StopGuests = true })
                );
                Assert.Contains($"Change {entry.Id} was interrupted", other.Message, StringComparison.Ordinal);
            }

            await CheckWayBackAsync(host, $"{at} of {last}");
        }

        Assert.InRange(interrupted, 5, last);
    }

    [Fact]
    public async Task A_way_back_that_is_cut_off_can_be_gone_again()
    {
        await using ChangedHost host = await StartAsync();
        ChangePlan plan = await PlanAsync(host);
        int last = await CountAsync(host, plan);
        for (int at = 1; at <= last; at++)
        {
            Reset(host);
            Assert.Null(await ApplyAsync(host, plan));
            host.Host.Options.Variants.IsGoneFromRequest = host.Host.Requests.Count + at;
            try
            {
                await host.UndoAsync(scope: s_stop);
            }
            catch (NestVirtException)
            {
                // As it is to be.
            }

            host.Host.Options.Variants.IsGoneFromRequest = null;
            await CheckWayBackAsync(host, $"{at} of {last}");
        }
    }

    private static async Task CheckWayBackAsync(ChangedHost host, string at)
    {
        await host.UndoAsync(scope: s_stop);

        // A job that was cut off must have ended before.
        host.Machine.Jobs.Finish();
        Assert.True(IsOld(host), $"{at}: {Describe(host)}");
        Assert.True(host.Machine.VMs[0].State == VMState.Running, $"{at}: {host.Machine.VMs[0].State}");
        Assert.All(await host.HistoryAsync(), static entry => Assert.False(entry.CanUndo, entry.State.ToString()));
    }

    private static async Task<int> CountAsync(ChangedHost host, ChangePlan plan)
    {
        int before = host.Host.Requests.Count;
        Assert.Null(await ApplyAsync(host, plan));
        Assert.True(IsNew(host));
        int count = host.Host.Requests.Count - before;
        Assert.InRange(count, 20, 120);
        return count;
    }

    private static Task<ChangedHost> StartAsync()
    {
        HyperVMachine machine = new();
        machine.AddVM("lab", new VMOptions { State = VMState.Running });
        return ChangedHost.StartAsync(machine);
    }

    private static void Reset(ChangedHost host)
    {
        VirtualMachine vm = host.Machine.VMs[0];
        vm.Processor["ExposeVirtualizationExtensions"] = false;
        vm.Processor["VirtualQuantity"] = 2UL;
        vm.Adapters[0].Security = null;
        vm.State = VMState.Running;
        host.Forget();
    }

    private static Task<ChangePlan> PlanAsync(ChangedHost host) =>
        host.Changer.PlanAsync(host.Target, s_request, TestContext.Current.CancellationToken);

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

    private static bool IsNew(ChangedHost host) => StateOf(host) == (true, 4, true);

    private static bool IsOld(ChangedHost host) => StateOf(host) == (false, 2, false);

    private static (bool Nests, ulong Count, bool Spoofs) StateOf(ChangedHost host)
    {
        VirtualMachine vm = host.Machine.VMs[0];
        return (
            vm.IsNested,
            vm.Processor.Number("VirtualQuantity"),
            vm.Adapters[0].Security?.IsTrue("AllowMacSpoofing") == true
        );
    }

    private static string Describe(ChangedHost host) => $"{StateOf(host)}, {host.Machine.VMs[0].State}";
}
