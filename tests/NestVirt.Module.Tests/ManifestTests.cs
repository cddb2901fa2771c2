using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace NestVirt.Module.Tests;

public sealed class ManifestTests
{
    private static readonly string s_manifest = File.ReadAllText(Repository.PathOf("NestVirt.psd1"));
    private static readonly string[] s_projectsWithPackages = ["NestVirt.Cli", "NestVirt.SshNet"];

    [Theory]
    [InlineData("LicenseUri")]
    [InlineData("ReleaseNotes")]
    public void An_address_of_the_manifest_is_a_file_of_the_project(string key)
    {
        string start = $"{Value("ProjectUri")}/blob/main/";

        Assert.StartsWith("https://", start, StringComparison.Ordinal);
        Assert.StartsWith(start, Value(key), StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.PathOf(Value(key)[start.Length..])));
    }

    [Fact]
    public void The_address_of_the_project_is_written_in_the_manifest_alone()
    {
        string project = Value("ProjectUri");
        string[] files =
        [
            "Directory.Build.props",
            "src/NestVirt.PowerShell/StageModule.targets",
            "tools/HelpBuilder/Program.cs",
            "tools/HelpBuilder/MamlWriter.cs",
        ];

        Assert.All(
            files,
            file => Assert.DoesNotContain(project, File.ReadAllText(Repository.PathOf(file)), StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_package_inside_the_program_is_named_in_the_notices()
    {
        string notices = File.ReadAllText(Repository.PathOf("THIRD-PARTY-NOTICES.txt"));

        Assert.All(
            s_projectsWithPackages
                .SelectMany(static project =>
                    XDocument
                        .Load(Repository.PathOf("src", project, $"{project}.csproj"))
                        .Descendants("PackageReference")
                )
                .Select(static package => package.Attribute("Include")!.Value),
            package => Assert.Contains($"\n{package}\nCopyright", notices, StringComparison.Ordinal)
        );
    }

    private static string Value(string key) => Regex.Match(s_manifest, $@"\b{key}\s*=\s*'([^']+)'").Groups[1].Value;
}
