using System.Diagnostics;
using System.Globalization;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

public sealed class StopTests
{
    private const int Interrupted = 130;
    private const int Terminated = 143;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static int s_number;

    [Theory]
    [InlineData("INT", Interrupted, "kvm1")]
    [InlineData("INT", Interrupted, "kvm1", "kvm2", "kvm3")]
    [InlineData("TERM", Terminated, "kvm1", "kvm2")]
    public async Task A_signal_ends_the_run_and_every_child(string signal, int exitCode, params string[] hosts)
    {
        Needs.Tools("ssh", "sleep");
        // The hosts are programs that say nothing, told apart from every other one by the time that they sleep.
        string marker = string.Create(
            CultureInfo.InvariantCulture,
            $"1{Environment.ProcessId:00000000}.{Interlocked.Increment(ref s_number)}"
        );
        using Process process = CliProgram.Start([
            "support",
            .. hosts,
            "--ssh-option",
            $"ProxyCommand=sleep {marker}",
            "--output",
            "json",
        ]);
        await WaitUntilAsync(() => Sleeping(marker) >= hosts.Length);

        using (Process kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        CliResult result = await CliProgram.FinishAsync(process);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(0, Sleeping(marker));
        Assert.Equal(
            $"nestvirt: stopped before {hosts.Length} of {hosts.Length} hosts had answered.\n",
            result.ErrorOutput
        );
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(result.Output);
        Assert.Empty(document.RootElement.GetProperty("results").EnumerateArray());
        Assert.Equal(
            hosts.Select(static host => (host, "Stopped")),
            document
                .RootElement.GetProperty("errors")
                .EnumerateArray()
                .Select(static error =>
                    (error.GetProperty("hostName").GetString()!, error.GetProperty("id").GetString()!)
                )
        );
    }

    /// <summary>Nobody writes to the pipe, so that to open it waits.</summary>
    [Theory]
    [InlineData("support", "kvm1", "--inventory")]
    [InlineData("support", "--snapshot")]
    [InlineData("apply")]
    [Trait("Category", "Security")]
    public async Task A_signal_ends_the_wait_for_a_file(params string[] words)
    {
        Needs.Tools("mkfifo");
        string folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        try
        {
            string pipe = Path.Combine(folder, "pipe");
            using (Process make = Process.Start("mkfifo", pipe))
            {
                await make.WaitForExitAsync();
            }

            using Process process = CliProgram.Start([.. words, pipe]);
            await Task.Delay(TimeSpan.FromSeconds(2));
            Assert.False(process.HasExited);
            using (
                Process kill = Process.Start("kill", ["-s", "TERM", process.Id.ToString(CultureInfo.InvariantCulture)])
            )
            {
                await kill.WaitForExitAsync();
            }

            Assert.Equal(Terminated, (await CliProgram.FinishAsync(process)).ExitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_ends_the_run_quietly()
    {
        Needs.Tools("sh", "head");
        // More than a pipe holds, so that the program is still writing when the reader goes.
        string recording = Repository.Recording("amd-epyc");
        string folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;
        try
        {
            for (int number = 0; number < 200; number++)
            {
                File.Copy(recording, Path.Combine(folder, $"host{number:000}.json"));
            }

            using Process process = CliProgram.Start(
                [
                    "-c",
                    "{ \"$0\" \"$@\"; echo \"code $?\" >&2; } | head -n 1",
                    CliProgram.Path,
                    "modules",
                    "--output",
                    "jsonl",
                    "--snapshot",
                    folder,
                ],
                program: "/bin/sh"
            );
            CliResult result = await CliProgram.FinishAsync(process);

            Assert.Equal("code 0\n", result.ErrorOutput);
            Assert.Single(result.Lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Sleeping(string marker) =>
        Directory
            .GetDirectories("/proc")
            .Count(folder =>
            {
                try
                {
                    return File.ReadAllText(Path.Combine(folder, "cmdline"))
                        .Contains($"sleep\0{marker}", StringComparison.Ordinal);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    return false;
                }
            });

    private static async Task WaitUntilAsync(Func<bool> isSo)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < s_patience, "The hosts were not asked.");
            await Task.Delay(20);
        }
    }
}
