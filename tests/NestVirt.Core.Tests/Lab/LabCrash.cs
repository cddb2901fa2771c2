using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Planning;
using NestVirt.Transport;

namespace NestVirt.Core.Tests.Lab;

/// <summary>
/// Ends the worker, the client and the connection at points all along a change on a real kernel; afterwards the host is
/// whole, and undo puts back what was there.
/// </summary>
/// <param name="host">The host's variable.</param>
/// <param name="tools">The tools at which it is ended: those between which a step's marks are set, and those that do the work.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class LabCrash(string host, params string[] tools)
{
    private const string Folder = "/run/nestvirt-crash";

    // An emulated host takes its time; ChangeCrashTests goes through every point, over a tree.
    private const int PointCount = 5;

    private const string Files = """

        find /etc/modprobe.d /etc/nestvirt /etc/udev/rules.d /etc/tmpfiles.d /etc/sysctl.d /etc/systemd/system -name '*nestvirt*' \
          -exec sha256sum {} + 2>/dev/null | sort
        find /etc -name '.nestvirt.*'
        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 30, Force: false);

    private readonly HostChanger _changer = new(HostShells.Default);

    /// <summary>Makes a change, ending it at a point, and undoes it, for each point in turn.</summary>
    /// <param name="request">The change.</param>
    /// <param name="state">A script that prints what it changes.</param>
    /// <param name="made">What becomes of it where nothing ends it.</param>
    internal async Task EndEverywhereAsync(ChangeRequest request, string state, ChangeState made = ChangeState.InEffect)
    {
        await LabHost.RunAsync(host, $"mkdir -p {Folder}; cat >{Folder}/script <<'END'\n{CrashPoints.Script(Folder, "/usr/bin/TOOL")}END\n{Install()}");
        try
        {
            await ResetAsync(0, "kill");
            string old = await LabHost.RunAsync(host, state + Files);
            ChangePlan plan = await _changer.PlanAsync(LabHost.Target(host), request, CancellationToken.None);
            await ResetAsync(0, "kill");
            Assert.Equal(made, (await _changer.ApplyAsync(plan, CancellationToken.None)).State);
            int count = int.Parse(await LabHost.RunAsync(host, $"cat {Folder}/count"), CultureInfo.InvariantCulture);
            string changed = await LabHost.RunAsync(host, state + Files);
            Assert.NotEqual(old, changed);
            await UndoAllAsync();
            Assert.Equal(old, await LabHost.RunAsync(host, state + Files));

            Assert.InRange(count, 2 * plan.Changes.Count, 100);
            int stride = (count + PointCount - 1) / PointCount;
            for (int at = 1; at <= count; at += stride)
            {
                await EndAsync(plan, at, Ending.Worker, state + Files, old, changed);
                await EndAsync(plan, at, at / stride % 2 == 0 ? Ending.Client : Ending.Connection, state + Files, old, changed);
            }
        }
        finally
        {
            await LabHost.RunAsync(host, Remove());
            await UndoAllAsync();
        }
    }

    private string Install() => $"""
        mkdir -p {Folder}
        for tool in {string.Join(' ', tools)}; do
          real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v $tool)
          sed "s,/usr/bin/TOOL,$real," {Folder}/script >/usr/local/bin/$tool
          chmod +x /usr/local/bin/$tool
        done
        """;

    private string Remove() => $": >{Folder}/go; cd /usr/local/bin && rm -f {string.Join(' ', tools)}; rm -rf {Folder}";

    private Task<string> ResetAsync(int at, string how) => LabHost.RunAsync(
        host, string.Create(CultureInfo.InvariantCulture, $"cd {Folder}; rm -f held go; echo 0 >count; echo {at} {how} >at"));

    private async Task UntilAsync(string condition) =>
        await LabHost.RunAsync(host, $"until {condition}; do sleep 0.2; done");

    private async Task EndAsync(ChangePlan plan, int at, Ending ending, string state, string old, string changed)
    {
        await ResetAsync(at, ending == Ending.Worker ? "kill" : "hold");
        using CancellationTokenSource gone = new();
        Task client = _changer.ApplyAsync(plan, gone.Token);
        if (ending != Ending.Worker)
        {
            await UntilAsync($"[ -e {Folder}/held ]");
            await (ending == Ending.Client ? gone.CancelAsync() : LabHost.RunAsync(host, "kill -9 \"$(pgrep -o -f 'sshd: root@notty')\""));
        }

        Exception? error = await Record.ExceptionAsync(() => client);
        Assert.True(error is not null, $"{ending} ended at {at}: the change went through");
        await LabHost.RunAsync(host, $": >{Folder}/go");
        await UntilAsync("flock -n /run/nestvirt/lock true");
        await ResetAsync(0, "kill");

        string now = await LabHost.RunAsync(host, state);
        JournalEntry? newest = await _changer.ReadJournalAsync(LabHost.Target(host), CancellationToken.None) is [JournalEntry first, ..] ? first : null;
        if (ending != Ending.Worker)
        {
            Assert.True(now == changed && newest?.State == JournalState.Applied, $"{ending} ended at {at}: {newest?.State}\n{now}");
        }
        else
        {
            Assert.True(newest?.State is null or JournalState.Interrupted or JournalState.Applied or JournalState.Undone or JournalState.RolledBack, $"worker ended at {at}: {newest?.State}");
        }

        await UndoAllAsync();
        Assert.True(old == await LabHost.RunAsync(host, state), $"{ending} ended at {at}: after undo the host is\n{await LabHost.RunAsync(host, state)}");
    }

    private async Task UndoAllAsync()
    {
        while ((await _changer.PrepareUndoAsync(LabHost.Target(host), null, s_scope, CancellationToken.None)) is { Plan.Changes.Count: > 0 } left)
        {
            await left.ApplyAsync(CancellationToken.None);
        }
    }

    private enum Ending
    {
        Worker,
        Client,
        Connection,
    }
}
