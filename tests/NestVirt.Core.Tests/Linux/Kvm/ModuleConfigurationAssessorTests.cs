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
    [InlineData("options kvm_amd nested=1\r", "kvm_amd Warning ModprobeCarriageReturn")]
    [InlineData("options kvm_amd npt=1\tnested=0\r", "kvm_amd Warning ModprobeCarriageReturn")]
    [InlineData(
        "options kvm_amd nested=\"1\r\"",
        "kvm_amd Error ModuleValueInvalid|kvm_amd Warning ModprobeCarriageReturn"
    )]
    [InlineData("blacklist kvm_amd\r", "kvm_amd Warning ModprobeCarriageReturn")]
    [InlineData("install kvm_amd /bin/true\r", "kvm_amd Warning ModuleInstallReplaced")]
    [InlineData("blacklist nouveau\r", "")]
    [InlineData("options kvm_amd nested = 1", "kvm_amd Error ModuleOptionBlank")]
    [InlineData("options kvm_amd nested =1", "kvm_amd Error ModuleOptionBlank")]
    [InlineData("options kvm_amd nested= 1", "kvm_amd Error ModuleOptionBlank")]
    [InlineData("options kvm_amd force_avic = 0", "kvm_amd Warning ModuleOptionBlank")]
    [InlineData("options kvm_amd force_avic npt=1", "")]
    [InlineData("options kvm_amd force_avic= npt=1", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd ntp = 1", "kvm_amd Warning ModuleParameterUnknown")]
    [InlineData("options kvm_amd npt=maybe", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd nested=4294967295", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd pause_filter_count=70000", "kvm_amd Error ModuleValueInvalid")]
    [InlineData("options kvm_amd pause_filter_count=65535", "")]
    [InlineData("options kvm halt_poll_ns=-1", "kvm Error ModuleValueInvalid")]
    [InlineData("remove kvm_amd /bin/false", "kvm_amd Information ModuleRemoveReplaced")]
    [InlineData("remove kvm_amd /sbin/modprobe -r --ignore-remove kvm-amd", "")]
    [InlineData("remove kvm_amd /sbin/modprobe -i -r kvm_amd; true", "kvm_amd Information ModuleRemoveReplaced")]
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
    [InlineData("options kvm_amd nested=1 # on", "kvm_amd Warning ModuleOptionComment")]
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
        Assert.All(findings, finding => Assert.Equal($"{File}:1: {Shown(line)}", finding.Finding.Evidence));
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
    [InlineData("kvm-amd.nested=Y", "kvm_amd ModuleValueInvalid /proc/cmdline: kvm-amd.nested=Y")]
    [InlineData("\"kvm-amd.nested=Y\"", "kvm_amd ModuleValueInvalid /proc/cmdline: \"kvm-amd.nested=Y\"")]
    [InlineData("amd-kvm.nested=1", "kvm_amd ModuleNameUnknown /proc/cmdline: amd-kvm.nested=1")]
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

    [Theory]
    [InlineData("/etc/modeprobe.d/kvm.conf", "options kvm_amd nested=1", true)]
    [InlineData("/etc/modprobe.d/kvm/nested.conf", "options kvm-amd nested=1", true)]
    [InlineData("/etc/modprobe.conf", "blacklist kvm_amd", true)]
    [InlineData("/etc/modprobe.conf", "options nouveau modeset=0", false)]
    [InlineData("/etc/modules", "kvm_amd nested=1", true)]
    [InlineData("/etc/modules", "kvm_amd", false)]
    [InlineData("/etc/modules", "kvm_amd # nests", false)]
    [InlineData("/etc/modules", "# kvm_amd nested=1", false)]
    [InlineData("/usr/lib/modules-load.d/kvm.conf", "options kvm-amd nested=1", true)]
    [InlineData("/etc/modules-load.d/kvm.conf", "kvm-amd\r", false)]
    public void Options_in_a_file_that_modprobe_does_not_read_are_named(string path, string line, bool isNamed)
    {
        ModprobeConfig files = ModprobeConfig.Empty with { Elsewhere = [new ListedFile(path, [line])] };

        IReadOnlyList<ModuleFinding> findings = Assess(files, string.Empty);

        Assert.Equal(isNamed ? 1 : 0, findings.Count);
        Assert.All(
            findings,
            finding =>
                Assert.Equal(
                    ("ModuleOptionMisplaced", $"{path}:1: {line}"),
                    (finding.Finding.Code, finding.Finding.Evidence)
                )
        );
        Assert.Equal(
            isNamed && !path.Contains("modules", StringComparison.Ordinal) ? 1 : 0,
            Assess(files with { IsOpenRc = true }, string.Empty).Count
        );
    }

    [Fact]
    public void Carriage_returns_are_named_once_a_file_by_the_line_that_they_harm_most()
    {
        ModprobeConfig files = ModprobeConfig.Read(
            [new ListedFile(File, ["options kvm_amd npt=1\r", "blacklist kvm_amd\r", "options kvm ignore_msrs=1\r"])],
            []
        );

        Assert.Equal($"{File}:2: blacklist kvm_amd\\r", Assert.Single(Assess(files, string.Empty)).Finding.Evidence);
    }

    [Theory]
    [InlineData("nested=1 # npt=0", "and npt among them counts")]
    [InlineData("nested=1 # on", "which it ignores")]
    public void A_comment_behind_options_says_what_of_it_counts(string options, string said) =>
        Assert.Contains(
            said,
            Assert.Single(Assess(Files((File, $"options kvm_amd {options}")), string.Empty)).Finding.Message,
            StringComparison.Ordinal
        );

    private static string Shown(string line) => line.Replace("\r", "\\r", StringComparison.Ordinal);

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
                ["kvm_amd"] =
                [
                    new("force_avic", "N", false),
                    new("nested", "1", false),
                    new("npt", "Y", false),
                    new("pause_filter_count", "3000", false),
                ],
                ["kvm"] = [new("halt_poll_ns", "200000", true), new("ignore_msrs", "N", true)],
            },
        };
}
