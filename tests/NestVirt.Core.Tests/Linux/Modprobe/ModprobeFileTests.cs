using NestVirt.Linux.Modprobe;

namespace NestVirt.Core.Tests.Linux.Modprobe;

/// <summary>Each case is a rule of modprobe.d(5) or of freadline_wrapped and kmod_config_parse in libkmod.</summary>
public sealed class ModprobeFileTests
{
    [Theory]
    [InlineData("options kvm_intel nested=1", "options", "kvm_intel", "nested=1")]
    [InlineData("options kvm-intel nested=1", "options", "kvm_intel", "nested=1")]
    [InlineData("  options\tkvm_intel \t nested=1 ept=0 ", "options", "kvm_intel", "\t nested=1 ept=0 ")]
    [InlineData("blacklist kvm-amd", "blacklist", "kvm_amd", "")]
    [InlineData("blacklist kvm_amd # why", "blacklist", "kvm_amd", "# why")]
    [InlineData("install kvm_intel /bin/false", "install", "kvm_intel", "/bin/false")]
    [InlineData("softdep kvm_intel pre: msr", "softdep", "kvm_intel", "pre: msr")]
    [InlineData("alias my-kvm kvm_intel", "alias", "my_kvm", "kvm_intel")]
    [InlineData("op\\tions kvm_intel nested=1", "options", "kvm_intel", "nested=1")]
    public void Parse_reads_a_line_as_modprobe_does(string line, string command, string module, string arguments)
    {
        ModprobeFile file = ModprobeFile.Parse("/etc/modprobe.d/a.conf", [line]);

        ModprobeDirective directive = Assert.Single(file.Directives);
        Assert.Equal(
            (command, module, arguments.Trim()),
            (directive.Command, directive.Module, directive.Arguments.Trim())
        );
        Assert.Empty(file.BadLines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \t")]
    [InlineData("# options kvm_intel nested=1")]
    public void Parse_passes_over_empty_lines_and_comments(string line)
    {
        ModprobeFile file = ModprobeFile.Parse("/etc/modprobe.d/a.conf", [line]);

        Assert.Empty(file.Directives);
        Assert.Empty(file.BadLines);
    }

    [Theory]
    [InlineData("option kvm_intel nested=1")]
    [InlineData("options kvm_intel")]
    [InlineData("options kvm_intel ")]
    [InlineData("kvm_intel nested=1")]
    [InlineData(" # options kvm_intel nested=1")]
    [InlineData("blacklist")]
    [InlineData("install kvm_intel")]
    [InlineData("Options kvm_intel nested=1")]
    public void Parse_keeps_what_modprobe_complains_of_apart(string line)
    {
        ModprobeFile file = ModprobeFile.Parse("/etc/modprobe.d/a.conf", ["# first", line]);

        Assert.Empty(file.Directives);
        Assert.Equal($"/etc/modprobe.d/a.conf:2: {line}", Assert.Single(file.BadLines).Evidence);
    }

    [Fact]
    public void Parse_joins_lines_at_a_backslash_and_names_the_first()
    {
        ModprobeFile file = ModprobeFile.Parse(
            "/etc/modprobe.d/a.conf",
            ["# one", "options kvm_intel \\", "  nested=1 \\", "ept=1", "blacklist kvm"]
        );

        Assert.Equal(
            [
                new ModprobeDirective(
                    "options",
                    "kvm_intel",
                    "  nested=1 ept=1",
                    "/etc/modprobe.d/a.conf",
                    2,
                    "options kvm_intel   nested=1 ept=1"
                ),
                new ModprobeDirective("blacklist", "kvm", string.Empty, "/etc/modprobe.d/a.conf", 5, "blacklist kvm"),
            ],
            file.Directives
        );
    }

    [Fact]
    public void Parse_lets_a_comment_go_on_behind_a_backslash() =>
        Assert.Empty(
            ModprobeFile.Parse("/etc/modprobe.d/a.conf", ["# nested: \\", "options kvm_intel nested=1"]).Directives
        );
}
