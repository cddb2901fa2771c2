using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Machine;

public sealed class SystemProbeTests
{
    private const string Sample = """
        ostype	Linux
        release	6.12.1-amd64
        cmdline	BOOT_IMAGE=/vmlinuz ro quiet 
        uptime	3661.50 100.00
        lockdown	none [integrity] confidentiality
        machine	x86_64
        os	"Debian GNU/Linux 13 (trixie)"
        uid	1000
        firmware	efi
        secureboot	6 0 0 0 1 
        libvirt	libvirt.so.0.11003.0
        qemu	10.0.2
        """;

    [Fact]
    public void Parse_reads_what_the_host_shows() =>
        Assert.Equal(
            new SystemFacts
            {
                Architecture = "x86_64",
                KernelRelease = "6.12.1-amd64",
                Distribution = "Debian GNU/Linux 13 (trixie)",
                Uptime = TimeSpan.FromSeconds(3661.5),
                CommandLine = "BOOT_IMAGE=/vmlinuz ro quiet",
                IsSecureBootEnabled = true,
                Lockdown = "integrity",
                LibvirtVersion = "11.3.0",
                QemuVersion = "10.0.2",
                UserId = 1000,
            },
            SystemProbe.Parse(Sample)
        );

    [Fact]
    public void Parse_of_nothing_is_unknown() => Assert.Equal(new SystemFacts(), SystemProbe.Parse(string.Empty));

    [Theory]
    [InlineData("firmware\tefi\n", false)]
    [InlineData("firmware\tbios\n", false)]
    [InlineData("firmware\tefi\nsecureboot\t6 0 0 0 0\n", false)]
    [InlineData("firmware\tefi\nsecureboot\t\n", null)]
    [InlineData("", null)]
    public void Secure_boot_is_read_from_the_variable(string text, bool? expected) =>
        Assert.Equal(expected, SystemProbe.Parse(text).IsSecureBootEnabled);

    [Theory]
    [InlineData("libvirt.so.0.9000.0", "9.0.0")]
    [InlineData("libvirt.so.0.1002.9", "1.2.9")]
    [InlineData("libvirt.so.0.10009.1", "10.9.1")]
    [InlineData("libvirt.so.0", null)]
    public void Libvirts_version_is_in_the_name_of_its_library(string library, string? expected) =>
        Assert.Equal(expected, SystemProbe.Parse($"libvirt\t{library}\n").LibvirtVersion);

    [Fact]
    public void Parse_survives_damaged_output() => Mutation.Check(Sample, static text => SystemProbe.Parse(text));

    [Fact]
    public async Task The_probe_reads_a_tree()
    {
        Needs.Shell();
        using HostTree tree = new();
        tree.Write("proc/sys/kernel/osrelease", "6.1.0\n")
            .Write("proc/sys/kernel/ostype", "Linux\n")
            .Write("etc/os-release", "NAME=x\nPRETTY_NAME='A\"; $(touch pwned) `b`'")
            .Write("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\u0006\0\0\0\u0001")
            .Write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
            .Write("usr/lib/x86_64-linux-gnu/libvirt.so.0.9000.0", string.Empty);

        SystemFacts facts = SystemProbe.Parse((await tree.ReadAsync(SystemProbe.Probe))[SystemProbe.Probe].Text);

        Assert.Equal(
            new SystemFacts
            {
                KernelRelease = "6.1.0",
                Distribution = "A\"; $(touch pwned) `b`",
                IsSecureBootEnabled = true,
                Lockdown = "none",
                LibvirtVersion = "9.0.0",
            },
            facts
        );
    }
}
