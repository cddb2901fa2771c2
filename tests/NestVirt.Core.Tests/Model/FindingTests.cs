using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Model;

public sealed class FindingTests
{
    private static readonly Finding s_off = new(FindingCodes.NestedOff, Severity.Error, "Off.")
    {
        Mend = new CommandCall(OwnCommand.EnableNesting),
    };

    private static readonly Finding s_conflict = new(FindingCodes.LineWins, Severity.Error, "It wins.")
    {
        RepeatWith = ChangeSwitch.ReplaceConflict,
    };

    [Fact]
    public void The_command_names_a_host_that_is_reached_over_the_network()
    {
        HostTarget host = new("kvm1", new SshAddress("kvm1") { UserName = "root", Port = 2222 });

        Assert.Equal("<EnableNesting root@kvm1:2222>", s_off.For(host).Command);
        Assert.Equal("<EnableNesting>", s_off.For(HostTarget.Local).Command);
    }

    [Fact]
    public void On_a_recorded_host_there_is_no_command()
    {
        Assert.Null(s_off.For(HostTarget.Snapshot("/tmp/kvm1.json")).Command);
        Assert.Null(s_off.For(HostTarget.Tree("/tmp/kvm1")).Command);
    }

    [Fact]
    public void A_refused_request_is_asked_for_again_with_the_switch_that_lets_it_through()
    {
        ModuleParameterRequest request = new("kvm_intel", new Dictionary<string, string> { ["ept"] = "1" })
        {
            Force = true,
        };

        ChangeRefusedException refused = new ChangeRefusedException(s_conflict).For(HostTarget.Local, request);

        Assert.Equal("Run: <SetModule Module=kvm_intel Parameter=ept=1 Force ReplaceConflict>", refused.Remedy);
    }

    [Fact]
    public void A_plan_writes_the_commands_of_its_findings_for_its_host()
    {
        ChangePlan plan = new(
            new HostTarget("kvm1", new SshAddress("kvm1")),
            new NestingRequest(Enable: true),
            new HostIdentity("machine", "boot", "6.1"),
            []
        )
        {
            Findings = [s_off],
            Pending = [s_conflict],
        };

        Assert.Equal("<EnableNesting kvm1>", plan.Findings[0].Command);
        Assert.Equal("<EnableNesting kvm1 ReplaceConflict>", plan.Pending[0].Command);
    }
}
