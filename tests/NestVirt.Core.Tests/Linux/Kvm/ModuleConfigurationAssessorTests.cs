using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Modprobe;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Kvm;

public sealed class ModuleConfigurationAssessorTests
{
    private const string File = "/etc/modprobe.d/kvm.conf";

    [Theory]
    [InlineData("options kvm_amd nested=1", "")]
    [InlineData("options kvm_amd npt=1 dyndbg=+p", "")]
    [InlineData("options kvm_amd ntp=1", "kvm_amd Warning ModuleParameterUnknown")]
    [InlineData("options kvm_amd ept=1", "kvm_amd Warning ModuleParameterUnknown")]
    [InlineData("options kvm nested=1", "kvm Warning ModuleParameterUnknown")]
    [InlineData("options kvm_amd nested=Y", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd nested", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd nested=1\r", "")]
    [InlineData("options kvm_amd nested=0x1", "")]
    [InlineData("options kvm_intel nested=1", "kvm_intel Information ModuleOtherVendor")]
    [InlineData(
        "options kvm_intel nested=enable",
        "kvm_intel Information ModuleOtherVendor|kvm_intel Information ModuleValueInvalid"
    )]
    [InlineData("options amd_kvm nested=1", "kvm_amd Warning ModuleNameUnknown")]
    [InlineData("options intel_kvm nested=1", "kvm_intel Warning ModuleNameUnknown")]
    [InlineData("options kvm_adm nested=1", "kvm_amd Warning ModuleNameUnknown")]
    [InlineData("options kvm_arm x=1", "")]
    [InlineData("options kvmgt x=1", "")]
    [InlineData("options nvidia x=1", "")]
    [InlineData(
        "options kvm_amd nested=1 # on",
        "kvm_amd Warning ModuleOptionComment|kvm_amd Warning ModuleParameterUnknown"
    )]
    [InlineData("option kvm_amd nested=1", "kvm_amd Warning ModprobeLineInvalid")]
    [InlineData(" # options kvm_amd nested=1", "")]
    [InlineData("blacklist kvm_amd", "kvm_amd Warning ModuleBlacklisted")]
    [InlineData("blacklist kvm_intel", "")]
    [InlineData("blacklist kvm", "kvm Information ModuleBlacklisted")]
    [InlineData("install kvm /bin/false", "kvm Warning ModuleInstallReplaced")]
    [InlineData("install kvm_amd /bin/true", "kvm_amd Warning ModuleInstallReplaced")]
    [InlineData("install kvm_amd /sbin/modprobe --ignore-install kvm_amd", "kvm_amd Information ModuleInstallReplaced")]
    public void A_line_gets_its_findings(string line, string expected)
    {
        IReadOnlyList<ModuleFinding> findings = Assess(Files((File, line)), string.Empty);

        Assert.Equal(
            expected,
            string.Join(
                '|',
                findings.Select(static finding => $"{finding.Module} {finding.Finding.Severity} {finding.Finding.Code}")
            )
        );
        Assert.All(findings, finding => Assert.Equal($"{File}:1: {line}", finding.Finding.Evidence));
        Assert.All(findings, static finding => Assert.NotNull(finding.Finding.Remedy ?? finding.Finding.Message));
    }

    [Theory]
    [InlineData("ntp=1", "npt")]
    [InlineData("ept=1", "kvm_intel")]
    [InlineData("sev_snp=1", "Other kernels")]
    public void An_unknown_parameter_comes_with_a_guess(string option, string hint) =>
        Assert.Contains(
            hint,
            Assert.Single(Assess(Files((File, $"options kvm_amd {option}")), string.Empty)).Finding.Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("amd_kvm.nested=1", "kvm_amd ModuleNameUnknown /proc/cmdline: amd_kvm.nested=1")]
    [InlineData("kvm.nested=1", "kvm ModuleParameterUnknown /proc/cmdline: kvm.nested=1")]
    [InlineData("kvm-amd.nested=Y", "kvm_amd ModuleValueInvalid /proc/cmdline: kvm_amd.nested=Y")]
    [InlineData("kvm-arm.mode=nested", "")]
    public void A_word_of_the_command_line_gets_its_finding(string word, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                '|',
                Assess(ModprobeConfig.Empty, $"ro {word} quiet")
                    .Select(static finding => $"{finding.Module} {finding.Finding.Code} {finding.Finding.Evidence}")
            )
        );

    [Fact]
    public void A_value_that_is_set_again_elsewhere_is_named()
    {
        ModuleFinding finding = Assert.Single(
            Assess(
                Files(
                    ("/etc/modprobe.d/a.conf", "options kvm_amd nested=0"),
                    ("/usr/lib/modprobe.d/b.conf", "options kvm_amd nested=1")
                ),
                string.Empty
            )
        );

        Assert.Equal(
            ("ModuleOptionOverridden", "/etc/modprobe.d/a.conf:1: options kvm_amd nested=0"),
            (finding.Finding.Code, finding.Finding.Evidence)
        );
    }

    [Fact]
    public void Files_that_do_not_count_are_named()
    {
        IReadOnlyList<ModuleFinding> findings = Assess(
            Files(
                ("/etc/modprobe.d/kvm.conf", "# mine"),
                ("/usr/lib/modprobe.d/kvm.conf", "options kvm_amd nested=0"),
                ("/etc/modprobe.d/kvm", "options kvm_amd nested=1"),
                ("/etc/modprobe.d/kvm.conf.bak", "options kvm_amd nested=1")
            ),
            string.Empty
        );

        Assert.Equal(
            ["Information ModprobeFileMasked", "Warning ModprobeFileIgnored", "Information ModprobeFileIgnored"],
            findings.Select(static finding => $"{finding.Finding.Severity} {finding.Finding.Code}")
        );
    }

    private static IReadOnlyList<ModuleFinding> Assess(ModprobeConfig files, string commandLine) =>
        ModuleConfigurationAssessor.Assess(
            new ModuleConfiguration(files, new KernelCommandLine(commandLine, "/proc/cmdline"), Listing())
            {
                Architecture = "x86_64",
            },
            "kvm_amd"
        );

    private static ModprobeConfig Files(params (string Path, string Text)[] files) =>
        ModprobeConfig.Read([.. files.Select(static file => new ListedFile(file.Path, [file.Text]))], []);

    private static KvmModuleListing Listing() =>
        new()
        {
            Loaded = [new LoadedModule("kvm_amd", 0, []), new LoadedModule("kvm", 1, ["kvm_amd"])],
            Present = ["kvm", "kvm_amd"],
            Installed = ["kvm", "kvm_amd", "kvm_intel"],
            Parameters = new Dictionary<string, IReadOnlyList<ListedParameter>>
            {
                ["kvm_amd"] = [new("nested", "1", false), new("npt", "Y", false)],
                ["kvm"] = [new("ignore_msrs", "N", true)],
            },
        };
}
