using System.Runtime.Versioning;
using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Worker;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Takes the power away at flushes of a change and of its way back (with NESTVIRT_TEST_ALL=yes at each), on a disk that keeps only what was flushed, or any part of the rest.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PowerCutTests
{
    private const string Old = "/etc/old.conf";
    private const string New = "/etc/made/by/new.conf";
    private const string Gone = "/etc/gone.conf";
    private const string Link = "/etc/wanted/by.service";
    private const int MostCuts = 12;

    private static readonly ChangeScope s_scope = new(StopGuests: false, 1, Force: false);

    [Fact]
    public async Task A_cut_in_a_change_leaves_old_or_new_and_undo_puts_the_old_back()
    {
        NeedsMemory();
        using TreeChange host = Fresh();
        ChangePlan plan = PlanOf(host);

        (string Left, JournalEntry[] Journal)[] ends = await CutAsync(
            host,
            plan,
            ChangeScript.Apply(plan, "tester", allowSudo: false)
        );

        Assert.All(ends, static end => Assert.Equal("new made (none) ../old.conf", end.Left));
        Assert.All(ends, static end => Assert.Equal(JournalState.Applied, Assert.Single(end.Journal).State));
    }

    [Fact]
    public async Task A_cut_in_a_way_back_can_be_gone_on_with()
    {
        NeedsMemory();
        using TreeChange host = Fresh();
        ChangePlan plan = PlanOf(host);
        await host.ApplyAsync(plan);

        (string Left, JournalEntry[] Journal)[] ends = await CutAsync(
            host,
            plan,
            ChangeScript.Undo(plan, 1, 1, "tester", s_scope, allowSudo: false)
        );

        Assert.All(ends, static end => Assert.Equal("old (none) going (none)", end.Left));
        Assert.All(ends, static end => Assert.Equal(JournalState.Undone, Assert.Single(end.Journal).State));
    }

    [Fact]
    public async Task A_way_back_that_was_killed_before_it_flushed_is_flushed_by_the_next()
    {
        NeedsMemory();
        using TreeChange host = Fresh();
        host.Tree.Write("etc/files/other", "stays").Write("etc/links/other", "stays");
        ChangePlan plan = host.Plan(
            FileAction.Plan("/etc/files/new.conf", null, "made"),
            LinkAction.Plan("/etc/links/new", null, "../old.conf")
        );
        await host.ApplyAsync(plan);
        using FlushLog log = new();
        DurableDisk disk = new(await log.TakeAsync(host.Tree.Path));
        File.Delete(host.Tree.Path + "/etc/files/new.conf");
        File.Delete(host.Tree.Path + "/etc/links/new");

        await RunAsync(host, log.Folder, ChangeScript.Undo(plan, 1, 1, "tester", s_scope, allowSudo: false));
        foreach ((TreeImage now, string[] flushed) in log.Read(host.Tree.Path))
        {
            disk.Flush(now, flushed);
        }

        Assert.All(
            disk.Cut(await log.TakeAsync(host.Tree.Path), new Random(1)),
            static left =>
                Assert.Equal(
                    (true, true, null, null),
                    (
                        left.Find("etc/files/other") is not null,
                        left.Find("etc/links/other") is not null,
                        left.Find("etc/files/new.conf"),
                        left.Find("etc/links/new")
                    )
                )
        );
    }

    private static void NeedsMemory() =>
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "inodes are told apart in /dev/shm alone");

    private static TreeChange Fresh()
    {
        TreeChange host = new(inMemory: true);
        host.Tree.Write("etc/old.conf", "old").Write("etc/gone.conf", "going").Write("sys/value", "5\n");
        Directory.CreateDirectory(host.Tree.Path + "/var/lib");
        return host;
    }

    private static ChangePlan PlanOf(TreeChange host) =>
        host.Plan(
            FileAction.Plan(Old, new RawFile(Old, "old"u8.ToArray()), "new"),
            FileAction.Plan(New, null, "made"),
            FileAction.Plan(Gone, new RawFile(Gone, "going"u8.ToArray()), null),
            LinkAction.Plan(Link, null, "../old.conf"),
            ValueAction.Plan("/sys/value", "5", "7")
        );

    // Gives what is left, and what the journal says, where the power went after the last word of the worker.
    private static async Task<(string Left, JournalEntry[] Journal)[]> CutAsync(
        TreeChange host,
        ChangePlan plan,
        string script
    )
    {
        using FlushLog log = new();
        DurableDisk disk = new(await log.TakeAsync(host.Tree.Path));
        await RunAsync(host, log.Folder, script);
        TreeImage end = await log.TakeAsync(host.Tree.Path);

        Random chance = new(1);
        HashSet<string> seen = [];
        List<(TreeImage Left, string At)> cuts = [];
        int count = 0;
        foreach ((TreeImage now, string[] flushed) in log.Read(host.Tree.Path))
        {
            count++;
            string at = $"before flush {count} of {string.Join(' ', flushed)}";
            cuts.AddRange(
                disk.Cut(now, chance).Where(left => seen.Add(string.Join('\n', left.List()))).Select(left => (left, at))
            );
            disk.Flush(now, flushed);
        }

        Assert.InRange(count, 10, 100);
        foreach ((TreeImage left, string at) in Some.Of(cuts.Count, MostCuts).Select(number => cuts[number - 1]))
        {
            await RecoverAsync(left, plan, at);
        }

        List<(string, JournalEntry[])> ends = [];
        foreach (TreeImage left in disk.Cut(end, chance))
        {
            ends.Add(await RecoverAsync(left, plan, "after the end"));
        }

        return [.. ends];
    }

    // What an administrator does: look at the journal, and undo.
    private static async Task<(string Left, JournalEntry[] Journal)> RecoverAsync(
        TreeImage image,
        ChangePlan plan,
        string at
    )
    {
        using TreeChange host = new(inMemory: true);
        image.Write(host.Tree.Path);
        Boot(host.Tree.Path);
        string left = Left(host);
        string[] words = left.Split(' ');
        Assert.True(
            words is ["old" or "new", "(none)" or "made", "(none)" or "going", "(none)" or "../old.conf"],
            $"{at}: {left}"
        );
        JournalEntry[] journal = [.. await host.JournalAsync()];
        foreach (JournalEntry entry in journal)
        {
            if (entry.State is not (JournalState.Undone or JournalState.RolledBack))
            {
                ChangeReport undone = await host.UndoAsync(plan, entry.Id);
                Assert.True(
                    undone.State == "undone",
                    $"{at}: {entry.State}: {undone}: {string.Join('\n', image.List())}"
                );
            }
        }

        Assert.True(Left(host) == "old (none) going (none)", $"{at}: after undo {Left(host)}");
        foreach (string folder in new[] { "made", "wanted" })
        {
            Assert.False(Directory.Exists($"{host.Tree.Path}/etc/{folder}"), $"{at}: /etc/{folder} is left");
        }

        Assert.Empty(Directory.GetFiles(host.Tree.Path + "/etc", ".nestvirt.*"));
        Assert.True((await host.ApplyAsync(plan)).State == "applied", $"{at}: no other change can be made");
        return (left, journal);
    }

    // Nothing of these is on a disk.
    private static void Boot(string root)
    {
        if (Directory.Exists(root + "/run"))
        {
            Directory.Delete(root + "/run", recursive: true);
        }

        File.WriteAllText(root + "/sys/value", "5\n");
        File.WriteAllText(root + "/proc/sys/kernel/random/boot_id", "next\n");
    }

    private static string Left(TreeChange host) =>
        string.Join(
            ' ',
            host.Text(Old),
            host.Text(New) ?? "(none)",
            host.Text(Gone) ?? "(none)",
            new FileInfo(host.Tree.Path + Link).LinkTarget ?? "(none)"
        );

    private static async Task RunAsync(TreeChange host, string tools, string script)
    {
        LocalShellFactory shells = new("/usr/bin/env", $"PATH={tools}:/usr/sbin:/usr/bin:/sbin:/bin", "/bin/sh");
        IHostShell shell = await shells.OpenAsync(host.Target, CancellationToken.None);
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell.RunAsync(script, CancellationToken.None);
            string said = Encoding.UTF8.GetString(result.Output.Span);
            Assert.True(ChangeReport.Parse(said).State is "applied" or "undone", said);
        }
    }
}
