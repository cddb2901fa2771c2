using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Core.Tests;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tests;

/// <summary>What people read has every word whole, however wide the terminal is.</summary>
public sealed class TableWidthTests : IDisposable
{
    private const string LongName = "compute-0123.dc1.example.net";

    // So wide that nothing is wrapped.
    private const int Unlimited = 20_000;

    private static readonly int[] s_widths = [40, 60, 80, 120, 200];

    // A list under the first cell of a row says what the other cells are, not what the first one is.
    private static readonly string[] s_firstHeadings = ["ADDRESS", "HOST", "ID", "PARAMETER"];

    private readonly HostTree _tree = new HostTree().Add("amd-unloaded");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string LongNamed => Path.Combine(_folder.FullName, $"{LongName}.json");

    public static TheoryData<string> Commands =>
        [
            "support --snapshot {0}",
            "support --snapshot {0} {after} {1} {off}",
            "support --snapshot {off}",
            "iommu --snapshot {0} {1}",
            "iommu diff {0} --snapshot {after}",
            "pci --snapshot {0} {1}",
            "sriov --snapshot {vfs} {1}",
            "modules --snapshot {0} {1}",
            "support --root {tree}",
            "enable nesting --root {tree} --what-if",
            "disable nesting --root {tree} --restart --what-if",
            "snapshot --snapshot {0} {1} --to {folder}",
        ];

    public static TheoryData<int> Widths => [.. s_widths];

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    [UnsupportedOSPlatform("windows")]
    public async Task Every_word_of_a_command_is_whole_at_every_width(string line)
    {
        File.Copy(Repository.Recording("amd-epyc-nested-off"), LongNamed);
        string[] arguments =
        [
            .. line.Split(' ')
                .Select(word =>
                    word.Replace("{0}", Repository.Recording("amd-host"), StringComparison.Ordinal)
                        .Replace("{1}", LongNamed, StringComparison.Ordinal)
                        .Replace("{after}", Repository.Recording("amd-host-after"), StringComparison.Ordinal)
                        .Replace("{off}", Repository.Recording("amd-epyc-nested-off"), StringComparison.Ordinal)
                        .Replace("{vfs}", Repository.Recording("amd-epyc-vfs"), StringComparison.Ordinal)
                        .Replace("{tree}", _tree.Path, StringComparison.Ordinal)
                        .Replace("{folder}", _folder.FullName, StringComparison.Ordinal)
                ),
        ];
        string[] printed = await Task.WhenAll(s_widths.Append(Unlimited).Select(PrintAsync));
        Assert.NotEmpty(printed[^1]);
        Assert.All(s_widths, (width, i) => AssertWhole(printed[^1], printed[i], width));

        async Task<string> PrintAsync(int width) =>
            (await CliProgram.RunAsync(new Dictionary<string, string> { ["COLUMNS"] = $"{width}" }, arguments)).Output;
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_word_of_a_history_is_whole(int width)
    {
        HostTarget host = new(LongName, new SshAddress(LongName));
        ChangePlan plan = new(
            host,
            new KernelParameterRequest(["iommu=pt", "vfio-pci.ids=10de:1eb8,10de:10f8"], []),
            new HostIdentity(string.Empty, string.Empty, string.Empty),
            []
        );
        JournalEntry entry = new(host, 128, JournalState.Interrupted)
        {
            When = DateTimeOffset.UnixEpoch,
            Who = $"administrator@{LongName}",
            Plan = plan,
        };

        AssertWhole(Print(Unlimited), Print(width), width);

        string Print(int columns) => TableWidthTests.Print(page => new HistoryTable(page), columns, entry);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_word_of_a_change_is_whole(int width)
    {
        ChangeResult result = new(
            new HostTarget(LongName, new SshAddress(LongName)),
            "enable nesting",
            ChangeState.Pending
        )
        {
            Id = 12,
            Pending =
            [
                Sample.Finding with
                {
                    Message = "It waits.",
                    Evidence = null,
                    Remedy = "Load kvm_intel again.",
                },
            ],
        };

        AssertWhole(Print(Unlimited), Print(width), width);

        string Print(int columns) => TableWidthTests.Print(page => new ChangeTable(page), columns, result);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_word_of_a_module_is_whole_wherever_it_is_configured(int width)
    {
        KvmModule module = new("kvm", ModuleState.Loaded)
        {
            Parameters =
            [
                new ModuleParameter("nx_huge_pages_recovery_period_ms", "4294967295")
                {
                    Configured = "0",
                    ConfiguredBy = "/etc/modprobe.d/virtualization.conf:12",
                },
            ],
        };

        AssertWhole(Print(Unlimited), Print(width), width);

        string Print(int columns) => TableWidthTests.Print(page => new ModulesTable(page), columns, module);
    }

    [Fact]
    public void A_row_that_does_not_fit_is_a_list_under_its_first_cell() =>
        Assert.Equal(
            """
            10000:03:00.0
              GROUP  12
              DRIVER snd_hda_intel
              DEVICE class 040300: Some Name
                     [10de:10f8]

            """,
            Print(
                static page => new PciTable(page),
                40,
                new PciDevice("10000:03:00.0", 0x040300, 0x10DE, 0x10F8)
                {
                    Device = "Some Name",
                    Driver = "snd_hda_intel",
                    IommuGroup = 12,
                }
            )
        );

    private static string Print<T>(Func<Page, IResultSink<T>> create, int width, T result)
    {
        using MemoryStream output = new();
        IResultSink<T> sink = create(new Page(output, width));
        HostTarget[] hosts = [Sample.Host];
        sink.Begin(hosts);
        sink.Take(hosts[0], [result]);
        sink.End();
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }

    private static void AssertWhole(string all, string printed, int width)
    {
        ILookup<string, string> shown = WordsOf(printed).ToLookup(static word => word);
        Assert.All(
            WordsOf(all)
                .Where(word => word.Length <= width && !s_firstHeadings.Contains(word))
                .GroupBy(static word => word),
            word =>
                Assert.True(
                    shown[word.Key].Count() >= word.Count(),
                    $"'{word.Key}' is not whole in {width} columns:\n{printed}"
                )
        );
        Assert.All(printed.Split('\n'), line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(
            all.Count(static character => character == '…'),
            printed.Count(static character => character == '…')
        );
    }

    private static string[] WordsOf(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
