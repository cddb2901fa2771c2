using System.Globalization;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Fits the disks of a guest.</summary>
/// <remarks>
/// I/O threads are for virtio disks and controllers of virtio-scsi (qemuValidateDomainDeviceDefDiskIOThreads of
/// src/qemu/qemu_validate.c), and need ioeventfd (QEMU: hw/block/virtio-blk.c); io='native' needs a cache that is none or
/// directsync (QEMU: raw_open_common() of block/file-posix.c). Of two mounts on one point the later is seen.
/// </remarks>
internal static class DiskTuning
{
    // Those that open files past the page cache (O_DIRECT).
    private static readonly HashSet<string> s_directFileSystems =
    [
        "ext2",
        "ext3",
        "ext4",
        "xfs",
        "btrfs",
        "nfs",
        "nfs4",
        "ceph",
        "gfs2",
        "ocfs2",
    ];

    private static readonly string[] s_beforeIO = ["name", "type", "cache", "error_policy", "rerror_policy"];

    private static readonly string[] s_beforeThread =
    [
        .. s_beforeIO,
        "io",
        "ioeventfd",
        "event_idx",
        "copy_on_read",
        "discard",
    ];

    /// <summary>Fits them.</summary>
    /// <param name="edit">The definition.</param>
    /// <param name="threadCount">How many threads are asked for, or null.</param>
    /// <param name="mounts">The mounts of the host.</param>
    /// <returns>What there is to know.</returns>
    internal static IEnumerable<Finding> Fit(TuningEdit edit, int? threadCount, IReadOnlyList<MountFacts> mounts)
    {
        TunedDevice[] disks = [.. TunedDevice.Of(edit.Root).Where(IsVirtioDisk)];
        TunedDevice[] controllers = [.. TunedDevice.Of(edit.Root).Where(IsVirtioScsi)];
        if (disks.Length + controllers.Length == 0)
        {
            yield return TuningFindings.Left("It has no virtio disk, and other disks can have no thread of their own.");
            yield break;
        }

        if (threadCount != 0)
        {
            foreach (Finding note in FitThreads(edit, [.. disks, .. controllers], threadCount))
            {
                yield return note;
            }
        }

        foreach (TunedDevice disk in TunedDevice.Of(edit.Root).Where(IsDisk).ToArray())
        {
            if (FitCache(edit, disk, mounts) is { } note)
            {
                yield return note;
            }
        }
    }

    private static IEnumerable<Finding> FitThreads(TuningEdit edit, TunedDevice[] devices, int? wanted)
    {
        TunedDevice[] without =
        [
            .. devices.Where(static device =>
                device.Driver?.Value("ioeventfd") != "off"
                && device.Driver?.Value("iothread") is null
                && device.Driver?.Find("iothreads") is null
            ),
        ];
        if (without.Length == 0)
        {
            yield break;
        }

        int count = Math.Max(wanted ?? 1, edit.IOThreads.Count);
        if (count > edit.IOThreads.Count && edit.Root.Find("iothreadids") is null)
        {
            edit.SetIOThreads(count);
        }

        IReadOnlyList<int> ids = edit.IOThreads;
        if (wanted > ids.Count)
        {
            yield return TuningFindings.Left(
                "It gets no more I/O threads: somebody chose which it has.",
                "<iothreadids>"
            );
        }

        Dictionary<int, int> loads = ids.ToDictionary(
            static id => id,
            id => devices.Count(device => device.Driver?.Value("iothread") == Word(id))
        );
        if (loads.Count == 0)
        {
            yield break;
        }

        SortedSet<int> used = [];
        foreach (TunedDevice device in without)
        {
            int id = loads.MinBy(static load => (load.Value, load.Key)).Key;
            loads[id]++;
            used.Add(id);
            edit.SetDriver(device.Part, "iothread", Word(id), device.Element.Is("disk") ? s_beforeThread : []);
        }

        bool isOne = without.Length == 1;
        yield return TuningFindings.Tuned(
            $"{(isOne ? "Disk" : "Disks")} {WordList.Short([.. without.Select(NameOf)])} {(isOne ? "is" : "are")} run by I/O {(used.Count == 1 ? "thread" : "threads")} {CpuList.Write(used)}, and so {(isOne ? "waits" : "wait")} neither for QEMU's main loop nor for processors of the virtual machine."
        );
    }

