using System.Globalization;
using NestVirt.Probing;

namespace NestVirt.Linux.HugePages;

/// <summary>Huge pages of one size, of the host or of a node.</summary>
/// <param name="TotalCount">How many there are, surplus ones with them.</param>
/// <param name="FreeCount">How many of them are free.</param>
/// <param name="ReservedCount">How many of the free ones are promised to a process; of a node the kernel does not say.</param>
/// <param name="SurplusCount">How many go when they are released.</param>
internal sealed record HugePageCounts(long TotalCount, long FreeCount, long ReservedCount, long SurplusCount)
{
    /// <summary>Gets how many there are for good: what was last asked of the kernel.</summary>
    public long PersistentCount => TotalCount - SurplusCount;

    /// <summary>Gets how many cannot be taken away now.</summary>
    public long UsedCount => TotalCount - FreeCount + ReservedCount;
}

/// <summary>Memory of the host or of a node.</summary>
/// <param name="TotalKiB">All of it.</param>
/// <param name="FreeKiB">What is free, with what the kernel gives up at once.</param>
/// <param name="Evidence">The file and its lines.</param>
internal sealed record MemoryCounts(long TotalKiB, long FreeKiB, string Evidence);

/// <summary>What a host shows of its huge pages.</summary>
internal sealed record HugePageHost
{
    /// <summary>Gets the sizes that the kernel has, in KiB, with the pages of the whole host.</summary>
    public required IReadOnlyDictionary<long, HugePageCounts> Sizes { get; init; }

    /// <summary>Gets the pages of each node, by node and size.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyDictionary<long, HugePageCounts>> Nodes { get; init; }

    /// <summary>Gets the memory of the host, or null.</summary>
    public MemoryCounts? Memory { get; init; }

    /// <summary>Gets the memory of each node.</summary>
    public IReadOnlyDictionary<int, MemoryCounts> NodeMemory { get; init; } = new Dictionary<int, MemoryCounts>();

    /// <summary>Gets the size that vm.nr_hugepages is for, in KiB; null when the kernel does not say.</summary>
    public long? DefaultSizeKiB { get; init; }

    /// <summary>Gets a value indicating whether systemd-tmpfiles writes into /sys at each boot.</summary>
    public bool HasTmpfiles { get; init; }

    /// <summary>Gets the kernel's command line.</summary>
    public string CommandLine { get; init; } = string.Empty;

    /// <summary>Gets the paths of links to /dev/null, which mask files of settings.</summary>
    public IReadOnlyList<string> Masks { get; init; } = [];
}

/// <summary>Reads huge pages, the memory there is for them, and what systemd does at boot; starts one program.</summary>
internal static class HugePageProbe
{
    private const string Name = "hugepages";
    private const string HostFolder = "/sys/kernel/mm/hugepages/hugepages-";
    private const string NodeFolder = "/sys/devices/system/node/node";

    /// <summary>Gets the probe.</summary>
    internal static ShellProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            if [ -d "$NESTVIRT_ROOT"/run/systemd/system ]; then
              if [ -x "$NESTVIRT_ROOT"/usr/bin/systemd-tmpfiles ] || [ -x "$NESTVIRT_ROOT"/bin/systemd-tmpfiles ] ||
                { [ -z "$NESTVIRT_ROOT" ] && command -v systemd-tmpfiles >/dev/null 2>&1; }; then printf 'tmpfiles\tyes\n'; fi
            fi
            for f in "$NESTVIRT_ROOT"/etc/sysctl.d/*.conf "$NESTVIRT_ROOT"/run/sysctl.d/*.conf \
              "$NESTVIRT_ROOT"/etc/tmpfiles.d/*.conf "$NESTVIRT_ROOT"/run/tmpfiles.d/*.conf; do
              case $f in *[[:cntrl:]]*) continue ;; esac
              if [ -L "$f" ] && [ -c "$f" ]; then printf 'null\t%s\n' "$f"; fi
            done
            set -- "$NESTVIRT_ROOT"/proc/meminfo "$NESTVIRT_ROOT"/proc/cmdline "$NESTVIRT_ROOT"/sys/devices/system/node/node[0-9]*/meminfo
            for d in "$NESTVIRT_ROOT"/sys/kernel/mm/hugepages/hugepages-* "$NESTVIRT_ROOT"/sys/devices/system/node/node[0-9]*/hugepages/hugepages-*; do
              set -- "$@" "$d"/nr_hugepages "$d"/free_hugepages "$d"/resv_hugepages "$d"/surplus_hugepages
            done
            nv_files "$@"
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<HugePageHost> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>What the host shows.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    internal static HugePageHost Parse(string text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        Dictionary<string, ListedFile> files = [];
        foreach (ListedFile file in listing.Files)
        {
            files[file.Path] = file;
        }

        Dictionary<int, IReadOnlyDictionary<long, HugePageCounts>> nodes = [];
        Dictionary<int, MemoryCounts> memory = [];
        foreach (
            ListedFile file in listing.Files.Where(static file =>
                file.Path.StartsWith(NodeFolder, StringComparison.Ordinal)
            )
        )
        {
            string word = file.Path[NodeFolder.Length..].Split('/')[0];
            if (
                int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int node)
                && !nodes.ContainsKey(node)
            )
            {
                nodes[node] = Pools(files, $"{NodeFolder}{word}/hugepages/hugepages-");
                AddMemory(files, $"{NodeFolder}{word}/meminfo", node, memory);
            }
        }

