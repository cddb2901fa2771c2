using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Changes;

[UnsupportedOSPlatform("windows")]
public sealed class ChangeWorkerTests : IDisposable
{
    private const string Old = "/etc/old.conf";
    private const string New = "/etc/made/for/us/new.conf";
    private readonly TreeChange _host = new();

    public ChangeWorkerTests() => _host.Tree.Write("etc/old.conf", "one\ntwo").Write("sys/value", "5\n");

    [Fact]
    public async Task Who_made_a_change_is_kept_letter_by_letter()
    {
        Needs.Shell();
        await _host.RunAsync(
            ChangeScript.Apply(_host.Plan(_host.File("/etc/x.conf", "x\n")), "CORP\\carol@desk", allowSudo: false)
        );

        Assert.Equal("CORP\\carol@desk", Assert.Single(await _host.JournalAsync()).Who);
    }

    [Fact]
    public async Task Files_and_values_are_written_and_journaled()
    {
        ChangePlan plan = _host.Plan(
            _host.File(Old, "one\nthree"),
            _host.File(New, "a\\b'$(touch pwned)\u00e9\0\r\n"),
            ValueAction.Plan("/sys/value", "5", "7")
        );

        ChangeReport report = await _host.ApplyAsync(plan);

        Assert.Equal(("applied", 1), (report.State, report.Id));
        Assert.Equal("one\nthree", _host.Text(Old));
        Assert.Equal("a\\b'$(touch pwned)\u00e9\0\r\n", _host.Raw(New)!.Text);
        Assert.Equal("7\n", _host.Text("/sys/value"));
        JournalEntry entry = Assert.Single(await _host.JournalAsync());
        Assert.Equal(
            (1, JournalState.Applied, "tester@desk", "boot"),
            (entry.Id, entry.State, entry.Who, entry.BootId)
        );
        Assert.Equal(
            plan.Fingerprint,
            entry.Plan! with { Changes = plan.Changes } is var read ? read.Fingerprint : null
        );
    }

    [Fact]
    public async Task Undo_puts_every_byte_and_mode_back_and_removes_what_was_made()
    {
        File.SetUnixFileMode(_host.Tree.Path + Old, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        DateTime time = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_host.Tree.Path + Old, time);
        ChangePlan plan = _host.Plan(
            _host.File(Old, "x"),
            _host.File(New, "y"),
            ValueAction.Plan("/sys/value", "5", "7")
        );
        await _host.ApplyAsync(plan);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(_host.Tree.Path + Old));

        ChangeReport report = await _host.UndoAsync(plan, 1);

