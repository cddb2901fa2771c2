using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.Boot;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Kvm;

public sealed class ModuleCommandLinePlanTests
{
    [Fact]
    public async Task A_module_that_is_part_of_the_kernel_gets_its_value_by_the_command_line()
    {
        Needs.Shell();
        using KvmTree host = new(isBuiltIn: true);

        ChangePlan plan = await host.NestAsync();
        host.Boot.Apply(plan);
        ChangePlan waiting = await host.WithWords("quiet kvm_intel.nested=1").NestAsync();
        ChangePlan done = await host.Rebooted("quiet kvm_intel.nested=1").Show("kvm_intel", "nested", "Y").NestAsync();

        Assert.Equal(
            ["/etc/default/grub", "/boot/grub/grub.cfg"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Contains("kvm_intel.nested=1", host.Boot.Text("/etc/default/grub"), StringComparison.Ordinal);
        Assert.Equal("KernelParameterPending", Assert.Single(plan.Pending).Code);
        Assert.Empty(waiting.Changes);
        Assert.Equal("KernelParameterPending", Assert.Single(waiting.Pending).Code);
        Assert.Empty(done.Changes);
        Assert.Empty(done.Pending);
    }

    [Fact]
    public async Task A_command_that_loads_the_module_instead_is_named()
    {
        Needs.Shell();
        using KvmTree host = new();
        host.Write(
            "etc/modprobe.d/site.conf",
            "install kvm_intel /sbin/modprobe --ignore-install kvm_intel nested=0\n"
        );

        Finding finding = Assert.Single(
            (await host.NestAsync()).Findings,
            static finding => finding.Code == "ModuleInstallReplaced"
        );

        Assert.StartsWith("/etc/modprobe.d/site.conf:1", finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_next_boots_line_will_be_has_what_waits_for_it_already()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("quiet");
        host.Write("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\"\n").WithMenu("quiet iommu=pt");

        Finding waits = Assert.Single((await host.PlanAsync(["mitigations=auto"], [])).Pending);

        Assert.EndsWith("quiet iommu=pt mitigations=auto", waits.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_of_another_vendor_is_refused_whatever_the_processor_has()
    {
        Needs.Shell();
        using KvmTree host = new();

        Finding refusal = await KvmTree.RefusedAsync(() => host.PlanAsync("kvm_amd", "avic", "1"));

        Assert.Equal("kvm_amd does nothing on this host, whose processor needs kvm_intel.", refusal.Message);
        Assert.Equal(("ModuleForeign", "Name kvm_intel, or another host."), (refusal.Code, refusal.Remedy));
    }

    [Fact]
    public async Task A_value_that_the_kernel_did_not_take_at_boot_is_said_to_be_in_vain()
    {
        Needs.Shell();
        using KvmTree host = new("quiet kvm_intel.nested=1", isBuiltIn: true);

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestAsync());

        Assert.Equal(
            ("ParameterNotTaken", "/sys/module/kvm_intel/parameters/nested: N"),
            (refusal.Code, refusal.Evidence)
        );
    }

    [Theory]
    [InlineData("quiet")]
    [InlineData("quiet kvm-intel.nested=Y")]
    [InlineData("quiet kvm_intel.nested")]
    public async Task What_the_kernel_shows_by_itself_or_by_another_spelling_is_left_alone(string words)
    {
        Needs.Shell();
        using KvmTree host = new KvmTree(words, isBuiltIn: true).Show("kvm_intel", "nested", "Y");

        ChangePlan plan = await host.NestAsync();

        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Pending);
    }

    [Fact]
    public async Task A_word_that_the_next_boot_has_otherwise_is_replaced()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree("quiet kvm-intel.nested=0", isBuiltIn: true);

        host.Boot.Apply(await host.NestAsync());

        Assert.Equal("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet kvm_intel.nested=1\"\n", host.Boot.Text("/etc/default/grub"));
    }

    [Fact]
    public async Task What_the_kernel_lets_be_written_is_written_now_and_for_the_next_boot()
    {
        Needs.Shell();
        using KvmTree host = new(isBuiltIn: true);

        ChangePlan plan = await host.PlanAsync("kvm", "ignore_msrs", "1");
        host.Boot.Apply(plan);
        ChangePlan done = await host.WithWords("quiet kvm.ignore_msrs=1")
            .Show("kvm", "ignore_msrs", "Y")
            .PlanAsync("kvm", "ignore_msrs", "1");

        Assert.Equal(["file", "tool", "value"], plan.Changes.Select(static change => change.Step.Action));
        Assert.Empty(plan.Pending);
        Assert.Empty(done.Changes);
        Assert.Empty(done.Pending);
    }

    [Fact]
    public async Task Nesting_is_planned_for_a_kernel_that_has_the_module_built_in()
    {
        Needs.Shell();
        using KvmTree host = new(isBuiltIn: true);

        ChangePlan plan = NestingPlanner.Plan(
            HostTarget.Local,
            new NestingRequest(Enable: true),
            await host.Boot.Tree.ReadAsync([.. NestingPlanner.Probes])
        );

        Assert.Contains("+GRUB_CMDLINE_LINUX_DEFAULT=\"quiet kvm_intel.nested=1\"", plan.Changes[0].Diff);
    }

    [Fact]
    public async Task A_word_that_wins_over_modprobes_files_is_refused_or_taken_away_without_a_reload()
    {
        Needs.Shell();
        using KvmTree host = new("quiet kvm_intel.nested=0");

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestAsync());
        ChangePlan plan = await host.NestAsync(replaceConflict: true);
        host.Boot.Apply(plan);
        ChangePlan waiting = await host.WithWords("quiet").NestAsync();
        ChangePlan rebooted = await host.Rebooted("quiet").NestAsync();

        Assert.Equal(("CommandLineOverrides", Severity.Error), (refusal.Code, refusal.Severity));
        Assert.Equal(
            [KvmTree.OwnFile, "/etc/default/grub", "/boot/grub/grub.cfg"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n", host.Boot.Text("/etc/default/grub"));
        Assert.Contains("in vain", Assert.Single(plan.Pending).Message, StringComparison.Ordinal);
        Assert.Empty(waiting.Changes);
        Assert.Equal("CommandLineOverrides", Assert.Single(waiting.Pending).Code);
        Assert.Equal(["module"], rebooted.Changes.Select(static change => change.Step.Action));
        Assert.Empty(rebooted.Pending);
    }

    [Fact]
    public async Task A_word_that_wins_does_not_keep_a_value_from_being_written_now()
    {
        Needs.Shell();
        using KvmTree host = new("quiet kvm.ignore_msrs=0");

        ChangePlan plan = await host.PlanAsync("kvm", "ignore_msrs", "1", replaceConflict: true);

        Assert.Equal(["file", "file", "tool", "value"], plan.Changes.Select(static change => change.Step.Action));
    }

    [Fact]
    public async Task A_word_for_init_that_modprobe_reads_all_the_same_cannot_be_taken_away()
    {
        Needs.Shell();
        using KvmTree host = new("quiet -- kvm_intel.nested=0");

        Assert.Equal(
            "CommandLineOverrides",
            (await KvmTree.RefusedAsync(() => host.NestAsync(replaceConflict: true))).Code
        );
    }
}
