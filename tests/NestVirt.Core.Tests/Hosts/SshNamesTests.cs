using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

public sealed class SshNamesTests
{
    [Fact]
    public void InConfig_lists_the_names_of_Host_lines_and_no_patterns() =>
        Assert.Equal(
            ["kvm1", "kvm2", "lab"],
            SshNames.InConfig([
                "# Host commented",
                "Host kvm1 kvm2 !kvm3 *.example.org kvm?",
                "  HostName 192.0.2.1",
                "host=\"lab\"",
                "Hostkeyalgorithms ssh-ed25519",
                "Match host other",
                "Host *",
                "Host",
            ])
        );

    [Fact]
    public void InConfig_leaves_out_what_ssh_could_take_for_an_option_or_a_shell_command() =>
        Assert.Empty(SshNames.InConfig(["Host -oProxyCommand=x $(id) a;b"]));

    [Fact]
    public void InKnownHosts_lists_names_as_HostName_takes_them() =>
        Assert.Equal(
            ["kvm1", "192.0.2.1", "lab:2222", "2001:db8::1", "[2001:db8::2]:2222"],
            SshNames.InKnownHosts([
                "kvm1,192.0.2.1 ssh-ed25519 AAAA",
                "[lab]:2222 ssh-ed25519 AAAA",
                "2001:db8::1 ssh-ed25519 AAAA",
                "[2001:db8::2]:2222 ssh-ed25519 AAAA",
                "|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA",
                "@cert-authority *.example.org ssh-ed25519 AAAA",
                "*.example.org ssh-ed25519 AAAA",
                "# a comment",
                "",
                "lonely",
            ])
        );
}
