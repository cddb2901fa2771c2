using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Worker;
using NestVirt.Probing;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>Disks as a power cut leaves them, mounted where nobody else sees them, and gone with the bench.</summary>
/// <remarks>
/// The disk that is sure lies on an XFS in memory, which copies a file by sharing its blocks: a cut is one copy, with
/// the writes that happened to be kept. The kernel that mounts it does what a boot does first: it replays the journal.
/// The worker runs over what is mounted, with this machine's shell; nothing it may start reaches this machine's kernel.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class CutBench : IAsyncDisposable
{
    private const string Root = "/mnt/root";
    private const string Disk = "/mnt/disks/sure";
    private const string Cut = "/mnt/disks/cut";

    private const string Set = $$"""
        set -e
        mount -t tmpfs -o size=80% tmpfs /mnt
        mkdir /mnt/root /mnt/disks /mnt/tools /mnt/sys
        truncate -s 8G /mnt/store
        mkfs.xfs -q -m reflink=1 /mnt/store
        mount -o loop /mnt/store /mnt/disks
        for tool in modprobe rmmod insmod systemctl virsh ip nmcli driverctl; do
          printf '#!/bin/sh\nexit 0\n' >/mnt/tools/$tool
          chmod +x /mnt/tools/$tool
        done
        cp --sparse=always "$base" {{Disk}}
        base64 -d <<'END' | tar -C /mnt/sys -x

        """;

    // Of what is not on a disk a boot makes its own.
    private const string Mount = $$"""
        set -e
        mount -o loop,offset=1048576$limit {{Cut}} {{Root}}
        [ -z "$apart" ] || mount -o loop,offset=$apart {{Cut}} {{Root}}/var
        for folder in run proc sys; do mount -t tmpfs tmpfs {{Root}}/$folder; done
        mkdir -p {{Root}}/proc/sys/kernel/random
        echo next >{{Root}}/proc/sys/kernel/random/boot_id
        cp -a /mnt/sys/. {{Root}}/sys
        """;

    // A worker has ended when its last word is read, or soon after.
    private const string Unmount = $"""
        for _ in 1 2 3 4 5 6 7 8 9 10; do ! umount -R {Root} 2>/dev/null || break; sleep 0.1; done
        ! mountpoint -q {Root}
        """;

    private static readonly HostTarget s_here = HostTarget.Local with { CommandTimeout = TimeSpan.FromMinutes(2) };

    private readonly IHostShell _shell;
    private readonly IHostShell _worker;
    private readonly string _folder;
    private readonly string _settings;

    private CutBench(IHostShell shell, IHostShell worker, string folder, string settings) =>
        (_shell, _worker, _folder, _settings) = (shell, worker, folder, settings);

    /// <summary>Opens a bench.</summary>
    /// <param name="disk">The disk as it was when the log began; it is left as it is.</param>
    /// <param name="devices">A host's /sys, as an archive that is in base64.</param>
    internal static async Task<CutBench> OpenAsync(string disk, string devices)
    {
        IHostShell shell = await OpenAsync("/usr/bin/unshare", "--mount", "/bin/sh");
        string process = (await shell.LookAsync($"base='{disk}'\n{Set}{devices}END\necho $$")).Trim();
        IHostShell worker = await OpenAsync(
            "/usr/bin/nsenter",
            $"--mount=/proc/{process}/ns/mnt",
            "/usr/bin/env",
            $"NESTVIRT_ROOT={Root}",
            "PATH=/mnt/tools:/usr/sbin:/usr/bin:/sbin:/bin",
            "/bin/sh"
        );
        return new CutBench(shell, worker, $"/proc/{process}/root", await FindApartAsync(shell));
    }

    /// <summary>Puts on the disk what is sure.</summary>
    internal void Flush(IEnumerable<LoggedWrite> writes) => Write(_folder + Disk, writes);

    /// <summary>Makes a disk as it may be after a cut, and mounts it.</summary>
    /// <param name="writes">What happens to be on it beside what is sure.</param>
    internal async Task BootAsync(IEnumerable<LoggedWrite> writes)
    {
        await _shell.LookAsync($"{Unmount}\ncp --reflink=always {Disk} {Cut}");
        Write(_folder + Cut, writes);
        await _shell.LookAsync(_settings + Mount);
    }

    /// <summary>Copies the disk that is mounted, as it was before it was.</summary>
    internal async Task CopyAsync(IEnumerable<LoggedWrite> writes, string path)
    {
        await _shell.LookAsync($"cp --sparse=always {Disk} '{path}'");
        Write(path, writes);
    }

    /// <summary>Lists the files that are mounted.</summary>
    internal async Task<HostFiles> ListAsync() => HostFiles.Parse(await _worker.LookAsync(HostFiles.Script));

    /// <summary>Reads the journal.</summary>
    internal async Task<IReadOnlyList<JournalEntry>> JournalAsync() =>
        JournalProbe.Read(
            s_here,
            await ProbeReader.AskAsync(_worker, [JournalProbe.Probe], allowSudo: false, CancellationToken.None)
        );

    /// <summary>Takes a change back.</summary>
    internal async Task<string> UndoAsync(JournalEntry entry) =>
        await _worker.LookAsync(
            ChangeScript.Undo(
                entry.Plan!,
                entry.Id,
                int.MaxValue,
                "tester",
                new ChangeScope(StopGuests: false, 1, Force: false),
                allowSudo: false
            )
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _shell.DisposeAsync();
    }

    private static Task<IHostShell> OpenAsync(string program, params string[] arguments) =>
        new LocalShellFactory(program, arguments).OpenAsync(s_here, CancellationToken.None);

    // Where the second partition is, if there is one: its first sector and its length are in the table's second row.
    private static async Task<string> FindApartAsync(IHostShell shell)
    {
        string[] numbers = (await shell.LookAsync($"od -A n -t u4 -j 470 -N 8 {Disk}")).Split(
            ' ',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        long start = long.Parse(numbers[0], CultureInfo.InvariantCulture) * 512;
        return start == 0
            ? "apart= limit=\n"
            : string.Create(CultureInfo.InvariantCulture, $"apart={start} limit=,sizelimit={start - 1048576}\n");
    }

    private static void Write(string path, IEnumerable<LoggedWrite> writes)
    {
        using FileStream disk = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        foreach (LoggedWrite write in writes)
        {
            disk.Position = write.Offset;
            disk.Write(write.Data.Span);
        }
    }
}
