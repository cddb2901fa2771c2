using System.Text.RegularExpressions;
using NestVirt.Hosts;
using NestVirt.SshNet;

namespace NestVirt.Core.Tests.Architecture;

/// <summary>Data flows one way: the compiled symbols are held against the floor plan.</summary>
public sealed partial class ArchitectureTests
{
    private const string Root = "NestVirt";
    private const string Samples = "NestVirt.Core.Tests.Architecture.Samples";

    private static readonly string s_core = typeof(HostTarget).Assembly.Location;
    private static readonly string s_tests = typeof(ArchitectureTests).Assembly.Location;

    [Theory]
    [InlineData("LinuxPlatform.cs", "HyperVPlatform.cs")]
    [InlineData("HyperVPlatform.cs", "Probing:")]
    public void The_guide_draws_the_slices_of_the_floor_plan(string platform, string next)
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "design.md"));
        string drawn = guide[guide.IndexOf(platform, StringComparison.Ordinal)..];
        drawn = drawn[..drawn.IndexOf(next, StringComparison.Ordinal)];
        string[] slices = platform.StartsWith("Linux", StringComparison.Ordinal)
            ? FloorPlan.LinuxSlices
            : FloorPlan.HyperVSlices;

        Assert.Equal(
            slices.Where(static slice => !slice.Contains('.', StringComparison.Ordinal)),
            drawn.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(slices.Contains)
        );
    }

    [Fact]
    public void Core_uses_only_what_the_floor_plan_allows() =>
        AssertNone(UseRules.Forbidden(CoreUses().Where(use => !IsDebt(use)), Root, FloorPlan.Core));

    [Fact]
    public void The_built_in_SSH_client_uses_only_what_the_floor_plan_allows() =>
        AssertNone(
            UseRules.Forbidden(
                CompiledUses.Of(typeof(SshNetShellFactory).Assembly.Location, Root),
                Root,
                FloorPlan.SshNet
            )
        );

    [Fact]
    public void One_project_alone_refers_to_the_SSH_library() =>
        Assert.Equal(
            ["NestVirt.SshNet.csproj"],
            Directory
                .EnumerateFiles(Path.Combine(Repository.Folder, "src"), "*.csproj", SearchOption.AllDirectories)
                .Where(static file =>
                    File.ReadAllText(file).Contains("PackageReference Include=\"SSH.NET\"", StringComparison.Ordinal)
                )
                .Select(Path.GetFileName)
        );

    [Fact]
    public void No_namespace_of_Core_uses_itself_by_way_of_others() =>
        AssertNone(UseRules.Circles([.. CoreUses().Where(use => !IsDebt(use))]));

    [Fact]
    public void A_debt_that_is_paid_is_struck_off() =>
        Assert.Equal(
            FloorPlan.Debts,
            FloorPlan.Debts.Intersect(
                UseRules.Forbidden(CoreUses(), Root, FloorPlan.Core).Select(static line => line.Split(' ')[0]),
                StringComparer.Ordinal
            )
        );

    [Fact]
    public void An_arrow_that_the_plan_lacks_is_found() =>
        Assert.Equal(
            [$"{Samples}.Lower.Cellar uses {Samples}.Upper.Attic"],
            UseRules.Forbidden(
                CompiledUses.Of(s_tests, Samples),
                Samples,
                new Dictionary<string, string[]> { ["Lower"] = [], ["Upper"] = ["Lower"] }
            )
        );

    [Fact]
    public void A_circle_is_found() =>
        Assert.Equal([$"{Samples}.Lower", $"{Samples}.Upper"], UseRules.Circles(CompiledUses.Of(s_tests, Samples)));

    [Theory]
    [InlineData("Cli")]
    [InlineData("PowerShell")]
    public void A_front_end_uses_no_platform_and_no_inside_of_a_transport(string door)
    {
        string folder = Path.Combine(Repository.Folder, "src", $"NestVirt.{door}");
        string transport = Path.Combine(folder, "Cim") + Path.DirectorySeparatorChar;
        string[] allowed = door == "Cli" ? [.. FloorPlan.FrontEnd, FloorPlan.SshLibrary] : FloorPlan.FrontEnd;
        (string File, string Used)[] uses =
        [
            .. Directory
                .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .SelectMany(static file =>
                    UsingLine().Matches(File.ReadAllText(file)).Select(match => (file, match.Groups[1].Value))
                ),
        ];
        Assert.Contains(uses, static use => use.Used == "Hosts");
        Assert.DoesNotContain(
            uses,
            use =>
                !use.Used.StartsWith(door, StringComparison.Ordinal)
                && !allowed.Contains(use.Used)
                && !(
                    use.File.StartsWith(transport, StringComparison.Ordinal) && FloorPlan.WindowsCim.Contains(use.Used)
                )
        );
    }

    [Fact]
    public void A_process_is_known_to_the_channel_over_one_alone() =>
        Assert.Equal(
            ["ChildProcess", "ProcessChannel"],
            CompiledUses
                .Of(s_core, $"{Root}.Transport", "System.Diagnostics")
                .Where(static use =>
                    use.To == "Process" && use.FromNamespace.Contains(".Shell", StringComparison.Ordinal)
                )
                .Where(static use =>
                    !use.FromNamespace.EndsWith(".Local", StringComparison.Ordinal)
                    && !use.FromNamespace.EndsWith(".OpenSsh", StringComparison.Ordinal)
                )
                .Select(static use => use.From)
                .Distinct()
        );

    [Fact]
    [Trait("Category", "Security")]
    public void Programs_are_started_in_one_place() =>
        Assert.Equal(
            ["ChildProcess.cs"],
            Directory
                .EnumerateFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
                .Where(static file => StartOfProgram().IsMatch(File.ReadAllText(file)))
                .Select(Path.GetFileName)
        );

    [Fact]
    [Trait("Category", "Security")]
    public void Files_are_written_in_one_place() =>
        Assert.Equal(
            ["HiddenLine.cs", "LockFile.cs", "ProcessChannel.cs", "WholeFile.cs"],
            Directory
                .EnumerateFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
                .Where(static file => WriteOfFile().IsMatch(File.ReadAllText(file)))
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Namespaces_are_folders()
    {
        string source = Path.Combine(Repository.Folder, "src", "NestVirt.Core");
        Assert.Empty(
            Directory
                .EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => !File.ReadLines(file).Contains($"namespace {NamespaceOf(source, file)};"))
                .Select(file => Path.GetRelativePath(source, file))
        );
    }

    // xUnit shows the first few alone.
    private static void AssertNone(IReadOnlyList<string> found) =>
        Assert.True(found.Count == 0, string.Join('\n', found));

    private static IReadOnlyList<TypeUse> CoreUses() => CompiledUses.Of(s_core, Root);

    private static bool IsDebt(TypeUse use) => FloorPlan.Debts.Contains($"{use.FromNamespace}.{use.From}");

    private static string NamespaceOf(string source, string file) =>
        string.Join(
            '.',
            [
                Root,
                .. Path.GetRelativePath(source, Path.GetDirectoryName(file)!)
                    .Split(Path.DirectorySeparatorChar)
                    .Where(static part => part != "."),
            ]
        );

    // The channel writes to the pipe of a process through one, and a hidden line is asked for on the terminal.
    [GeneratedRegex(
        @"\bFile\.(?:Write|Append|Create|Open|Copy|Move|Replace)|\bnew FileStream\b|\bFileMode\.|FileAccess\.Write|StreamWriter\(\s*[a-z]*[pP]ath"
    )]
    private static partial Regex WriteOfFile();

    [GeneratedRegex(@"\bProcessStartInfo\b|\bProcess\.Start\b")]
    private static partial Regex StartOfProgram();

    [GeneratedRegex(@"^(?:global )?using (?:static )?NestVirt\.([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
