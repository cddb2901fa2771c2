using System.Text.RegularExpressions;

namespace NestVirt.Module.Tests;

/// <summary>build.ps1 takes the words that build.sh takes.</summary>
public sealed partial class BuildTargetTests
{
    [Fact]
    public void Both_scripts_have_the_same_targets()
    {
        string[] unix =
        [
            .. Target()
                .Matches(File.ReadAllText(Repository.PathOf("build.sh")))
                .Select(static match => match.Groups[1].Value)
                .Append("help"),
        ];
        string[] windows =
        [
            .. Word()
                .Matches(Set().Match(File.ReadAllText(Repository.PathOf("build.ps1"))).Groups[1].Value)
                .Select(static match => match.Groups[1].Value),
        ];

        Assert.NotEmpty(windows);
        Assert.Equal(unix.Order(StringComparer.Ordinal), windows.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^  (\w+)\) .*;;$", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"ValidateSet\(([^)]*)\)")]
    private static partial Regex Set();

    [GeneratedRegex(@"'(\w+)'")]
    private static partial Regex Word();
}
