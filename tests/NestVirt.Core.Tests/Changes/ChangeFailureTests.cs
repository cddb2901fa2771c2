using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Changes;

public sealed class ChangeFailureTests
{
    [Fact]
    public void A_plan_that_does_not_fit_any_more_says_what_would_wait_now()
    {
        ChangePlan reviewed = new(
            HostTarget.Local,
            new NestingRequest(Enable: true),
            new HostIdentity("machine", "boot", "6.1"),
            [new HostChange("kvm_amd", "N", "Y", new HostStep("module", ["kvm_amd"])) { Undo = "loads it again" }]
        );
        ChangePlan present = reviewed with
        {
            Changes = [],
            Pending = [new Finding("ReloadBlocked", Severity.Warning, "kvm_amd is in use by guest web.")],
        };

        NestVirtException error = ChangeFailure.NotAsReviewed(reviewed, present);

        Assert.EndsWith(
            "fewer or other bytes would change. kvm_amd is in use by guest web.",
            error.Message,
            StringComparison.Ordinal
        );
    }
}