    private static string Word(int id) => id.ToString(CultureInfo.InvariantCulture);

    private static Finding? FitCache(TuningEdit edit, TunedDevice disk, IReadOnlyList<MountFacts> mounts)
    {
        string name = NameOf(disk);
        string? type = disk.Element.Value("type");
        string? cache = disk.Driver?.Value("cache");
        if (disk.Element.Value("device") is not (null or "disk") || disk.Driver?.Value("name") is not (null or "qemu"))
        {
            return null;
        }

        if (cache is not (null or "default"))
        {
            return cache is "none"
                ? null
                : TuningFindings.Left(
                    $"The cache of {name} is {cache}, which somebody chose.",
                    $"<driver cache='{cache}'/>"
                );
        }

        // The cache is that of the files below a qcow2, too, wherever these are.
        if (
            type is "block" or "file"
            && disk.Driver?.Value("type") is { } format and not "raw"
            && disk.Element.Find("backingStore") is not { Children.Count: 0 }
        )
        {
            return TuningFindings.Left(
                $"The cache of {name} stays, since there may be files below it that cannot be opened past the page cache of the host.",
                $"<driver type='{format}'/>, and no <backingStore/>"
            );
        }

        if (type == "block")
        {
            edit.SetDriver(disk.Part, "cache", "none", "name", "type");
            if (disk.Driver?.Value("io") is null)
            {
                edit.SetDriver(disk.Part, "io", "native", s_beforeIO);
            }

            return TuningFindings.Tuned(
                $"Disk {name} goes past the page cache of the host: what the guest caches itself is not held twice, and what it flushes is on the disk."
            );
        }

        if (type != "file" || disk.Element.Find("source")?.Value("file") is not { } file)
        {
            return null;
        }

        MountFacts? mount = mounts
            .Where(one => IsBelow(file, one.MountPoint))
            .Reverse()
            .MaxBy(static one => one.MountPoint.Length);
        if (mount is null || !s_directFileSystems.Contains(mount.FileSystem))
        {
            return TuningFindings.Left(
                $"The cache of {name} stays, since its file system may not open files past the page cache of the host.",
                mount is null ? "/proc/self/mountinfo" : $"{mount.MountPoint} is {mount.FileSystem}"
            );
        }

        edit.SetDriver(disk.Part, "cache", "none", "name", "type");
        return TuningFindings.Tuned(
            $"Disk {name} goes past the page cache of the host: what the guest caches itself is not held twice.",
            $"{mount.MountPoint} is {mount.FileSystem}"
        );
    }

    private static bool IsBelow(string file, string folder) =>
        folder == "/" || file.StartsWith($"{folder}/", StringComparison.Ordinal);

    private static bool IsDisk(TunedDevice device) => device.Element.Is("disk");

    private static bool IsVirtioDisk(TunedDevice device) =>
        IsDisk(device)
        && device.Element.Value("device") is null or "disk"
        && device.Element.Find("target")?.Value("bus") == "virtio"
        && device.Element.Value("type") is "file" or "block" or "network" or "volume" or "nvme"
        && device.Element.Find("address")?.Value("type") is null or "pci" or "ccw";

    private static bool IsVirtioScsi(TunedDevice device) =>
        device.Element.Is("controller")
        && device.Element.Value("type") == "scsi"
        && device.Element.Value("model") is "virtio-scsi" or "virtio-transitional" or "virtio-non-transitional"
        && device.Element.Find("address")?.Value("type") is null or "pci" or "ccw";

    private static string NameOf(TunedDevice device) =>
        device.Part[(device.Part.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
