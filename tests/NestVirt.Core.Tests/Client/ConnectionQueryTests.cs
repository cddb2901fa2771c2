using System.Net;
using System.Net.Sockets;
using NestVirt.Client;
using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;
using NestVirt.Linux.Worker;
using NestVirt.Model;
using NestVirt.SshNet;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Client;

/// <summary>Each step on the way to a host failing, at a real sshd.</summary>
/// <param name="shells">One of the two clients.</param>
public abstract class ConnectionQueryTests(IHostShellFactory shells)
{
    private readonly ConnectionQuery _query = new(new HostConnector(new LocalShellFactory(), shells));

    [Fact]
    public async Task A_host_that_stands_passes_every_step()
    {
        Needs.Root();
        Needs.Sshd();
        ConnectionCheck check = await CheckAsync(SshServer.Shared.Target);

        Assert.All(check.Steps, static step => Assert.Equal(ConnectionStepState.Passed, step.State));
        Assert.Equal(Enum.GetValues<ConnectionStepName>(), check.Steps.Select(static step => step.Name));
        Assert.Equal((true, null, null), (check.Stands, check.FirstFault, check.Message));
    }

    [Fact]
    public async Task A_name_that_is_unknown_is_the_name() =>
        await FailsAsync(
            SshServer.Shared.Target with
            {
                Address = new SshAddress("nowhere.invalid") { KeyFilePath = SshServer.Shared.Target.KeyFilePath },
            },
            ConnectionStepName.Name,
            "getent hosts nowhere.invalid"
        );

    [Fact]
    public async Task A_port_that_is_closed_is_the_port() =>
        await FailsAsync(SshServer.Shared.Target.WithSsh(static ssh => ssh with { Port = 1 }), ConnectionStepName.Port);

    [Fact]
    public async Task A_server_that_says_nothing_is_the_port()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await FailsAsync(
            SshServer.Shared.Target.WithSsh(ssh => ssh with { Port = port }) with
            {
                ConnectTimeout = TimeSpan.FromSeconds(1),
            },
            ConnectionStepName.Port
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_is_not_known_is_the_host_key_and_no_command_accepts_it(bool isChanged)
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        string file = Path.Combine(server.Folder, Path.GetRandomFileName());
        string other = (await File.ReadAllTextAsync($"{server.Target.KeyFilePath}.pub")).Split(' ')[1];
        await File.WriteAllTextAsync(file, isChanged ? $"[127.0.0.1]:{server.Port} ssh-ed25519 {other}\n" : "\n");
        HostTarget target = server.Target.WithSsh(ssh =>
            ssh with
            {
                Options =
                [
                    .. ssh.Options.Select(option =>
                        option.StartsWith("User", StringComparison.Ordinal) ? $"UserKnownHostsFile={file}" : option
                    ),
                ],
            }
        );

        await FailsAsync(
            target,
            ConnectionStepName.HostKey,
            FormattableString.Invariant($"ssh-keyscan -p {server.Port} 127.0.0.1 | ssh-keygen -lf -")
        );
    }

    [Fact]
    public async Task A_log_in_that_is_refused_is_the_log_in()
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.Target.WithSsh(static ssh =>
            ssh with
            {
                KeyFilePath = Path.Combine(SshServer.Shared.Folder, "host_key"),
            }
        );

