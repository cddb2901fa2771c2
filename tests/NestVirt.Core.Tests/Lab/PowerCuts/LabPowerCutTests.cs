using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Changes;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>Takes the power away from a real kernel at any flush of each kind of change and its undo: the disks are rebuilt from a log.</summary>
/// <param name="output">Where the figures go.</param>
[Trait("Category", "Lab")]
[Trait("Host", "Cuts")]
[Collection("LabCuts")]
[UnsupportedOSPlatform("windows")]
public sealed class LabPowerCutTests(ITestOutputHelper output)
{
    /// <summary>Gets the names of the changes.</summary>
    public static TheoryData<string> Changes => [.. PowerCuts.Changes.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public Task Ext4_keeps_old_or_new_and_undo_puts_the_old_back(string change) =>
        PowerCuts.RunAsync(LabHost.Cuts, change, output);

    [Fact]
    public Task What_a_cut_leaves_boots_and_undo_runs_there() =>
        PowerCuts.BootAsync(LabHost.Cuts, "kernel word", "cut-boot", output, inUndo: false);
}

/// <summary>The same where /var is an XFS of its own, and ext4 does not flush what is renamed.</summary>
/// <param name="output">Where the figures go.</param>
[Trait("Category", "Lab")]
[Trait("Host", "Cuts")]
[Collection("LabCutsApart")]
[UnsupportedOSPlatform("windows")]
public sealed class LabPowerCutApartTests(ITestOutputHelper output)
{
    /// <summary>Gets the names of the changes.</summary>
    public static TheoryData<string> Changes => [.. PowerCuts.Changes.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public Task A_var_apart_keeps_old_or_new_and_undo_puts_the_old_back(string change) =>
        PowerCuts.RunAsync(LabHost.CutsApart, change, output);

    [Fact]
    public Task What_a_cut_leaves_boots_and_undo_runs_there() =>
        PowerCuts.BootAsync(LabHost.CutsApart, "nesting", "cut-boot-var", output, inUndo: true);
}

/// <summary>Each kind of change that outlives a boot.</summary>
[UnsupportedOSPlatform("windows")]
internal static class PowerCuts
{
    // Enough to see a flush that is missing: each of them leaves several cuts open.
    private const int Sample = 2;

    // A file alone, a boot loader's tool, an initramfs: the other kinds take the same steps.
    private static readonly string[] s_sampled = ["nesting", "kernel word", "driver"];

    private static int Most =>
        Environment.GetEnvironmentVariable("NESTVIRT_LAB_MOST_CUTS") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Sample;

    internal static IReadOnlyDictionary<string, ChangeRequest> Changes { get; } =
        new Dictionary<string, ChangeRequest>
        {
            ["nesting"] = new NestingRequest(Enable: false),
            ["module option"] = new ModuleParameterRequest(
                "kvm_amd",
                new Dictionary<string, string> { ["dump_invalid_vmcb"] = "1" }
            ),
            ["kernel word"] = new KernelParameterRequest(["transparent_hugepage=never"], ["quiet"]),
            ["IOMMU"] = new IommuRequest(Enable: false),
            ["huge pages"] = new HugePageRequest(2048, 16),
            ["driver"] = new PciDriverRequest(CutTrial.Spare, "vfio-pci"),
            ["virtual functions"] = new VirtualFunctionRequest(CutTrial.Physical, 2),
        };

    internal static async Task RunAsync(string host, string change, ITestOutputHelper output)
    {
        NeedsAll(host);
        Assert.SkipUnless(
            Most > Sample || s_sampled.Contains(change),
            "./build.sh lab cuts takes this kind of change, too"
        );
        (string figures, IReadOnlyList<string> faults) = await new CutTrial(host).RunAsync(Changes[change], Most);
        output.WriteLine(figures);
        Assert.True(faults.Count == 0, $"{figures}\n{string.Join('\n', faults.Take(40))}");
    }

    // One of the two where the cuts are a sample, too.
    internal static async Task BootAsync(string host, string change, string name, ITestOutputHelper output, bool inUndo)
    {
        NeedsAll(host);
        bool isAll = Most > Sample;
        IReadOnlyList<string> said = await new CutTrial(host).BootAsync(
            Changes[change],
            name,
            inChange: isAll || !inUndo,
            inUndo: isAll || inUndo
        );
        output.WriteLine(string.Join(", ", said));
        Assert.Equal(isAll ? 2 : 1, said.Count);
        Assert.All(
            said,
            static one => Assert.Contains(one, (string[])["Interrupted Undone", "Applied Undone", "Undone"])
        );
    }

    private static void NeedsAll(string host)
    {
        Needs.Lab(host);
        Needs.Root();
        Needs.Tools("mkfs.xfs", "unshare", "nsenter");
    }
}
