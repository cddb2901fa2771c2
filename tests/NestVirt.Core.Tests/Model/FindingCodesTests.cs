using System.Reflection;
using System.Text.RegularExpressions;
using NestVirt.Core.Tests.Architecture;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Model;

/// <summary>The catalogue of finding codes is whole: what is in it is used, and what is used is in it.</summary>
public sealed partial class FindingCodesTests
{
    // The kind of use of a device, by which records of hosts name it.
    private static readonly string[] s_otherMeanings = ["HostUses.cs: BootVga"];

    private static readonly string[] s_codes =
    [
        .. typeof(FindingCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static field => (string)field.GetRawConstantValue()!),
    ];

    [Fact]
    public void A_code_is_named_as_it_is_written() =>
        Assert.Equal(
            typeof(FindingCodes)
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(static field => field.Name),
            s_codes
        );

    private static readonly string[] s_sections = ["What it means", "Evidence", "How to mend it", "Sources"];

    private static readonly string s_folder = Path.Combine(Repository.Folder, "docs", "findings");

    private static readonly Dictionary<string, string> s_pages = Directory
        .EnumerateFiles(s_folder, "*.md")
        .Where(static file => Path.GetFileName(file) != "README.md")
        .ToDictionary(static file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

    [Fact]
    public void Every_code_has_a_page_and_a_row_of_the_index()
    {
        (string Code, string Page, string Summary)[] rows =
        [
            .. Row()
                .Matches(File.ReadAllText(Path.Combine(s_folder, "README.md")))
                .Select(static match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value)),
        ];

        Assert.Equal(s_codes.Order(StringComparer.Ordinal), s_pages.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            s_codes.Order(StringComparer.Ordinal),
            rows.Select(static row => row.Code).Order(StringComparer.Ordinal)
        );
        Assert.All(
            rows,
            static row =>
            {
                Assert.Equal($"{row.Code}.md", row.Page);
                Assert.StartsWith($"# {row.Code}\n\n{row.Summary}\n\n", s_pages[row.Code], StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void The_troubleshooting_page_leads_to_findings_that_are_there()
    {
        string page = File.ReadAllText(Path.Combine(s_folder, "..", "troubleshooting.md"));
        string[][] links =
        [
            .. page.Split("](findings/")[1..]
                .Zip(page.Split("](findings/"), static (after, before) => new[] { before, after })
                .Select(static pair => new[] { pair[0].Split('[')[^1], pair[1].Split(".md)")[0] }),
        ];

        Assert.InRange(links.Length, 40, s_codes.Length);
        Assert.All(
            links,
            static link =>
            {
                Assert.Equal(link[0], link[1]);
                Assert.Contains(link[1], s_codes);
            }
        );
    }

    [Fact]
    public void Every_page_has_the_sections_and_says_something_in_each() =>
        Assert.All(
            s_pages,
            static page =>
            {
                string[] parts = page.Value.Split("\n## ");
                Assert.Equal(
                    s_sections,
                    parts[1..].Select(static part => part[..part.IndexOf('\n', StringComparison.Ordinal)])
                );
                Assert.All(
                    parts[1..],
                    static part =>
                        Assert.NotEqual(string.Empty, part[part.IndexOf('\n', StringComparison.Ordinal)..].Trim())
                );
            }
        );

    [Fact]
    public void No_page_is_a_copy_of_another() =>
        Assert.Equal(
            s_pages.Count,
            s_pages.Values.Select(static page => page.Split("\n## ")[1]).Distinct(StringComparer.Ordinal).Count()
        );

    [Fact]
    public void Every_code_is_used() =>
        Assert.Empty(
            s_codes.Except(CompiledTexts.Of(typeof(FindingCodes).Assembly.Location).Select(static use => use.Text))
        );

    [Fact]
    public void A_finding_takes_its_code_from_the_catalogue()
    {
        string source = Path.Combine(Repository.Folder, "src");
        Assert.Empty(
            Directory
                .EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(static file => !Path.GetFileName(file).StartsWith("FindingCodes", StringComparison.Ordinal))
                .SelectMany(static file =>
                    Literal()
                        .Matches(File.ReadAllText(file))
                        .Where(static match =>
                            match.Groups["made"].Success || s_codes.Contains(match.Groups["text"].Value)
                        )
                        .Select(match => $"{Path.GetFileName(file)}: {match.Groups["text"].Value}")
                )
                .Except(s_otherMeanings)
        );
    }

    [GeneratedRegex(@"^\| \[(\w+)\]\(([\w.]+)\) \| (.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(
        """(?<made>\b(Finding|Refus\w+|Fault)\(\s*)?(?<![\w"])"(?<text>[a-z]+)"(?<made>,\s*severity(\.|,\s*[$"]))?""",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Literal();
}
