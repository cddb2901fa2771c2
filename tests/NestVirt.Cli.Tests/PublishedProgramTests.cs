namespace NestVirt.Cli.Tests;

/// <summary>The program as it is published, where it has been.</summary>
public sealed class PublishedProgramTests
{
    private static readonly string s_program = Path.Combine(
        Repository.Folder,
        "artifacts",
        "bin",
        OperatingSystem.IsWindows() ? "nestvirt.exe" : "nestvirt"
    );

    [Fact]
    public async Task It_is_the_program_that_was_tested()
    {
        Assert.SkipUnless(File.Exists(s_program), "not published: run tools/publish-cli.sh");
        CliResult published = await RunAsync("--version");
        CliResult tested = await CliProgram.RunAsync("--version");

        Assert.Equal(tested, published);
    }

    [Fact]
    public async Task It_prints_a_table_and_a_document()
    {
        Assert.SkipUnless(File.Exists(s_program), "not published: run tools/publish-cli.sh");
        CliResult table = await RunAsync("support", "--snapshot", Repository.Recording("amd-epyc"));
        CliResult json = await RunAsync("support", "--snapshot", Repository.Recording("amd-epyc"), "--output", "json");

        Assert.StartsWith("amd-epyc: ", table.Output, StringComparison.Ordinal);
        Assert.StartsWith("{\n  \"schema\": \"nestvirt/support/1\",", json.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0), (table.ExitCode, json.ExitCode));
    }

    private static Task<CliResult> RunAsync(params string[] arguments) =>
        CliProgram.FinishAsync(CliProgram.Start(arguments, s_program));
}
