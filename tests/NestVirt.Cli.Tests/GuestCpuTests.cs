using System.Text.Json;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>Processors of guests of a recorded KVM host, planned by the program.</summary>
public sealed class GuestCpuTests : IDisposable
{
    private const string Lab = "11111111-2222-4333-8444-555555555551";
    private const string Deep = "11111111-2222-4333-8444-555555555553";
    private const string Db = "11111111-2222-4333-8444-555555555552";
    private const string Cpu =
        "  <cpu mode='custom' match='exact' check='partial'>\n    <model fallback='forbid'>EPYC</model>\n  </cpu>";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Snapshot => Path.Combine(_folder, "kvm1.json");

    [Fact]
    public async Task What_would_change_is_said_with_when_it_takes_effect()
    {
        CliResult result = await RunAsync(
            "set",
            "cpu",
            "--vm",
            "lab",
            "--nesting",
            "on",
            "--feature",
            "aes=disable",
            "--what-if"
        );

        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        Assert.Contains(
            "lab: processor: (none) -> feature svm require, feature aes disable",
            result.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("when a guest starts again", result.Output, StringComparison.Ordinal);
        Assert.Contains("undo: puts the old processor", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_option_reaches_the_plan()
    {
        string plan = Path.Combine(_folder, "plan.json");

        CliResult result = await RunAsync(
            "set",
            "cpu",
            "--vm",
            "db",
            "--mode",
            "host-passthrough",
            "--feature",
            "aes=disable",
            "--topology",
            "cores=2",
            "--migratable",
            "off",
            "--windows-hypervisor",
            "--stop-guests",
            "--plan",
            plan
        );

        Assert.Equal(0, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(plan));
        Assert.Equal(
            """{"kind":"cpu","vmNames":["db"],"expose":null,"cpuCount":null,"threadsPerCore":null,"staticMemory":false,"macSpoofing":null,"iovWeight":null,"vbsOptOut":null,"mode":"HostPassthrough","features":{"aes":"disable"},"topology":{"sockets":1,"dies":1,"cores":2,"threads":1},"migratable":false,"windowsHypervisor":true,"stopGuests":true,"guestTimeoutSeconds":120,"force":false,"replaceConflict":false}""",
            JsonSerializer.Serialize(document.RootElement.GetProperty("request"))
        );
        JsonElement change = Assert.Single(document.RootElement.GetProperty("changes").EnumerateArray());
        Assert.Equal(
            [Db, "stay", "cpu features clock"],
            change
                .GetProperty("step")
                .GetProperty("arguments")
                .EnumerateArray()
                .Select(static word => word.GetString()!)
        );
    }

    [Fact]
    public async Task Nesting_of_virtual_machines_of_a_KVM_host_is_set_by_either_command()
    {
        CliResult set = await RunAsync("set", "cpu", "--vm", "d*", "--nesting", "on", "--what-if");
        CliResult enable = await RunAsync("enable", "nesting", "--vm", "db", "--what-if");
        CliResult disable = await RunAsync("disable", "nesting", "--vm", "*", "--what-if");

        Assert.Equal((0, 0, 0), (set.ExitCode, enable.ExitCode, disable.ExitCode));
        Assert.Contains("db: processor: (none) -> feature svm require", set.Output, StringComparison.Ordinal);
        Assert.Contains("db: processor: (none) -> feature svm require", enable.Output, StringComparison.Ordinal);
        Assert.Contains("deep: processor: (none) -> feature svm disable", disable.Output, StringComparison.Ordinal);

        // A named model has none unless it is asked for.
        Assert.DoesNotContain("db: processor", disable.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("static memory", "--vm lab --static-memory")]
    [InlineData("the nearest is EPYC", "--vm lab --mode custom --model EPCY")]
    [InlineData("near it are avx512f", "--vm lab --feature avx-512f=disable")]
    [InlineData("no virtual machine 'none'", "--vm none --nesting on")]
    public async Task What_cannot_be_is_refused(string sentence, string options)
    {
        CliResult result = await RunAsync(["set", "cpu", "--what-if", .. options.Split(' ')]);

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Contains(sentence, result.ErrorOutput, StringComparison.Ordinal);
    }

    private Task<CliResult> RunAsync(params string[] words)
    {
        string lab = GuestSnapshot.Define("lab", Lab, Cpu);
        GuestSnapshot.Write(
            Repository.Recording("amd-epyc"),
            Snapshot,
            [
                (Lab, lab, lab),
                (Db, GuestSnapshot.Define("db", Db, Cpu), null),
                (Deep, GuestSnapshot.Define("deep", Deep, "  <cpu mode='host-passthrough'/>"), null),
            ]
        );
        return CliProgram.RunAsync([.. words, "--snapshot", Snapshot]);
    }
}
