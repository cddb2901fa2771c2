using System.Text.Json;
using System.Text.Json.Nodes;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>What is told of the PCI devices of a KVM host's guests: their definitions are written as libvirt does, over the recording of a lab host.</summary>
public sealed class GuestDeviceListTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _file;

    public GuestDeviceListTests()
    {
        _file = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.WriteDevices(Repository.Recording("amd-epyc-vfs"), _file);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_device_is_told_with_what_stands_against_it()
    {
        CliResult result = await CliProgram.RunAsync("vm-pci", "--snapshot", _file, "--output", "json");

        Assert.Equal(
            [
                "disk Off Device 0000:00:01.0 Error UsedByHost Warning NoReset",
                "gone Off Device 0000:01:10.6 Error VmDeviceMissing",
                "gone Off Device 0000:3b:00.0 Error VmDeviceMissing",
                "half Off Device 0000:07:00.0 Error GroupNotViable Warning VmDeviceShared",
                "hot Running Device 0000:03:00.1 Error GroupNotViable Warning VmRestartPending",
                "hot Running Device 0000:0a:01.0 Warning VmRestartPending",
                "net Off Device 0000:04:00.0 Error VmDeviceMissing",
                "old Off Device 0000:01:10.2 Error VmDeviceLegacyDriver",
                "raw Off CommandLine 0000:01:10.4 Error VmDeviceMissing Warning VmDeviceCommandLine",
                "second Off Device 0000:01:10.0 Error VmDeviceShared",
                "vf Running NetworkAdapter 0000:01:10.0",
                "whole Off Device 0000:07:00.0 Warning VmDeviceShared",
                "whole Off Device 0000:08:00.0 Warning VmDeviceShared",
            ],
            Lines(result.Output)
        );
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public async Task What_a_definition_says_of_a_device_is_told()
    {
        CliResult result = await CliProgram.RunAsync("vm-pci", "--snapshot", _file, "--vm", "vf", "--output", "json");
        CliResult old = await CliProgram.RunAsync("vm-pci", "--snapshot", _file, "--vm", "old", "--output", "json");

        JsonElement adapter = Assert.Single(ResultsIn(result.Output));
        Assert.Equal(
            ("52:54:00:6d:90:02", "pool", "gold", "0000:07:00.0", "0000:01:00.0"),
            (
                Text(adapter, "macAddress"),
                Text(adapter, "network"),
                Text(adapter, "portGroup"),
                Text(adapter, "guestAddress"),
                Text(adapter, "physicalFunction")
            )
        );
        Assert.Equal([42], adapter.GetProperty("vlans").EnumerateArray().Select(static id => id.GetInt32()));
        Assert.Equal(JsonValueKind.Null, adapter.GetProperty("isDefined").ValueKind);
        JsonElement card = Assert.Single(ResultsIn(old.Output));
        Assert.Equal(("kvm", "/srv/card.rom"), (Text(card, "requestedDriver"), Text(card, "romFile")));
        Assert.Equal(
            (1, false),
            (card.GetProperty("bootOrder").GetInt32(), card.GetProperty("isRomShown").GetBoolean())
        );
    }

    [Fact]
    public async Task The_table_says_what_is_not_as_in_most_devices()
    {
        string printed = (await CliProgram.RunAsync("vm-pci", "--snapshot", _file)).Output;

        Assert.Contains(
            "82540EM Gigabit Ethernet Controller; until the next start",
            Flat(printed),
            StringComparison.Ordinal
        );
        Assert.Contains("; a virtual function; by QEMU's command line", Flat(printed), StringComparison.Ordinal);
        Assert.Contains(
            "loses it when the virtual machine starts, which it does with the host",
            Flat(printed),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_redacted_recording_says_the_same_without_names_and_addresses()
    {
        string redacted = Path.Combine(_folder, "redacted.json");
        CliResult made = await CliProgram.RunAsync("snapshot", "--snapshot", _file, "--redact", "--to", redacted);
        Assert.True(File.Exists(redacted), made.ErrorOutput);

        CliResult result = await CliProgram.RunAsync("vm-pci", "--snapshot", redacted, "--output", "json");

        Assert.Equal(
            Lines((await CliProgram.RunAsync("vm-pci", "--snapshot", _file, "--output", "json")).Output)
                .Select(static line => line[line.IndexOf(' ', StringComparison.Ordinal)..])
                .Order(StringComparer.Ordinal),
            Lines(result.Output)
                .Select(static line => line[line.IndexOf(' ', StringComparison.Ordinal)..])
                .Order(StringComparer.Ordinal)
        );
        foreach (string secret in new[] { "52:54", "pool", "gold", "card.rom" })
        {
            Assert.DoesNotContain(secret, File.ReadAllText(redacted), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_host_that_has_no_libvirt_is_a_warning_and_no_error()
    {
        JsonObject document = JsonNode.Parse(File.ReadAllText(_file))!.AsObject();
        document["probes"]!["guests"] = new JsonArray("absent\tvirsh", string.Empty);
        File.WriteAllText(_file, document.ToJsonString());

        CliResult result = await CliProgram.RunAsync("vm-pci", "--snapshot", _file);

        Assert.StartsWith("No virtual machine owns a PCI device.", result.Output, StringComparison.Ordinal);
        Assert.Contains("no libvirt", result.Output + result.ErrorOutput, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    private static string Flat(string printed) =>
        string.Join(' ', printed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string[] Lines(string output) =>
        [
            .. ResultsIn(output)
                .Select(static one =>
                    string.Join(
                        ' ',
                        [
                            Text(one, "vmName"),
                            Text(one, "state"),
                            Text(one, "kind"),
                            Text(one, "address"),
                            .. one.GetProperty("reasons")
                                .EnumerateArray()
                                .Select(static reason => $"{Text(reason, "severity")} {Text(reason, "code")}"),
                        ]
                    )
                ),
        ];

    private static string? Text(JsonElement one, string name) => one.GetProperty(name).GetString();

    private static JsonElement[] ResultsIn(string output) =>
        [.. JsonDocument.Parse(output).RootElement.GetProperty("results").EnumerateArray()];
}
