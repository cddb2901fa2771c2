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

    [Theory]
    [InlineData("'zz' is no MAC address", "--mac", "zz")]
    [InlineData("'' is no MAC address", "--mac", "")]
    [InlineData("4095 is no VLAN.", "--vlan", "4095")]
    [InlineData("--vlan cannot be 'blue'", "--vlan", "blue")]
    [InlineData("'zz' is no PCI address in a virtual machine", "--guest-address", "zz")]
    [InlineData("'card.rom' is no whole path", "--rom-file", "card.rom")]
    [InlineData("and not both", "--no-rom", "--rom-file", "/srv/card.rom")]
    [InlineData("need an address in the virtual machine", "--multifunction")]
    [InlineData("several are named", "3b:00.1", "--mac", "52:54:00:12:34:56")]
    [InlineData("several are named", "3b:00.1", "--guest-address", "05:00.0")]
    public async Task How_a_device_is_given_is_judged_before_any_host_is_reached(string text, params string[] words)
    {
        CliResult result = await CliProgram.RunAsync([
            "add",
            "vm-pci",
            "kvm1",
            "3b:00.0",
            "--vm",
            "lab",
            .. words,
            "--yes",
        ]);

        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(text, result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whole IOMMU groups", "--whole-group")]
    [InlineData("drivers that are left as they are", "--unmanaged")]
    [InlineData("a MAC address", "--mac", "52:54:00:12:34:56")]
    [InlineData("a VLAN", "--vlan", "100")]
    [InlineData("an address in the virtual machine", "--guest-address", "05:00.0")]
    [InlineData("another ROM", "--no-rom")]
    [InlineData("another ROM", "--rom-file", "/srv/card.rom")]
    public async Task What_KVM_hosts_alone_have_is_told_of_a_Hyper_V_host(string wish, params string[] words)
    {
        CliResult result = await AskAsync("add", words);

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Contains($"not: {wish}.", OneLine(result.ErrorOutput), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_group_is_taken_back_on_KVM_hosts_alone_and_nothing_else_is_said_of_what_goes()
    {
        CliResult group = await AskAsync("remove", "--whole-group");
        CliResult mac = await AskAsync("remove", "--mac", "52:54:00:12:34:56");

        Assert.Contains("not: whole IOMMU groups.", OneLine(group.ErrorOutput), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, mac.ExitCode);
        Assert.Contains("--mac", mac.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_usage_error_says_what_names_a_device_on_either_kind_of_host()
    {
        CliResult result = await CliProgram.RunAsync("remove", "vm-pci", "kvm1", "--vm", "lab", "--yes");

        Assert.Contains(
            "nestvirt remove vm-pci [HOST…] DEVICE… --vm NAME",
            OneLine(result.ErrorOutput),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "a PCI address such as 0000:01:00.0, or, of a Hyper-V host, a location path",
            OneLine(result.ErrorOutput),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Help_says_of_which_hosts_an_option_is()
    {
        string add = OneLine((await CliProgram.RunAsync("add", "vm-pci", "--help")).Output);
        string remove = OneLine((await CliProgram.RunAsync("remove", "vm-pci", "--help")).Output);

        Assert.Contains("Gives PCI devices of a host to one of its virtual machines.", add, StringComparison.Ordinal);
        Assert.All(
            [
                "--whole-group KVM:",
                "--unmanaged KVM:",
                "--mac <MAC> KVM:",
                "--vlan <ID> KVM:",
                "--guest-address <ADDRESS> KVM:",
                "--multifunction KVM:",
                "--no-rom KVM:",
                "--rom-file <FILE> KVM:",
                "--low-mmio <MIB> Hyper-V:",
                "--high-mmio <MIB> Hyper-V:",
            ],
            option => Assert.Contains(option, add, StringComparison.Ordinal)
        );
        Assert.Contains("--whole-group KVM:", remove, StringComparison.Ordinal);
        Assert.DoesNotContain("--mac", remove, StringComparison.Ordinal);
        Assert.DoesNotContain("--low-mmio", remove, StringComparison.Ordinal);
    }

    private static Task<CliResult> AskAsync(string verb, params string[] words) =>
        CliProgram.RunAsync([
            verb,
            "vm-pci",
            "0000:18:00.0",
            "--snapshot",
            Path.Combine(Repository.Folder, "tests", "fakes", "hyperv-devices.json"),
            "--vm",
            "render",
            .. words,
            "--what-if",
        ]);

    // Lines are broken at the width of the page.
    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

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
