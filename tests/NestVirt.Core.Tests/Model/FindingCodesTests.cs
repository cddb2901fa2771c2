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

    [GeneratedRegex(
        """(?<made>\b(Finding|Refus\w+|Fault)\(\s*)?(?<![\w"])"(?<text>[a-z]+)"(?<made>,\s*severity(\.|,\s*[$"]))?""",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Literal();
}
