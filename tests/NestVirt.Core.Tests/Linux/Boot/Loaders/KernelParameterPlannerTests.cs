using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Boot.Loaders;

public sealed class KernelParameterPlannerTests
{
    [Fact]
    public async Task Grub_gets_its_defaults_edited_and_its_menu_written_again()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");

        ChangePlan plan = await host.PlanAsync(["a=1"], []);

        Assert.Equal(
            ["/etc/default/grub", "/boot/grub/grub.cfg"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal(["update-grub", "/boot/grub/grub.cfg"], plan.Changes[1].Step.Arguments);
        Assert.Equal(("quiet", "quiet a=1"), (plan.Changes[1].From, plan.Changes[1].To));
        Assert.All(plan.Changes, static change => Assert.Equal(ChangeTiming.NextBoot, change.TakesEffect));
        Assert.Equal("KernelParameterPending", Assert.Single(plan.Pending).Code);
    }

    [Fact]
    public async Task What_is_written_waits_for_the_next_boot_and_then_is_nothing_to_do()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");
        host.Apply(await host.PlanAsync(["a=1"], []));

        // The tool did not do its work: the plan asks for it again, so the change comes out as not in effect.
        ChangePlan stale = await host.PlanAsync(["a=1"], []);
        ChangePlan waiting = await host.WithMenu("quiet a=1").PlanAsync(["a=1"], []);
        ChangePlan done = await host.Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet a=1\n").PlanAsync(["a=1"], []);

        Assert.Equal("tool", Assert.Single(stale.Changes).Step.Action);
        Assert.Empty(waiting.Changes);
        Assert.Equal("KernelParameterPending", Assert.Single(waiting.Pending).Code);
        Assert.Empty(done.Changes);
        Assert.Empty(done.Pending);
    }

    [Fact]
    public async Task A_word_of_anothers_file_is_changed_only_when_that_is_asked_for()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");
        host.Write("usr/sbin/grub-mkconfig", "#! /bin/sh\nfor x in ${sysconfdir}/default/grub.d/*.cfg ; do\n")
            .Write("etc/default/grub.d/50-cloudimg-settings.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"console=ttyS0 a=0\"\n");

        Finding refusal = await host.RefusalAsync(["a=1"], []);
        ChangePlan plan = await host.PlanAsync(["a=1"], [], replaceConflict: true);

        Assert.Equal("KernelParameterConflict", refusal.Code);
        Assert.Equal(
            "/etc/default/grub.d/50-cloudimg-settings.cfg:1: GRUB_CMDLINE_LINUX_DEFAULT=\"console=ttyS0 a=0\"",
            refusal.Evidence
        );
        Assert.Equal("/etc/default/grub.d/50-cloudimg-settings.cfg", plan.Changes[0].Setting);
    }

    [Fact]
    public async Task Grub_that_did_not_start_this_boot_is_doubted()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");

        ChangePlan plan = await host.Write("proc/cmdline", "quiet\n").PlanAsync(["a=1"], []);

        Assert.Equal("BootLoaderUncertain", Assert.Single(plan.Findings).Code);
        Assert.Equal(2, plan.Changes.Count);
    }

    [Fact]
    public async Task A_host_without_a_boot_loader_is_left_alone()
    {
        Needs.Shell();
        using BootTree host = new("quiet");

        Finding refusal = await host.RefusalAsync(["a=1"], []);

        Assert.Equal("BootLoaderUnknown", refusal.Code);
        Assert.NotNull(refusal.Evidence);
        Assert.NotNull(refusal.Remedy);
    }

    [Fact]
    public async Task Words_that_decide_on_the_boot_or_mean_something_to_a_boot_loader_are_refused()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");

        Assert.Equal("KernelParameterBoots", (await host.RefusalAsync(["init=/bin/sh"], [])).Code);
        Assert.Equal("KernelParameterBoots", (await host.RefusalAsync([], ["root"])).Code);
        Assert.Equal("KernelParameterBoots", (await host.RefusalAsync([], ["rd.luks.uuid"])).Code);
        foreach (string word in (string[])["a b", "a=$(x)", "a\"", "a'", "", "=1", "--", "a;b", "a\n"])
        {
            Assert.Equal("KernelParameterInvalid", (await host.RefusalAsync([word], [])).Code);
        }

        Assert.Equal("KernelParameterMissing", (await host.RefusalAsync([], [])).Code);
    }
}
