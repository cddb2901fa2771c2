using System.Globalization;
using System.Text.Json.Nodes;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

/// <summary>Gives a recorded host other processors, memory and huge pages, as the kernel shows them in sysfs.</summary>
/// <param name="Nodes">How many NUMA nodes it has.</param>
/// <param name="CoresPerNode">How many cores each has.</param>
/// <param name="Threads">How many threads each core has: those of one core are as far apart as there are cores, as on x86.</param>
internal sealed record TuningHost(int Nodes, int CoresPerNode, int Threads)
{
    /// <summary>Gets the processors of isolcpus=.</summary>
    public string Isolated { get; init; } = string.Empty;

    /// <summary>Gets the free memory of each node, in KiB.</summary>
    public long FreeKiB { get; init; } = 24 << 20;

    /// <summary>Gets how many free pages of 2 MiB each node has.</summary>
    public int FreePages { get; init; }

    /// <summary>Gets the file system of the root.</summary>
    public string FileSystem { get; init; } = "ext4";

    private int Cores => Nodes * CoresPerNode;

    /// <summary>Changes the recording.</summary>
    /// <param name="file">The file.</param>
    internal void Write(string file)
    {
        JsonNode document = JsonNode.Parse(File.ReadAllText(file))!;
        JsonNode probes = document["probes"]!;
        probes["topology"] = Lines(Topology());
        probes["hugepages"] = Lines(Pages());
        probes["hostuse"] = Lines(
            probes["hostuse"]!
                .AsArray()
                .Select(static line => (string)line!)
                .Select(line =>
                    line.Contains(" / / rw", StringComparison.Ordinal)
                        ? $"|24 1 254:0 / / rw,relatime shared:1 - {FileSystem} /dev/vda rw"
                        : line
                )
                .Where(static line => !line.Contains("hugetlbfs", StringComparison.Ordinal))
                .SelectMany(static line =>
                    line == "@/proc/self/mountinfo"
                        ? new[] { line, "|90 23 0:80 / /dev/hugepages rw - hugetlbfs hugetlbfs rw,pagesize=2M" }
                        : [line]
                )
        );
        File.WriteAllText(file, document.ToJsonString());
    }

    private static JsonArray Lines(IEnumerable<string> lines) =>
        [.. lines.Select(static line => JsonValue.Create(line))];

    private static string Word(long number) => number.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<int> Siblings(int core) =>
        Enumerable.Range(0, Threads).Select(thread => (thread * Cores) + core);

    private List<string> Topology()
    {
        List<string> lines =
        [
            "@/sys/devices/system/cpu/online",
            $"|0-{Word((Cores * Threads) - 1)}",
            "@/sys/devices/system/cpu/isolated",
            $"|{Isolated}",
        ];
        for (int cpu = 0; cpu < Cores * Threads; cpu++)
        {
            lines.AddRange([
                $"@/sys/devices/system/cpu/cpu{Word(cpu)}/topology/core_cpus_list",
                $"|{CpuList.Write(Siblings(cpu % Cores))}",
            ]);
        }

        for (int node = 0; node < Nodes; node++)
        {
            lines.AddRange([
                $"@/sys/devices/system/node/node{Word(node)}/cpulist",
                $"|{CpuList.Write(Enumerable.Range(node * CoresPerNode, CoresPerNode).SelectMany(Siblings))}",
            ]);
        }

        return lines;
    }

    private IEnumerable<string> Pages()
    {
        List<string> lines =
        [
            "@/proc/meminfo",
            $"|MemTotal: {Word(Nodes * (32L << 20))} kB",
            $"|MemAvailable: {Word(Nodes * FreeKiB)} kB",
            "|Hugepagesize: 2048 kB",
        ];
        for (int node = 0; node < Nodes; node++)
        {
            string folder = $"@/sys/devices/system/node/node{Word(node)}";
            lines.AddRange([
                $"{folder}/meminfo",
                $"|Node {Word(node)} MemTotal: {Word(32L << 20)} kB",
                $"|Node {Word(node)} MemFree: {Word(FreeKiB)} kB",
                .. Pool($"{folder}/hugepages", FreePages),
            ]);
        }

        return [.. lines, .. Pool("@/sys/kernel/mm/hugepages", Nodes * FreePages)];
    }

    private static IEnumerable<string> Pool(string folder, int count) =>
        [
            $"{folder}/hugepages-2048kB/nr_hugepages",
            $"|{Word(count)}",
            $"{folder}/hugepages-2048kB/free_hugepages",
            $"|{Word(count)}",
            $"{folder}/hugepages-2048kB/surplus_hugepages",
            "|0",
            .. folder.Contains("kernel", StringComparison.Ordinal)
                ? [$"{folder}/hugepages-2048kB/resv_hugepages", "|0"]
                : Array.Empty<string>(),
        ];
}
