using NestVirt.Client;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Linux.Support;

/// <summary>What is advised is copied into shells, and so holds nothing that a host could have put there.</summary>
[Trait("Category", "Security")]
public sealed class HostileAdviceTests
{
    [Theory]
    [InlineData("$(reboot)")]
    [InlineData("`reboot`")]
    [InlineData("x;reboot")]
    [InlineData("x|reboot")]
    [InlineData("x&reboot")]
    [InlineData("x'y")]
    public async Task No_advice_repeats_what_a_shell_would_run(string word)
    {
        Needs.Shell();
        using HostTree tree = new(inMemory: true);
        tree.Add("intel-loaded")
            .Write(
                "proc/cmdline",
                $"root=/dev/sda1 intel_iommu={word} iommu={word} amd_iommu={word} kvm.nested={word} kvm-intel.{word}=1 pcie_acs_override={word}\n"
            )
            .Write(
                "etc/modprobe.d/x.conf",
                $"options kvm_intel nested={word} {word}=1\noptions kvm-{word} nested=1\nblacklist {word}\ninstall kvm_intel {word}\n"
            );
        HostTarget target = new("kvm1", new TreeAddress(tree.Path));

        List<Finding> findings = [];
        findings.AddRange(
            (await AskAsync(HostQuestions.Support, target)).SelectMany(static support => support.Reasons)
        );
        findings.AddRange(
            (await AskAsync(HostQuestions.KvmModules, target)).SelectMany(static module => module.Findings)
        );

        Assert.Contains(findings, finding => finding.Evidence?.Contains(word, StringComparison.Ordinal) == true);
        Assert.All(
            findings,
            finding =>
            {
                Assert.DoesNotContain(word, finding.Remedy ?? string.Empty, StringComparison.Ordinal);
                Assert.DoesNotContain(word, finding.Command ?? string.Empty, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void A_command_of_what_a_host_says_is_written_where_it_is_plain_alone()
    {
        HostTarget target = new("kvm1", new SshAddress("kvm1"));
        Finding Of(string word) =>
            new("Code", Severity.Warning, "Message.")
            {
                Mend = new CommandCall(OwnCommand.SetKernel, (CommandArgument.RemovedKernelWord, word)),
            };

        Assert.Null(Of("a=$(reboot)").For(target).Mend);
        Assert.Equal((null, null), (Of("a=$(reboot)").For(target).Command, Of("a=`b`").For(target).Command));
    }

    private static async Task<List<T>> AskAsync<T>(Question<T> question, HostTarget target) =>
        await HostQueries.Ask(question).RunAsync(target, CancellationToken.None).ToListAsync();
}
