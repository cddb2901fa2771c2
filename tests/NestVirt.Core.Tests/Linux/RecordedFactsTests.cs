using NestVirt.Linux;

namespace NestVirt.Core.Tests.Linux;

public sealed class RecordedFactsTests
{
    [Fact]
    public void Every_answer_has_a_name_in_plain_words()
    {
        LinuxPlatform platform = new();

        Assert.All(
            platform.Probes.Concat(platform.PlanProbes),
            static probe => Assert.NotEmpty(RecordedFacts.NameOf(probe))
        );
    }
}
