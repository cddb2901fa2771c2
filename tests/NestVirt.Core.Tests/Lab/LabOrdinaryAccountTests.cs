using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>An account without root and without sudo gets the same truth, and Unknown for the rest.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabOrdinaryAccountTests
{
    // '*' is no password, and unlike '!' no lock, which sshd without PAM would heed (sshd(8), LOGIN PROCESS).
    private const string AddAccount = """
        id ordinary >/dev/null 2>&1 || useradd -m -p '*' ordinary
        mkdir -p ~ordinary/.ssh && cp ~/.ssh/authorized_keys ~ordinary/.ssh/ && chown -R ordinary: ~ordinary/.ssh
        """;

    [Fact]
    public async Task Groups_and_verdict_are_the_same_without_root_and_what_root_alone_reads_is_unknown()
    {
        Needs.Lab(LabHost.Amd);
        await LabHost.RunAsync(LabHost.Amd, AddAccount);
        HostTarget root = LabHost.Target(LabHost.Amd);
        HostTarget ordinary = root.WithSsh(static ssh => ssh with { UserName = "ordinary" });
        IHostQuery<IommuGroup> iommu = HostQueries.Ask(HostQuestions.IommuGroups);
        IHostQuery<NestedSupport> support = HostQueries.Ask(HostQuestions.Support);

        List<IommuGroup> expected = await iommu.RunAsync(root, CancellationToken.None).ToListAsync();
        List<IommuGroup> groups = await iommu.RunAsync(ordinary, CancellationToken.None).ToListAsync();
        NestedSupport verdict = await support.RunAsync(ordinary, CancellationToken.None).SingleAsync();

        Assert.NotEmpty(groups);
        Assert.Equal(expected.Select(Members), groups.Select(Members));
        Assert.Equal(expected.Select(static group => group.IsViable), groups.Select(static group => group.IsViable));
        Assert.All(groups.SelectMany(static group => group.Devices), static device => Assert.Null(device.Acs));
        Assert.All(
            groups.SelectMany(static group => group.Devices),
            static device => Assert.Contains("root", device.AcsUnknownReason, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            groups.SelectMany(static group => group.Reasons),
            static reason => reason.Code is "NoAcsOnPath" or "NotExplained"
        );
        Assert.Equal(Verdict.Ready, verdict.Verdict);
        Assert.Equal(IommuState.On, verdict.Iommu.State);
    }

    private static string Members(IommuGroup group) =>
        $"{group.Number}: {string.Join(' ', group.Devices.Select(static device => device.Address))}";
}
