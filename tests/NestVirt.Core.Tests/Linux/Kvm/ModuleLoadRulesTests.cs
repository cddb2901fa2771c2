using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>What else is handed to the kernel with a module decides on whether it can be loaded again.</summary>
public sealed class ModuleLoadRulesTests
{
    private const string Site = "etc/modprobe.d/site.conf";

    [Theory]
    [InlineData("options kvm_amd npt=maybe", "kvm_amd.npt takes Y or N")]
    [InlineData("options kvm halt_poll_ns=abc", "kvm.halt_poll_ns takes a number")]
    [InlineData("options kvm-amd nested=0 npt=\"1 2\" npt=", "kvm_amd.npt takes Y or N")]
    [InlineData("options kvm halt-poll-ns", "kvm.halt_poll_ns takes a number")]
    public async Task A_line_that_ends_the_load_refuses_the_change_and_is_named(string line, string message)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, $"# ours\n{line}\n");

        foreach (
            Func<Task<ChangePlan>> plan in (Func<Task<ChangePlan>>[])
                [
                    () => host.NestingAsync(enable: false),
                    () => host.NestingAsync(enable: false, replaceConflict: true),
                    () => host.PlanAsync("kvm_amd", "npt", "0"),
                ]
        )
        {
            Finding refusal = await KvmTree.RefusedAsync(plan);

            Assert.Equal(
                ("ModuleValueInvalid", $"/{Site}:2: {line}", Severity.Error),
                (refusal.Code, refusal.Evidence, refusal.Severity)
            );
        }

        Finding first = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: false));
        Assert.StartsWith(message, first.Message, StringComparison.Ordinal);
        Assert.Contains("Then repeat.", first.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("options kvm_amd npt=maybe")]
    [InlineData("options kvm halt_poll_ns=abc")]
    [InlineData("options kvm_amd nested=Y")]
    public async Task It_is_refused_too_while_the_module_is_not_loaded(string line)
    {
        Needs.Shell();
        using KvmTree host = new KvmTree(isAmd: true).Unloaded().Write(Site, line + "\n");

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: true));

        Assert.Equal(("ModuleValueInvalid", $"/{Site}:1: {line}"), (refusal.Code, refusal.Evidence));
    }

    [Theory]
    [InlineData(true, "nested=Y")]
    [InlineData(true, "nested")]
    [InlineData(true, "nested=\"1\r\"")]
    [InlineData(false, "nested=2")]
    [InlineData(false, "nested=enable")]
    public async Task An_invalid_value_of_what_is_wanted_is_named_or_taken_out_of_its_own_file(
        bool isAmd,
        string option
    )
    {
        Needs.Shell();
        string module = isAmd ? "kvm_amd" : "kvm_intel";
        using KvmTree host = new(isAmd: isAmd);
        host.Write(Site, $"options {module} {option} npt=1\n")
            .Write("etc/modprobe.d/zz.conf", $"options {module} {option}\n");

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: true));
        ChangePlan plan = await host.NestingAsync(enable: true, replaceConflict: true);
        host.Boot.Apply(plan);
        ChangePlan next = await host.NestingAsync(enable: true);

        Assert.Equal("ModuleValueInvalid", refusal.Code);
        Assert.StartsWith($"/{Site}:1: ", refusal.Evidence, StringComparison.Ordinal);
        Assert.Contains("<ReplaceConflict>", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal(
            $"# nestvirt: options {module} {option} npt=1\noptions {module} npt=1\n",
            host.Boot.Text($"/{Site}")
        );
        Assert.Equal($"# nestvirt: options {module} {option}\n", host.Boot.Text("/etc/modprobe.d/zz.conf"));
        Assert.Contains($"options {module} nested=1", host.Boot.Text(KvmTree.OwnFile), StringComparison.Ordinal);
        Assert.DoesNotContain(next.Changes, static change => change.Step.Action == "file");
    }

    [Fact]
    public async Task A_carriage_return_behind_the_value_is_a_blank_to_the_kernel()
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, "options kvm_amd npt=1\r\noptions kvm halt_poll_ns=0\r\n");

        Assert.Contains(
            (await host.NestingAsync(enable: false)).Changes,
            static change => change.Step.Action == "module"
        );
    }

    [Fact]
    public async Task An_invalid_value_in_our_own_file_is_replaced_even_where_a_later_file_wins()
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(KvmTree.OwnFile[1..], "options kvm_amd nested=Y\n")
            .Write("etc/modprobe.d/zz.conf", "options kvm_amd nested=1\n");

        host.Boot.Apply(await host.NestingAsync(enable: true));

        Assert.Equal("options kvm_amd nested=1\n", host.Boot.Text(KvmTree.OwnFile));
    }

    [Theory]
    [InlineData("install kvm_amd /bin/false")]
    [InlineData("install kvm /bin/true")]
    [InlineData("install kvm* /usr/sbin/nologin")]
    public async Task An_install_line_that_loads_nothing_refuses_what_needs_a_load_and_no_boot_is_waited_for(
        string line
    )
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, line + "\n");

        Finding off = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: false));
        ChangePlan kept = await host.NestingAsync(enable: true);
        host.Unloaded();
        Finding on = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: true));
        ChangePlan unused = await host.NestingAsync(enable: false);

        Assert.Equal(("ReloadBlocked", $"/{Site}:1: {line}"), (off.Code, off.Evidence));
        Assert.Equal(off.Evidence, on.Evidence);
        Assert.Empty(kept.Pending);
        Assert.Equal(["file"], unused.Changes.Select(static change => change.Step.Action));
    }

    [Theory]
    [InlineData("remove kvm_amd /bin/true")]
    [InlineData("remove kvm* /bin/false")]
    [InlineData("remove kvm-amd /sbin/modprobe -r --ignore-remove kvm_intel")]
    public async Task A_remove_line_that_may_keep_the_module_leaves_the_reload_out(string line)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, line + "\n");

        ChangePlan plan = await host.NestingAsync(enable: false);

        Assert.Equal(["file"], plan.Changes.Select(static change => change.Step.Action));
        Finding pending = Assert.Single(plan.Pending);
        Assert.Equal(("ReloadBlocked", $"/{Site}:1: {line}"), (pending.Code, pending.Evidence));
    }

    [Fact]
    public async Task A_remove_line_that_only_unloads_is_no_obstacle()
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, "remove kvm_amd /sbin/modprobe -r --ignore-remove kvm-amd\n");

        Assert.Empty((await host.NestingAsync(enable: false)).Pending);
    }

    [Fact]
    public async Task A_refusal_of_this_boots_kernel_alone_leaves_the_reload_out()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree("quiet module_blacklist=kvm_amd", isAmd: true).WithWords("quiet");

        Finding pending = Assert.Single((await host.NestingAsync(enable: false)).Pending);

        Assert.Equal("/proc/cmdline: module_blacklist=kvm_amd", pending.Evidence);
        Assert.Equal(
            "ReloadBlocked",
            (
                await KvmTree.RefusedAsync(() =>
                    host.WithWords("quiet module_blacklist=kvm_amd").NestingAsync(enable: false)
                )
            ).Code
        );
    }

    [Theory]
    [InlineData("install kvm_amd /usr/local/sbin/load-kvm")]
    [InlineData("install kvm_amd /sbin/modprobe --ignore-install kvm_amd npt=maybe")]
    [InlineData("install kvm_amd /sbin/modprobe --ignore-install kvm_amd; /bin/false")]
    [InlineData("install kvm_amd /sbin/modprobe --ignore-install kvm_intel")]
    public async Task An_install_line_that_may_fail_leaves_the_reload_out(string line)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, line + "\n");

        ChangePlan plan = await host.NestingAsync(enable: false);

        Assert.Equal(["file"], plan.Changes.Select(static change => change.Step.Action));
        Finding pending = Assert.Single(plan.Pending);
        Assert.Equal(("ReloadBlocked", $"/{Site}:1: {line}"), (pending.Code, pending.Evidence));
    }

    [Theory]
    [InlineData("install kvm_amd /usr/local/sbin/load-kvm", false)]
    [InlineData("blacklist kvm_amd", true)]
    public async Task A_module_that_is_not_loaded_is_loaded_unless_a_command_replaces_that(string line, bool isLoaded)
    {
        Needs.Shell();
        using KvmTree host = new KvmTree(isAmd: true).Unloaded().Write(Site, line + "\n");

        ChangePlan plan = await host.NestingAsync(enable: true);

        Assert.Equal(isLoaded, plan.Changes.Any(static change => change.Step.Action == "module"));
        Assert.Equal(isLoaded ? 0 : 1, plan.Pending.Count);
    }

    [Theory]
    [InlineData("install kvm_amd /sbin/modprobe --ignore-install kvm_amd npt=1 $CMDLINE_OPTS")]
    [InlineData("install kvm_amd modprobe -i kvm-amd")]
    [InlineData("options kvm_amd npt=0x1 unknown=maybe dyndbg=+p\noptions kvm_intel nested=2")]
    [InlineData("options kvm nx_huge_pages=auto\noptions kvm_amd avic=auto pi_inject_timer=Y")]
    [InlineData("options kvm pi_inject_timer=Y force_emulation_prefix=2")]
    [InlineData("blacklist kvm_amd\nblacklist kvm")]
    public async Task What_the_kernel_takes_lets_the_module_be_loaded_again(string lines)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Boot.Write("sys/module/kvm/parameters/nx_huge_pages", "Y\n")
            .Write("sys/module/kvm/parameters/pi_inject_timer", "0\n")
            .Write("sys/module/kvm/parameters/force_emulation_prefix", "0\n")
            .Write("sys/module/kvm_amd/parameters/avic", "N\n");
        host.Write(Site, lines.Replace("npt=0x1", "npt=1", StringComparison.Ordinal) + "\n");

        ChangePlan plan = await host.NestingAsync(enable: false);

        Assert.Equal(["file", "module"], plan.Changes.Select(static change => change.Step.Action));
        Assert.Empty(plan.Pending);
    }

    [Theory]
    [InlineData("quiet kvm_amd.npt=maybe")]
    [InlineData("quiet kvm.halt_poll_ns=abc")]
    public async Task A_word_of_the_next_boot_that_ends_the_load_refuses_the_change(string words)
    {
        Needs.Shell();
        using KvmTree host = new(words, isAmd: true);

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestingAsync(enable: false));

        Assert.Equal("ModuleValueInvalid", refusal.Code);
        Assert.EndsWith(words["quiet ".Length..], refusal.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_of_this_boot_alone_leaves_the_reload_out()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree("quiet kvm_amd.npt=maybe", isAmd: true).WithWords("quiet");

        ChangePlan plan = await host.NestingAsync(enable: false);

        Assert.Equal(["file"], plan.Changes.Select(static change => change.Step.Action));
        Assert.Equal("/proc/cmdline: kvm_amd.npt=maybe", Assert.Single(plan.Pending).Evidence);
    }

    [Fact]
    public async Task A_part_of_the_kernel_ignores_the_word_and_so_is_changed()
    {
        Needs.Shell();
        using KvmTree host = new("quiet kvm_amd.npt=maybe", isBuiltIn: true, isAmd: true);

        ChangePlan plan = await host.NestingAsync(enable: false);

        Assert.Contains(plan.Changes, static change => change.Setting == "/etc/default/grub");
    }

    [Fact]
    public async Task What_the_kernel_lets_be_written_does_not_touch_the_vendors_module()
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        host.Write(Site, "options kvm_amd npt=maybe\noptions kvm halt_poll_ns=abc\n");

        Finding refusal = await KvmTree.RefusedAsync(() => host.PlanAsync("kvm", "halt_poll_ns", "1000"));
        ChangePlan plan = await host.PlanAsync("kvm", "halt_poll_ns", "1000", replaceConflict: true);

        Assert.Equal($"/{Site}:2: options kvm halt_poll_ns=abc", refusal.Evidence);
        Assert.Equal(["file", "file", "value"], plan.Changes.Select(static change => change.Step.Action));
    }

    [Theory]
    [InlineData("kvm_amd.nested=Y", "ModuleValueInvalid")]
    [InlineData("kvm-intel.nested=2", "ModuleValueInvalid")]
    [InlineData("kvm_amd.npt=maybe", "ModuleValueInvalid")]
    [InlineData("kvm.halt_poll_ns=abc", "ModuleValueInvalid")]
    [InlineData("kvm_amd.nested=1", null)]
    [InlineData("kvm_amd.npt=Y", null)]
    [InlineData("kvm_amd.npt=0", null)]
    [InlineData("kvm.nx_huge_pages=never", null)]
    [InlineData("kvm_amd.other=maybe", null)]
    [InlineData("kvm-arm.mode=nested", null)]
    public async Task A_word_that_ends_the_load_is_not_put_on_the_command_line(string word, string? code)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        HostTarget target = new("tree", new TreeAddress(host.Boot.Tree.Path));
        ChangeRequest request = new KernelParameterRequest([word], []);
        ChangePlanner planner = new LinuxPlatform().FindPlanner(request)!;
        ProbeAnswers answers = await host.Boot.Tree.ReadAsync([.. planner.Probes]);

        Exception? refusal = Record.Exception(() => planner.Plan(target, request, answers));

        Assert.Equal(code, (refusal as ChangeRefusedException)?.Reasons[0].Code);
    }
}
