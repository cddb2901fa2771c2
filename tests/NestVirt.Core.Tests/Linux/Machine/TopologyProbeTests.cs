using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.Machine;

public sealed partial class TopologyProbeTests
{
    private const string Small = """
        root	/tree
        @/tree/proc/meminfo
        |MemTotal:       16384 kB
        |MemFree:         1024 kB
        @/tree/sys/devices/system/cpu/online
        |0-3
        @/tree/sys/devices/system/cpu/smt/active
        |1
        @/tree/sys/devices/system/cpu/cpu0/topology/core_cpus_list
        |0,2
        @/tree/sys/devices/system/cpu/cpu1/topology/core_cpus_list
        |1,3
        @/tree/sys/devices/system/cpu/cpu2/topology/core_cpus_list
        |0,2
        @/tree/sys/devices/system/cpu/cpu3/topology/core_cpus_list
        |1,3
        @/tree/sys/devices/system/node/node10/cpulist
        |
        @/tree/sys/devices/system/node/node2/cpulist
        |0-3
        @/tree/sys/devices/system/node/node2/meminfo
        |Node 2 MemTotal:       8192 kB
        |Node 2 MemFree:        512 kB
        @/tree/sys/devices/system/node/node2/hugepages/hugepages-2048kB/nr_hugepages
        |8
        @/tree/sys/devices/system/node/node2/hugepages/hugepages-2048kB/free_hugepages
        |3
        @/tree/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
        |1
        @/tree/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
        |8
        """;

    [Fact]
    public void Parse_counts_cores_and_reads_nodes_and_huge_pages()
    {
        TopologyFacts facts = TopologyProbe.Parse(Small);

        Assert.Equal(
            (4, 2, true, 16384L * 1024),
            (facts.LogicalCpuCount, facts.CoreCount, facts.IsSmtActive, facts.MemoryBytes)
        );
        Assert.Equal([2, 10], facts.Nodes.Select(static node => node.Number));
        Assert.Equal(
            ("0-3", 8192L * 1024, 512L * 1024),
            (facts.Nodes[0].Cpus, facts.Nodes[0].MemoryBytes, facts.Nodes[0].FreeMemoryBytes)
        );
        Assert.Equal([new HugePagePool(2L << 20, 8, 3)], facts.Nodes[0].HugePages);
        Assert.Equal([new HugePagePool(2L << 20, 8, 0), new HugePagePool(1L << 30, 1, 0)], facts.HugePages);
    }

    [Theory]
    [InlineData("first offline", "1-3", "1:1,3 2:2 3:1,3", 3, 2, true)]
    [InlineData("first offline, its files stay", "1-3", "0:0-1 1:0-1 2:2 3:3", 3, 3, false)]
    [InlineData("first offline, and of no other's set", "1-3", "0:0 1:1 2:2-3 3:2-3", 3, 2, true)]
    [InlineData("a list with one that is offline", "0,2", "0:0-1 2:2-3", 2, 2, false)]
    [InlineData("one without files", "0-3", "0:0-1 1:0-1 2:2-3", 4, null, null)]
    [InlineData("one with an empty file", "0-1", "0:0 1:", 2, null, null)]
    [InlineData("one with -1", "0-1", "0:0 1:-1", 2, null, null)]
    [InlineData("one in two cores", "0-2", "0:0-1 1:1-2 2:1-2", 3, null, null)]
    [InlineData("one not in its own set", "0-1", "0:0 1:0", 2, null, null)]
    [InlineData("no list of those online", null, "0:0-1 1:0-1", 2, 1, true)]
    [InlineData("no files of the topology", "0-7", "", 8, null, null)]
    [InlineData("more than a kernel has", "0-4000000000", "0:0", 1, 1, false)]
    public void Cores_are_counted_where_the_files_agree(
        string what,
        string? online,
        string siblings,
        int? cpus,
        int? cores,
        bool? isSmt
    )
    {
        string text = online is null ? string.Empty : $"@/sys/devices/system/cpu/online\n|{online}\n";
        text += string.Concat(
            siblings
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static pair => pair.Split(':'))
                .Select(static pair => $"@/sys/devices/system/cpu/cpu{pair[0]}/topology/core_cpus_list\n|{pair[1]}\n")
        );

        TopologyFacts facts = TopologyProbe.Parse(text);

