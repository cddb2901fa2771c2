using System.Runtime.Versioning;
using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Worker;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Ends the worker, the shell or the client at tools that a change runs, one after the other; with NESTVIRT_TEST_ALL=yes at each.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ChangeCrashTests : IDisposable
{
    private const string Old = "/etc/old.conf";
    private const string New = "/etc/made/new.conf";
    private const string Gone = "/etc/gone.conf";
    private const string Link = "/etc/wanted/by.service";
    private const string Value = "/sys/value";
    private const int MostPoints = 9;

    private readonly CrashPoints _points = new();

    [Fact]
    public async Task A_worker_killed_at_any_point_leaves_old_or_new_and_undo_puts_the_old_back()
    {
        int count = await CountAsync(static host => host.ApplyAsync(PlanOf(host)));
        Assert.InRange(count, 30, 300);
        foreach (int at in Some.Of(count, MostPoints))
        {
            using TreeChange host = Fresh();
            ChangePlan plan = PlanOf(host);
            _points.Reset(at, "kill");
            await KilledAsync(host, ChangeScript.Apply(plan, "tester", allowSudo: false));

            AssertOldOrNew(host, at);
            await RecoverAsync(host, plan, at);
        }
    }

    [Fact]
    public async Task A_way_back_that_is_killed_at_any_point_can_be_gone_again()
    {
        int count = await CountAsync(static async host =>
        {
            await host.ApplyAsync(PlanOf(host));
            return await host.UndoAsync(PlanOf(host), 1);
        });
        Assert.InRange(count, 20, 300);
        foreach (int at in Some.Of(count, MostPoints))
        {
            using TreeChange host = Fresh();
            ChangePlan plan = PlanOf(host);
            await host.ApplyAsync(plan);
            _points.Reset(at, "kill");
            await KilledAsync(
                host,
                ChangeScript.Undo(
                    plan,
                    1,
                    1,
                    "tester",
                    new ChangeScope(StopGuests: false, 1, Force: false),
                    allowSudo: false
                )
            );

            AssertOldOrNew(host, at);
            await RecoverAsync(host, plan, at);
        }
    }

    [Fact]
    public async Task A_client_that_is_gone_at_any_point_does_not_keep_the_change_from_its_end()
    {
        int count = await CountAsync(static host => host.ApplyAsync(PlanOf(host)));
        int finished = 0;
        int[] points = [.. Some.Of(count, MostPoints)];
        foreach (int at in points)
        {
            using TreeChange host = Fresh();
            ChangePlan plan = PlanOf(host);
            _points.Reset(at, "hold");
            using CancellationTokenSource gone = new();
            Task client = RunAsync(host, ChangeScript.Apply(plan, "tester", allowSudo: false), gone.Token);
            await UntilAsync(() => _points.IsHeld || client.IsCompleted);
            await gone.CancelAsync();
            await Task.WhenAny(client);
            _points.Release();
            await UntilIdleAsync(host);

            IReadOnlyList<JournalEntry> journal = await host.JournalAsync();
            if (journal is [{ State: JournalState.Applied }])
            {
                finished++;
                Assert.Equal(
                    ("new", "made", null, "7\n"),
                    (host.Text(Old), host.Text(New), host.Text(Gone), host.Text(Value))
                );
            }

            AssertOldOrNew(host, at);
            await RecoverAsync(host, plan, at);
        }

        // Before the worker has taken over, nothing has begun; from then on nothing stops it.
        Assert.True(finished > points.Length / 2, $"{finished} of {points.Length} changes went on to their end");
    }

    [Fact]
    public async Task A_full_disk_leaves_the_old_state()
    {
        using TreeChange host = Fresh();
        ChangePlan plan = PlanOf(host);

        // No file may grow beyond 4 blocks of 512 bytes: the journal's plan does not fit.
        ChangeReport report = await RunAsync(
            host,
            "ulimit -f 4; trap '' XFSZ\n" + ChangeScript.Apply(plan, "tester", allowSudo: false)
        );

        Assert.StartsWith("broken ", report.Refusal, StringComparison.Ordinal);
        Assert.Equal(
            ("old", null, "going", "5\n"),
            (host.Text(Old), host.Text(New), host.Text(Gone), host.Text(Value))
        );
        Assert.Empty(await host.JournalAsync());
        Assert.Equal("applied", (await host.ApplyAsync(plan)).State);
    }

    public void Dispose() => _points.Dispose();

    private static TreeChange Fresh()
    {
        TreeChange host = new(inMemory: true);
        host.Tree.Write("etc/old.conf", "old").Write("etc/gone.conf", "going").Write("sys/value", "5\n");
        return host;
    }

    private static ChangePlan PlanOf(TreeChange host) =>
        host.Plan(
            FileAction.Plan(Old, new RawFile(Old, "old"u8.ToArray()), "new"),
            FileAction.Plan(New, null, "made"),
            FileAction.Plan(Gone, new RawFile(Gone, "going"u8.ToArray()), null),
            LinkAction.Plan(Link, null, "../old.conf"),
            ValueAction.Plan(Value, "5", "7")
        );

    private static void AssertOldOrNew(TreeChange host, int at)
    {
        Assert.True(host.Text(Old) is "old" or "new", $"killed at {at}: {Old} holds '{host.Text(Old)}'");
        Assert.True(host.Text(New) is null or "made", $"killed at {at}: {New} holds '{host.Text(New)}'");
        Assert.True(host.Text(Gone) is null or "going", $"killed at {at}: {Gone} holds '{host.Text(Gone)}'");
        Assert.True(host.Text(Value) is "5\n" or "7\n", $"killed at {at}: {Value} holds '{host.Text(Value)}'");
    }

    // What an administrator does: look at the journal, and undo.
    private static async Task RecoverAsync(TreeChange host, ChangePlan plan, int at)
    {
        await UntilIdleAsync(host);
        foreach (JournalEntry entry in await host.JournalAsync())
        {
            if (entry.State == JournalState.Interrupted)
            {
                Assert.Equal("interrupted 1", (await host.ApplyAsync(plan)).Refusal);
            }

            if (entry.State is not (JournalState.Undone or JournalState.RolledBack))
            {
                Assert.True((await host.UndoAsync(plan, entry.Id)).State == "undone", $"killed at {at}: undo failed");
            }
        }

        Assert.True(
            (host.Text(Old), host.Text(New), host.Text(Gone), host.Text(Value)) is ("old", null, "going", "5\n"),
            $"killed at {at}: after undo {Old} is '{host.Text(Old)}', {New} '{host.Text(New)}', {Gone} '{host.Text(Gone)}', {Value} '{host.Text(Value)}'"
        );
        Assert.False(Directory.Exists(host.Tree.Path + "/etc/made"), $"killed at {at}: a folder is left");
        Assert.False(Directory.Exists(host.Tree.Path + "/etc/wanted"), $"killed at {at}: a link is left");
        Assert.Empty(Directory.GetFiles(host.Tree.Path + "/etc", ".nestvirt.*"));
        ChangeReport again = await host.ApplyAsync(plan);
        Assert.True(again.State == "applied", $"killed at {at}: no other change can be made: {again}");
    }

    private static async Task UntilIdleAsync(TreeChange host) =>
        await UntilAsync(() => !RunningProcesses.AnyIn(host.Tree.Path));

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10);
        }
    }

    private async Task<int> CountAsync(Func<TreeChange, Task<ChangeReport>> change)
    {
        using TreeChange host = Fresh();
        _points.Reset(0, "kill");
        ChangePlan plan = PlanOf(host);
        await RunAsync(host, ChangeScript.Apply(plan, "tester", allowSudo: false));
        return _points.Count;
    }

    // Where the tool was run by the shell itself, that is what ends.
    private async Task KilledAsync(TreeChange host, string script)
    {
        try
        {
            await RunAsync(host, script);
        }
        catch (NestVirtException error)
        {
            Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        }
    }

    private async Task<ChangeReport> RunAsync(
        TreeChange host,
        string script,
        CancellationToken cancellationToken = default
    )
    {
        LocalShellFactory shells = new(
            "/usr/bin/env",
            $"PATH={_points.Folder}:/usr/sbin:/usr/bin:/sbin:/bin",
            "/bin/sh"
        );
        IHostShell shell = await shells.OpenAsync(host.Target, cancellationToken);
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell.RunAsync(script, cancellationToken);
            return ChangeReport.Parse(Encoding.UTF8.GetString(result.Output.Span));
        }
    }
}
