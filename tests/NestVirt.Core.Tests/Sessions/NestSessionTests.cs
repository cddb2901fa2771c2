using System.Diagnostics;
using System.Globalization;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Sessions;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Sessions;

/// <summary>A session over a real shell of this machine.</summary>
public sealed class NestSessionTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Commands_run_in_one_shell_one_after_the_other()
    {
        using NestSession session = await OpenAsync(s_long);
        string file = Path.GetTempFileName();

        ShellResult[] results = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ => RunAsync(session, $"echo begin >>{file}; sleep 0.05; echo end >>{file}; echo $$"))
        );

        string[] lines = await File.ReadAllLinesAsync(file);
        File.Delete(file);
        Assert.Equal(Enumerable.Repeat<string[]>(["begin", "end"], 4).SelectMany(static pair => pair), lines);
        Assert.Single(results.Select(TextOf).Distinct());
        Assert.Equal(NestSessionState.Opened, session.State);
    }

    [Fact]
    public async Task What_it_is_like_is_said_by_it_and_by_the_host()
    {
        using NestSession first = await OpenAsync(s_long);
        using NestSession second = await NestSession.OpenAsync(
            HostTarget.Local,
            new LocalShellFactory(),
            new SessionOptions(s_long) { Name = "lab", Client = SshClient.Library },
            default
        );

        Assert.Equal(("localhost", "localhost", Environment.UserName), (first.Name, first.HostName, first.UserName));
        Assert.Equal(("lab", (SshClient?)SshClient.Library), (second.Name, second.Client));
        Assert.True(second.Id > first.Id);
        Assert.Same(first, first.Target.Session);
        Assert.Equal(HostTarget.Local, first.Target with { Session = null });
        Assert.Equal(FormattableString.Invariant($"in session {first.Id}"), HostConnector.Describe(first.Target));
    }

    [Fact]
    public async Task It_is_closed_when_it_was_idle_for_its_time_and_not_while_a_command_runs()
    {
        using NestSession session = await OpenAsync(TimeSpan.FromMilliseconds(300));
        string pid = TextOf(await RunAsync(session, "sleep 1; echo $$"));
        Assert.Equal(NestSessionState.Opened, session.State);

        await UntilAsync(() => session.State == NestSessionState.TimedOut);
        await UntilAsync(() => !IsRunning(pid));

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => RunAsync(session, "echo"));
        Assert.Equal(NestVirtErrorKind.SessionTimedOut, error.Kind);
        Assert.Equal(
            FormattableString.Invariant($"Session {session.Id} is closed. Nothing was asked in it for 300 ms."),
            error.Message
        );
    }

    [Fact]
    public async Task A_command_that_comes_to_no_end_in_time_breaks_it()
    {
        using NestSession session = await OpenAsync(s_long);
        HostTarget hasty = session.Target with { CommandTimeout = TimeSpan.FromMilliseconds(200) };

        NestVirtException first = await Assert.ThrowsAsync<NestVirtException>(() => RunAsync(hasty, "sleep 77"));
        NestVirtException second = await Assert.ThrowsAsync<NestVirtException>(() => RunAsync(session, "echo"));

        Assert.Equal(NestVirtErrorKind.HostTimeout, first.Kind);
        Assert.EndsWith(
            FormattableString.Invariant($" Session {session.Id} is broken thereby."),
            first.Message,
            StringComparison.Ordinal
        );
        Assert.NotNull(first.Remedy);
        Assert.Equal((NestVirtErrorKind.SessionBroken, NestSessionState.Broken), (second.Kind, session.State));
        Assert.Contains("within 200 ms", second.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_shell_that_dies_breaks_it_and_is_not_replaced(bool isIdle)
    {
        using NestSession session = await OpenAsync(s_long);
        if (isIdle)
        {
            Kill(TextOf(await RunAsync(session, "echo $$")));
            await UntilAsync(() => session.State == NestSessionState.Broken);
        }
        else
        {
            // What runs may come to its end before its shell is missed.
            _ = await Record.ExceptionAsync(() => RunAsync(session, "kill -9 $$"));
            await UntilAsync(() => session.State == NestSessionState.Broken);
        }

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => RunAsync(session, "echo"));

        Assert.Equal((NestVirtErrorKind.SessionBroken, NestSessionState.Broken), (error.Kind, session.State));
        Assert.NotNull(session.Reason);
    }

    [Fact]
    public async Task Removing_it_ends_what_runs_in_it_and_what_waits()
    {
        string seconds = RunningProcesses.UniqueSeconds();
        NestSession session = await OpenAsync(s_long);
        Task<ShellResult> running = RunAsync(session, $"sleep {seconds}; :");
        await RunningProcesses.AssertStartsAsync(seconds);
        Task<ShellResult> waiting = RunAsync(session, "echo");
        Assert.Equal(NestSessionState.Busy, session.State);

        session.Dispose();

        await RunningProcesses.AssertEndsAsync(seconds);
        foreach (Task<ShellResult> one in (Task<ShellResult>[])[running, waiting, RunAsync(session, "echo")])
        {
            NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => one);
            Assert.Equal(NestVirtErrorKind.SessionClosed, error.Kind);
        }

        Assert.Equal(NestSessionState.Closed, session.State);
    }

    [Fact]
    public async Task Whoever_gives_up_a_command_does_not_break_it()
    {
        using NestSession session = await OpenAsync(s_long);
        using CancellationTokenSource stop = new();
        long began = Stopwatch.GetTimestamp();
        Task<ShellResult> running = (await HostConnector.Default.OpenAsync(session.Target, default)).RunAsync(
            "sleep 5; echo late",
            stop.Token
        );
        stop.CancelAfter(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
        Assert.Equal(NestSessionState.Busy, session.State);
        Assert.Equal("next", TextOf(await RunAsync(session, "echo next")));
        Assert.Equal(NestSessionState.Opened, session.State);
    }

    [Fact]
    public async Task A_host_that_was_restarted_breaks_it()
    {
        using NestSession session = await OpenAsync(s_long);

        ((IHostSession)session).Break("The host was restarted for a change.");

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => RunAsync(session, "echo"));
        Assert.Equal(NestVirtErrorKind.SessionBroken, error.Kind);
        Assert.EndsWith("The host was restarted for a change.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recorded_host_has_none()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            NestSession.OpenAsync(
                HostTarget.Snapshot("kvm1.json"),
                HostConnector.Default,
                new SessionOptions(s_long),
                default
            )
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
    }

    private static Task<NestSession> OpenAsync(TimeSpan idle)
    {
        Needs.Shell();
        return NestSession.OpenAsync(HostTarget.Local, new LocalShellFactory(), new SessionOptions(idle), default);
    }

    private static Task<ShellResult> RunAsync(NestSession session, string script) => RunAsync(session.Target, script);

    private static async Task<ShellResult> RunAsync(HostTarget target, string script)
    {
        await using IHostShell shell = await HostConnector.Default.OpenAsync(target, default);
        return await shell.RunAsync(script, default);
    }

    private static string TextOf(ShellResult result) => Encoding.UTF8.GetString(result.Output.Span).Trim();

    private static void Kill(string pid)
    {
        using Process process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
        process.Kill();
    }

    private static bool IsRunning(string pid) => Directory.Exists($"/proc/{pid}");

    private static async Task UntilAsync(Func<bool> condition)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, "it does not come true");
            await Task.Delay(20);
        }
    }
}