        Assert.Equal((what, cpus, cores, isSmt), (what, facts.LogicalCpuCount, facts.CoreCount, facts.IsSmtActive));
    }

    [Fact]
    public void Parse_of_nothing_is_unknown()
    {
        TopologyFacts facts = TopologyProbe.Parse(string.Empty);

        Assert.Equal(
            (null, null, null, null),
            (facts.LogicalCpuCount, facts.CoreCount, facts.IsSmtActive, facts.MemoryBytes)
        );
        Assert.Empty(facts.Nodes);
        Assert.Empty(facts.HugePages);
    }

    [Fact]
    public void Parse_survives_damaged_output() => Mutation.Check(Small, static text => TopologyProbe.Parse(text));

    [Theory]
    [InlineData("0-3,8", 5)]
    [InlineData("0", 1)]
    [InlineData("", 0)]
    [InlineData("3-1", null)]
    [InlineData("a", null)]
    [InlineData("0-4294967295", null)]
    public void Count_reads_the_kernels_lists(string list, int? expected) =>
        Assert.Equal(expected, CpuList.Count(list));

    [Theory]
    [InlineData("00000000,0000000f", "0-3")]
    [InlineData("00000001,00000105", "0,2,8,32")]
    [InlineData("f0000000", "28-31")]
    [InlineData("0", "")]
    [InlineData("", "")]
    [InlineData("x", "")]
    public void FromMask_writes_a_list(string mask, string expected) => Assert.Equal(expected, CpuList.FromMask(mask));

    /// <summary>lscpu's own expected output for real dumps is the reference.</summary>
    [Fact]
    public async Task Lscpu_counts_the_same_cpus_cores_and_nodes()
    {
        Needs.Data("lscpu");
        string folder = TestData.Folder("lscpu")!;
        List<string> wrong = [];
        foreach (string archive in Directory.EnumerateFiles(Path.Combine(folder, "tarballs"), "*.tar.gz"))
        {
            string name = Path.GetFileName(archive)[..^".tar.gz".Length];
            TopologyFacts facts = await ReadDumpAsync(archive, name);
            string expected = File.ReadAllText(Path.Combine(folder, "expected", $"lscpu-{name}"));
            int logical = CpuList.Count(Field(expected, "On-line CPU(s) list"))!.Value;
            int threads = int.Parse(Field(expected, "Thread(s) per core")!, CultureInfo.InvariantCulture);
            Compare(wrong, name, "CPUs", logical, facts.LogicalCpuCount);
            Compare(wrong, name, "cores", facts.CoreCount is null ? null : logical / threads, facts.CoreCount);
            Compare(wrong, name, "SMT", facts.IsSmtActive is null ? null : threads > 1, facts.IsSmtActive);
            Compare(wrong, name, "nodes", NodeLine().Count(expected), facts.Nodes.Count);
            foreach (Match node in NodeLine().Matches(expected))
            {
                int number = int.Parse(node.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                Compare(
                    wrong,
                    name,
                    $"node {number}",
                    node.Groups[2].Value,
                    facts.Nodes.FirstOrDefault(candidate => candidate.Number == number)?.Cpus
                );
            }
        }

        Assert.Empty(wrong);
    }

    private static void Compare<T>(List<string> wrong, string name, string what, T expected, T actual)
    {
        if (!Equals(expected, actual))
        {
            wrong.Add($"{name}: {what}: lscpu says {expected}, we say {actual}");
        }
    }

    private static async Task<TopologyFacts> ReadDumpAsync(string archive, string name)
    {
        using HostTree tree = new();
        await using FileStream file = File.OpenRead(archive);
        await using GZipStream unzipped = new(file, CompressionMode.Decompress);
        await using TarReader tar = new(unzipped);
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.DataStream is { } data && IsOfInterest(entry.Name))
            {
                using StreamReader reader = new(data);
                tree.Write(entry.Name, await reader.ReadToEndAsync());
            }
        }

        ProbeAnswers answers = await HostTree.ReadAsync(Path.Combine(tree.Path, name), TopologyProbe.Probe);
        return TopologyProbe.Parse(answers[TopologyProbe.Probe].Text);
    }

    // A dump has thousands of files, and writing them all takes long.
    private static bool IsOfInterest(string path) =>
        path.Contains("/topology/", StringComparison.Ordinal)
        || path.Contains("/system/node/", StringComparison.Ordinal)
        || path.EndsWith("/cpu/online", StringComparison.Ordinal)
        || path.EndsWith("/smt/active", StringComparison.Ordinal);

    private static string? Field(string text, string name) =>
        text.Split('\n')
            .FirstOrDefault(line => line.TrimStart().StartsWith(name + ":", StringComparison.Ordinal))
            ?.Split(':')[1]
            .Trim();

    [GeneratedRegex(@"^NUMA node(\d+) CPU\(s\):[ ]*(.*?)[ ]*$", RegexOptions.Multiline)]
    private static partial Regex NodeLine();
}
