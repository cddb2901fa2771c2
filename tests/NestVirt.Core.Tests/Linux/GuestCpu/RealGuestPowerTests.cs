using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>Shuts guests of a real libvirtd down and starts them again, while they, the daemon and others do as they like.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class RealGuestPowerTests(LibvirtRoom room) : LibvirtTests(room)
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
        foreach (string id in ids)
        {
            Room.Virsh("destroy", id);
        }

        await UntilAsync(() => Array.TrueForAll(ids, Room.IsRunning));
        Assert.All(ids, id => Assert.Contains("name='svm'", Room.Virsh("dumpxml", id), StringComparison.Ordinal));

        // Those that are done take their files away, and nobody else's.
        Room.Shell("touch /run/nestvirt/watch.9");
        await UntilAsync(() => Words("ls /run/nestvirt/watch.*") is ["/run/nestvirt/watch.9"]);
        await UndoAsync();
        Assert.Equal(string.Empty, Room.Shell("ls /run/nestvirt/watch.* 2>/dev/null"));
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
        Array.ForEach(ids, id => Room.Virsh("destroy", id));

        await UntilAsync(() => Room.IsRunning(ids[1]));
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
        Assert.Equal(string.Empty, Room.Shell("cat /var/lib/nestvirt/journal/*/1/after | grep unreadable"));
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

    [GeneratedRegex(@"\(rm (\S+) ends that\)", RegexOptions.CultureInvariant)]
    private static partial Regex WatchFile();

    private string[] Words(string script) => Room.Shell(script).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 150 && !isSo(); i++)
        {
            await Task.Delay(100, Token);
        }

        Assert.True(isSo(), string.Create(CultureInfo.InvariantCulture, $"not within {15} s"));
    }
}
