using NestVirt.Client;
using NestVirt.Execution;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>Many Hyper-V hosts at once, by their addresses, as a front end asks them.</summary>
public sealed class ManyHyperVHostsTests
{
    private const int Count = 50;
    private const int Throttle = 32;
    private const string User = "administrator";
    private const string Password = "pass word é";

    [Fact]
    public async Task Fifty_hosts_answer_and_those_that_fail_hold_up_none()
    {
        using HostCredential right = new(User, Password);
        using HostCredential wrong = new(User, "another");
        List<StandInHost> hosts = [];
        try
        {
            HostFanOut<NestedSupport> run = new(Throttle, TestContext.Current.CancellationToken);
            IHostQuery<NestedSupport> query = HostQueries.Ask(HostQuestions.Support);
            for (int at = 0; at < Count; at++)
            {
                hosts.Add(await StartAsync(at));
                run.Add(TargetOf(hosts[at], at, at % 10 == 9 ? wrong : right), query.RunAsync);
            }

            run.Complete();
            Dictionary<string, HostOutcome<NestedSupport>> outcomes = [];
            await foreach (HostOutcome<NestedSupport> outcome in run.ReadAllAsync())
            {
                Assert.True(outcomes.TryAdd(outcome.Target.Name, outcome));
            }

            Assert.Equal(Count, outcomes.Count);
            for (int at = 0; at < Count; at++)
            {
                HostOutcome<NestedSupport> outcome = outcomes[NameOf(at)];
                if (at % 10 is 4 or 9)
                {
                    Assert.Equal(
                        at % 10 == 9
                            ? NestVirtErrorKind.HostAuthenticationFailed
                            : NestVirtErrorKind.HostConnectionLost,
                        Assert.IsType<NestVirtException>(outcome.Error, exactMatch: false).Kind
                    );
                }
                else
                {
                    Assert.Null(outcome.Error);
                    Assert.Equal(
                        at % 2 == 0 ? Verdict.Ready : Verdict.Blocked,
                        Assert.IsType<NestedSupport>(outcome.Value).Verdict
                    );
                }
            }
        }
        finally
        {
            foreach (StandInHost host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_host_that_takes_its_time_with_each_answer_is_given_up_when_its_time_is_over()
    {
        using HostCredential credential = new(User, Password);
        await using StandInHost host = await StandInHost.StartAsync(
            new HyperVMachine().AddVMs(3),
            new StandInOptions
            {
                Authentication = new NtlmAuthentication(User, Password),
                Variants = new Variants { Delay = TimeSpan.FromMilliseconds(700) },
            },
            TestContext.Current.CancellationToken
        );
        HostTarget target = TargetOf(host, 0, credential) with { CommandTimeout = TimeSpan.FromSeconds(2) };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(async () =>
        {
            await foreach (
                VmNestedCpu _ in HostQueries
                    .Ask(HostQuestions.VmNestedCpus)
                    .RunAsync(target, TestContext.Current.CancellationToken)
            ) { }
        });

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.Contains("all that was asked", error.Message, StringComparison.Ordinal);
        Assert.True(host.Requests.Count < 10);
    }

    // Every other one is too old for its processor; each tenth ends its connections in the middle of an answer.
    private static Task<StandInHost> StartAsync(int at)
    {
        HyperVMachine machine = new(
            at % 2 == 0 ? new HostFacts() : new HostFacts { CpuVendor = "AuthenticAMD", Build = 17763 }
        );
        machine.AddVMs(3);
        return StandInHost.StartAsync(
            machine,
            new StandInOptions
            {
                Authentication = new NtlmAuthentication(User, Password),
                Variants = new Variants { CutsAfterBytes = at % 10 == 4 ? 40 : null },
            },
            TestContext.Current.CancellationToken
        );
    }

    private static HostTarget TargetOf(StandInHost host, int at, HostCredential credential) =>
        new(NameOf(at), new WsManAddress("127.0.0.1") { Port = host.Port, Credential = credential });

    private static string NameOf(int at) => $"hv{at}";
}
