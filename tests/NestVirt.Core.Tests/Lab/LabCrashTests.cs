using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Planning;
using NestVirt.Transport;

namespace NestVirt.Core.Tests.Lab;

/// <summary>
/// Ends the worker, the client and the connection at points all along every kind of change on a real kernel; afterwards
/// the host is whole, and undo puts back what was there.
/// </summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
[UnsupportedOSPlatform("windows")]
public sealed class LabCrashTests
{
    private const string Host = LabHost.Amd;
    private const string Folder = "/run/nestvirt-crash";

    // An emulated host takes its time; ChangeCrashTests goes through every point, over a tree.
    private const int PointCount = 5;

    // The tools between which a step's marks are set, and the one that unloads and loads.
    private const string Install = """
        mkdir -p /run/nestvirt-crash
        for tool in mv modprobe; do
          real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v $tool)
          sed "s,/usr/bin/TOOL,$real," /run/nestvirt-crash/script >/usr/local/bin/$tool
          chmod +x /usr/local/bin/$tool
        done
        """;

    private const string Remove = ": >/run/nestvirt-crash/go; rm -rf /usr/local/bin/mv /usr/local/bin/modprobe /run/nestvirt-crash";

    private const string Files = """

        find /etc/modprobe.d /etc/nestvirt /etc/udev/rules.d /etc/tmpfiles.d /etc/sysctl.d /etc/systemd/system -name '*nestvirt*' \
          -exec sha256sum {} + 2>/dev/null | sort
        find /etc -name '.nestvirt.*'
        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 30, Force: false);

    private readonly HostChanger _changer = new(HostShells.Default);

    [LabFact(Host)]
    public Task Nesting() => EndEverywhereAsync(
        new NestingRequest(Enable: false), "cat /sys/module/kvm_amd/parameters/nested");

    [LabFact(Host)]
    public Task Huge_pages() => EndEverywhereAsync(
        new HugePageRequest(2048, 16) { Node = 1 }, "cat /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");

    [LabFact(Host)]
    public async Task Virtual_functions()
    {
        string address = (await LabHost.RunAsync(Host, "cd /sys/bus/pci/drivers/igb; ls -d 0000:*")).Trim();
        await EndEverywhereAsync(
            new VirtualFunctionRequest(address, 2), $"cat /sys/bus/pci/devices/{address}/sriov_numvfs");
    }

    [LabFact(Host)]
    public async Task Driver_of_a_device()
    {
        // A function that is alone in its group, and whose interface nobody uses.
        string address = (await LabHost.RunAsync(Host, """
            for d in /sys/bus/pci/drivers/e1000e/0000:*; do
              set -- "$d"/iommu_group/devices/*
              [ $# -gt 2 ] || { basename "$d"; break; }
            done
            """)).Trim();
        await EndEverywhereAsync(
            new PciDriverRequest(address, "vfio-pci"),
            $"basename \"$(readlink /sys/bus/pci/devices/{address}/driver)\"; cat /sys/bus/pci/devices/{address}/driver_override");
    }

    private static Task<string> ResetAsync(int at, string how) => LabHost.RunAsync(
        Host, string.Create(CultureInfo.InvariantCulture, $"cd {Folder}; rm -f held go; echo 0 >count; echo {at} {how} >at"));

    private static async Task UntilAsync(string condition) =>
        await LabHost.RunAsync(Host, $"until {condition}; do sleep 0.2; done");

    private async Task EndEverywhereAsync(ChangeRequest request, string state)
    {
        await LabHost.RunAsync(Host, $"mkdir -p {Folder}; cat >{Folder}/script <<'END'\n{CrashPoints.Script(Folder, "/usr/bin/TOOL")}END\n{Install}");
        try
        {
            await ResetAsync(0, "kill");
            string old = await LabHost.RunAsync(Host, state + Files);
            ChangePlan plan = await _changer.PlanAsync(LabHost.Target(Host), request, CancellationToken.None);
            await ResetAsync(0, "kill");
            Assert.Equal(ChangeState.InEffect, (await _changer.ApplyAsync(plan, CancellationToken.None)).State);
            int count = int.Parse(await LabHost.RunAsync(Host, $"cat {Folder}/count"), CultureInfo.InvariantCulture);
            string changed = await LabHost.RunAsync(Host, state + Files);
            Assert.NotEqual(old, changed);
            await UndoAllAsync();
            Assert.Equal(old, await LabHost.RunAsync(Host, state + Files));

            Assert.InRange(count, 2 * plan.Changes.Count, 60);
            int stride = (count + PointCount - 1) / PointCount;
            for (int at = 1; at <= count; at += stride)
            {
                await EndAsync(plan, at, Ending.Worker, state + Files, old, changed);
                await EndAsync(plan, at, at / stride % 2 == 0 ? Ending.Client : Ending.Connection, state + Files, old, changed);
            }
        }
        finally
        {
            await LabHost.RunAsync(Host, Remove);
            await UndoAllAsync();
        }
    }

    private async Task EndAsync(ChangePlan plan, int at, Ending ending, string state, string old, string changed)
    {
        await ResetAsync(at, ending == Ending.Worker ? "kill" : "hold");
        using CancellationTokenSource gone = new();
        Task client = _changer.ApplyAsync(plan, gone.Token);
        if (ending != Ending.Worker)
        {
            await UntilAsync($"[ -e {Folder}/held ]");
            await (ending == Ending.Client ? gone.CancelAsync() : LabHost.RunAsync(Host, "kill -9 \"$(pgrep -o -f 'sshd: root@notty')\""));
        }

        Exception? error = await Record.ExceptionAsync(() => client);
        Assert.True(error is not null, $"{ending} ended at {at}: the change went through");
        await LabHost.RunAsync(Host, $": >{Folder}/go");
        await UntilAsync("flock -n /run/nestvirt/lock true");
        await ResetAsync(0, "kill");

        string now = await LabHost.RunAsync(Host, state);
        JournalEntry? newest = await _changer.ReadJournalAsync(LabHost.Target(Host), CancellationToken.None) is [JournalEntry first, ..] ? first : null;
        if (ending != Ending.Worker)
        {
            Assert.True(now == changed && newest?.State == JournalState.Applied, $"{ending} ended at {at}: {newest?.State}\n{now}");
        }
        else
        {
            Assert.True(newest?.State is null or JournalState.Interrupted or JournalState.Applied or JournalState.Undone or JournalState.RolledBack, $"worker ended at {at}: {newest?.State}");
        }

        await UndoAllAsync();
        Assert.True(old == await LabHost.RunAsync(Host, state), $"{ending} ended at {at}: after undo the host is\n{await LabHost.RunAsync(Host, state)}");
    }

    private async Task UndoAllAsync()
    {
        while ((await _changer.PrepareUndoAsync(LabHost.Target(Host), null, s_scope, CancellationToken.None)) is { Plan.Changes.Count: > 0 } left)
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
