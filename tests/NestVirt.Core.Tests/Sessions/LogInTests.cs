using NestVirt.Client;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.Sessions;
using NestVirt.SshNet;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Sessions;

/// <summary>Log-ins, counted at a real sshd.</summary>
public sealed class LogInTests
{
    [Theory]
    [InlineData(SshClient.OpenSsh)]
    [InlineData(SshClient.Library)]
    public async Task Ten_questions_to_three_hosts_are_three_log_ins(SshClient client)
    {
        Needs.Sshd();
        using SshServer one = new();
        using SshServer two = new();
        using SshServer three = new();
        SshServer[] servers = [one, two, three];
        HostConnector shells = new(new LocalShellFactory(), ShellsOf(client));
        List<NestSession> sessions = [];
        foreach (SshServer server in servers)
        {
            sessions.Add(
                await NestSession.OpenAsync(server.Target, shells, new SessionOptions(TimeSpan.FromMinutes(1)), default)
            );
        }

        for (int i = 0; i < 10; i++)
        {
            NestedSupport[] answers =
            [
                .. (
                    await Task.WhenAll(
                        sessions.Select(static session =>
                            HostQueries
                                .Ask(HostQuestions.Support)
                                .RunAsync(session.Target, default)
                                .ToListAsync()
                                .AsTask()
                        )
                    )
                ).SelectMany(static answers => answers),
            ];
            Assert.All(answers, static answer => Assert.Equal("127.0.0.1", answer.HostName));
            Assert.Equal(3, answers.Length);
        }

        sessions.ForEach(static session => session.Dispose());
        Assert.All(servers, static server => Assert.Equal(1, server.LogInCount));
        Assert.All(servers, server => Assert.False(RunningProcesses.Any(server.Target.KeyFilePath!)));
    }

    [Theory]
    [InlineData(SshClient.OpenSsh)]
    [InlineData(SshClient.Library)]
    public async Task A_host_that_goes_away_breaks_its_session(SshClient client)
    {
        Needs.Sshd();
        HostTarget target = SshServer.Shared.TargetWithOptions(string.Empty);
        using NestSession session = await NestSession.OpenAsync(
            target,
            new HostConnector(new LocalShellFactory(), ShellsOf(client)),
            new SessionOptions(TimeSpan.FromMinutes(1)),
            default
        );
        await using IHostShell shell = await HostConnector.Default.OpenAsync(session.Target, default);

        await shell.RunAsync("(sleep 0.2; kill -9 $$) >/dev/null 2>&1 </dev/null &", default);
        for (int i = 0; i < 500 && session.State != NestSessionState.Broken; i++)
        {
            await Task.Delay(20);
        }

        Assert.Equal(NestSessionState.Broken, session.State);
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => shell.RunAsync("echo", default));
        Assert.Equal(NestVirtErrorKind.SessionBroken, error.Kind);
    }

    [Fact]
    public async Task A_connector_for_one_command_logs_in_once_and_anew_where_a_shell_has_ended()
    {
        Needs.Sshd();
        using SshServer server = new();
        HostConnector shells = new HostConnector(new LocalShellFactory(), new SshShellFactory()).Reusing();

        for (int i = 0; i < 3; i++)
        {
            await using IHostShell shell = await shells.OpenAsync(server.Target, default);
            await shell.RunAsync("echo", default);
        }

        Assert.Equal(1, server.LogInCount);
        await using (IHostShell shell = await shells.OpenAsync(server.Target, default))
        {
            // What runs may come to its end before its shell is missed.
            _ = await Record.ExceptionAsync(() => shell.RunAsync("kill -9 $$", default));
        }

        // Nothing is asked twice silently: until the end of the log-in is noticed, the error is that of whoever asks.
        for (int i = 0; i < 600 && server.LogInCount == 1; i++)
        {
            await using IHostShell shell = await shells.OpenAsync(server.Target, default);
            _ = await Record.ExceptionAsync(() => shell.RunAsync("echo", default));
        }

        await shells.EndAsync();
        Assert.Equal(2, server.LogInCount);
        Assert.False(RunningProcesses.Any(server.Target.KeyFilePath!));
    }

    private static IHostShellFactory ShellsOf(SshClient client) =>
        client == SshClient.OpenSsh ? new SshShellFactory() : new SshNetShellFactory();
}
