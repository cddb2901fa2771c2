using NestVirt.Linux.Kvm;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Support;

public sealed class SupportAssessorTests
{
    private const string Grub = "BOOT_IMAGE=/vmlinuz-6.12.1-amd64 ro quiet";

    [Fact]
    public async Task A_loaded_module_that_nests_is_ready()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync()).Assess();

        Assert.Equal((HostPlatform.Kvm, Verdict.Ready), (support.Platform, support.Verdict));
        Assert.Equal(new NestedFacts("kvm_intel", NestedState.On, null, NestedState.On), support.Nested);
        Assert.Equal("/sys/module/kvm_intel/parameters/nested: Y", Find(support, "NestedReady").Evidence);
    }

    [Fact]
    public async Task A_module_set_to_0_by_hand_nests_again_after_the_next_boot()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync()).Loaded("kvm_amd", "0").Assess();

        Assert.Equal(Verdict.Configurable, support.Verdict);
        Assert.Equal(new NestedFacts("kvm_amd", NestedState.Off, null, NestedState.On), support.Nested);
        Assert.Equal("NestedOff", support.Reasons[0].Code);
        Assert.Contains("NestedOnAfterBoot", Codes(support));
    }

    [Fact]
    public async Task A_file_that_turns_nesting_off_is_named_while_nesting_is_still_on()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .Modprobe("# KVM", "options kvm-amd nested=0")
            .Assess();

        Assert.Equal(Verdict.Ready, support.Verdict);
        Assert.Equal(new NestedFacts("kvm_amd", NestedState.On, NestedState.Off, NestedState.Off), support.Nested);
        Assert.Equal(
            "/etc/modprobe.d/kvm.conf:2: options kvm-amd nested=0",
            Find(support, "NestedNotPersistent").Evidence
        );
        Assert.Equal(Severity.Warning, Find(support, "PendingReload").Severity);
    }

    [Theory]
    [InlineData("options kvm_intel nested=0", "ro kvm-intel.nested=1", NestedState.On)]
    [InlineData("options kvm_intel nested=1", "ro kvm_intel.nested=N", NestedState.Off)]
    [InlineData("options kvm_intel nested", "ro", NestedState.On)]
    [InlineData("options kvm_intel nested=off", "ro", NestedState.Off)]
    [InlineData("options kvm_intel nested=yes", "ro", NestedState.On)]
    [InlineData("options kvm_intel nested=0 nested=1", "ro", NestedState.On)]
    [InlineData("options kvm_amd nested=0", "ro", null)]
    public async Task The_command_line_comes_after_the_files(string line, string commandLine, NestedState? expected)
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync()).System(commandLine).Modprobe(line).Assess();

        Assert.Equal(expected, support.Nested.Configured);
        Assert.Equal(expected ?? NestedState.On, support.Nested.NextBoot);
    }

    [Theory]
    [InlineData("4.19.0-amd64", "N", NestedState.Off)]
    [InlineData("4.18.0-553.el8.x86_64", "Y", NestedState.Unknown)]
    [InlineData("4.20.0", "N", NestedState.On)]
    [InlineData("", "N", NestedState.Off)]
    public async Task Without_configuration_the_kernels_default_counts(
        string release,
        string nested,
        NestedState nextBoot
    )
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync())
            .System("ro", release)
            .Loaded("kvm_intel", nested)
            .Assess();

        Assert.Equal(nextBoot, support.Nested.NextBoot);
    }

    [Fact]
    public async Task A_module_that_the_kernel_refuses_for_a_value_is_configurable_and_the_line_is_named()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .NotLoaded()
            .Modprobe("options kvm_amd nested=Y")
            .Assess();

        Assert.Equal(Verdict.Configurable, support.Verdict);
        Assert.Equal((NestedState.Off, NestedState.Off), (support.Nested.Effective, support.Nested.NextBoot));
        Assert.Equal(
            "/etc/modprobe.d/kvm.conf:1: options kvm_amd nested=Y",
            Find(support, "ModuleValueInvalid").Evidence
        );
        Assert.Equal(Severity.Error, Find(support, "ModuleValueInvalid").Severity);
    }

    [Theory]
    [InlineData("blacklist kvm_amd", "ro", "ModuleBlacklisted")]
    [InlineData("install kvm_amd /bin/false", "ro", "ModuleInstallReplaced")]
    [InlineData("install kvm* /usr/bin/true", "ro", "ModuleInstallReplaced")]
    [InlineData("install kvm /bin/false", "ro", "ModuleInstallReplaced")]
    [InlineData("# nothing", "ro module_blacklist=kvm", "ModuleBlacklisted")]
    [InlineData("# nothing", "ro modprobe.blacklist=kvm_amd", "ModuleBlacklisted")]
    [InlineData("# nothing", "ro module_blacklist=nouveau,kvm_amd", "ModuleBlacklisted")]
    public async Task A_module_that_is_kept_out_is_configurable(string line, string commandLine, string code)
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .NotLoaded()
            .System(commandLine)
            .Modprobe(line)
            .Assess();

        Assert.Equal(
            (Verdict.Configurable, NestedState.Off, NestedState.Off),
            (support.Verdict, support.Nested.Effective, support.Nested.NextBoot)
        );
        Assert.Contains(support.Reasons, reason => reason.Code == code && reason.Severity == Severity.Error);
        Assert.Equal("KvmModuleNotLoaded", support.Reasons[0].Code);
    }

    [Theory]
    [InlineData("blacklist kvm", "ro")]
    [InlineData("# nothing", "ro modprobe.blacklist=kvm,kvm-amd")]
    [InlineData("install kvm_intel /bin/false", "ro")]
    public async Task A_blacklist_that_keeps_nothing_out_leaves_the_next_boot_as_it_is(string line, string commandLine)
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .NotLoaded()
            .System(commandLine)
            .Modprobe(line)
            .Assess();

        Assert.Equal((NestedState.Off, NestedState.On), (support.Nested.Effective, support.Nested.NextBoot));
    }

    [Fact]
    public async Task A_blacklisted_module_that_runs_all_the_same_leaves_the_next_boot_open()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync()).Modprobe("blacklist kvm_intel").Assess();

        Assert.Equal((Verdict.Ready, NestedState.Unknown), (support.Verdict, support.Nested.NextBoot));
        Assert.Equal(Severity.Warning, Find(support, "ModuleBlacklisted").Severity);
    }

    [Fact]
    public async Task A_missing_module_is_configurable()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync()).NotLoaded(installed: "kvm").Assess();

        Assert.Equal((Verdict.Configurable, "KvmModuleMissing"), (support.Verdict, support.Reasons[0].Code));
    }

    [Fact]
    public async Task Another_hypervisor_at_work_blocks()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync())
            .NotLoaded("|vboxdrv 688128 3 vboxnetadp,vboxnetflt, Live 0x0000000000000000")
            .Assess();

        Assert.Equal((Verdict.Blocked, "OtherHypervisorRunning"), (support.Verdict, support.Reasons[0].Code));
        Assert.Contains("OtherHypervisorLoaded", Codes(support));
    }

    [Fact]
    public async Task Another_hypervisor_that_only_is_loaded_does_not_block()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync())
            .NotLoaded("|vboxdrv 688128 2 vboxnetadp,vboxnetflt, Live 0x0000000000000000")
            .Assess();

        Assert.Equal(Verdict.Configurable, support.Verdict);
    }

    [Fact]
    public async Task A_built_in_module_hears_only_the_command_line()
    {
        Needs.Shell();
        SupportScenario scenario = (await SupportScenario.AmdAsync())
            .BuiltIn("kvm_amd", "1")
            .Modprobe("options kvm_amd nested=0");

        NestedSupport support = scenario.Assess();

        Assert.Equal(Verdict.Ready, support.Verdict);
        Assert.Equal(new NestedFacts("kvm_amd", NestedState.On, null, NestedState.On), support.Nested);
        Assert.Contains("ModuleBuiltInIgnoresFiles", Codes(support));
    }

    [Fact]
    public async Task Parameters_of_a_built_in_module_do_not_prove_that_it_started()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync()).BuiltIn("kvm_amd", "1", hasStarted: false).Assess();

        Assert.Equal((Verdict.Configurable, "KvmNotStarted"), (support.Verdict, support.Reasons[0].Code));
    }

    [Fact]
    public async Task An_answer_that_is_missing_is_unknown_and_not_no()
    {
        Needs.Shell();
        SupportScenario scenario = await SupportScenario.AmdAsync();
        NestedSupport support = scenario.Set(KvmModuleProbe.Probe, string.Empty).Assess();

        Assert.Equal((Verdict.Unknown, NestedState.Unknown), (support.Verdict, support.Nested.Effective));
        Assert.Equal("KvmModuleUnknown", support.Reasons[0].Code);
    }

    [Fact]
    public async Task A_value_that_only_root_may_read_is_unknown()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .Set(
                KvmModuleProbe.Probe,
                """
                module	kvm_amd
                mode	-r-------- 1 root root 4096 Nov 21 11:48 /sys/module/kvm_amd/parameters/nested
                device	present
                misc	present
                @/proc/modules
                |kvm_amd 380928 4 - Live 0x0000000000000000
                """
            )
            .Assess();

        Assert.Equal((Verdict.Unknown, NestedState.Unknown), (support.Verdict, support.Nested.Effective));
        Assert.Contains("NestedUnknown", Codes(support));
    }

    [Theory]
    [InlineData("menuentry 'Linux' {\n linux /vmlinuz ro kvm_intel.nested=0\n}", NestedState.Off, false)]
    [InlineData("menuentry 'Linux' {\n linux /vmlinuz ro quiet\n}", NestedState.On, false)]
    [InlineData("# empty", NestedState.On, true)]
    public async Task The_boot_loaders_menu_tells_the_next_boot(string menu, NestedState nextBoot, bool isAssumed)
    {
        Needs.Shell();
        string file = "@/boot/grub/grub.cfg\n" + string.Concat(menu.Split('\n').Select(static line => $"|{line}\n"));
        NestedSupport support = (await SupportScenario.IntelAsync()).System(Grub).Boot(file).Assess();

        Assert.Equal(nextBoot, support.Nested.NextBoot);
        Assert.Equal(isAssumed, Codes(support).Contains("NextBootAssumed"));
        Assert.Equal(nextBoot == NestedState.Off, Codes(support).Contains("NestedNotPersistent"));
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_leaves_configuration_open()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.IntelAsync())
            .Set(ModprobeConfigProbe.Probe, "unreadable\t/etc/modprobe.d/secret.conf\n")
            .Assess();

        Assert.Equal((NestedState.Unknown, NestedState.Unknown), (support.Nested.Configured, support.Nested.NextBoot));
        Assert.Equal("/etc/modprobe.d/secret.conf", Find(support, "ModprobeFileUnreadable").Evidence);
    }

    [Fact]
    public async Task Reasons_come_gravest_first()
    {
        Needs.Shell();
        NestedSupport support = (await SupportScenario.AmdAsync())
            .Loaded("kvm_amd", "0")
            .Modprobe("options kvm_intel nested=1", "options kvm_amd ntp=1", "options amd_kvm nested=1")
            .Assess();

        Assert.Equal(
            support.Reasons.Select(static reason => reason.Severity).OrderDescending(),
            support.Reasons.Select(static reason => reason.Severity)
        );
        Assert.Equal("NestedOff", support.Reasons[0].Code);
    }

    [Fact]
    public async Task Modules_carry_values_configuration_and_whether_they_can_be_written()
    {
        Needs.Shell();
        IReadOnlyList<KvmModule> modules = (await SupportScenario.AmdAsync())
            .Modprobe("options kvm_amd nested=0 npt=1", "options kvm halt-poll-ns=0")
            .Modules();

        Assert.Equal(["kvm", "kvm_intel", "kvm_amd"], modules.Select(static module => module.Name));
        Assert.Equal(
            [ModuleState.Loaded, ModuleState.NotLoaded, ModuleState.Loaded],
            modules.Select(static module => module.State)
        );
        Assert.Equal((4, NestedState.On), (modules[2].UseCount!.Value, modules[2].Nested));
        Assert.Equal(["kvm_amd"], modules[0].UsedBy);
        Assert.Equal(
            new ModuleParameter("halt_poll_ns", "200000")
            {
                Configured = "0",
                ConfiguredBy = "/etc/modprobe.d/kvm.conf:2",
                IsWritable = true,
            },
            Assert.Single(modules[0].Parameters)
        );
        Assert.Equal(
            new ModuleParameter("nested", "1")
            {
                Configured = "0",
                ConfiguredBy = "/etc/modprobe.d/kvm.conf:1",
                IsWritable = false,
            },
            modules[2].Parameters.Single(static parameter => parameter.Name == "nested")
        );
    }

    private static string[] Codes(NestedSupport support) => [.. support.Reasons.Select(static reason => reason.Code)];

    private static Finding Find(NestedSupport support, string code) =>
        Assert.Single(support.Reasons, reason => reason.Code == code);
}
