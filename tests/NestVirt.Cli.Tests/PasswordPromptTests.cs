using System.Diagnostics;
using NestVirt.Core.Tests;
using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;

namespace NestVirt.Cli.Tests;

/// <summary>Passwords and passphrases that are asked for on a terminal of their own.</summary>
[Trait("Category", "Security")]
public sealed class PasswordPromptTests
{
    [Fact]
    public async Task A_password_is_asked_for_and_not_shown()
    {
        Needs.Tools("script");
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = new("UsePAM yes", "PasswordAuthentication yes", "AuthenticationMethods any");

        CliResult result = await TypedAnswer.RunAsync(
            user.Password,
            $"support {user.Name}@127.0.0.1 --port {server.Port} --ask-password --output json --ssh-option UserKnownHostsFile={server.Folder}/known_hosts"
        );

        Assert.Contains("Password of the hosts: ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Password, result.Output, StringComparison.Ordinal);
        Assert.Contains("\"verdict\"", result.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public async Task A_password_for_sudo_is_asked_for_and_not_shown()
    {
        Needs.Tools("script");
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SudoRules sudo = new(user, "ME ALL=(ALL) ALL");
        using SshServer server = SshServer.ForOthers();

        CliResult result = await TypedAnswer.RunAsync(
            user.Password,
            $"history {user.Name}@127.0.0.1 --port {server.Port} --identity {server.Folder}/key --ask-sudo-password --output json --ssh-option UserKnownHostsFile={server.Folder}/known_hosts"
        );

        Assert.Contains("Password for sudo on the hosts: ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Password, result.Output + sudo.Log, StringComparison.Ordinal);
        Assert.Contains("\"errors\": []", result.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public async Task A_passphrase_is_asked_for_and_not_shown()
    {
        Needs.Sshd("script");
        using SshServer server = new();
        string key = Path.Combine(server.Folder, "protected");
        using (Process process = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "a-passphrase", "-f", key]))
        {
            await process.WaitForExitAsync();
        }

        await File.AppendAllTextAsync(
            Path.Combine(server.Folder, "authorized_keys"),
            await File.ReadAllTextAsync($"{key}.pub")
        );

        CliResult result = await TypedAnswer.RunAsync(
            "a-passphrase",
            $"support 127.0.0.1 --port {server.Port} --identity {key} --ask-key-passphrase --output json --ssh-option UserKnownHostsFile={server.Folder}/known_hosts"
        );

        Assert.DoesNotContain("a-passphrase", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"verdict\"", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_asked_for()
    {
        Needs.Tools("setsid");
        CliResult result = await CliProgram.FinishAsync(
            CliProgram.Start(["-w", CliProgram.Path, "support", "kvm1", "--ask-password"], "setsid")
        );

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("There is no terminal to ask for it on.", result.ErrorOutput, StringComparison.Ordinal);
    }
}
