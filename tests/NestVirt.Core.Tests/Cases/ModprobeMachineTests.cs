using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Machines whose options for modprobe do not do what was meant.</summary>
public sealed class ModprobeMachineTests
{
    [Theory]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/kvm_amd.conf", "options kvm_amd nested=Y", "nested=1", true)]
    [InlineData("zz-l-intel-nested-2", "etc/modprobe.d/kvm.conf", "options kvm_intel nested=2", "nested=1", true)]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/zz.conf", "options kvm-amd npt=1 nested=on", "nested=1", true)]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/kvm_amd.conf", "options kvm_amd nested = 1", "nested=1", true)]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/kvm_amd.conf", "options kvm_amd nested=1;", "nested=1", true)]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/kvm_amd.conf", "options kvm_amd npt=maybe", "npt=1", false)]
    [InlineData("zz-l-intel-nested-2", "etc/modprobe.d/kvm.conf", "options kvm_intel ple_gap=on", "ple_gap=", false)]
    [InlineData(
        "28-amd-nested-Y",
        "etc/modprobe.d/kvm_amd.conf",
        "options kvm halt_poll_ns=off",
        "halt_poll_ns=",
        false
    )]
    public async Task A_value_that_ends_the_load_is_the_first_thing_to_mend(
        string name,
        string path,
        string line,
        string remedy,
        bool isReplaced
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name).Without("etc/modprobe.d").With(path, $"{line}\n");

        NestedSupport support = await machine.SupportAsync();

        Finding fault = Assert.Single(support.Reasons, reason => reason.Evidence == $"/{path}:1: {line}");
        Assert.True(fault.Code is "ModuleValueInvalid" or "ModuleOptionBlank", fault.Code);
        Assert.Equal(Severity.Error, fault.Severity);
        Assert.Contains(remedy, fault.Remedy, StringComparison.Ordinal);
        Assert.Equal(fault, support.Reasons.First(static reason => reason.Remedy is not null));
        Assert.Null(ReportedMachine.One(support.Reasons, "KvmModuleNotLoaded").Remedy);
        Assert.Equal((Verdict.Configurable, NestedState.Off), (support.Verdict, support.Nested.NextBoot));

        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new NestingRequest(true))
        );
        Assert.Contains(refusal.Reasons, reason => reason.Evidence == $"/{path}:1: {line}");
        if (isReplaced)
        {
            ChangePlan plan = await machine.PlanAsync(new NestingRequest(true) { ReplaceConflict = true });
            Assert.Contains(plan.Changes, change => change.Summary.Contains($"/{path}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("kvm_intel", "ept=maybe", "ept=1 or ept=0")]
    [InlineData("kvm_intel", "nested=2", "nested=1 or nested=0")]
    [InlineData("kvm_intel", "ept = 0", "ept=0 without blanks")]
    [InlineData("kvm", "halt_poll_ns=high", "halt_poll_ns=")]
    public async Task What_ends_the_next_load_is_what_is_to_be_mended(string module, string option, string remedy)
    {
        bool isTaken = option == "ept = 0";
        using ReportedMachine machine = ReportedMachine
            .Build("zz-t1")
            .With("etc/modprobe.d/kvm.conf", $"options kvm_intel nested=1\noptions {module} {option}\n");

        NestedSupport support = await machine.SupportAsync();

        string evidence = $"/etc/modprobe.d/kvm.conf:2: options {module} {option}";
        Assert.Contains(
            support.Reasons,
            reason => reason.Evidence == evidence && reason.Remedy!.Contains(remedy, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            support.Reasons,
            static reason => reason.Remedy?.Contains("to nested=1", StringComparison.Ordinal) == true
        );
        Assert.Equal(isTaken ? NestedState.On : NestedState.Off, support.Nested.NextBoot);
        if (!isTaken)
        {
            Finding lasting = ReportedMachine.One(support.Reasons, "NestedNotPersistent");
            Assert.Equal(evidence, lasting.Evidence);
            Assert.Contains(remedy, lasting.Remedy, StringComparison.Ordinal);
            Assert.Null(lasting.Command);
        }
    }

    [Fact]
    public async Task A_number_that_only_other_kernels_have_is_named_with_its_kind()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("zz-t1")
            .With("etc/modprobe.d/kvm.conf", "options kvm_intel nested=1 ple_gap=on\n");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "ModuleParameterUnknown");

        Assert.Equal("/etc/modprobe.d/kvm.conf:1: options kvm_intel nested=1 ple_gap=on", finding.Evidence);
        Assert.Contains("take a number", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zz-u1", "etc/modprobe.d/kvm_amd.conf", "options kvm_amd nested=1")]
    [InlineData("28-amd-nested-Y", "etc/modprobe.d/kvm_amd.conf", "options kvm-amd npt=1 nested=1")]
    [InlineData("zz-l-intel-nested-2", "etc/modprobe.d/kvm.conf", "options kvm_intel nested=Y")]
    public async Task A_line_of_Windows_is_named_and_our_own_is_written_beside_it(string name, string path, string line)
    {
        using ReportedMachine machine = ReportedMachine.Build(name).With(path, $"{line}\r\n");

        NestedSupport support = await machine.SupportAsync();

        Finding finding = ReportedMachine.One(support.Reasons, "ModprobeCarriageReturn");
        Assert.Equal((Severity.Warning, $"/{path}:1: {line}\\r"), (finding.Severity, finding.Evidence));
        Finding notLoaded = ReportedMachine.One(support.Reasons, "KvmModuleNotLoaded");
        Assert.StartsWith($"Take the carriage return off /{path}:1", notLoaded.Remedy, StringComparison.Ordinal);

        // The kernel takes it for a blank, so that the value counts.
        Assert.Equal(NestedState.On, support.Nested.NextBoot);
        ChangePlan plan = await machine.PlanAsync(new NestingRequest(true));
        Assert.Contains(
            plan.Changes,
            static change => change.Summary.Contains("nestvirt.conf", StringComparison.Ordinal)
        );
        Assert.Contains(
            plan.Findings,
            finding => finding.Code == "LineOverridden" && finding.Evidence == $"/{path}:1: {line}\\r"
        );
        ChangePlan replaced = await machine.PlanAsync(new NestingRequest(true) { ReplaceConflict = true });
        Assert.Contains(replaced.Changes, change => change.Summary.Contains($"/{path}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zz-p-spaces", "options kvm_intel nested = 1", "nested=1", NestedState.On)]
    [InlineData("zz-p-spaces", "options kvm_intel nested = 0", "nested=0", NestedState.On)]
    [InlineData("zz-p-spaces", "options kvm-intel nested =N", "nested=N", NestedState.On)]
    [InlineData("zz-p-spaces", "options kvm_intel nested= 1", "nested=1", NestedState.Off)]
    public async Task Blanks_around_an_equals_sign_are_one_fault(
        string name,
        string line,
        string remedy,
        NestedState nextBoot
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name).With("etc/modprobe.d/kvm.conf", $"{line}\n");

        NestedSupport support = await machine.SupportAsync();

        Finding finding = ReportedMachine.One(support.Reasons, "ModuleOptionBlank");
        Assert.Equal($"/etc/modprobe.d/kvm.conf:1: {line}", finding.Evidence);
        Assert.StartsWith($"Write {remedy} without blanks.", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(support.Reasons, static reason => reason.Code == "ModuleParameterUnknown");
        Assert.Equal(nextBoot, support.Nested.NextBoot);
    }

    [Theory]
    [InlineData("kvm-amd.nested=0")]
    [InlineData("kvm_amd.nested=0")]
    [InlineData("\"kvm-amd.nested=0\"")]
    public async Task A_word_of_the_command_line_is_quoted_as_it_stands(string word)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("22-cmdline-nested0")
            .With("proc/cmdline", $"BOOT_IMAGE=/vmlinuz root=UUID=1 ro {word} quiet\n");

        NestedSupport support = await machine.SupportAsync();

        Finding off = ReportedMachine.One(support.Reasons, "NestedOff");
        Assert.EndsWith($"/proc/cmdline: {word}", off.Evidence, StringComparison.Ordinal);
        Assert.Contains(
            word.Contains('"', StringComparison.Ordinal) ? "the word" : word,
            off.Remedy,
            StringComparison.Ordinal
        );
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new NestingRequest(true))
        );
        Assert.Contains(refusal.Reasons, reason => reason.Evidence == $"/proc/cmdline: {word}");
    }

    [Fact]
    public async Task Options_where_modprobe_does_not_look_are_named()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("27-not-conf")
            .With("etc/modeprobe.d/kvm.conf", "options kvm_intel nested=1\n")
            .With("etc/modprobe.d/kvm/kvm.conf", "options kvm_intel ept=1\n")
            .With("usr/lib/modules-load.d/kvm.conf", "kvm_intel\n");

        Finding[] reasons = [.. (await machine.SupportAsync()).Reasons];

        Assert.Equal(
            (string[])
                [
                    "/etc/modeprobe.d/kvm.conf:1: options kvm_intel nested=1",
                    "/etc/modprobe.d/kvm/kvm.conf:1: options kvm_intel ept=1",
                    "/etc/modules-load.d/kvm.conf:1: options kvm_intel nested=1",
                    "/etc/modules:1: kvm_intel nested=1",
                ],
            reasons
                .Where(static reason => reason is { Code: "ModuleOptionMisplaced", Severity: Severity.Warning })
                .Select(static reason => reason.Evidence!)
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            "/etc/modprobe.d/kvm-nested:1: options kvm-intel nested=1",
            ReportedMachine.One(reasons, "ModprobeFileIgnored").Evidence
        );
    }

    [Fact]
    public async Task A_file_with_a_newline_in_its_name_counts()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("28-amd-nested-Y")
            .Without("etc/modprobe.d")
            .With("etc/modprobe.d/a\nb.conf", "options kvm_amd nested=Y\n");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "ModuleValueInvalid");

        Assert.EndsWith("b.conf:1: options kvm_amd nested=Y", finding.Evidence, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new NestingRequest(true) { ReplaceConflict = true })
        );
    }

    [Fact]
    public async Task A_remove_line_keeps_the_module_from_being_loaded_again()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("22-cmdline-nested0")
            .With("proc/cmdline", "ro quiet\n")
            .With("etc/modprobe.d/kvm.conf", "remove kvm-amd /bin/true\n");

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal(
            "/etc/modprobe.d/kvm.conf:1: remove kvm-amd /bin/true",
            ReportedMachine.One(support.Reasons, "ModuleRemoveReplaced").Evidence
        );
    }

    [Theory]
    [InlineData("28-amd-nested-Y", "kvm_amd", "nested", "Y", "a number")]
    [InlineData("28-amd-nested-Y", "kvm_amd", "nested", "4294967295", "a number")]
    [InlineData("28-amd-nested-Y", "kvm_amd", "pause_filter_count", "65536", "from 0 to 65535")]
    [InlineData("28-amd-nested-Y", "kvm_amd", "npt", "maybe", "Y or N")]
    [InlineData("zz-l-intel-nested-2", "kvm_intel", "nested", "2", "Y or N")]
    [InlineData("zz-l-intel-nested-2", "kvm_intel", "ple_gap", "on", "a number")]
    public async Task A_value_that_the_module_does_not_take_is_not_set(
        string name,
        string module,
        string parameter,
        string value,
        string wanted
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name).Without("etc/modprobe.d");

        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(
                new ModuleParameterRequest(module, new Dictionary<string, string> { [parameter] = value })
            )
        );

        Finding reason = Assert.Single(refusal.Reasons);
        Assert.Equal("ValueInvalid", reason.Code);
        Assert.Contains(wanted, reason.Remedy, StringComparison.Ordinal);
    }
}
