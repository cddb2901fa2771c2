using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>The program over WS-Management, against a stand-in for a Hyper-V host.</summary>
public sealed class HyperVHostTests
{
    private const string User = "administrator";
    private const string Password = "pass word 1";

    [Fact]
    public async Task Ping_goes_all_the_way_over_HTTP_with_NTLM()
    {
        Needs.Tools("script");
        Needs.Ntlm();
        await using StandInProcess host = await StandInProcess.StartAsync("--ntlm", $"{User}:{Password}");

        CliResult result = await TypedAnswer.RunAsync(Password, $"ping {host.Word} --user {User} --ask-password");

        Assert.DoesNotContain(Password, result.Output, StringComparison.Ordinal);
        Assert.Equal(
            [
                "name passed",
                "route passed",
                "port passed",
                "host key not applicable",
                "log-in passed",
                "shell not applicable",
                "sudo not applicable",
                "tools passed",
            ],
            StepsIn(result.Output)
        );
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public async Task A_host_is_read_live_and_as_it_was_recorded()
    {
        Needs.Tools("script");
        Needs.Ntlm();
        await using StandInProcess host = await StandInProcess.StartAsync("--ntlm", $"{User}:{Password}", "--vms", "3");
        string login = $"{host.Word} --user {User} --ask-password";
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");

        CliResult support = await TypedAnswer.RunAsync(Password, $"support {login} --output json");
        CliResult guests = await TypedAnswer.RunAsync(Password, $"guests {login} --output json");
        CliResult snapshot = await TypedAnswer.RunAsync(Password, $"snapshot {login} --to {file}");
        CliResult recordedSupport = await CliProgram.RunAsync("support", "--snapshot", file, "--output", "json");
        CliResult recordedGuests = await CliProgram.RunAsync("guests", "--snapshot", file, "--output", "json");
        File.Delete(file);

        Assert.Equal(ExitCode.Success, snapshot.ExitCode);
        JsonElement live = ResultsIn(support.Output)[0];
        Assert.Equal("HyperV", live.GetProperty("platform").GetString());
        Assert.Equal("Ready", live.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, live.GetProperty("nested").GetProperty("module").ValueKind);
        Assert.Equal("On", live.GetProperty("nested").GetProperty("effective").GetString());
        Assert.Equal(
            live.GetProperty("reasons").GetRawText().ReplaceLineEndings("\n"),
            ResultsIn(recordedSupport.Output)[0].GetProperty("reasons").GetRawText()
        );
        Assert.Equal(["Off", "NextStart", "Off"], NestingIn(guests.Output));
        Assert.Equal(["Off", "NextStart", "Off"], NestingIn(recordedGuests.Output));
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task Ping_says_which_certificate_a_host_has_that_nobody_vouches_for()
    {
        Needs.Tools("script");
        await using StandInProcess host = await StandInProcess.StartAsync("--basic", $"{User}:{Password}");
        string line = $"ping {host.Word} --use-ssl --authentication basic --user {User} --ask-password --output json";

        CliResult unknown = await TypedAnswer.RunAsync(Password, line);
        CliResult pinned = await TypedAnswer.RunAsync(Password, $"{line} --certificate-thumbprint {host.Thumbprint}");

        Assert.Equal("HostKey", FirstFaultIn(unknown.Output));
        Assert.Contains($"SHA-256 thumbprint {host.Thumbprint}", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("--certificate-thumbprint", unknown.Output, StringComparison.Ordinal);
        Assert.Null(FirstFaultIn(pinned.Output));
        Assert.Equal(ExitCode.Success, pinned.ExitCode);
    }

    [Fact]
    public async Task Ping_says_that_the_password_is_wrong()
    {
        Needs.Tools("script");
        Needs.Ntlm();
        await using StandInProcess host = await StandInProcess.StartAsync("--ntlm", $"{User}:{Password}");

        CliResult result = await TypedAnswer.RunAsync(
            "another",
            $"ping {host.Word} --user {User} --ask-password --output json"
        );

        Assert.Equal("LogIn", FirstFaultIn(result.Output));
        Assert.Contains("refused the user name or the password", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic authentication is not used over HTTP", "--authentication", "basic")]
    [InlineData("Kerberos is not used over HTTP", "--authentication", "kerberos")]
    [InlineData("Kerberos is not used over HTTP")]
    public async Task What_would_give_a_secret_away_is_refused_with_the_option_that_is_safe(
        string sentence,
        params string[] options
    )
    {
        CliResult result = await CliProgram.RunAsync(["ping", "wsman:127.0.0.1:1", .. options]);

        // Nobody was called: it is no step of the way that failed.
        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Contains(sentence, result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains("--use-ssl", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--authentication cannot be 'digest'.", "--authentication", "digest")]
    [InlineData("--certificate-thumbprint cannot be '12'.", "--certificate-thumbprint", "12")]
    [InlineData("There is no certificate file '/no/such'.", "--authority-file", "/no/such")]
    [InlineData("The port would hold for hosts over SSH and over WS-Management alike.", "--port", "22", "kvm1")]
    public async Task A_slip_in_an_option_is_told(string sentence, params string[] options)
    {
        CliResult result = await CliProgram.RunAsync(["ping", "wsman:hv1", .. options]);

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, result.ErrorOutput, StringComparison.Ordinal);
    }

    private static IEnumerable<string> StepsIn(string output) =>
        output
            .Split('\n')
            .SkipWhile(static line => !line.Contains("STEP", StringComparison.Ordinal))
            .Skip(1)
            .Select(static line => System.Text.RegularExpressions.Regex.Replace(line.Trim(), " {2,}", "|").Split('|'))
            .Where(static cells => cells.Length > 1)
            .Select(static cells => $"{cells[0]} {cells[1]}");

    private static IEnumerable<string?> NestingIn(string output) =>
        ResultsIn(output).EnumerateArray().Select(static vm => vm.GetProperty("nesting").GetString());

    private static string? FirstFaultIn(string output) => ResultsIn(output)[0].GetProperty("firstFault").GetString();

    // What a terminal is told while it waits stands before the document.
    private static JsonElement ResultsIn(string output)
    {
        using JsonDocument document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.GetProperty("results").Clone();
    }
}
