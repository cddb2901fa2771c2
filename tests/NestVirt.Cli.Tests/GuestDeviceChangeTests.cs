using System.Text.Json;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>Devices that guests of a recorded KVM host are given, and lose, planned by the program.</summary>
public sealed class GuestDeviceChangeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _file;

    public GuestDeviceChangeTests()
    {
        _file = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.WriteDevices(Repository.Recording("amd-epyc-vfs"), _file);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_a_guest_would_get_is_said_with_when_and_how_it_is_undone()
    {
        CliResult result = await RunAsync(
            "add",
            "vm-pci",
            "0000:01:10.2",
            "--vm",
            "hot",
            "--mac",
            "52:54:00:00:00:01",
            "--vlan",
            "7",
            "--what-if"
        );

        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        Assert.Contains(
            "hot: 0000:01:10.2: (none) -> network adapter, MAC address 52:54:00:00:00:01, VLAN 7",
            OnOneLine(result.Output),
            StringComparison.Ordinal
        );
        Assert.Contains("when a guest starts again", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            "undo: takes them out of the definition again",
            OnOneLine(result.Output),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Every_option_reaches_the_plan()
    {
        string plan = Path.Combine(_folder, "plan.json");

        CliResult result = await RunAsync(
            "add",
            "vm-pci",
            "0000:03:00.0",
            "--vm",
            "net",
            "--guest-address",
            "00:09.0",
            "--multifunction",
            "--rom-file",
            "/srv/a.rom",
            "--whole-group",
            "--unmanaged",
            "--force",
            "--plan",
            plan
        );

        Assert.True(result.ExitCode == 0, result.ErrorOutput);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(plan));
        JsonElement request = document.RootElement.GetProperty("request");
        Assert.Equal("vmpci", request.GetProperty("kind").GetString());
        Assert.Equal("00:09.0", request.GetProperty("guestAddress").GetString());
        Assert.Equal("/srv/a.rom", request.GetProperty("romFile").GetString());
        Assert.All(
            ["multifunction", "wholeGroup", "unmanaged", "force"],
            name => Assert.True(request.GetProperty(name).GetBoolean(), name)
        );
        JsonElement change = Assert.Single(document.RootElement.GetProperty("changes").EnumerateArray());
        Assert.Equal("net: 0000:03:00.0, 0000:03:00.1", change.GetProperty("setting").GetString());
    }

    [Fact]
    public async Task What_it_cannot_have_is_refused_with_a_way_out()
    {
        CliResult disk = await RunAsync("add", "vm-pci", "0000:00:01.0", "--vm", "net", "--what-if");
        CliResult gone = await RunAsync("remove", "vm-pci", "0000:3b:00.1", "--vm", "gone", "--what-if");
        CliResult mmio = await RunAsync(
            "add",
            "vm-pci",
            "0000:04:00.0",
            "--vm",
            "hot",
            "--low-mmio",
            "512",
            "--what-if"
        );

        Assert.Equal((4, 0, 4), (disk.ExitCode, gone.ExitCode, mmio.ExitCode));
        Assert.Contains("net: The host itself needs 0000:00:01.0.", disk.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains(
            "Neither the virtual machine nor the host has a PCI function 0000:3b:00.1.",
            OnOneLine(gone.Output),
            StringComparison.Ordinal
        );
        Assert.Contains("Only virtual machines of Hyper-V hosts", mmio.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_the_host_has_lost_can_be_taken_from_its_guest()
    {
        CliResult result = await RunAsync("remove", "vm-pci", "0000:3b:00.0", "--vm", "gone", "--what-if");

        Assert.Equal((0, string.Empty), (result.ExitCode, result.ErrorOutput));
        Assert.Contains("gone: 0000:3b:00.0: device -> (none)", result.Output, StringComparison.Ordinal);
    }

    private static string OnOneLine(string text) =>
        string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private Task<CliResult> RunAsync(params string[] words) => CliProgram.RunAsync([.. words, "--snapshot", _file]);
}
