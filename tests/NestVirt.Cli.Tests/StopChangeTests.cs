using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Ctrl+C while a host makes a change.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StopChangeTests : IDisposable
{
    private const int Interrupted = 130;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    private string Begun => Path.Combine(_folder, "begun");

    private string Go => Path.Combine(_folder, "go");

    [Fact]
    public async Task A_host_that_has_begun_is_named_and_goes_on_to_the_end()
    {
        Needs.Root();
        Needs.Sshd();
        using ChangeableHost host = new(SlowTools());
        using Process process = CliProgram.Start([
            "set",
            "module",
            host.Name,
            "kvm_amd",
            "npt=0",
            "--yes",
            "--output",
            "json",
            .. host.LogIn,
        ]);
        await WaitUntilAsync(() => File.Exists(Begun));
        await InterruptAsync(process);
        CliResult result = await CliProgram.FinishAsync(process);

        Assert.Equal(Interrupted, result.ExitCode);
        Assert.Equal(
            $"nestvirt: What has begun on 127.0.0.1 goes on there to its end.\n  What became of it: nestvirt history {host.Name}\n",
            result.ErrorOutput
        );
        await File.WriteAllTextAsync(Go, "go");
        await WaitUntilAsync(() =>
            host.Text(ChangeableHost.OwnFile)?.Contains("npt=0", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public async Task A_host_where_nothing_has_begun_is_not_named()
    {
        Needs.Tools("ssh", "sleep");
        string marker = RunningProcesses.UniqueSeconds();
        using Process process = CliProgram.Start([
            "set",
            "module",
            "kvm1",
            "kvm_amd",
            "npt=0",
            "--yes",
            "--ssh-option",
            $"ProxyCommand=sleep {marker}",
        ]);
        await RunningProcesses.AssertStartsAsync(marker);
        await InterruptAsync(process);
        CliResult result = await CliProgram.FinishAsync(process);

        Assert.Equal((Interrupted, ""), (result.ExitCode, result.ErrorOutput));
    }

    public void Dispose()
    {
        File.WriteAllText(Go, "go");
        Directory.Delete(_folder, recursive: true);
    }

    // The worker writes a file through sync, which waits here until it is told to go on.
    private string SlowTools()
    {
        string sync = Path.Combine(_folder, "sync");
        File.WriteAllText(
            sync,
            $"#!/bin/sh\n: >{Begun}\nn=0\nwhile [ ! -e {Go} ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done\nexit 0\n"
        );
        File.SetUnixFileMode(sync, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return _folder;
    }

    private static async Task InterruptAsync(Process process)
    {
        using Process kill = Process.Start("kill", ["-s", "INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static async Task WaitUntilAsync(Func<bool> isSo)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.True(clock.Elapsed < s_patience, "It did not come so far.");
            await Task.Delay(20);
        }
    }
}
