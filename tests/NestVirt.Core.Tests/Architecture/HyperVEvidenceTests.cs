using System.Text.RegularExpressions;

namespace NestVirt.Core.Tests.Architecture;

/// <summary>docs/hyperv-evidence.md lists what the code takes for granted of Hyper-V.</summary>
public sealed partial class HyperVEvidenceTests
{
    private static readonly string s_source = Path.Combine(Repository.Folder, "src");
    private static readonly string s_page = Path.Combine(Repository.Folder, "docs", "hyperv-evidence.md");

    [Fact]
    public void What_the_code_calls_unproven_is_on_the_page()
    {
        IEnumerable<string> marked = Directory
            .EnumerateFiles(s_source, "*.cs", SearchOption.AllDirectories)
            .Where(static file => File.ReadAllText(file).Contains("unproven", StringComparison.Ordinal))
            .Select(static file => Path.GetFileName(file));
        string unproven = File.ReadAllText(s_page).Split("## Unproven")[1];

        Assert.Empty(marked.Except(FilesIn(unproven)));
    }

    [Fact]
    public void Each_file_that_the_page_names_is_there()
    {
        HashSet<string> files =
        [
            .. Directory
                .EnumerateFiles(s_source, "*.cs", SearchOption.AllDirectories)
                .Select(static file => Path.GetFileName(file)),
        ];

        Assert.Empty(FilesIn(File.ReadAllText(s_page)).Except(files));
    }

    private static IEnumerable<string> FilesIn(string text) =>
        FileName().Matches(text).Select(static match => match.Groups[1].Value).Distinct();

    [GeneratedRegex("`([A-Za-z]+\\.cs)`")]
    private static partial Regex FileName();
}
