using System.Diagnostics;
using NestVirt.Core.Tests;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;

namespace NestVirt.Cli.Tests;

/// <summary>The built-in SSH client of the program itself: a native program has only what its compiler saw a use of.</summary>
public sealed class KeyKindTests
{
    [Theory]
    [InlineData("ed25519", "256", "RFC4716")]
    [InlineData("ecdsa", "256", "RFC4716")]
    [InlineData("ecdsa", "521", "PEM")]
    [InlineData("rsa", "2048", "RFC4716")]
    [InlineData("rsa", "3072", "PEM")]
    [InlineData("rsa", "2048", "PKCS8")]
    public async Task A_key_of_each_kind_and_form_logs_in(string kind, string bits, string form)
    {
        Needs.Sshd("ssh-keygen");
        using SshServer server = new();
        string key = Path.Combine(server.Folder, "other");
        string[] words = ["-q", "-t", kind, "-b", bits, "-m", form, "-N", string.Empty, "-f", key];
        using (Process process = Process.Start("ssh-keygen", words))
        {
            await process.WaitForExitAsync();
        }

        await File.AppendAllTextAsync(
            Path.Combine(server.Folder, "authorized_keys"),
            await File.ReadAllTextAsync($"{key}.pub")
        );

        CliResult result = await CliProgram.RunAsync(
            "support",
            "127.0.0.1",
            "--port",
            $"{server.Port}",
            "--identity",
            key,
            "--ssh-client",
            "library",
            "--ssh-option",
            $"UserKnownHostsFile={server.Folder}/known_hosts",
            "--output",
            "json"
        );

        Assert.Equal(string.Empty, result.ErrorOutput);
        Assert.Contains("\"verdict\"", result.Output, StringComparison.Ordinal);
    }
}
