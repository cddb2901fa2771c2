using System.Text;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;
using NestVirt.SshNet;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.SshNet;

/// <summary>Log-ins by a password, at a real sshd with PAM.</summary>
[Trait("Category", "Security")]
public sealed class PasswordTests
{
    private static readonly SshNetShellFactory s_shells = new();

    [Theory]
    [InlineData("PasswordAuthentication yes", "KbdInteractiveAuthentication no")]
    [InlineData("PasswordAuthentication no", "KbdInteractiveAuthentication yes")]
    [InlineData("PasswordAuthentication yes", "KbdInteractiveAuthentication yes")]
    public async Task The_right_password_opens_a_shell(params string[] methods)
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = ServerWith(methods);
        using HostCredential credential = new(user.Name, user.Password);

        await using IHostShell shell = await s_shells.OpenAsync(Target(server, credential), default);
        ShellResult result = await shell.RunAsync("id -un", default);

        Assert.Equal($"{user.Name}\n", Encoding.UTF8.GetString(result.Output.Span));
        ThrowAwayUser.AssertInNoProcess(user.Password);
    }

    [Theory]
    [InlineData("PasswordAuthentication yes", "KbdInteractiveAuthentication no")]
    [InlineData("PasswordAuthentication no", "KbdInteractiveAuthentication yes")]
    [InlineData("PasswordAuthentication yes", "KbdInteractiveAuthentication yes")]
    public async Task A_wrong_password_is_tried_once(params string[] methods)
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = ServerWith(methods);
        using HostCredential credential = new(user.Name, "wrong-secret");

        NestVirtException error = await FailAsync(Target(server, credential));

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains("Permission denied", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        string log = await File.ReadAllTextAsync(Path.Combine(server.Folder, "sshd.log"));
        string[] tries =
        [
            .. log.Split('\n')
                .Where(static line =>
                    line.StartsWith("Failed password", StringComparison.Ordinal)
                    || line.StartsWith("PAM: Authentication failure", StringComparison.Ordinal)
                ),
        ];
        Assert.True(tries.Length == 1, log);
    }

    [Fact]
    public async Task A_key_and_a_password_may_both_be_needed()
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = SshServer.ForOthers(
            "PasswordAuthentication yes",
            "AuthenticationMethods publickey,password"
        );
        using HostCredential credential = new(user.Name, user.Password);
        HostTarget target = Target(server, credential)
            .WithSsh(ssh => ssh with { KeyFilePath = server.Target.KeyFilePath });

        await using IHostShell shell = await s_shells.OpenAsync(target, default);

        Assert.Equal(0, (await shell.RunAsync("exit 0", default)).ExitCode);
    }

    [Fact]
    public async Task More_than_a_password_is_said_to_be_asked_for()
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = new(
            "UsePAM yes",
            "PasswordAuthentication yes",
            "KbdInteractiveAuthentication yes",
            "AuthenticationMethods password,keyboard-interactive"
        );
        using HostCredential credential = new(user.Name, user.Password);

        NestVirtException error = await FailAsync(Target(server, credential));

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.StartsWith("The host asks for more than a password:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_goes_to_its_own_account_alone()
    {
        using HostCredential credential = new("alice", "secret");
        HostTarget target = new("kvm1", new SshAddress("192.0.2.1") { UserName = "root", Credential = credential });

        NestVirtException error = await FailAsync(target);

        Assert.Equal("The password is that of 'alice', and the host is to be reached as 'root'.", error.Message);
    }

    [Fact]
    public async Task A_password_is_not_sent_to_a_host_that_is_not_the_known_one()
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SshServer server = ServerWith("PasswordAuthentication yes");
        using HostCredential credential = new(user.Name, user.Password);
        HostTarget target = Target(server, credential)
            .WithSsh(static ssh => ssh with { Options = ["UserKnownHostsFile=none", "GlobalKnownHostsFile=none"] });

        NestVirtException error = await FailAsync(target);

        Assert.Equal(NestVirtErrorKind.HostKeyUnknown, error.Kind);
        Assert.DoesNotContain(
            user.Name,
            await File.ReadAllTextAsync(Path.Combine(server.Folder, "sshd.log")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_credential_is_written_nowhere()
    {
        using HostCredential credential = new("alice", "secret-1", "secret-2");
        HostTarget target = new("kvm1", new SshAddress("kvm1") { Credential = credential });
        HostSettings settings = new() { Credential = credential };

        string written = string.Join(
            '\n',
            credential.ToString(),
            target.ToString(),
            target.Address.ToString(),
            settings.ToString(),
            System.Text.Json.JsonSerializer.Serialize(target)
        );

        Assert.DoesNotContain("secret", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_that_is_cleared_is_none()
    {
        HostCredential credential = new("alice", "secret", "passphrase");
        Assert.Equal("secret"u8.ToArray(), credential.CopyPassword());
        Assert.Equal("passphrase"u8.ToArray(), credential.CopyKeyPassphrase());

        credential.Dispose();

        Assert.False(credential.IsGiven);
        Assert.Null(credential.CopyPassword());
        Assert.Null(credential.CopyKeyPassphrase());
    }

    private static SshServer ServerWith(params string[] methods) =>
        new(["UsePAM yes", "AuthenticationMethods any", .. methods]);

    private static HostTarget Target(SshServer server, HostCredential credential) =>
        server.Target.WithSsh(ssh => ssh with { UserName = null, KeyFilePath = null, Credential = credential });

    private static async Task<NestVirtException> FailAsync(HostTarget target) =>
        await Assert.ThrowsAnyAsync<NestVirtException>(async () =>
        {
            await using IHostShell shell = await s_shells.OpenAsync(target, default);
            await shell.RunAsync("echo", default);
        });
}
