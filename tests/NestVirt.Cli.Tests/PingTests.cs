using System.Text.Json;
using NestVirt.Core.Tests;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;

namespace NestVirt.Cli.Tests;

/// <summary><c>nestvirt ping</c>: a host that does not stand is a result, and counts as failed.</summary>
public sealed class PingTests
{
    private static readonly string s_up = $"root@127.0.0.1:{(Needs.IsOnPath("sshd") ? SshServer.Shared.Port : 22)}";

    [Fact]
    public async Task A_table_shows_each_step_and_what_mends_the_first_that_does_not_stand()
    {
        CliResult result = await PingAsync("nobody@nowhere.invalid");

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Matches("(?m)^ *STEP +STATE +TIME +DETAIL", result.Output);
        Assert.Matches("(?m)^ *name +failed +[0-9]+ ms +see below", result.Output);
        Assert.Matches("(?m)^ *log-in +not tried", result.Output);
        Assert.Contains("run: getent hosts nowhere.invalid", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.ErrorOutput);
    }

    [Fact]
    public async Task Json_has_every_host_and_the_exit_code_counts_those_that_do_not_stand()
    {
        CliResult both = await PingAsync(s_up, "nobody@nowhere.invalid", "--output", "json", "--no-sudo");
        CliResult one = await PingAsync(s_up, "--no-sudo");

        using JsonDocument json = JsonDocument.Parse(both.Output);
        JsonElement root = json.RootElement;
        JsonElement[] results = [.. root.GetProperty("results").EnumerateArray()];
        Assert.Equal("nestvirt/ping/1", root.GetProperty("schema").GetString());
        Assert.Equal(0, root.GetProperty("errors").GetArrayLength());
        Assert.Equal([true, false], results.Select(static check => check.GetProperty("stands").GetBoolean()));
        Assert.Equal("Name", results[1].GetProperty("firstFault").GetString());
        Assert.Equal(8, results[0].GetProperty("steps").GetArrayLength());
        Assert.Equal((ExitCode.SomeHostsFailed, ExitCode.Success), (both.ExitCode, one.ExitCode));
    }

    [Fact]
    public async Task Csv_has_a_column_for_each_step()
    {
        CliResult result = await PingAsync(s_up, "--output", "csv", "--no-sudo");

        Assert.Equal(
            [
                "hostName,stands,firstFault,name,route,port,hostKey,logIn,shell,sudo,tools,message,remedy,command",
                "127.0.0.1,true,,Passed,Passed,Passed,Passed,Passed,Passed,NotApplicable,Passed,,,",
            ],
            result.Output.Split(["\r\n", "\n"], StringSplitOptions.RemoveEmptyEntries)
        );
    }

    private static Task<CliResult> PingAsync(params string[] words)
    {
        Needs.Root();
        Needs.Sshd();
        string known = Path.Combine(SshServer.Shared.Folder, "known_hosts");
        return CliProgram.RunAsync([
            "ping",
            .. words,
            "--identity",
            SshServer.Shared.Target.KeyFilePath!,
            "--ssh-option",
            $"UserKnownHostsFile={known}",
        ]);
    }
}
