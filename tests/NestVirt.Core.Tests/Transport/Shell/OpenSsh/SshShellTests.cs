using System.Diagnostics;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Probing;
using NestVirt.SshNet;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>Hosts that behave, through a real sshd and the ways a user may have set up ssh.</summary>
/// <param name="shells">One of the two clients.</param>
public abstract class SshShellTests(IHostShellFactory shells)
{
    private protected bool IsOpenSsh => shells is SshShellFactory;

    [Fact]
    public async Task Every_probe_is_answered_in_one_round_trip()
    {
        Needs.Sshd();
        ProbeAnswers answers = await new ProbeReader(new HostConnector(new LocalShellFactory(), shells)).ReadAsync(
            SshServer.Shared.Target,
            new LinuxPlatform().Probes,
            default
        );

        Assert.Equal(
            new LinuxPlatform().Probes.Select(static probe => probe.Name).Order(StringComparer.Ordinal),
            answers.All.Keys
        );
    }

    [Fact]
    public async Task Output_errors_and_exit_code_come_apart_for_every_script()
    {
        Needs.Sshd();
        await using IHostShell shell = await shells.OpenAsync(SshServer.Shared.Target, default);

        for (int i = 0; i < 5; i++)
        {
            ShellResult result = await shell.RunAsync($"printf 'out\\000\\377'; echo err{i} >&2; exit {i}", default);
            Assert.Equal([.. "out"u8, 0, 0xff], result.Output.ToArray());
            Assert.Equal(($"err{i}", i), (result.ErrorOutput, result.ExitCode));
        }
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task An_accounts_environment_does_not_say_which_files_are_read()
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.TargetWithOptions("environment=\"NESTVIRT_ROOT=/nowhere\"");
        await using IHostShell shell = await shells.OpenAsync(target, default);

        ShellResult result = await shell.RunAsync("printf '[%s]' \"$NESTVIRT_ROOT\"", default);

        Assert.Equal("[]", Encoding.UTF8.GetString(result.Output.Span));
    }

    [Fact]
    public async Task A_shell_that_has_ended_by_itself_is_closed_without_an_error()
    {
        Needs.Sshd();
        IHostShell shell = await shells.OpenAsync(SshServer.Shared.Target, default);
        await shell.RunAsync("{ sleep 0.2; kill -9 $$; } >/dev/null 2>&1 &", default);

        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        await shell.DisposeAsync();
    }

    [Fact]
    public async Task A_large_answer_comes_whole()
    {
        Needs.Sshd();
        const int Size = 10 << 20;
        await using IHostShell shell = await shells.OpenAsync(SshServer.Shared.Target, default);

        ShellResult result = await shell.RunAsync($"head -c {Size} /dev/zero", default);

        Assert.Equal(Size, result.Output.Length);
        Assert.Equal(-1, result.Output.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task Cancelling_ends_the_remote_script_and_ssh()
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.TargetWithOptions(string.Empty);
        string seconds = RunningProcesses.UniqueSeconds();
        using CancellationTokenSource stop = new();
        await using IHostShell shell = await shells.OpenAsync(target, default);
        Task<ShellResult> run = shell.RunAsync($"(sleep {seconds}; :) | cat; :", stop.Token);
        await RunningProcesses.AssertStartsAsync(seconds);

        await stop.CancelAsync();

        // ssh is gone when Cancel returns; the host learns of it a moment later.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await RunningProcesses.AssertEndsAsync(target.KeyFilePath!);
        await RunningProcesses.AssertEndsAsync(seconds);
    }

    [Fact]
    public async Task Closing_leaves_no_ssh_and_what_a_start_up_file_began()
    {
        Needs.Sshd();
        string seconds = RunningProcesses.UniqueSeconds();
        HostTarget target = SshServer.Shared.TargetWithCommand($"sleep {seconds} >/dev/null 2>&1 & exec /bin/sh");
        IHostShell shell = await shells.OpenAsync(target, default);
        await shell.RunAsync("echo", default);

        await shell.DisposeAsync();

        Assert.False(RunningProcesses.Any(target.KeyFilePath!));
        Assert.True(RunningProcesses.Any(seconds));
        await LocalAsync($"pkill -x -f 'sleep {seconds}'");
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again()
    {
        Needs.Sshd();
        using SshServer server = new("MaxStartups 2:100:2");
        HostTarget target = server.Target with { ConnectTimeout = TimeSpan.FromSeconds(60) };

        int[] codes = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async number =>
                {
                    await using IHostShell shell = await shells.OpenAsync(target, default);
                    return (await shell.RunAsync($"exit {number}", default)).ExitCode;
                })
        );

        Assert.Equal(Enumerable.Range(0, 20), codes);
        Assert.Contains(
            "MaxStartups",
            File.ReadAllText(Path.Combine(server.Folder, "sshd.log")),
            StringComparison.Ordinal
        );
    }

    private protected static async Task<int> LocalAsync(string script)
    {
        await using IHostShell shell = await new LocalShellFactory().OpenAsync(HostTarget.Local, default);
        return (await shell.RunAsync(script, default)).ExitCode;
    }
}

