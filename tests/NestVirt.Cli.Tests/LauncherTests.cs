using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>The script at the root of the repository, over a build that only says that it was called.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt test-").FullName;

    public LauncherTests()
    {
        foreach (string name in new[] { "src/NestVirt.Core", "src/NestVirt.Cli", "tools", "artifacts/bin" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        File.Copy(Path.Combine(Repository.Folder, "nestvirt"), Path.Combine(_folder, "nestvirt"));
        Write("src/NestVirt.Cli/Program.cs", string.Empty);
        Write("NestVirt.psd1", string.Empty);
        Write(
            "tools/publish-cli.sh",
            """
            #!/bin/sh
            echo built >&2
            [ ! -e "${0%/*}/broken" ] || exit 7
            program=${0%/*}/../artifacts/bin/nestvirt
            printf '#!/bin/sh\nprintf "<%%s>" "$@"\nexit 3\n' >"$program"
            chmod +x "$program"
            """
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                Path.Combine(_folder, "tools/publish-cli.sh"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/bin/sh")]
    [InlineData("/bin/bash")]
    public async Task It_builds_once_and_hands_arguments_and_code_on(string shell)
    {
        Needs.Tools("sh");
        if (!File.Exists(shell))
        {
            return;
        }

        CliResult first = await RunAsync(shell, "support", "a b", "", "$(x)");
        CliResult second = await RunAsync(shell, "support");

        Assert.Equal((3, "<support><a b><><$(x)>"), (first.ExitCode, first.Output));
        Assert.Equal("nestvirt: building the program; this happens once.\nbuilt\n", first.ErrorOutput);
        Assert.Equal((3, "<support>", string.Empty), (second.ExitCode, second.Output, second.ErrorOutput));
    }

    [Fact]
    public async Task It_builds_again_when_a_source_is_newer_or_gone()
    {
        Needs.Tools("sh");
        await RunAsync("/bin/sh");
        Age("artifacts/bin/nestvirt");
        string edited = (await RunAsync("/bin/sh")).ErrorOutput;
        foreach (string path in new[] { "src/NestVirt.Cli/Program.cs", "NestVirt.psd1" })
        {
            Age(path);
        }

        File.Delete(Path.Combine(_folder, "src/NestVirt.Cli/Program.cs"));
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "artifacts/bin/nestvirt"), DateTime.UtcNow.AddMinutes(-10));
        string deleted = (await RunAsync("/bin/sh")).ErrorOutput;

        Assert.Contains("built", edited, StringComparison.Ordinal);
        Assert.Contains("built", deleted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_runs_the_old_program_when_the_new_one_does_not_build()
    {
        Needs.Tools("sh");
        await RunAsync("/bin/sh");
        Age("artifacts/bin/nestvirt");
        Write("tools/broken", string.Empty);

        CliResult result = await RunAsync("/bin/sh", "support");

        Assert.Equal((3, "<support>"), (result.ExitCode, result.Output));
        Assert.Contains("the program that was built before runs", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_fails_with_the_build_when_there_is_no_program()
    {
        Needs.Tools("sh");
        Write("tools/broken", string.Empty);

        CliResult result = await RunAsync("/bin/sh", "support");

        Assert.Equal((7, string.Empty), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task It_finds_its_folder_through_a_link()
    {
        Needs.Tools("sh", "readlink");
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, Path.Combine(_folder, "nestvirt"));

        CliResult result = await CliProgram.FinishAsync(CliProgram.Start([link, "support"], program: "/bin/sh"));

        Assert.Equal((3, "<support>"), (result.ExitCode, result.Output));
    }

    private Task<CliResult> RunAsync(string shell, params string[] arguments) =>
        CliProgram.FinishAsync(CliProgram.Start([Path.Combine(_folder, "nestvirt"), .. arguments], program: shell));

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(_folder, path), text);

    private void Age(string path) =>
        File.SetLastWriteTimeUtc(Path.Combine(_folder, path), DateTime.UtcNow.AddHours(-1));
}
