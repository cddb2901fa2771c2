using NestVirt.Changes;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Changes;

public sealed class PlanFingerprintTests
{
    // Made on Linux by the release that first wrote plans; a plan of then must be applied by every later one, everywhere.
    private const string Known = "fd562162268472dc6f811bf0844547d5b08c3d41ddcf3b1e1e8eb040ea9b0bdb";

    [Fact]
    public void A_plan_has_one_fingerprint_on_every_system() => Assert.Equal(Known, Plan().Fingerprint);

    [Fact]
    public void A_plan_has_one_text_on_every_system()
    {
        Assert.Equal("\n", PlanJsonContext.Default.Options.NewLine);
        Assert.DoesNotContain('\r', PlanDocument.WriteAll([Plan(), Plan()]));
    }

    private static ChangePlan Plan() =>
        new(
            HostTarget.Local,
            new HugePageRequest(2048, 2),
            new HostIdentity("0123456789abcdef0123456789abcdef", "boot", "6.12.0"),
            [
                new HostChange("/etc/sysctl.d/x.conf", null, "vm.nr_hugepages=2", new HostStep("file", ["a", "b c"]))
                {
                    Undo = "removes the file",
                    Diff = ["+vm.nr_hugepages=2"],
                },
            ]
        );
}
