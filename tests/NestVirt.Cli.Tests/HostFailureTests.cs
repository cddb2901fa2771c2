using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

public sealed class HostFailureTests
{
    // Nothing listens on port 1 of this machine, so no network is needed.
    private const string ClosedHost = "127.0.0.1:1";

    private static readonly string[] s_commands = ["support", "iommu", "pci", "sriov", "modules"];

    public static TheoryData<string> Commands => [.. s_commands];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task One_bad_host_of_two_gives_the_results_of_the_other_and_code_3(string command)
    {
        Needs.Tools("ssh");
        CliResult result = await CliProgram.RunAsync(
            command,
            ClosedHost,
            "--snapshot",
            Repository.Recording("amd-epyc"),
            "--output",
            "json"
        );

        Assert.Equal(3, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement error = Assert.Single(document.RootElement.GetProperty("errors").EnumerateArray());
        Assert.Equal("127.0.0.1", error.GetProperty("hostName").GetString());
        Assert.Equal("HostUnreachable", error.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.String, error.GetProperty("message").ValueKind);
        Assert.True(error.TryGetProperty("remedy", out _));
        Assert.All(
            document.RootElement.GetProperty("results").EnumerateArray(),
            static entry => Assert.Equal("amd-epyc", entry.GetProperty("hostName").GetString())
        );
        Assert.Contains("nestvirt: 127.0.0.1: ", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_document_is_whole_when_every_host_fails(string command)
    {
        Needs.Tools("ssh");
        CliResult result = await CliProgram.RunAsync(
            command,
            ClosedHost,
            "--snapshot",
            "no-such-file.json",
            "--output",
            "json"
        );

        Assert.Equal(4, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Empty(document.RootElement.GetProperty("results").EnumerateArray());
        Assert.Equal(2, document.RootElement.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task Lines_of_json_tell_of_failed_hosts_too()
    {
        Needs.Tools("ssh");
        CliResult result = await CliProgram.RunAsync(
            "support",
            ClosedHost,
            "--snapshot",
            Repository.Recording("amd-epyc"),
            "--output",
            "jsonl"
        );

        Assert.Equal(3, result.ExitCode);
        JsonElement[] lines = [.. result.Lines.Select(static line => JsonDocument.Parse(line).RootElement)];
        JsonElement error = Assert.Single(lines, static line => line.TryGetProperty("error", out _));
        Assert.Equal("HostUnreachable", error.GetProperty("error").GetProperty("id").GetString());
        Assert.Single(lines, static line => line.TryGetProperty("verdict", out _));
    }

    [Fact]
    public async Task A_file_that_is_no_snapshot_fails_with_its_reason()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"schema":"other"}""");

            CliResult result = await CliProgram.RunAsync("support", "--snapshot", file);

            Assert.Equal(4, result.ExitCode);
            Assert.Contains("not a host snapshot", result.ErrorOutput, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_root_that_is_not_there_fails_with_its_reason()
    {
        CliResult result = await CliProgram.RunAsync("support", "--root", "/no/such/root");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("There is no directory '/no/such/root'", result.ErrorOutput, StringComparison.Ordinal);
    }
}