/// <summary>Through the user's ssh client, and what it alone does.</summary>
public sealed class OpenSshShellTests() : SshShellTests(new SshShellFactory())
{
    [Fact]
    public async Task A_client_that_dies_ends_the_remote_script()
    {
        Needs.Sshd();
        string seconds = RunningProcesses.UniqueSeconds();
        using Process process = ChildProcess.Start("ssh", SshShellFactory.Arguments(SshServer.Shared.Target));
        await process.StandardInput.WriteAsync(
            ShellFraming.Prologue + ShellFraming.Wrap($"(sleep {seconds}; :) | cat; :", "0123456789abcdef")
        );
        await process.StandardInput.FlushAsync();
        await RunningProcesses.AssertStartsAsync(seconds);

        // The kernel does this when a program is killed.
        process.StandardInput.Close();

        await RunningProcesses.AssertEndsAsync(seconds);
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task A_jump_host_of_the_users_configuration_is_used()
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        SshShellFactory shells = server.ShellsWithConfig(
            $"""
            {File.ReadAllText(server.ConfigPath)}
            Host kvm1
              HostName 127.0.0.1
              Port {server.Port}
              User {server.UserName}
              IdentityFile "{server.TargetWith("key").KeyFilePath}"
              IdentitiesOnly yes
              UserKnownHostsFile "{server.Folder}/known_hosts"
              ProxyJump loopback
            """
        );
        await using IHostShell shell = await shells.OpenAsync(new HostTarget("kvm1", new SshAddress("kvm1")), default);

        ShellResult result = await shell.RunAsync("echo \"$SSH_CONNECTION\"", default);

        Assert.StartsWith("127.0.0.1 ", Encoding.UTF8.GetString(result.Output.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_master_connection_left_in_the_background_holds_nothing_up()
    {
        Needs.Sshd();
        SshServer server = SshServer.Shared;
        string socket = Path.Combine(server.Folder, "mux");
        SshShellFactory shells = server.ShellsWithConfig(
            $"""
            {File.ReadAllText(server.ConfigPath)}
            Host *
              ControlMaster auto
              ControlPath {socket}
              ControlPersist 60
            """
        );
        HostTarget target = new("loopback", new SshAddress("loopback"));

        for (int i = 0; i < 3; i++)
        {
            await using IHostShell shell = await shells.OpenAsync(target, default);
            ShellResult result = await shell.RunAsync($"exit {i}", default);
            Assert.Equal(i, result.ExitCode);
        }

        // It is the user's, and so it is not ended.
        Assert.Equal(0, await LocalAsync($"ssh -F {server.ConfigPath} -o ControlPath={socket} -O check loopback"));
        await LocalAsync($"ssh -F {server.ConfigPath} -o ControlPath={socket} -O exit loopback");
    }

    [Fact]
    public void Arguments_pass_what_the_user_names_and_keep_the_exchange_whole()
    {
        HostTarget target = new(
            "::1",
            new SshAddress("::1")
            {
                UserName = "ADMIN\\jane",
                KeyFilePath = "/k/-o x",
                Port = 2222,
                Options = ["StrictHostKeyChecking=accept-new"],
            }
        )
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(1500),
        };

        List<string> arguments = [.. SshShellFactory.Arguments(target)];

        Assert.Equal(
            ["-l", "ADMIN\\jane", "-i", "/k/-o x", "-p", "2222", "--", "::1", ShellFraming.RemoteCommand],
            arguments[^9..]
        );
        Assert.True(arguments.IndexOf("BatchMode=yes") < arguments.IndexOf("StrictHostKeyChecking=accept-new"));
        Assert.Contains("StrictHostKeyChecking=accept-new", arguments);
        Assert.Contains("ConnectTimeout=2", arguments);
    }

    [Theory]
    [InlineData("BatchMode=no", "BatchMode=yes")]
    [InlineData("batchmode=no", "BatchMode=yes")]
    [InlineData("RemoteCommand=top", "RemoteCommand=none")]
    [InlineData("ForwardAgent=yes", "ForwardAgent=no")]
    [InlineData("forwardx11=yes", "ForwardX11=no")]
    [InlineData("ClearAllForwardings=no", "ClearAllForwardings=yes")]
    [InlineData("BatchMode=yes", null)]
    [InlineData("ForwardX11Trusted=yes", null)]
    public async Task An_option_that_is_ours_is_refused_and_not_passed_over(string option, string? ours)
    {
        HostTarget target = new("kvm1", new SshAddress("kvm1") { Options = [option] });
        Exception? error = await Record.ExceptionAsync(() => new SshShellFactory().OpenAsync(target, default));

        Assert.Equal(
            ours is null
                ? null
                : $"The ssh option {option} cannot be given: it is {ours}, which the connection depends on.",
            error?.Message
        );
        Assert.True(error is null or NestVirtException { Kind: NestVirtErrorKind.SshOptionInvalid });
    }
}

/// <summary>Through SSH.NET.</summary>
public sealed class LibraryShellTests() : SshShellTests(new SshNetShellFactory());
