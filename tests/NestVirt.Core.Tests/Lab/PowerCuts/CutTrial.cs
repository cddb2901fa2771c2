using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Linux.Worker;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>Makes a change on a host whose disk is logged, takes it back, and looks at the disks that a power cut at any time would have left.</summary>
/// <param name="host">The host's variable.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class CutTrial(string host)
{
    /// <summary>The PCI function that changes may have: nobody uses it.</summary>
    internal const string Spare = "0000:04:00.0";

    /// <summary>The function that has virtual ones.</summary>
    internal const string Physical = "0000:01:00.0";

    // What the steps look at that are no files.
    private const string Devices = $$"""
        d=$(mktemp -d); cd /sys
        for f in module/kvm*/initstate module/kvm*/parameters/* devices/system/node/node*/hugepages/*/*_hugepages \
          kernel/mm/hugepages/*/*_hugepages bus/pci/devices/{{Physical}}/sriov_* \
          bus/pci/devices/{{Physical}}/driver_override bus/pci/devices/{{Spare}}/driver_override; do
          mkdir -p "$d/${f%/*}"; cat "$f" >"$d/$f" 2>/dev/null
        done
        mkdir -p "$d"/bus/pci/drivers/vfio-pci
        for f in {{Physical}} {{Spare}}; do
          n=$(basename "$(readlink bus/pci/devices/$f/driver)")
          mkdir -p "$d/bus/pci/drivers/$n" "$d/bus/pci/devices/$f"
          ln -s "../../drivers/$n" "$d/bus/pci/devices/$f/driver"
        done
        tar -C "$d" -c . | base64; rm -r "$d"

        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 10, Force: false);

    private readonly HostChanger _changer = HostChangers.Create();
    private readonly List<string> _faults = [];
    private readonly Random _chance = new(1);

    private HostFiles _old = HostFiles.Parse("\n\n");
    private HostFiles _made = HostFiles.Parse("\n\n");
    private Dictionary<int, JournalState> _others = [];
    private int _id;

    /// <summary>Gets what is on the disk and in the log of a host.</summary>
    private string Folder => LabHost.FolderOf(host);

    /// <summary>Tries a change and its way back.</summary>
    /// <param name="request">The change.</param>
    /// <param name="most">How many cuts of each are looked at; the last of each always is.</param>
    /// <returns>The figures, and the faults.</returns>
    internal async Task<(string Figures, IReadOnlyList<string> Faults)> RunAsync(ChangeRequest request, int most)
    {
        Recording seen = await RecordAsync(request);
        CutBench bench = await OpenAsync(seen);
        await using (bench)
        {
            int made = await CutAsync(bench, seen.Change, seen.InChange, most);
            int undone = await CutAsync(bench, seen.Undo, seen.InUndo, most);
            return (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{request.Title}: {seen.Flushes} flushes and {made} cuts, undo {seen.UndoFlushes} and {undone}, {_faults.Count} faults"
                ),
                _faults
            );
        }
    }

    /// <summary>Boots what a cut leaves, and takes the change back there.</summary>
    /// <param name="request">The change.</param>
    /// <param name="name">A name for the host.</param>
    /// <param name="inChange">Whether it is done with a cut in the change.</param>
    /// <param name="inUndo">Whether it is done with a cut in its undo.</param>
    /// <returns>What the journal said there, before and after, for each.</returns>
    internal async Task<IReadOnlyList<string>> BootAsync(ChangeRequest request, string name, bool inChange, bool inUndo)
    {
        Recording seen = await RecordAsync(request);
        List<string> said = [];
        CutBench bench = await OpenAsync(seen);
        await using (bench)
        {
            foreach ((CutPoint[] points, bool isWanted) in new[] { (seen.InChange, inChange), (seen.InUndo, inUndo) })
            {
                int middle = points.Length * 2 / 3;
                foreach (CutPoint point in points.Take(middle + 1))
                {
                    bench.Flush(point.Flushed);
                }

                if (isWanted)
                {
                    string disk = Path.Combine(Path.GetDirectoryName(Folder)!, name + ".img");
                    await bench.CopyAsync(points[middle].Left(Kept.Half, _chance), disk);
                    said.Add(await BootDiskAsync(name, disk));
                }

                foreach (CutPoint point in points.Skip(middle + 1))
                {
                    bench.Flush(point.Flushed);
                }
            }
        }

        return said;
    }

    private async Task<string> BootDiskAsync(string name, string disk)
    {
        string variable = LabHost.VariableOf(name);
        try
        {
            await LabHost.StartAsync(name, disk);
            JournalEntry entry = await NewestAsync(variable);
            string said = entry.State.ToString();
            if (entry.CanUndo)
            {
                await _changer.UndoAsync(entry, s_scope, CancellationToken.None);
                said += $" {(await NewestAsync(variable)).State}";
            }

            IHostShell shell = await LabHost.OpenAsync(variable);
            await using (shell)
            {
                return string.Join(' ', (await ListAsync(shell)).DifferentFrom(_old).Prepend(said));
            }
        }
        finally
        {
            await LabHost.RunLabAsync("down", name);
            File.Delete(disk);
        }
    }

    private async Task<JournalEntry> NewestAsync(string variable) =>
        (await _changer.ReadJournalAsync(LabHost.Target(variable), CancellationToken.None))[0];

    private async Task<Recording> RecordAsync(ChangeRequest request)
    {
        IHostShell shell = await LabHost.OpenAsync(host);
        await using (shell)
        {
            _old = await ListAsync(shell);
            string devices = await shell.LookAsync(Devices + "sync");
            ChangePlan plan = await _changer.PlanAsync(LabHost.Target(host), request, CancellationToken.None);

            _others = (await _changer.ReadJournalAsync(LabHost.Target(host), CancellationToken.None)).ToDictionary(
                static entry => entry.Id,
                static entry => entry.State
            );

            int begun = ReadLog().Count;
            ChangeResult result = await _changer.ApplyAsync(plan, CancellationToken.None);
            _id = result.Id!.Value;
            int done = ReadLog().Count;
            _made = await ListAsync(shell);
            JournalEntry entry = await NewestAsync(host);

            int back = ReadLog().Count;
            await _changer.UndoAsync(entry, s_scope, CancellationToken.None);
            List<LoggedWrite> log = ReadLog();
            Assert.Empty((await ListAsync(shell)).DifferentFrom(_old));
            Assert.NotEmpty(_made.DifferentFrom(_old));
            return new Recording(devices, log, begun, done, back);
        }
    }

    private Task<CutBench> OpenAsync(Recording seen) =>
        CutBench.OpenAsync(Path.Combine(Folder, "base.img"), seen.Devices);

    private static async Task<HostFiles> ListAsync(IHostShell shell) =>
        HostFiles.Parse(await shell.LookAsync("NESTVIRT_ROOT=\n" + HostFiles.Script));

    private List<LoggedWrite> ReadLog()
    {
        using FileStream file = new(
            Path.Combine(Folder, "writes.log"),
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite
        );
        byte[] log = new byte[file.Length];
        file.ReadExactly(log);
        return WriteLog.Read(log);
    }

    // None of what is pending is all of what was pending at the flush before: the same disk.
    private async Task<int> CutAsync(CutBench bench, Stretch stretch, CutPoint[] points, int most)
    {
        (CutPoint Point, Kept[] Kept)[] cuts =
        [
            .. points.Select((point, index) => (point, index == 0 ? Enum.GetValues<Kept>() : [Kept.Half, Kept.All])),
        ];
        int stride = Math.Max(1, cuts.Length / most);
        int count = 0;
        for (int index = 0; index < cuts.Length; index++)
        {
            (CutPoint point, Kept[] all) = cuts[index];
            bench.Flush(point.Flushed);
            bool isLast = point.At == stretch.Told || index == cuts.Length - 1;
            if (!isLast && index % stride != 0)
            {
                continue;
            }

            foreach (Kept kept in isLast ? Enum.GetValues<Kept>() : all)
            {
                count++;
                string at = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{stretch.Name}, cut {index + 1} of {cuts.Length}, {kept} of {point.Pending.Count}"
                );
                LoggedWrite[] left = [.. point.Left(kept, _chance)];
                foreach (string fault in await LookAsync(bench, stretch, point, left))
                {
                    _faults.Add($"{at}: {fault}");
                }
            }
        }

        return count;
    }

    private async Task<List<string>> LookAsync(CutBench bench, Stretch stretch, CutPoint point, LoggedWrite[] writes)
    {
        List<string> faults = [];
        await bench.BootAsync(writes);
        HostFiles left = await bench.ListAsync();
        faults.AddRange(left.NeitherOf(_old, _made).Select(static path => $"{path} is neither old nor new"));

        IReadOnlyList<JournalEntry> journal = await bench.JournalAsync();
        JournalEntry? entry = journal.FirstOrDefault(one => one.Id == _id);
        JournalState? state = entry?.State;
        bool isExpected =
            point.At >= stretch.Told ? state == stretch.AtEnd
            : state is null ? stretch.Name == "change"
            : stretch.Before.Contains(state.Value);
        if (!isExpected)
        {
            faults.Add($"the journal says {state?.ToString() ?? "nothing"}");
        }

        faults.AddRange(
            journal
                .Where(one => one.Id != _id && one.State != _others.GetValueOrDefault(one.Id))
                .Select(static one => $"the journal says {one.State} of {one.Id}")
        );
        if (entry is not { CanUndo: true })
        {
            faults.AddRange(left.DifferentFrom(_old).Select(path => $"{path} is not the old one: {state}"));
            return faults;
        }

        string said = await bench.UndoAsync(entry);
        ChangeReport report = ChangeReport.Parse(said);
        if (report.State != "undone")
        {
            faults.Add($"undo of {state} says {said.ReplaceLineEndings("; ")}");
            return faults;
        }

        faults.AddRange((await bench.ListAsync()).DifferentFrom(_old).Select(path => $"after undo {path} is another"));
        JournalState? undone = (await bench.JournalAsync()).FirstOrDefault(one => one.Id == _id)?.State;
        if (undone != JournalState.Undone)
        {
            faults.Add($"after undo the journal says {undone?.ToString() ?? "nothing"}");
        }

        return faults;
    }

    // Before somebody was told that all is done, and from then on.
    private sealed record Stretch(string Name, int Told, JournalState[] Before, JournalState AtEnd);

    // The entries of the log at which the change began and was done, and its undo began; the log ends where that was done.
    private sealed class Recording(string devices, List<LoggedWrite> log, int begun, int done, int back)
    {
        private readonly CutPoint[] _points = [.. CutPoint.Between(log, begun, log.Count, done, back)];

        internal string Devices => devices;

        internal CutPoint[] InChange => [.. _points.Where(point => point.At <= back)];

        internal CutPoint[] InUndo => [.. _points.Where(point => point.At > back)];

        internal int Flushes => log.Take(done).Skip(begun).Count(static write => write.IsFlush);

        internal int UndoFlushes => log.Skip(back).Count(static write => write.IsFlush);

        internal Stretch Change { get; } =
            new("change", done, [JournalState.Interrupted, JournalState.Applied], JournalState.Applied);

        internal Stretch Undo { get; } =
            new(
                "undo",
                log.Count,
                [JournalState.Applied, JournalState.Interrupted, JournalState.Undone],
                JournalState.Undone
            );
    }
}
