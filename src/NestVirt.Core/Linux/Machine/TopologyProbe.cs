using System.Globalization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Machine;

/// <summary>Reads a host's processors, NUMA nodes, memory and huge pages from sysfs; starts one program.</summary>
/// <remarks>
/// Cores are counted as different sets of sibling threads: core_cpus_list since Linux 5.4, thread_siblings_list or the
/// mask thread_siblings before (Documentation/admin-guide/cputopology.rst). Offline CPUs have no such files.
/// </remarks>
internal static class TopologyProbe
{
    private const string Name = "topology";
    private const string CpuFolder = "/sys/devices/system/cpu/";
    private const string NodeFolder = "/sys/devices/system/node/node";
    private const string HugePagesFolder = "/hugepages/hugepages-";
    private const long Kibi = 1024;

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            nv_cpus=$NESTVIRT_ROOT/sys/devices/system/cpu
            nv_siblings=
            for f in core_cpus_list thread_siblings_list thread_siblings; do
              for c in "$nv_cpus"/cpu[0-9]*/topology/"$f"; do
                if [ -r "$c" ]; then nv_siblings=$f; break 2; fi
              done
            done
            nv_nodes=$NESTVIRT_ROOT/sys/devices/system/node
            nv_map=cpumap
            for c in "$nv_nodes"/node[0-9]*/cpulist; do
              if [ -r "$c" ]; then nv_map=cpulist; fi
              break
            done
            nv_files "$NESTVIRT_ROOT"/proc/meminfo "$nv_cpus"/online "$nv_cpus"/isolated "$nv_cpus"/smt/active \
              "$nv_cpus"/cpu[0-9]*/topology/"$nv_siblings" \
              "$nv_nodes"/node[0-9]*/"$nv_map" "$nv_nodes"/node[0-9]*/meminfo \
              "$nv_nodes"/node[0-9]*/hugepages/hugepages-*/nr_hugepages \
              "$nv_nodes"/node[0-9]*/hugepages/hugepages-*/free_hugepages \
              "$NESTVIRT_ROOT"/sys/kernel/mm/hugepages/hugepages-*/nr_hugepages \
              "$NESTVIRT_ROOT"/sys/kernel/mm/hugepages/hugepages-*/free_hugepages
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<TopologyFacts> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Gets the reading of which processors are where.</summary>
    internal static ProbeReading<CpuLayout> LayoutReading { get; } =
        new(Probe, static text => ParseLayout(ProbeListing.Parse(Name, text)));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The facts; what the host does not show is null or empty.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static TopologyFacts Parse(ReadOnlySpan<char> text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        SortedDictionary<int, HashSet<int>> siblings = ParseSiblings(listing);
        HashSet<int>? online = CpuList.Members(listing.File(CpuFolder + "online")?.FirstLine);
        int? cores = CountCores(siblings, online);
        int? logical = online?.Count ?? (siblings.Count > 0 ? siblings.Count : null);
        return new TopologyFacts
        {
            LogicalCpuCount = logical,
            CoreCount = cores,
            IsSmtActive = listing.File(CpuFolder + "smt/active")?.FirstLine switch
            {
                "1" => true,
                "0" => false,
                _ => cores is null ? null : logical > cores,
            },
            Nodes = ParseNodes(listing),
            HugePages = ParsePools(
                listing.Files.Where(static file =>
                    file.Path.StartsWith("/sys/kernel/mm/hugepages/", StringComparison.Ordinal)
                )
            ),
            MemoryBytes = listing.File("/proc/meminfo") is { } memory ? FindBytes(memory, "MemTotal:") : null,
        };
    }

    private static CpuLayout ParseLayout(ProbeListing listing)
    {
        SortedDictionary<int, HashSet<int>> siblings = ParseSiblings(listing);
        HashSet<int>? online = CpuList.Members(listing.File(CpuFolder + "online")?.FirstLine);
        if (CountCores(siblings, online) is null)
        {
            return new CpuLayout([], new HashSet<int>());
        }

        (int Number, HashSet<int> Cpus)[] nodes =
        [
            .. ParseNodes(listing).Select(static node => (node.Number, CpuList.Members(node.Cpus) ?? [])),
        ];
        return new CpuLayout(
            [
                .. siblings
                    .Where(cpu => online is null || online.Contains(cpu.Key))
                    .Select(cpu => cpu.Value.Where(other => online is null || online.Contains(other)).Order().ToArray())
                    .DistinctBy(static threads => threads[0])
                    .OrderBy(static threads => threads[0])
                    .Select(threads => new HostCore(
                        nodes
                            .Where(node => node.Cpus.Contains(threads[0]))
                            .Select(static node => node.Number)
                            .FirstOrDefault(),
                        threads
                    )),
            ],
            CpuList.Members(listing.File(CpuFolder + "isolated")?.FirstLine) ?? []
        );
    }

