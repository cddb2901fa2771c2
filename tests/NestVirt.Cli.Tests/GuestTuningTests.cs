namespace NestVirt.Cli.Tests;

/// <summary>What <c>nestvirt set tuning</c> takes, and what it refuses before a host is asked.</summary>
public sealed class GuestTuningTests
{
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

    // Lines are broken at the width of the page.
    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