        Assert.Equal("undone", report.State);
        Assert.Equal("one\ntwo", _host.Text(Old));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(_host.Tree.Path + Old));
        Assert.Equal(time, File.GetLastWriteTimeUtc(_host.Tree.Path + Old));
        Assert.False(Directory.Exists(_host.Tree.Path + "/etc/made"));
        Assert.Equal("5\n", _host.Text("/sys/value"));
        Assert.Equal(JournalState.Undone, Assert.Single(await _host.JournalAsync()).State);
    }

    [Fact]
    public async Task A_link_is_followed_and_stays_a_link()
    {
        _host.Tree.Link("etc/link.conf", "old.conf");
        ChangePlan plan = _host.Plan(_host.File("/etc/link.conf", "new\n"));

        await _host.ApplyAsync(plan);
        Assert.Equal("new\n", _host.Text(Old));
        await _host.UndoAsync(plan, 1);

        Assert.Equal("one\ntwo", _host.Text(Old));
        Assert.NotNull(new FileInfo(_host.Tree.Path + "/etc/link.conf").LinkTarget);
    }

    [Theory]
    [InlineData("gone.conf")]
    [InlineData("/nowhere/at/all.conf")]
    [InlineData("link.conf")]
    public async Task A_link_to_nothing_is_refused_in_true_words(string target)
    {
        _host.Tree.Link("etc/link.conf", target);
        ChangePlan plan = _host.Plan(_host.File(New, "y"), FileAction.Plan("/etc/link.conf", null, "new\n"));

        ChangeReport report = await _host.ApplyAsync(plan);
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfFailed(plan, report, string.Empty)
        );

        Assert.Equal(NestVirtErrorKind.ChangeRefused, error.Kind);
        Assert.StartsWith(
            "/etc/link.conf is a symbolic link to what is not there",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(target, new FileInfo(_host.Tree.Path + "/etc/link.conf").LinkTarget);
        Assert.Null(_host.Text(New));
    }

    [Fact]
    public async Task A_host_that_differs_from_the_plan_is_left_alone()
    {
        ChangePlan plan = _host.Plan(
            _host.File(New, "y"),
            _host.File(Old, "x"),
            ValueAction.Plan("/sys/value", "5", "7")
        );
        _host.Tree.Write("etc/old.conf", "someone was faster").Write("sys/value", "6\n");

        ChangeReport report = await _host.ApplyAsync(plan);

        Assert.Equal([2, 3], report.Differences.Keys);
        Assert.Equal("6", report.Differences[3]);
        Assert.Null(report.State);
        Assert.Null(_host.Text(New));
        Assert.Equal("someone was faster", _host.Text(Old));
        Assert.Empty(await _host.JournalAsync());
    }

    [Fact]
    public async Task A_step_that_fails_takes_the_others_back()
    {
        ChangePlan plan = _host.Plan(
            _host.File(Old, "x"),
            _host.File(New, "y"),
            ValueAction.Plan("/sys/value", "5", "two\nlines"),
            ValueAction.Plan("/sys/none", "unreadable", "1")
        );

        ChangeReport report = await _host.ApplyAsync(plan);

        Assert.Equal(("rolled-back", 3), (report.State, report.FailedStep));
        Assert.Contains("the kernel keeps two", report.Steps[3].Output, StringComparison.Ordinal);
        Assert.Equal("one\ntwo", _host.Text(Old));
        Assert.Null(_host.Text(New));
        Assert.Equal("5\n", _host.Text("/sys/value"));
        Assert.Equal(JournalState.RolledBack, Assert.Single(await _host.JournalAsync()).State);
    }

    [Fact]
    public async Task Undo_refuses_where_something_was_changed_since_unless_forced()
    {
        ChangePlan plan = _host.Plan(_host.File(Old, "x"), ValueAction.Plan("/sys/value", "5", "7"));
        await _host.ApplyAsync(plan);
        _host.Tree.Write("etc/old.conf", "edited by hand");

        ChangeReport refused = await _host.UndoAsync(plan, 1);
        string? afterRefusal = _host.Text(Old);
        ChangeReport forced = await _host.UndoAsync(plan, 1, force: true);

        Assert.Equal([1], refused.Differences.Keys);
        Assert.Equal("edited by hand", afterRefusal);
        Assert.Equal("undone", forced.State);
        Assert.Equal("one\ntwo", _host.Text(Old));
        Assert.Equal("5\n", _host.Text("/sys/value"));
    }

    [Fact]
    public async Task A_full_disk_is_named()
    {
        Needs.Root();
        string store = _host.Tree.Path + "/var/lib/nestvirt";
        Directory.CreateDirectory(store);
        await Process.Start("mount", ["-t", "tmpfs", "-o", "size=120k", "full", store]).WaitForExitAsync();
        try
        {
            string text = string.Concat(Enumerable.Repeat("a line of many\n", 10_000));
            _host.Tree.Write("etc/old.conf", text);

            ChangeReport report = await _host.ApplyAsync(_host.Plan(_host.File(Old, text + "one more\n")));

            Assert.Equal((null, "rolled-back", 1), (report.Refusal, report.State, report.FailedStep));
            Assert.Contains($"the file system of {store} is full", report.Steps[1].Output, StringComparison.Ordinal);
        }
        finally
        {
            await Process.Start("umount", [store]).WaitForExitAsync();
        }
    }

    [Fact]
    public async Task What_could_not_be_put_back_is_taken_back_later_unless_it_was_changed_since()
    {
        // A cp that does not copy from the journal while there is a file.
        WriteTool(
            "cp",
            $"case \"$*\" in *journal/*/file\\ *.tmp) [ ! -e {_host.Tree.Path}/nocp ] || {{ echo no >&2; exit 1; }} ;; esac\nexec /bin/cp \"$@\""
        );
        _host.Tree.Write("nocp", "");
        ChangePlan plan = _host.Plan(_host.File(Old, "x"), ToolAction.Plan("unknown", "x", null, "x", "/x"));

        ChangeReport failed = await RunWithToolsAsync(ChangeScript.Apply(plan, "tester@desk", allowSudo: false));
        string? kept = _host.Text(Old);
        _host.Tree.Write("etc/old.conf", "edited by hand");
        ChangeReport refused = await _host.UndoAsync(plan, 1);
        _host.Tree.Write("etc/old.conf", "x");
        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal(("failed", "x"), (failed.State, kept));
        Assert.Equal([1], refused.Differences.Keys);
        Assert.Equal("undone", undone.State);
        Assert.Equal("one\ntwo", _host.Text(Old));
    }

    [Theory]
    [InlineData("cp", "exit 4", "cp ended with exit code 4")]
    [InlineData("mv", "case $* in *old.conf*) exit 5 ;; esac; exec /bin/mv \"$@\"", "mv ended with exit code 5")]
    [InlineData("sync", "[ $# -gt 0 ] || exit 6; case $* in */1/1/*) exit 1 ;; esac", "sync ended with exit code 6")]
    [InlineData(
        "readlink",
        "case $* in *link.conf*) ;; *) exec /bin/readlink \"$@\" ;; esac; exit 7",
        "a tool ended with exit code 1, and said nothing"
    )]
    public async Task A_tool_that_fails_in_silence_is_named_with_its_exit_code(string tool, string script, string said)
    {
        _host.Tree.Link("etc/link.conf", "old.conf");
        WriteTool(tool, script);
        ChangePlan plan = _host.Plan(
            _host.File(tool == "readlink" ? "/etc/link.conf" : Old, "x") is { } change
                ? change with
                {
                    Step = change.Step with { Expected = "*" },
                }
                : null
        );

        ChangeReport report = await RunWithToolsAsync(ChangeScript.Apply(plan, "tester@desk", allowSudo: false));

        Assert.Equal((null, 1), (report.Refusal, report.FailedStep));
        Assert.Equal(said, report.Steps[1].Output);
        Assert.Equal("one\ntwo", _host.Text(Old));
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_says_which_tool_failed()
    {
        WriteTool("sync", "exit 8");

        ChangeReport report = await RunWithToolsAsync(
            ChangeScript.Apply(_host.Plan(_host.File(Old, "x")), "tester@desk", allowSudo: false)
        );

        Assert.Equal("broken sync ended with exit code 8", report.Refusal!.TrimEnd());
        Assert.Equal("one\ntwo", _host.Text(Old));
    }

    [Fact]
    public async Task Tools_that_the_host_lacks_are_named_before_anything_is_done()
    {
        ChangeReport report = await _host.RunAsync(
            "command() { case $2 in sync | env) return 1 ;; esac; type \"$2\"; }\n"
                + ChangeScript.Apply(_host.Plan(_host.File(Old, "x")), "tester@desk", allowSudo: false)
        );

        Assert.Equal("missing env, sync", report.Refusal);
        Assert.Equal("one\ntwo", _host.Text(Old));
        Assert.False(Directory.Exists(_host.Tree.Path + "/var/lib/nestvirt"));
    }

    [Fact]
    public async Task One_worker_at_a_time_and_the_other_is_told_who()
    {
        _host.Tree.Write("run/nestvirt/holder", "alice@desk\n").Write("run/nestvirt/lock", "");
        using System.Diagnostics.Process holder = System.Diagnostics.Process.Start(
            "flock",
            [_host.Tree.Path + "/run/nestvirt/lock", "sleep", "30"]
        );
        await LockAsync();

        ChangeReport report = await _host.ApplyAsync(_host.Plan(_host.File(Old, "x")));
        holder.Kill(entireProcessTree: true);
        await holder.WaitForExitAsync();

        Assert.Equal("locked alice@desk", report.Refusal);
        Assert.Equal("one\ntwo", _host.Text(Old));
    }

    [Fact]
    public async Task A_worker_that_was_killed_leaves_an_interrupted_change_that_blocks_others_until_undone()
    {
        ChangePlan plan = _host.Plan(_host.File(Old, "x"));
        await _host.ApplyAsync(plan);
        _host.Tree.Write("var/lib/nestvirt/journal/1/state", "applying\n");

        ChangeReport next = await _host.ApplyAsync(_host.Plan(_host.File(New, "y")));
        JournalState state = Assert.Single(await _host.JournalAsync()).State;
        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal("interrupted 1", next.Refusal);
        Assert.Equal(JournalState.Interrupted, state);
        Assert.Equal("undone", undone.State);
        Assert.Equal("one\ntwo", _host.Text(Old));
    }

    [Fact]
    public async Task Changes_are_numbered_and_the_newest_comes_first()
    {
        for (int i = 0; i < 11; i++)
        {
            await _host.ApplyAsync(_host.Plan(_host.File(Old, $"{i}")));
        }

        Assert.Equal(Enumerable.Range(1, 11).Reverse(), (await _host.JournalAsync()).Select(static entry => entry.Id));
    }

    public void Dispose() => _host.Dispose();

    private void WriteTool(string name, string script)
    {
        _host.Tree.Write($"bin/{name}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode($"{_host.Tree.Path}/bin/{name}", (UnixFileMode)0b111_101_101);
    }

    private Task<ChangeReport> RunWithToolsAsync(string script) =>
        _host.RunAsync($"PATH={_host.Tree.Path}/bin:$PATH\n" + script);

    // The lock is taken when nobody else can take it.
    private async Task LockAsync()
    {
        while (true)
        {
            using System.Diagnostics.Process attempt = System.Diagnostics.Process.Start(
                "flock",
                ["-n", _host.Tree.Path + "/run/nestvirt/lock", "true"]
            );
            await attempt.WaitForExitAsync();
            if (attempt.ExitCode != 0)
            {
                return;
            }
        }
    }
}