        return new HugePageHost
        {
            Sizes = Pools(files, HostFolder),
            Nodes = nodes,
            Memory =
                Memory(files.GetValueOrDefault("/proc/meminfo"), "MemAvailable:")
                ?? Memory(files.GetValueOrDefault("/proc/meminfo"), "MemFree:"),
            NodeMemory = memory,
            DefaultSizeKiB = files.TryGetValue("/proc/meminfo", out ListedFile? host)
                ? Find(host, "Hugepagesize:")
                : null,
            HasTmpfiles = listing.Fact("tmpfiles") is not null,
            CommandLine = files.GetValueOrDefault("/proc/cmdline")?.FirstLine ?? string.Empty,
            Masks = [.. listing.Facts.Where(static fact => fact.Name == "null").Select(static fact => fact.Value)],
        };
    }

    private static SortedDictionary<long, HugePageCounts> Pools(Dictionary<string, ListedFile> files, string prefix)
    {
        SortedDictionary<long, HugePageCounts> pools = [];
        foreach (
            string path in files.Keys.Where(path =>
                path.StartsWith(prefix, StringComparison.Ordinal)
                && path.EndsWith("kB/nr_hugepages", StringComparison.Ordinal)
            )
        )
        {
            string folder = path[..path.LastIndexOf('/')];
            if (
                long.TryParse(folder[prefix.Length..^2], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                && Count(files, path) is { } total
            )
            {
                long surplus = Count(files, $"{folder}/surplus_hugepages") ?? 0;
                pools[size] = new HugePageCounts(
                    total,
                    Count(files, $"{folder}/free_hugepages") ?? 0,
                    Count(files, $"{folder}/resv_hugepages") ?? 0,
                    surplus
                );
            }
        }

        return pools;
    }

    private static void AddMemory(
        Dictionary<string, ListedFile> files,
        string path,
        int node,
        Dictionary<int, MemoryCounts> memory
    )
    {
        // Of a node the kernel prints no MemAvailable; the file cache that nobody touched lately is given up first.
        if (Memory(files.GetValueOrDefault(path), "MemFree:") is { } counts)
        {
            long cache = Find(files[path], "Inactive(file):") ?? 0;
            memory[node] = counts with
            {
                FreeKiB = counts.FreeKiB + cache,
                Evidence = $"{counts.Evidence}, Inactive(file): {cache} kB",
            };
        }
    }

    private static MemoryCounts? Memory(ListedFile? file, string key) =>
        file is not null && Find(file, "MemTotal:") is { } total && Find(file, key) is { } free
            ? new MemoryCounts(total, free, $"{file.Path}: {key} {free} kB")
            : null;

    private static long? Count(Dictionary<string, ListedFile> files, string path) =>
        files.TryGetValue(path, out ListedFile? file) && TryCount(file.FirstLine, out long count) ? count : null;

    // "MemTotal:  1234 kB", and of a node "Node 0 MemTotal:  1234 kB".
    private static long? Find(ListedFile file, string key)
    {
        foreach (string line in file.Lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int at = Array.IndexOf(words, key);
            if (at >= 0 && at + 1 < words.Length && TryCount(words[at + 1], out long kibibytes))
            {
                return kibibytes;
            }
        }

        return null;
    }

    // No machine has so much that sums of it would overflow.
    private static bool TryCount(string word, out long count) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count < 1L << 52;
}
