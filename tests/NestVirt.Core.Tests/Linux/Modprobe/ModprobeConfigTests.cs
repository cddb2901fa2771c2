using System.Diagnostics;
using NestVirt.Linux.Modprobe;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Modprobe;

public sealed class ModprobeConfigTests
{
    [Fact]
    public void Read_lets_an_earlier_directory_hide_files_of_the_same_name()
    {
        ModprobeConfig config = Config(
            ("/usr/lib/modprobe.d/kvm.conf", "options kvm_intel nested=1"),
            ("/etc/modprobe.d/kvm.conf", "options kvm_intel nested=0")
        );

        Assert.Equal("nested=0@/etc/modprobe.d/kvm.conf:1", Options(config, "kvm_intel"));
        Assert.Equal("/usr/lib/modprobe.d/kvm.conf:1", Assert.Single(config.Masked).Source);
    }

    [Fact]
    public void Read_orders_files_by_name_whatever_their_directory()
    {
        ModprobeConfig config = Config(
            ("/etc/modprobe.d/a.conf", "options kvm_intel nested=0"),
            ("/lib/modprobe.d/z.conf", "options kvm-intel nested=1"),
            ("/run/modprobe.d/Z.conf", "options kvm_intel ept=0")
        );

        Assert.Equal(
            "ept=0@/run/modprobe.d/Z.conf:1 nested=0@/etc/modprobe.d/a.conf:1 nested=1@/lib/modprobe.d/z.conf:1",
            Options(config, "kvm_intel")
        );
    }

    [Fact]
    public void Read_counts_only_files_that_end_in_conf()
    {
        ModprobeConfig config = Config(
            ("/etc/modprobe.d/kvm.conf.bak", "options kvm_intel nested=0"),
            ("/etc/modprobe.d/kvm", "blacklist kvm")
        );

        Assert.Empty(config.Directives);
        Assert.Equal(2, config.Unused.Count);
    }

    [Theory]
    [InlineData("install kvm_intel /bin/false", "kvm_intel", true)]
    [InlineData("install kvm* /bin/false", "kvm_intel", true)]
    [InlineData("install kvm_[hi]ntel /bin/false", "kvm_intel", true)]
    [InlineData("install kvm_[!i]ntel /bin/false", "kvm_intel", false)]
    [InlineData("install kvm /bin/false", "kvm_intel", false)]
    [InlineData("install *_intel /bin/false", "kvm_intel", true)]
    [InlineData("install kvm?amd /bin/false", "kvm_amd", true)]
    public void InstallCommand_takes_names_for_patterns(string line, string module, bool isFound) =>
        Assert.Equal(isFound, Config(("/etc/modprobe.d/a.conf", line)).InstallCommand(module) is not null);

    [Fact]
    public async Task The_probe_reads_a_tree_with_masks_and_strange_names()
    {
        using HostTree tree = new();
        tree.Write("usr/lib/modprobe.d/kvm.conf", "options kvm_intel nested=1\n")
            .Link("etc/modprobe.d/kvm.conf", "/dev/null")
            .Link("lib", "usr/lib")
            .Link("etc/modprobe.d/gone.conf", "/no/such/file")
            .Write("usr/lib/modprobe.d/gone.conf", "blacklist kvm_amd\n")
            .Write("etc/modprobe.d/$(touch pwned) '\".conf", "options kvm nested=1")
            .Write("etc/modprobe.d/two\nlines.conf", "blacklist kvm\n")
            .Write("etc/modprobe.d/empty.conf", string.Empty)
            .Write("etc/modprobe.d/folder.conf/inner.conf", "blacklist kvm\n");

        ProbeAnswers answers = await tree.ReadAsync(ModprobeConfigProbe.Probe);
        ModprobeConfig config = ModprobeConfigProbe.Parse(answers[ModprobeConfigProbe.Probe].Text);

        // A link to nothing hides nothing; one to /dev/null does.
        Assert.Equal(
            [
                "/etc/modprobe.d/$(touch pwned) '\".conf:1",
                "/usr/lib/modprobe.d/gone.conf:1",
                "/etc/modprobe.d/two\nlines.conf:1",
            ],
            config.Directives.Select(static directive => directive.Source)
        );
        Assert.Equal("/usr/lib/modprobe.d/kvm.conf:1", Assert.Single(config.Masked).Source);
    }

    /// <summary>modprobe itself says what it makes of generated directories.</summary>
    [Fact]
    public async Task Read_agrees_with_modprobe_on_generated_directories()
    {
        Needs.Tools("modprobe");
        Random random = new(20261121);
        for (int round = 0; round < 60; round++)
        {
            using HostTree tree = new();
            ModprobeSample.Write(tree, random);

            ModprobeConfig config = ModprobeConfigProbe.Parse(
                (await tree.ReadAsync(ModprobeConfigProbe.Probe))[ModprobeConfigProbe.Probe].Text
            );

            Assert.Equal(AskModprobe(tree.Path), ModprobeSample.Print(config));
        }
    }

    [Fact]
    public void Parse_survives_damaged_output() =>
        Mutation.Check(
            """
            root	/tree
            null	/tree/etc/modprobe.d/mask.conf
            unreadable	/tree/etc/modprobe.d/secret.conf
            @/tree/etc/modprobe.d/kvm.conf
            |# nested
            |options kvm-intel nested=1 \
            |  ept=0 "enable_apicv=0"
            |blacklist kvm_amd
            @/tree/usr/lib/modprobe.d/mask.conf
            |install kvm* /bin/false
            """,
            static text =>
            {
                ModprobeConfig config = ModprobeConfigProbe.Parse(text);
                _ = config.Options("kvm_intel").Count() + (config.InstallCommand("kvm_intel") is null ? 0 : 1);
            }
        );

    private static ModprobeConfig Config(params (string Path, string Text)[] files) =>
        ModprobeConfig.Read([.. files.Select(static file => new ListedFile(file.Path, file.Text.Split('\n')))], []);

    private static string Options(ModprobeConfig config, string module) =>
        string.Join(
            ' ',
            config.Options(module).Select(static setting => $"{setting.Name}={setting.Value}@{setting.Source}")
        );

    // Only lines about the made-up modules are ours: the rest comes from this machine's kernel and command line.
    private static List<string> AskModprobe(string root)
    {
        ProcessStartInfo start = new(
            Needs.IsOnPath("modprobe") && File.Exists("/usr/sbin/modprobe") ? "/usr/sbin/modprobe" : "modprobe"
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("--showconfig");
        foreach (string directory in new[] { "etc", "run", "usr/local/lib", "usr/lib" })
        {
            start.ArgumentList.Add("-C");
            start.ArgumentList.Add(Path.Combine(root, directory, "modprobe.d"));
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.NotNull(error.Result);
        return
        [
            .. output
                .Split('\n')
                .Where(static line => line.Contains("nv_", StringComparison.Ordinal))
                .Select(ModprobeSample.Squeeze),
        ];
    }
}
