using System.Diagnostics;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Machine;

/// <summary>hwloc's printed trees of real machines are the reference.</summary>
public sealed class HwlocTopologyTests
{
    [Fact]
    public async Task Hwloc_counts_the_same_cpus_and_cores()
    {
        Needs.Data("hwloc");
        string folder = Path.Combine(TestData.Folder("hwloc")!, "linux");
        string expected = File.ReadAllText(Path.Combine(folder, "32intel64-2p8co2t+8ve.console"));

        TopologyFacts facts = await ReadAsync(Path.Combine(folder, "32intel64-2p8co2t+8ve.tar.bz2"));

        Assert.Equal(
            (Count(expected, "PU L#"), Count(expected, "Core L#"), Count(expected, "NUMANode L#")),
            (facts.LogicalCpuCount, facts.CoreCount, facts.Nodes.Count)
        );
    }

    /// <summary>
    /// The dump had CPUs taken away from its cpu folder to make it small, and not from its list of online CPUs, which we
    /// believe; and hwloc leaves out the six NUMA nodes that are memory of GPUs, which the kernel lists.
    /// </summary>
    [Fact]
    public async Task Hwloc_hides_nodes_of_gpu_memory_that_the_kernel_lists()
    {
        Needs.Data("hwloc");
        string folder = Path.Combine(TestData.Folder("hwloc")!, "linux");
        string expected = File.ReadAllText(Path.Combine(folder, "nvidiagpunumanodes.console"));

        TopologyFacts facts = await ReadAsync(Path.Combine(folder, "nvidiagpunumanodes.tar.bz2"));

        Assert.Equal(2, Count(expected, "NUMANode L#"));
        Assert.Equal([0, 8, 250, 251, 252, 253, 254, 255], facts.Nodes.Select(static node => node.Number));
        Assert.All(facts.Nodes.Skip(2), static node => Assert.Equal(string.Empty, node.Cpus));
        Assert.Equal(Count(expected, "Core L#"), facts.CoreCount);
    }

    private static async Task<TopologyFacts> ReadAsync(string archive)
    {
        using HostTree tree = new();
        using Process tar = Process.Start("tar", ["-xjf", archive, "-C", tree.Path]);
        await tar.WaitForExitAsync();
        Assert.Equal(0, tar.ExitCode);
        string folder = Directory.EnumerateDirectories(tree.Path, "sys", SearchOption.AllDirectories).First();
        ProbeAnswers answers = await HostTree.ReadAsync(Path.GetDirectoryName(folder)!, TopologyProbe.Probe);
        return TopologyProbe.Parse(answers[TopologyProbe.Probe].Text);
    }

    private static int Count(string text, string word) => text.Split(word).Length - 1;
}
