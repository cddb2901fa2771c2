using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Questions;

/// <summary>Queries know no platform: here they run over one that is not Linux.</summary>
public sealed class PlatformTests
{
    [Fact]
    public async Task A_query_asks_the_probes_of_the_platform_and_gives_what_it_reads()
    {
        Needs.Shell();
        using HostTree tree = new();
        tree.Write("toy", "red\nblue\n");

        List<KvmModule> results = await Query(HostQuestions.KvmModules)
            .RunAsync(TargetOf(tree), TestContext.Current.CancellationToken)
            .ToListAsync();

        Assert.Equal(["red", "blue"], results.Select(static result => result.Name));
        Assert.All(results, static result => Assert.Equal("box", result.HostName));
    }

    [Fact]
    public async Task A_question_that_the_platform_does_not_know_is_refused_in_a_sentence()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(async () =>
            await Query(HostQuestions.IommuGroups)
                .RunAsync(new HostTarget("box", new TreeAddress("/nowhere")), TestContext.Current.CancellationToken)
                .ToListAsync()
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Equal("It cannot be told of a box of bricks: the IOMMU groups.", error.Message);
    }

    [Fact]
    public async Task A_host_of_no_platform_is_refused_in_a_sentence()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(async () =>
            await Query(HostQuestions.KvmModules)
                .RunAsync(new HostTarget("kvm1", new SshAddress("kvm1")), TestContext.Current.CancellationToken)
                .ToListAsync()
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
    }

    private static HostTarget TargetOf(HostTree tree) => new("box", new TreeAddress(tree.Path));

    private static HostQuery<T> Query<T>(Question<T> question) =>
        new(question, new PlatformCatalog(new BrickPlatform()), ProbeReader.Default);
}
