using System.Text.Json;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>What <c>nestvirt set tuning</c> takes and refuses, and what it plans over a recorded host.</summary>
public sealed class GuestTuningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_choice_is_said_with_its_reason()
    {
        CliResult result = await PlanAsync("--vm", "lab", "--what-if");

        string said = OneLine(result.Output);
        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        Assert.All(
            [
                "lab: fitted to the host: (none) -> I/O threads 1;",
                "cache of vda none",
                "pins of processors 0:1; pins of the emulator 0;",
                "nodes of its memory strict 1",
                "takes effect when a guest starts again; undo: puts the old settings back",
                "lab: Its memory comes from node 1, where its processors are.",
                "512 free huge pages of 2 MiB for the memory of the virtual machine, which stays in small pages.",
                "lab: Its balloon stays",
            ],
            text => Assert.Contains(text, said, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Every_option_reaches_the_plan()
    {
        string plan = Path.Combine(_folder, "plan.json");

        CliResult result = await PlanAsync(
            "--vm",
            "lab",
            "--tuning",
            "disks",
            "--tuning",
            "cpu",
            "--siblings",
            "pair",
            "--node",
            "1",
            "--io-threads",
            "2",
            "--restart",
            "--guest-timeout",
            "30",
            "--force",
            "--plan",
            plan
        );

        Assert.Equal(0, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(plan));
        Assert.Equal(
            """{"kind":"tuning","vmNames":["lab"],"tunings":["Cpu","Disks"],"siblings":"Pair","node":1,"ioThreadCount":2,"stopGuests":true,"guestTimeoutSeconds":30,"force":true,"replaceConflict":false}""",
            JsonSerializer.Serialize(document.RootElement.GetProperty("request"))
        );
        JsonElement change = Assert.Single(document.RootElement.GetProperty("changes").EnumerateArray());
        Assert.Equal("lab: fitted to the host", change.GetProperty("setting").GetString());
        Assert.Equal("shuts lab down, and starts it again", change.GetProperty("disrupts").GetString());
    }

    [Fact]
    public async Task What_does_not_fit_is_refused()
    {
        CliResult big = await PlanAsync("--vm", "big", "--what-if");
        CliResult pages = await PlanAsync("--vm", "lab", "--page-size", "2M", "--what-if");

        Assert.Equal((ExitCode.AllHostsFailed, ExitCode.AllHostsFailed), (big.ExitCode, pages.ExitCode));
        Assert.Contains(
            "big: The host cannot give the virtual machine 2 processors of its own",
            OneLine(big.ErrorOutput),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "lab: The host has not 512 free huge pages of 2 MiB",
            OneLine(pages.ErrorOutput),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("No virtual machine is named.", "--vm '*'", "--tuning", "cpu")]
    [InlineData("No virtual machine is named.", "--vm NAME")]
    [InlineData("A blank word names no virtual machine.", "give *", "--vm", " ")]
    [InlineData("--tuning cannot be 'cpus'.", "cpu, memory, hugepages", "--vm", "lab", "--tuning", "cpus")]
    [InlineData("--tuning cannot be '0'.", "disks, network, balloon", "--vm", "lab", "--tuning", "0")]
    [InlineData("--tuning cannot be 'cpu,memory'.", "one of cpu", "--vm", "lab", "--tuning", "cpu,memory")]
    [InlineData("--siblings cannot be 'on'.", "avoid, pair", "--vm", "lab", "--siblings", "on")]
    [InlineData("--node cannot be 'x'.", "whole number", "--vm", "lab", "--node", "x")]
    [InlineData("No host has a NUMA node 1024.", "numactl", "--vm", "lab", "--node", "1024")]
    [InlineData("--page-size cannot be '3Q'.", "2M or 1G", "--vm", "lab", "--page-size", "3Q")]
    [InlineData("--io-threads cannot be '-1'.", "whole number", "--vm", "lab", "--io-threads=-1")]
    [InlineData("cannot have 65 threads for its disks.", "1 to 64", "--vm", "lab", "--io-threads", "65")]
    [InlineData("a matter of the tuning disks.", "Name it", "--vm", "lab", "--tuning", "cpu", "--io-threads", "1")]
    [InlineData(
        "a matter of the tuning hugepages.",
        "Name it",
        "--vm",
        "lab",
        "--tuning",
        "memory",
        "--page-size",
        "1G"
    )]
    [InlineData("a matter of the tuning cpu.", "Name it", "--vm", "lab", "--tuning", "disks", "--siblings", "pair")]
    [InlineData("tunings cpu and memory.", "Name one", "--vm", "lab", "--tuning", "balloon", "--node", "0")]
    public async Task A_slip_is_told_before_a_host_is_asked(string sentence, string remedy, params string[] options)
    {
        CliResult result = await CliProgram.RunAsync(["set", "tuning", "kvm1", "--yes", .. options]);

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, OneLine(result.ErrorOutput), StringComparison.Ordinal);
        Assert.Contains(remedy, OneLine(result.ErrorOutput), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_can_be_fitted()
    {
        string help = OneLine((await CliProgram.RunAsync("set", "tuning", "--help")).Output);

        Assert.All(
            [
                "Fits virtual machines of a KVM host to its processors, memory, disks and network.",
                "--vm <NAME>",
                "--tuning <WHAT> What is fitted: cpu, memory, hugepages, disks, network, balloon; all of it",
                "--siblings <avoid|pair>",
                "--node <N>",
                "--page-size <SIZE>",
                "--io-threads <N>",
                "--restart",
                "--guest-timeout <SECONDS>",
                "--force",
                "--plan <FILE>",
            ],
            text => Assert.Contains(text, help, StringComparison.Ordinal)
        );
    }

    private Task<CliResult> PlanAsync(params string[] words)
    {
        string snapshot = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.WriteTuning(Repository.Recording("amd-epyc"), snapshot);
        return CliProgram.RunAsync(["set", "tuning", .. words, "--snapshot", snapshot]);
    }

    // Lines are broken at the width of the page.
    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
