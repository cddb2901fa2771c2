using System.Text.Json;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>Devices of a stand-in for a Hyper-V host, given to virtual machines and taken back by the program.</summary>
public sealed class VmPciChangeTests : IDisposable
{
    private const string User = "administrator";
    private const string Password = "pass word 1";
    private const string Login = $"--user {User} --ask-password";
    private const string Gpu = "0000:3b:00.0";
    private const string Location = "PCIROOT(3A)#PCI(0000)#PCI(0000)";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_device_is_given_listed_taken_back_and_given_again_by_undo()
    {
        await using StandInProcess host = await StartAsync("--vm", "lab");
        string plan = Path.Combine(_folder, "plan.json");

        CliResult refused = await RunAsync($"add vm-pci {host.Word} {Gpu} --vm lab {Login} --yes");
        CliResult planned = await RunAsync($"add vm-pci {host.Word} {Gpu} --vm lab {Login} --force --plan {plan}");
        CliResult given = await RunAsync($"apply {plan} {Login} --force --yes --output json");
        CliResult back = await RunAsync($"remove vm-pci {host.Word} '{Location}' --vm lab {Login} --yes --output json");
        CliResult used = await RunAsync($"undo {host.Word} {Login} --yes");
        CliResult again = await RunAsync($"undo {host.Word} {Login} --force --yes --output json");
        CliResult none = await RunAsync($"remove vm-pci {host.Word} {Gpu} --vm other {Login} --yes");

        Assert.Equal(ExitCode.AllHostsFailed, refused.ExitCode);
        Assert.Contains("The host uses the device", refused.Output, StringComparison.Ordinal);
        Assert.Contains("--force", refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, planned.ExitCode);
        Assert.Equal("InEffect", Assert.Single(ResultsIn(given)).GetProperty("state").GetString());
        Assert.Equal("InEffect", Assert.Single(ResultsIn(back)).GetProperty("state").GetString());
        Assert.Equal(3, Assert.Single(ResultsIn(back)).GetProperty("changes").GetArrayLength());
        Assert.Contains("The host uses the device", used.Output, StringComparison.Ordinal);
        Assert.Equal("Undone", Assert.Single(ResultsIn(again)).GetProperty("state").GetString());
        Assert.Contains("no virtual machine 'other'", none.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No virtual machine is named.", "add", "vm-pci", "hv1", "0000:3b:00.0")]
    [InlineData("No device is named.", "add", "vm-pci", "hv1", "--vm", "lab")]
    [InlineData("No device is named.", "remove", "vm-pci", "hv1", "--vm", "lab")]
    [InlineData("cannot have 1 MiB", "add", "vm-pci", "3b:00.0", "--vm", "lab", "--low-mmio", "1")]
    [InlineData("--high-mmio cannot be 'much'", "add", "vm-pci", "3b:00.0", "--vm", "lab", "--high-mmio", "much")]
    public async Task What_cannot_be_asked_for_is_told_before_any_host_is_reached(string text, params string[] words)
    {
        CliResult result = await CliProgram.RunAsync([.. words, "--yes"]);

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(text, result.ErrorOutput, StringComparison.Ordinal);
    }

    private static async Task<StandInProcess> StartAsync(params string[] options)
    {
        Needs.Tools("script");
        Needs.Ntlm();
        return await StandInProcess.StartAsync(["--ntlm", $"{User}:{Password}", "--vms", "0", .. options]);
    }

    private Task<CliResult> RunAsync(string words) =>
        TypedAnswer.RunAsync(
            Password,
            words,
            new Dictionary<string, string> { ["XDG_STATE_HOME"] = _folder, ["COLUMNS"] = "200" }
        );

    // What a terminal is told while it waits stands before the document.
    private static JsonElement[] ResultsIn(CliResult result)
    {
        int at = result.Output.IndexOf('{', StringComparison.Ordinal);
        Assert.True(at >= 0, result.Output);
        using JsonDocument document = JsonDocument.Parse(result.Output[at..]);
        return [.. document.RootElement.GetProperty("results").Clone().EnumerateArray()];
    }
}
