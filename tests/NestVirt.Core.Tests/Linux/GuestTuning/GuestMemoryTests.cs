using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Linux.GuestTuning;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

public sealed class GuestMemoryTests
{
    private const string Definition =
        "<domain type='kvm'>\n  <name>web</name>\n  <memory unit='KiB'>1048576</memory>\n  <numatune>\n    <memory mode='strict' nodeset='1'/>\n  </numatune>\n</domain>\n";

    // 40 are used on the node, another guest takes 512 at its next start, and this one takes as many.
    [Fact]
    public void The_pages_to_be_made_are_those_that_are_used_those_of_others_and_its_own()
    {
        Dictionary<long, HugePageCounts> pool = new() { [2048] = new HugePageCounts(100, 60, 0, 0) };
        TuningSite site = new(
            new VmTuningRequest(["web"]) { PageSizeKiB = 2048 },
            new GuestHost(NestedState.On, null, null),
            new GuestDefinitions(new Dictionary<string, string>()),
            [],
            new CpuPool(new CpuLayout([new HostCore(0, [0]), new HostCore(1, [1])], new HashSet<int>()))
        )
        {
            Memory = new HugePageHost
            {
                Sizes = new Dictionary<long, HugePageCounts> { [2048] = new(500, 60, 0, 0) },
                Nodes = new Dictionary<int, IReadOnlyDictionary<long, HugePageCounts>> { [1] = pool },
                DefaultSizeKiB = 2048,
            },
            Mounts = [new MountFacts("0:80", "/dev/hugepages", "hugetlbfs", "hugetlbfs")],
        };
        site.Claims.Add("db", 1, 2048, 1 << 20);
        site.Claims.Add("far", 0, 2048, 1 << 20);
        GuestMemory memory = new(
            site,
            new LibvirtGuest("web"),
            DomainDefinition.Parse(Definition),
            new TuningEdit(DomainDocument.Parse(Definition))
        );

        Finding few = Assert.Single(Assert.Throws<ChangeRefusedException>(() => memory.Fit(null)).Reasons);

        Assert.Equal(
            [(CommandArgument.PageSizeKiB, "2048"), (CommandArgument.PageCount, "1064"), (CommandArgument.Node, "1")],
            few.Mend!.Arguments
        );
        Assert.EndsWith("promised to db", few.Evidence, StringComparison.Ordinal);
    }
}
