using System.Text.RegularExpressions;
using NestVirt.Core.Tests.Architecture;
using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Probing;

/// <summary>MMI gives NULL for each property that a query leaves out, which is not the NULL of the host.</summary>
public sealed partial class CimProbeTests
{
    [Fact]
    public void No_probe_leaves_properties_out()
    {
        IPlatform platform = new HyperVPlatform();
        CimProbe[] probes = [.. platform.Probes.Concat(platform.PlanProbes).Cast<CimProbe>()];

        Assert.NotEmpty(probes);
        Assert.All(probes, static probe => Assert.StartsWith("SELECT * FROM ", probe.Query, StringComparison.Ordinal));
    }

    [Fact]
    public void No_other_query_does()
    {
        TextUse[] queries =
        [
            .. CompiledTexts.Of(typeof(HostTarget).Assembly.Location).Where(static use => Select().IsMatch(use.Text)),
        ];

        Assert.NotEmpty(queries);
        Assert.DoesNotContain(queries, static use => !use.Text.StartsWith("SELECT * FROM ", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bSELECT\s")]
    private static partial Regex Select();
}
