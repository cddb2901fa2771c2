using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Changes;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Lab;

/// <summary>
/// Ends the worker, the client or the connection along a change on a real kernel; afterwards the host is whole, and undo
/// puts back what was there.
/// </summary>
/// <param name="host">The host's variable.</param>
/// <param name="tools">The tools at which it is ended: those between which a step's marks are set, and those that do the work.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class LabCrash(string host, params string[] tools)
{
    private const string Folder = "/run/nestvirt-crash";

    // Spread over the change; what is lost differs from one to the next. ChangeCrashTests goes through every tool of every
    // step, over a tree.
    private const int Points = 6;
    private static readonly Ending[] s_endings = Enum.GetValues<Ending>();

    private const string Files = """

        find /etc/modprobe.d /etc/nestvirt /etc/udev/rules.d /etc/tmpfiles.d /etc/sysctl.d /etc/systemd/system -name '*nestvirt*' \
          -exec sha256sum {} + 2>/dev/null | sort
        find /etc -name '.nestvirt.*'
        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 30, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();

    /// <summary>Makes a change, ending it at a point, and undoes it, for each point in turn.</summary>
    /// <param name="request">The change.</param>
    /// <param name="state">A script that prints what it changes.</param>
    /// <param name="made">What becomes of it where nothing ends it.</param>
    internal async Task EndAlongAsync(ChangeRequest request, string state, ChangeState made = ChangeState.InEffect)
    {
        IHostShell shell = await LabHost.OpenAsync(host);
        await using (shell)
        {
            await shell.LookAsync(
                $"mkdir -p {Folder}; cat >{Folder}/script <<'END'\n{CrashPoints.Script(Folder, "/usr/bin/TOOL")}END\n{Install()}"
            );
            try
            {
                await EndAlongAsync(shell, request, state + Files, made);
            }
            finally
            {
                await shell.LookAsync(Remove());
                while (await UndoAsync() is not null) { }
            }
        }
    }

    private static string Reset(int at, string how) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(cd {Folder}; rm -f held go; echo 0 >count; echo {at} {how} >at)\n"
        );

    private static string Until(string condition) => $"until {condition}; do sleep 0.2; done\n";

    // The copies of earlier changes that go when one begins are more at one time than at another: they are not counted.
    private string Install() =>
        $"""
            mkdir -p {Folder}
            for tool in {string.Join(' ', tools)}; do
              real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v $tool)
              sed -e "s,/usr/bin/TOOL,$real," -e "1acase \"\$*\" in *.gone) exec $real \"\$@\" ;; esac" {Folder}/script >/usr/local/bin/$tool
              chmod +x /usr/local/bin/$tool
            done
            {Reset(0, "kill")}
            """;

    private string Remove() => $": >{Folder}/go; cd /usr/local/bin && rm -f {string.Join(' ', tools)}; rm -rf {Folder}";

    private async Task EndAlongAsync(IHostShell shell, ChangeRequest request, string state, ChangeState made)
    {
        string old = await shell.LookAsync(state);
        // The newest connection is the one that is ended, and nothing else goes over it.
        ChangePlan plan = await _changer.PlanAsync(LabHost.OwnTarget(host), request, CancellationToken.None);
        await shell.LookAsync(Reset(0, "kill"));
        Assert.Equal(made, (await _changer.ApplyAsync(plan, CancellationToken.None)).State);
        int count = int.Parse(await shell.LookAsync($"cat {Folder}/count"), CultureInfo.InvariantCulture);
        string changed = await shell.LookAsync(state);
        Assert.NotEqual(old, changed);
        await UndoAsync();
        Assert.Equal(old, await shell.LookAsync(state));

        Assert.InRange(count, 2 * plan.Changes.Count, 100);
        int points = Math.Min(count, Points);
        for (int point = 0; point < points; point++)
        {
            int at = 1 + (point * count / points);
            Ending ending = s_endings[point % s_endings.Length];
            await EndAsync(shell, plan, at, ending);
            string now = await shell.LookAsync(Reset(0, "kill") + state);
            JournalEntry? entry = await UndoAsync();
            string undone = await shell.LookAsync(state);

            string where = $"{ending} ended at {at} of {count}: {entry?.State.ToString() ?? "not begun"}";
            Assert.True(
                entry is { State: JournalState.Applied } ? now == changed : ending == Ending.Worker,
                $"{where}, with\n{now}"
            );
            Assert.True(undone == old, $"{where}; after undo the host has\n{undone}");
        }
    }

    private async Task EndAsync(IHostShell shell, ChangePlan plan, int at, Ending ending)
    {
        await shell.LookAsync(Reset(at, ending == Ending.Worker ? "kill" : "hold"));
        using CancellationTokenSource gone = new();
        Task client = _changer.ApplyAsync(plan, gone.Token);
        if (ending == Ending.Client)
        {
            await shell.LookAsync(Until($"[ -e {Folder}/held ]"));
            await gone.CancelAsync();
        }
        else if (ending == Ending.Connection)
        {
            await shell.LookAsync(Until($"[ -e {Folder}/held ]") + "kill -9 \"$(pgrep -n -f 'sshd: root@notty')\"");
        }

        Exception? error = await Record.ExceptionAsync(() => client);
        Assert.True(error is not null, $"{ending} ended at {at}: the change went through");
        await shell.LookAsync($": >{Folder}/go\n" + Until("flock -n /run/nestvirt/lock true"));
    }

    // The newest change that is not taken back; null when there is none.
    private async Task<JournalEntry?> UndoAsync()
    {
        JournalEntry? entry = (
            await _changer.ReadJournalAsync(LabHost.Target(host), CancellationToken.None)
        ).FirstOrDefault(static entry => entry.CanUndo);
        if (entry is not null)
        {
            await _changer.UndoAsync(entry, s_scope, CancellationToken.None);
        }

        return entry;
    }

    private enum Ending
    {
        Worker,
        Client,
        Connection,
    }
}
