using System.Diagnostics;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;
using NestVirt.SshNet;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.SshNet;

/// <summary>Private keys of every type and form, at a real sshd.</summary>
public sealed class KeyFileTests
{
    private const string Passphrase = "a passphrase ü";

    private static readonly SshNetShellFactory s_shells = new();

    public static TheoryData<string, string> Forms =>
        new()
        {
            { "ed25519", "RFC4716" },
            { "ecdsa -b 256", "RFC4716" },
            { "ecdsa -b 384", "RFC4716" },
            { "ecdsa -b 521", "RFC4716" },
            { "rsa -b 2048", "RFC4716" },
            { "ecdsa -b 256", "PEM" },
            { "rsa -b 2048", "PEM" },
            { "ecdsa -b 384", "PKCS8" },
            { "rsa -b 3072", "PKCS8" },
        };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_key_opens_a_shell(string type, string form)
    {
        Needs.Sshd();
        HostTarget target = await TargetWithKeyAsync(type, form, string.Empty);

        await using IHostShell shell = await s_shells.OpenAsync(target, default);

        Assert.Equal(0, (await shell.RunAsync("exit 0", default)).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_protected_key_opens_a_shell_by_its_passphrase_alone(string type, string form)
    {
        Needs.Sshd();
        HostTarget target = await TargetWithKeyAsync(type, form, Passphrase);
        using HostCredential right = new(null, default, Passphrase);
        using HostCredential wrong = new(null, default, "another");

        await using IHostShell shell = await s_shells.OpenAsync(With(right), default);
        Assert.Equal(0, (await shell.RunAsync("exit 0", default)).ExitCode);

        await AssertFailsAsync(With(wrong), "does not open the key");
        await AssertFailsAsync(target, "has a passphrase, and none was given");

        HostTarget With(HostCredential credential) => target.WithSsh(ssh => ssh with { Credential = credential });
    }

    [Fact]
    public async Task A_key_of_the_configuration_that_cannot_be_used_is_left_out()
    {
        Needs.Sshd();
        string closed = (await TargetWithKeyAsync("ed25519", "RFC4716", Passphrase)).KeyFilePath!;
        HostTarget plain = SshServer.Shared.Target;
        HostTarget one = plain.WithSsh(ssh =>
            ssh with
            {
                KeyFilePath = null,
                Options = [$"IdentityFile={closed}", .. ssh.Options],
            }
        );
        HostTarget both = one.WithSsh(ssh =>
            ssh with
            {
                Options = [.. ssh.Options, $"IdentityFile={plain.KeyFilePath}"],
            }
        );

        await using IHostShell shell = await s_shells.OpenAsync(both, default);

        Assert.Equal(0, (await shell.RunAsync("exit 0", default)).ExitCode);
        await AssertFailsAsync(one, "has a passphrase, and none was given");
    }

    [Fact]
    public async Task A_key_on_a_security_key_is_said_to_be_one()
    {
        Needs.Sshd();
        string path = Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName());
        // openssh-portable, PROTOCOL.key: magic, cipher, kdf, its options, one key, and that key's public half.
        byte[] key =
        [
            .. "openssh-key-v1\0"u8,
            .. Text("none"),
            .. Text("none"),
            .. Text(string.Empty),
            0,
            0,
            0,
            1,
            .. Text("....sk-ssh-ed25519@openssh.com"),
            .. Text("........"),
        ];
        await File.WriteAllTextAsync(
            path,
            $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Convert.ToBase64String(key)}\n-----END OPENSSH PRIVATE KEY-----\n"
        );
        SshServer.MakeExecutable(path);

        await AssertFailsAsync(
            SshServer.Shared.Target.WithSsh(ssh => ssh with { KeyFilePath = path }),
            "is on a security key"
        );

        static byte[] Text(string text) => [0, 0, 0, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
    }

    [Fact]
    public async Task A_file_that_is_no_key_is_an_error()
    {
        Needs.Sshd();
        byte[] whole = await File.ReadAllBytesAsync(SshServer.Shared.Target.KeyFilePath!);
        string path = Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName());
        Random random = new(1);
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = [.. whole];
            if (i % 2 == 0)
            {
                bytes = bytes[..random.Next(bytes.Length - 60)];
            }
            else
            {
                bytes[random.Next(40, bytes.Length / 2)] = (byte)"AZaz09+/=\n"[random.Next(10)];
            }

            await File.WriteAllBytesAsync(path, bytes);
            SshServer.MakeExecutable(path);
            Exception? error = Record.Exception(() => NestVirt.SshNet.Keys.KeyFile.Open(path, null).Dispose());

            // A bit that does not matter, such as one of the comment, leaves it a key.
            Assert.True(error is null or NestVirtException, error?.ToString());
        }
    }

    private static async Task<HostTarget> TargetWithKeyAsync(string type, string form, string passphrase)
    {
        string path = Path.Combine(SshServer.Shared.Folder, Path.GetRandomFileName());
        string[] format = form == "RFC4716" ? [] : ["-m", form];
        using Process process = Process.Start(
            "ssh-keygen",
            ["-q", "-f", path, "-N", passphrase, "-C", "", "-t", .. type.Split(' '), .. format]
        );
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        lock (SshServer.Shared)
        {
            File.AppendAllText(
                Path.Combine(SshServer.Shared.Folder, "authorized_keys"),
                File.ReadAllText($"{path}.pub")
            );
        }

        return SshServer.Shared.Target.WithSsh(ssh => ssh with { KeyFilePath = path });
    }

    private static async Task AssertFailsAsync(HostTarget target, string shown)
    {
        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(async () =>
        {
            await using IHostShell shell = await s_shells.OpenAsync(target, default);
            await shell.RunAsync("echo", default);
        });
        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
    }
}