        await FailsAsync(
            target,
            ConnectionStepName.LogIn,
            FormattableString.Invariant(
                $"ssh-copy-id -i '{target.KeyFilePath}' -p {target.Port} {target.UserName}@127.0.0.1"
            )
        );
    }

    [Theory]
    [InlineData("echo This account is currently not available.; exit 1")]
    [InlineData("exec cat >/dev/null")]
    public async Task What_gives_no_shell_is_the_shell(string command)
    {
        Needs.Sshd();
        await FailsAsync(
            SshServer.Shared.TargetWithCommand(command) with
            {
                CommandTimeout = TimeSpan.FromSeconds(3),
            },
            ConnectionStepName.Shell
        );
    }

    [Fact]
    public async Task A_shell_of_another_kind_is_the_shell()
    {
        Needs.Sshd("csh");
        await FailsAsync(
            SshServer.Shared.TargetWithCommand("exec csh") with
            {
                CommandTimeout = TimeSpan.FromSeconds(3),
            },
            ConnectionStepName.Shell
        );
    }

    [Theory]
    [InlineData("ME ALL=(ALL) ALL", false, false)]
    [InlineData("ME ALL=(ALL) ALL", true, true)]
    [InlineData("ME ALL=(ALL) NOPASSWD: /bin/sh", false, true)]
    [InlineData("ME ALL=(ALL) /bin/ls", true, false)]
    [InlineData("Defaults:ME insults", false, false)]
    public async Task Sudo_stands_where_it_makes_the_account_root(string rule, bool isGiven, bool stands)
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SudoRules sudo = new(user, rule);
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new(user.Password);
        HostTarget target = server.Target.WithSsh(ssh => ssh with { UserName = user.Name }) with
        {
            SudoPassword = isGiven ? password : null,
        };

        ConnectionCheck check = await CheckAsync(target);

        Assert.Equal(stands ? null : ConnectionStepName.Sudo, check.FirstFault);
        Assert.Equal(stands, check.Remedy is null);
        Assert.Equal(ConnectionStepState.Passed, check.Steps[^1].State);
    }

    [Fact]
    public async Task A_wrong_password_for_sudo_is_sudo_and_not_the_log_in()
    {
        using ThrowAwayUser user = ThrowAwayUser.Create();
        using SudoRules sudo = new(user, "ME ALL=(ALL) ALL");
        using SshServer server = SshServer.ForOthers();
        using HostSecret password = new("wrong");
        await FailsAsync(
            server.Target.WithSsh(ssh => ssh with { UserName = user.Name }) with
            {
                SudoPassword = password,
            },
            ConnectionStepName.Sudo
        );
    }

    private async Task FailsAsync(HostTarget target, ConnectionStepName at, string? command = null)
    {
        Needs.Sshd();
        ConnectionCheck check = await CheckAsync(target);

        Assert.Equal((at, false), (check.FirstFault, check.Stands));
        Assert.All(
            check.Steps,
            step =>
                Assert.True(
                    step.Name == at ? step.State == ConnectionStepState.Failed
                        : step.Name > at ? step.State == ConnectionStepState.NotTried
                        : step.State is ConnectionStepState.Passed or ConnectionStepState.Unknown,
                    step.ToString()
                )
        );
        Assert.NotNull(check.Message);
        Assert.NotNull(check.Remedy);
        Assert.Equal(command, check.Command);
    }

    private async Task<ConnectionCheck> CheckAsync(HostTarget target) =>
        Assert.Single(await _query.RunAsync(target, TestContext.Current.CancellationToken).ToListAsync());
}

/// <summary>Through the OpenSSH client.</summary>
public sealed class OpenSshConnectionQueryTests() : ConnectionQueryTests(new SshShellFactory());

/// <summary>Through SSH.NET.</summary>
public sealed class LibraryConnectionQueryTests() : ConnectionQueryTests(new SshNetShellFactory());

public sealed class LocalConnectionQueryTests
{
    [Fact]
    public async Task This_machine_has_a_shell_and_no_way_to_it()
    {
        Needs.Root();
        ConnectionCheck check = await new ConnectionQuery(HostConnector.Default)
            .RunAsync(HostTarget.Local with { AllowSudo = false }, default)
            .FirstAsync();

        Assert.Equal(
            "Name NotApplicable, Route NotApplicable, Port NotApplicable, HostKey NotApplicable, LogIn NotApplicable, Shell Passed, Sudo NotApplicable, Tools Passed",
            string.Join(", ", check.Steps)
        );
    }

    [Theory]
    [InlineData("root\n", ConnectionStepState.Passed)]
    [InlineData("passwordless\n", ConnectionStepState.Passed)]
    [InlineData("refused\nsudo: a password is required\n", ConnectionStepState.Failed)]
    [InlineData("refused\nsudo: kvm is not allowed to execute /bin/sh\n", ConnectionStepState.Failed)]
    [InlineData("denied\nsudo works on a terminal alone here (requiretty)\n", ConnectionStepState.Failed)]
    [InlineData("none\n", ConnectionStepState.Failed)]
    [InlineData("", ConnectionStepState.Unknown)]
    public void Sudo_is_told_apart(string text, ConnectionStepState state)
    {
        (ConnectionStep step, string? remedy) = SudoCheck.Read(text);

        Assert.Equal((state, state == ConnectionStepState.Failed), (step.State, remedy is not null));
    }

    [Theory]
    [InlineData("end\n", ConnectionStepState.Passed, "All are there.")]
    [InlineData(
        "od\nflock\nend\n",
        ConnectionStepState.Failed,
        "Absent: od (registers of devices and of the processor are unknown); flock (nothing can be changed)."
    )]
    [InlineData("od\n", ConnectionStepState.Unknown, "The host did not say.")]
    public void Tools_that_are_absent_are_named(string text, ConnectionStepState state, string detail) =>
        Assert.Equal((state, detail), (ToolCheck.Read(text).Step.State, ToolCheck.Read(text).Step.Detail));
}
