using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Another user of a shared folder plants links and files where a file of ours will be.</summary>
public sealed class PlantedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _victim;

    public PlantedFileTests()
    {
        Needs.Shell();
        _victim = Path.Combine(_folder, "victim");
        File.WriteAllText(_victim, "mine");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("snapshot", "--to")]
    [InlineData("disable nesting", "--plan")]
    public async Task A_file_is_written_beside_what_is_planted_for_its_owner_alone(string command, string option)
    {
        string file = Path.Combine(_folder, "out.json");
        string[] planted = ["out.json.tmp", ".out.json.tmp", "out.json.partial", ".out.json.partial", "out.json~"];
        foreach (string name in planted)
        {
            File.CreateSymbolicLink(Path.Combine(_folder, name), _victim);
        }

        CliResult result = await RunAsync(command, option, file);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("mine", await File.ReadAllTextAsync(_victim));
        Assert.StartsWith("{", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal(
            [.. planted.Append("out.json").Append("victim").Order(StringComparer.Ordinal)],
            Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("snapshot", "--to")]
    [InlineData("disable nesting", "--plan")]
    public async Task A_planted_link_in_its_place_is_not_followed(string command, string option)
    {
        string file = Path.Combine(_folder, "out.json");
        File.CreateSymbolicLink(file, _victim);

        CliResult result = await RunAsync(command, option, file);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("is a link to", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_victim));
    }

    private static async Task<CliResult> RunAsync(string command, string option, string file)
    {
        using HostTree tree = new HostTree().Add("amd-unloaded");
        return await CliProgram.RunAsync([.. command.Split(' '), "--root", tree.Path, option, file]);
    }
}
