using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>Shuts guests of a real libvirtd down and starts them again, while they, the daemon and others do as they like.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class RealGuestPowerTests(RoomOfClass rooms) : LibvirtTests(rooms)
{
    [Fact]
    public async Task Each_of_several_guests_that_go_down_late_is_watched_by_itself()
    {
        string[] ids = [Room.Define("nv-late-1", Nehalem), Room.Define("nv-late-2", Nehalem)];
        Array.ForEach(ids, Room.StartGuest);

        ChangeResult result = await ApplyAsync(Stopping(ids));

        string[] files =
        [
            .. result
                .Findings.SelectMany(static finding => WatchFile().Matches(finding.Message))
                .Select(static match => match.Groups[1].Value),
        ];
        Assert.Equal(files.Order(), Words("ls /run/nestvirt/watch.*").Order());
        Assert.Equal(2, files.Length);
        Array.ForEach(ids, Room.PowerOff);

        await UntilAsync(() => Array.TrueForAll(ids, Room.IsRunning));
        Assert.All(ids, id => Assert.Contains("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal));

        // Those that are done take their files away, and nobody else's.
        Room.Shell("touch /run/nestvirt/watch.9");
        await UntilAsync(() => Words("ls /run/nestvirt/watch.*") is ["/run/nestvirt/watch.9"]);
        Room.Shell("rm /run/nestvirt/watch.9");
        await UndoAsync();
        Array.ForEach(ids, id => Room.Virsh("destroy", id));
    }

    [Fact]
    public async Task To_remove_the_file_of_a_watch_ends_that_one_alone()
    {
        string[] ids = [Room.Define("nv-ended", Nehalem), Room.Define("nv-watched", Nehalem)];
        Array.ForEach(ids, Room.StartGuest);
        ChangeResult result = await ApplyAsync(Stopping(ids));
        string said = Assert
            .Single(
                result.Findings,
                static finding => finding.Message.Contains("nv-ended did not", StringComparison.Ordinal)
            )
            .Message;

        Room.Shell($"rm {WatchFile().Match(said).Groups[1].Value}");
        Array.ForEach(ids, Room.PowerOff);

        await StartedByWatchAsync(ids[1]);
        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        Assert.False(Room.IsRunning(ids[0]));
        await UndoAsync();
        Room.Virsh("destroy", ids[1]);
    }

    [Fact]
    public async Task A_guest_that_does_not_start_again_is_said_to_be_off_and_is_started_by_the_next_way_back()
    {
        string id = Room.Define("nv-off", Nehalem);
        Room.StartGuest(id);
        await ApplyAsync(new VmCpuRequest([id]) { Expose = true });
        string saved = Room.Definition(id);
        ObeyShutdown();
        Room.Interfere(
            "before",
            "case \" $* \" in *' start '*) echo 'error: no memory' >&2; exit 1 ;; *' define '*) echo x >>/run/defined ;; esac\n"
        );

        NestVirtException error = await FailureAsync(Stopping(id));

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Contains("guest nv-off did not start: error: no memory", error.Message, StringComparison.Ordinal);
        Assert.False(Room.IsRunning(id));

        // What stands as it shall is not defined again.
        Assert.Equal((saved, string.Empty), (Room.Definition(id), Room.Shell("cat /run/defined 2>/dev/null")));

        Room.Interfere("before", null);
        Assert.Equal(ChangeState.Undone, (await UndoAsync()).State);
        Assert.True(Room.IsRunning(id));
        Room.Virsh("destroy", id);
        await UndoAsync();
    }

    [Fact]
    public async Task A_daemon_that_starts_anew_is_asked_again()
    {
        string id = Room.Define("nv-daemon", Nehalem);
        string before = Room.Definition(id);
        Room.StartGuest(id);
        using HostChanger changer = Room.Changer();
        PreparedChange change = await PrepareAsync(changer, Stopping(id));
        ObeyShutdown();

        // Of the worker's questions one of four is answered only when it is asked again.
        Room.Interfere(
            "before",
            """
            case "$(tr '\0' ' ' </proc/$PPID/cmdline) " in 'timeout 60 '*' list '* | 'timeout 60 '*' dumpxml '*)
              echo x >>/run/asked
              [ $(($(wc -l </run/asked) % 5)) != 1 ] || { echo 'error: failed to connect' >&2; exit 1; } ;;
            esac
            """
        );
        ChangeResult result = await change.ApplyAsync(Token);
        Room.Interfere("before", null);

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.Contains("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "unreadable",
            Room.Shell("cat /var/lib/nestvirt/journal/*/1/*"),
            StringComparison.Ordinal
        );
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_daemon_that_is_away_after_the_definition_is_no_state_of_the_guest()
    {
        string id = Room.Define("nv-away", Nehalem);
        string before = Room.Definition(id);
        using HostChanger changer = Room.Changer();
        PreparedChange change = await PrepareAsync(changer, new VmCpuRequest([id]) { Expose = true });

        // What the worker lists next is for the state after the step.
        Room.Interfere("after", "case \" $* \" in *' define '*) : >/run/gone ;; esac\n");
        Room.Interfere(
            "before",
            """
            case "$(tr '\0' ' ' </proc/$PPID/cmdline) " in 'timeout 60 '*' list '*)
              [ ! -e /run/gone ] || { echo 'error: failed to connect' >&2; exit 1; } ;;
            esac
            """
        );
        Assert.Equal(ChangeState.InEffect, (await change.ApplyAsync(Token)).State);
        Room.Interfere("before", null);

        Assert.Equal(JournalState.Applied, (await NewestAsync()).State);
        Assert.Equal(string.Empty, Room.Shell("cat /var/lib/nestvirt/journal/*/1/after 2>/dev/null | grep unreadable"));
        Room.Edit(id, "s/name='svm'/name='aes'/");
        Assert.Equal(NestVirtErrorKind.HostChanged, (await UndoFailureAsync(Scope)).Kind);
        Room.Edit(id, "s/name='aes'/name='svm'/");
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_guest_that_somebody_else_starts_runs_and_has_more_than_a_minute_to_start()
    {
        string id = Room.Define("nv-cluster", Nehalem);
        Room.StartGuest(id);
        ObeyShutdown();
        Room.Interfere(
            "before",
            """
            case " $* " in *' start '*)
              tr '\0' ' ' </proc/$PPID/cmdline >/run/limit
              /usr/bin/virsh "$@" >/dev/null ;;
            esac
            """
        );

        ChangeResult result = await ApplyAsync(Stopping(id));

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.DoesNotContain(result.Findings, static finding => finding.Code == FindingCodes.StepWarning);
        Assert.True(Room.IsRunning(id));
        Assert.StartsWith("timeout 302 ", Room.Shell("cat /run/limit"), StringComparison.Ordinal);
        Room.Virsh("destroy", id);
        await UndoAsync();
    }

    [Fact]
    public async Task A_guest_that_was_started_anew_meanwhile_is_not_shut_down_again()
    {
        string id = Room.Define("nv-anew", Nehalem);
        Room.StartGuest(id);
        Room.Interfere(
            "after",
            """
            case " $* " in *' shutdown '*)
              echo x >>/run/shut
              /usr/bin/virsh -q -c qemu:///system destroy "$5" >/dev/null 2>&1
              /usr/bin/virsh -q -c qemu:///system start "$5" >/dev/null 2>&1 ;;
            esac
            """
        );

        ChangeResult result = await ApplyAsync(Stopping(id) with { GuestTimeoutSeconds = 12 });

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.True(Room.IsRunning(id));
        Assert.Equal("x\n", Room.Shell("cat /run/shut"));
        Room.Virsh("destroy", id);
        await UndoAsync();
    }

    [Theory]
    [InlineData("destroy", "destroyed")]
    [InlineData("managedsave", "saved")]
    public async Task A_guest_that_somebody_else_ended_meanwhile_is_not_started(string command, string reason)
    {
        string id = Room.Define($"nv-{reason}", Nehalem);
        Room.StartGuest(id);
        Room.Interfere(
            "after",
            $"case \" $* \" in *' shutdown '*) /usr/bin/virsh -q -c qemu:///system {command} \"$5\" >/dev/null 2>&1 ;; esac\n"
        );

        string said =
            reason == "saved"
                ? (await FailureAsync(Stopping(id))).Message
                : string.Join(' ', (await ApplyAsync(Stopping(id))).Findings);

        Assert.Contains(
            reason == "saved" ? "has a managed save" : "shut off (destroyed)",
            said,
            StringComparison.Ordinal
        );
        Assert.Equal(JournalState.Applied, (await NewestAsync()).State);
        Assert.False(Room.IsRunning(id));
        Assert.Contains("name='svm'", Room.Definition(id), StringComparison.Ordinal);

        ChangeResult back = await UndoAsync();
        Assert.Equal(
            reason == "saved",
            back.Findings.Any(static finding =>
                finding.Message.Contains("goes on with the processor", StringComparison.Ordinal)
            )
        );
        Room.Virsh("managedsave-remove", id);
    }

    // What was made is said to be made, though it cannot be looked at.
    [Fact]
    public async Task A_guest_that_is_moved_away_and_not_defined_here_any_more_is_not_started()
    {
        string id = Room.Define("nv-moved-away", Nehalem);
        Room.StartGuest(id);
        Room.Interfere(
            "after",
            "case \" $* \" in *' shutdown '*) /usr/bin/virsh -q -c qemu:///system undefine \"$5\"; /usr/bin/virsh -q -c qemu:///system destroy \"$5\" ;; esac >/dev/null 2>&1\n"
        );

        NestVirtException error = await FailureAsync(Stopping(id));

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.StartsWith("Change ", error.Message, StringComparison.Ordinal);
        Assert.Contains("was made", error.Message, StringComparison.Ordinal);
        Assert.Equal(JournalState.Applied, (await NewestAsync()).State);
        Assert.DoesNotContain(id, Room.Virsh("list", "--all", "--uuid"), StringComparison.Ordinal);
        Assert.Contains(
            "is not on this host any more",
            Room.Shell("cat $(ls -dt /var/lib/nestvirt/journal/* | head -n 1)/1/output"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_guest_that_was_asked_and_goes_down_late_is_started_though_another_change_came_between()
    {
        string id = Room.Define("nv-between", Nehalem);
        string other = Room.Define("nv-other-change", Nehalem);
        Room.StartGuest(id);
        await ApplyAsync(Stopping(id));

        await ApplyAsync(new VmCpuRequest([other]) { Expose = true });
        Room.PowerOff(id);

        await StartedByWatchAsync(id);
        Assert.Contains("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        await UndoAsync();
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task While_a_change_is_made_no_watch_starts_a_guest()
    {
        string id = Room.Define("nv-held", Nehalem);
        Room.StartGuest(id);
        await ApplyAsync(Stopping(id));

        Room.Shell("(exec setsid flock /run/nestvirt/lock sleep 9 >/dev/null 2>&1 &)");
        Room.PowerOff(id);
        await Task.Delay(TimeSpan.FromSeconds(6), Token);
        Assert.False(Room.IsRunning(id));

        await StartedByWatchAsync(id);
        Room.Virsh("destroy", id);
        await UndoAsync();
    }

    [Fact]
    public async Task A_worker_that_is_killed_while_a_guest_goes_down_leaves_that_to_the_way_back()
    {
        string id = Room.Define("nv-going", Nehalem);
        Room.StartGuest(id);
        await KillAsync("shutdown", "after", Stopping(id));

        ChangeResult back = await UndoAsync();

        Assert.Contains(
            back.Findings,
            static finding => finding.Message.Contains("did not shut down yet; if it goes", StringComparison.Ordinal)
        );
        Room.PowerOff(id);
        await StartedByWatchAsync(id);
        Assert.DoesNotContain("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal);
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_is_not_off_when_it_powers_off_is_not_asked_to_shut_down()
    {
        string id = Room.Define("nv-restart", $"<on_poweroff>restart</on_poweroff>{Nehalem}");
        Room.StartGuest(id);
        Room.Interfere("before", "case \" $* \" in *' shutdown '*) echo x >>/run/asked-power ;; esac\n");

        ChangeResult result = await ApplyAsync(Stopping(id));

        Assert.Equal(ChangeState.Pending, result.State);
        Assert.Equal("<on_poweroff>restart</on_poweroff>", Assert.Single(result.Pending).Evidence);
        Assert.Equal(string.Empty, Room.Shell("cat /run/asked-power 2>/dev/null"));
        Assert.Contains("name='svm'", Room.Definition(id), StringComparison.Ordinal);

        // Somebody may have started it since, and then undo is not told by a plan.
        Room.Virsh("destroy", id);
        Room.StartGuest(id);
        ChangeResult back = await UndoAsync(Scope with { StopGuests = true });
        Assert.Contains(
            back.Findings,
            static finding => finding.Message.Contains("was not asked to shut down", StringComparison.Ordinal)
        );
        Assert.Equal(string.Empty, Room.Shell("cat /run/asked-power 2>/dev/null"));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_was_off_when_the_plan_was_made_is_not_restarted_if_it_runs_then()
    {
        string id = Room.Define("nv-was-off", Nehalem);
        ObeyShutdown();
        using HostChanger changer = Room.Changer();
        PreparedChange change = await PrepareAsync(changer, Stopping(id));
        Room.StartGuest(id);
        string number = Room.Virsh("domid", id);

        ChangeResult result = await change.ApplyAsync(Token);

        Assert.Equal(ChangeState.Pending, result.State);
        Assert.Equal(number, Room.Virsh("domid", id));
        Room.Virsh("destroy", id);
        await UndoAsync();
    }

    [GeneratedRegex(@"\(rm (\S+) ends that\)", RegexOptions.CultureInvariant)]
    private static partial Regex WatchFile();

    // While a watch starts a guest, it has the lock.
    private async Task StartedByWatchAsync(string id)
    {
        await UntilAsync(() => Room.IsRunning(id));
        await UntilAsync(() => Words("ls /run/nestvirt/watch.* 2>/dev/null").Length == 0);
    }

    private string[] Words(string script) => Room.Shell(script).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