    // "…/cpu12/topology/core_cpus_list"
    private static SortedDictionary<int, HashSet<int>> ParseSiblings(ProbeListing listing)
    {
        SortedDictionary<int, HashSet<int>> siblings = [];
        foreach (
            ListedFile file in listing.Files.Where(static file =>
                file.Path.StartsWith(CpuFolder + "cpu", StringComparison.Ordinal)
                && file.Name is "core_cpus_list" or "thread_siblings_list" or "thread_siblings"
            )
        )
        {
            string list = file.Name == "thread_siblings" ? CpuList.FromMask(file.FirstLine) : file.FirstLine;
            int start = CpuFolder.Length + "cpu".Length;
            int end = file.Path.IndexOf('/', start);
            if (
                end > start
                && int.TryParse(
                    file.Path.AsSpan(start..end),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out int cpu
                )
                && CpuList.Members(list) is { Count: > 0 } members
            )
            {
                siblings[cpu] = members;
            }
        }

        return siblings;
    }

    // Known only where every CPU that is online names its siblings, itself among them, and they all name the same.
    private static int? CountCores(SortedDictionary<int, HashSet<int>> siblings, HashSet<int>? online)
    {
        int count = 0;
        foreach (int cpu in online ?? [.. siblings.Keys])
        {
            if (!siblings.TryGetValue(cpu, out HashSet<int>? own) || !own.Contains(cpu))
            {
                return null;
            }

            int[] present = [.. own.Where(other => online is null || online.Contains(other))];
            if (present.Any(other => siblings.TryGetValue(other, out HashSet<int>? theirs) && !theirs.SetEquals(own)))
            {
                return null;
            }

            count += present.Min() == cpu ? 1 : 0;
        }

        return count > 0 ? count : null;
    }

    private static List<NumaNode> ParseNodes(ProbeListing listing)
    {
        SortedDictionary<int, List<ListedFile>> nodes = [];
        foreach (ListedFile file in listing.Files)
        {
            if (
                file.Path.StartsWith(NodeFolder, StringComparison.Ordinal)
                && file.Path.IndexOf('/', NodeFolder.Length) is int slash and > 0
                && int.TryParse(
                    file.Path.AsSpan(NodeFolder.Length..slash),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out int number
                )
            )
            {
                if (!nodes.TryGetValue(number, out List<ListedFile>? files))
                {
                    nodes.Add(number, files = []);
                }

                files.Add(file);
            }
        }

        return [.. nodes.Select(static node => ParseNode(node.Key, node.Value))];
    }

    private static NumaNode ParseNode(int number, List<ListedFile> files)
    {
        ListedFile? memory = files.Find(static file => file.Name == "meminfo");
        string cpus =
            files.Find(static file => file.Name == "cpulist")?.FirstLine
            ?? CpuList.FromMask(files.Find(static file => file.Name == "cpumap")?.FirstLine ?? string.Empty);
        return new NumaNode(number, cpus)
        {
            MemoryBytes = memory is null ? null : FindBytes(memory, "MemTotal:"),
            FreeMemoryBytes = memory is null ? null : FindBytes(memory, "MemFree:"),
            HugePages = ParsePools(files),
        };
    }

    // "…/hugepages/hugepages-2048kB/nr_hugepages"
    private static List<HugePagePool> ParsePools(IEnumerable<ListedFile> files)
    {
        SortedDictionary<long, HugePagePool> pools = [];
        foreach (ListedFile file in files)
        {
            int start = file.Path.IndexOf(HugePagesFolder, StringComparison.Ordinal) + HugePagesFolder.Length;
            int end = file.Path.LastIndexOf("kB/", StringComparison.Ordinal);
            if (
                start >= HugePagesFolder.Length
                && end > start
                && long.TryParse(
                    file.Path.AsSpan(start..end),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out long size
                )
                && size is > 0 and < long.MaxValue / Kibi
                && long.TryParse(file.FirstLine, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            )
            {
                HugePagePool pool = pools.GetValueOrDefault(size) ?? new HugePagePool(size * Kibi, 0, 0);
                pools[size] =
                    file.Name == "nr_hugepages" ? pool with { TotalCount = count } : pool with { FreeCount = count };
            }
        }

        return [.. pools.Values];
    }

    // "MemTotal:  1234 kB", and of a node "Node 0 MemTotal:  1234 kB".
    private static long? FindBytes(ListedFile file, string key)
    {
        foreach (string line in file.Lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int at = Array.IndexOf(words, key);
            if (
                at >= 0
                && at + 1 < words.Length
                && long.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
                && kibibytes < long.MaxValue / Kibi
            )
            {
                return kibibytes * Kibi;
            }
        }

        return null;
    }
}
