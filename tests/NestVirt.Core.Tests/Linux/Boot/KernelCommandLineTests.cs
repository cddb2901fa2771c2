using NestVirt.Linux.Boot;
using NestVirt.Linux.Modprobe;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.Boot;

/// <summary>Cases of next_arg in the kernel's lib/cmdline.c and of kmod_config_parse_kcmdline in libkmod.</summary>
public sealed class KernelCommandLineTests
{
    [Theory]
    [InlineData("quiet", "quiet", null)]
    [InlineData("a=", "a", "")]
    [InlineData("a=b=c", "a", "b=c")]
    [InlineData("a=\"b c\"", "a", "b c")]
    [InlineData("\"a=b c\"", "a", "b c")]
    [InlineData("a=b\" \"c", "a", "b\" \"c")]
    [InlineData("=a", "=a", null)]
    public void Split_takes_a_word_apart(string text, string name, string? value) =>
        Assert.Equal(new KernelArgument(name, value, text), Assert.Single(KernelArgument.Split(text)));

    [Fact]
    public void Split_reads_the_words_in_their_order() =>
        Assert.Equal(
            ["ro", "a=\"b c\"", "d"],
            KernelArgument.Split(" ro  a=\"b c\"\td\n").Select(static word => word.Text)
        );

    [Theory]
    [InlineData("kvm_intel.nested=1", "nested=1")]
    [InlineData("kvm-intel.nested=1", "nested=1")]
    [InlineData("ro kvm_intel.nested quiet", "nested=")]
    [InlineData("kvm_intel.nested=0 kvm-intel.nested=1", "nested=0 nested=1")]
    [InlineData("kvm_intel.nested=1 -- kvm_intel.nested=0", "nested=1")]
    [InlineData("kvm_intel.enable-apicv=0", "enable_apicv=0")]
    [InlineData("kvm.nested=1", "")]
    [InlineData("xkvm_intel.nested=1", "")]
    public void BuiltInOptions_are_read_as_the_kernel_reads_them(string text, string expected) =>
        Assert.Equal(expected, Print(new KernelCommandLine(text, "/proc/cmdline").BuiltInOptions("kvm_intel")));

    [Theory]
    [InlineData("kvm_intel.nested=1", "nested=1")]
    [InlineData("kvm-intel.nested=1", "nested=1")]
    [InlineData("kvm_intel.nested", "nested=")]
    [InlineData("\"kvm_intel.x=a b\" quiet", "x=a b")]
    [InlineData("kvm_intel.x=\"a b\"", "x=a b")]
    [InlineData("kvm_intel.\"x=1\"", "")]
    [InlineData("kvm_intel.a.b=1", "")]
    [InlineData("kvm_intel.a=b.c", "a=b.c")]
    [InlineData("kvm_intel=1.nested", "")]
    [InlineData("x=\"kvm_intel.nested=1 kvm_intel.ept=0\"", "")]
    [InlineData("x=\"y kvm_intel.nested=1", "")]
    [InlineData("-- kvm_intel.nested=0", "nested=0")]
    public void ModuleOptions_are_read_as_modprobe_reads_them(string text, string expected) =>
        Assert.Equal(expected, Print(new KernelCommandLine(text, "/proc/cmdline").ModuleOptions("kvm_intel")));

    [Theory]
    [InlineData("modprobe.blacklist=nouveau,kvm_intel", true)]
    [InlineData("module_blacklist=kvm_intel", true)]
    [InlineData("modprobe.blacklist=kvm-intel", false)]
    [InlineData("modprobe.blacklist=kvm", false)]
    [InlineData("modprobe.blacklist", false)]
    public void Blacklist_finds_a_module_by_its_name_with_underscores(string text, bool isFound) =>
        Assert.Equal(isFound, new KernelCommandLine(text, "/proc/cmdline").Blacklist("kvm_intel") is not null);

    [Fact]
    public void Reading_survives_damaged_lines() =>
        Mutation.Check(
            "BOOT_IMAGE=/vmlinuz root=UUID=1-2 ro \"dyndbg=file a.c +p\" kvm-intel.nested=1 kvm_intel.ept=\"0\" modprobe.blacklist=a,b -- x",
            static text =>
            {
                KernelCommandLine line = new(text, "/proc/cmdline");
                _ =
                    line.BuiltInOptions("kvm_intel").Count()
                    + line.ModuleOptions("kvm_intel").Count()
                    + (line.Blacklist("a") is null ? 0 : 1);
            }
        );

    private static string Print(IEnumerable<ModuleSetting> settings) =>
        string.Join(' ', settings.Select(static setting => $"{setting.Name}={setting.Value}"));
}
