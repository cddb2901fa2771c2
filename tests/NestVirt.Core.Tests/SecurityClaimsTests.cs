using System.Text.RegularExpressions;

namespace NestVirt.Core.Tests;

/// <summary>docs/security.md names every security test, and no other.</summary>
public sealed partial class SecurityClaimsTests
{
    [Fact]
    public void Each_claim_names_its_tests_and_each_test_has_its_claim()
    {
        string[] claimed = [.. ClaimedTests().Distinct().Order(StringComparer.Ordinal)];
        string[] marked = [.. MarkedTests().Concat(TaggedTests()).Distinct().Order(StringComparer.Ordinal)];

        Assert.NotEmpty(marked);
        Assert.Equal(marked, claimed);
    }

    [Fact]
    public void Each_claim_has_a_test() =>
        Assert.DoesNotContain(
            File.ReadLines(Page).TakeWhile(static line => line != "## Known to be open"),
            static line =>
                line.StartsWith("- ", StringComparison.Ordinal) && !line.EndsWith("`)", StringComparison.Ordinal)
        );

    private static string Page => Path.Combine(Repository.Folder, "docs", "security.md");

    private static IEnumerable<string> ClaimedTests() =>
        Tests()
            .Matches(File.ReadAllText(Page))
            .SelectMany(static match => Code().Matches(match.Value))
            .Select(static code => code.Groups[1].Value);

    // Mark of a class or of a method, in the sources, since the tests are in several assemblies.
    private static IEnumerable<string> MarkedTests() =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Folder, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(static file =>
                Marked()
                    .Matches(File.ReadAllText(file))
                    .Select(match =>
                        match.Groups["class"] is { Success: true } type
                            ? type.Value
                            : $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups["method"].Value}"
                    )
            );

    private static IEnumerable<string> TaggedTests() =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Folder, "tests", "pester"), "*.Tests.ps1")
            .SelectMany(static file =>
                Tagged()
                    .Matches(File.ReadAllText(file))
                    .Select(match => $"{Path.GetFileName(file)}: {match.Groups[1].Value}")
            );

    [GeneratedRegex(@"\((?:`[^`\n]+`(?:, )?)+\)$", RegexOptions.Multiline)]
    private static partial Regex Tests();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(
        """^ *\[Trait\("Category", "Security"\)\]\r?\n(?:(?! *public ).*\n)* *public (?:(?:sealed |partial |abstract )*class (?<class>\w+)|[^(\n]*?(?<method>\w+)\()""",
        RegexOptions.Multiline
    )]
    private static partial Regex Marked();

    [GeneratedRegex("^ *It '([^']+)' -Tag Security", RegexOptions.Multiline)]
    private static partial Regex Tagged();
}
