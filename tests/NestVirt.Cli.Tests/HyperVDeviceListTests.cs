using System.Text.Json;
using NestVirt.Cli.Tables;
using NestVirt.Model;

namespace NestVirt.Cli.Tests;

/// <summary>What is told of the PCI devices of a Hyper-V host; its answers are written by hand from Microsoft's pages.</summary>
public sealed class HyperVDeviceListTests
{
    private static readonly string s_file = Path.Combine(Repository.Folder, "tests", "fakes", "hyperv-devices.json");

    [Fact]
    public async Task Pci_says_of_each_device_whether_it_can_be_given_away_and_why_not()
    {
        CliResult result = await CliProgram.RunAsync("pci", "--snapshot", s_file, "--output", "json");

        Assert.Equal(
            [
                "0000:00:14.0 False DeviceReservedMemory",
                "0000:00:1c.0 False IsBridge",
                "0000:03:00.0 False NoAcsOnPath",
                "0000:18:00.0 True DeviceAssignable",
                "0000:19:00.0 False DeviceLineInterrupts",
                "0000:3b:00.0 True DeviceDismounted DeviceInGuest render",
                "0000:5e:00.0 True DeviceDismounted DeviceInGuest store",
            ],
            ResultsIn(result.Output)
                .Select(static one =>
                    string.Join(
                        ' ',
                        [
                            one.GetProperty("address").GetString()!,
                            one.GetProperty("isAssignable").GetBoolean().ToString(),
                            .. one.GetProperty("reasons")
                                .EnumerateArray()
                                .Select(static reason => reason.GetProperty("code").GetString()!),
                            .. one.GetProperty("ownerVm").GetString() is { } owner ? [owner] : Array.Empty<string>(),
                        ]
                    )
                )
        );
        Assert.Equal(ExitCode.Success, result.ExitCode);
    }

    [Fact]
    public async Task The_table_has_a_column_for_that_and_says_each_obstacle_once_with_its_devices()
    {
        string[] lines = (await CliProgram.RunAsync("pci", "--snapshot", s_file)).Output.Split('\n');

        Assert.Equal("ADDRESS       ASSIGNABLE  DRIVER     DEVICE", lines[0]);
        Assert.Contains(
            lines,
            static line => line.StartsWith("0000:18:00.0  yes         i40ea", StringComparison.Ordinal)
        );
        Assert.Contains("0000:00:14.0:", lines);
        Assert.Contains(lines, static line => line.EndsWith("machine render", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_host_needs_a_device_for_is_not_told_and_is_no_false()
    {
        CliResult json = await CliProgram.RunAsync("pci", "--snapshot", s_file, "--output", "json");
        CliResult csv = await CliProgram.RunAsync("pci", "--snapshot", s_file, "--output", "csv");

        Assert.All(
            ResultsIn(json.Output),
            static one => Assert.Equal(JsonValueKind.Null, one.GetProperty("isUsedByHost").ValueKind)
        );
        Assert.DoesNotContain(",false,PCIROOT", csv.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(",,PCIROOT", csv.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_says_why_of_each_device_that_is_no_bridge_and_cannot_be_given_away()
    {
        string printed = Printed.Table(
            static page => new PciTable(page),
            [Sample.Host],
            DeviceOf("0000:00:1f.0", 0x0C0500, isAssignable: false, "DeviceNotEndpoint"),
            DeviceOf("0000:00:1c.0", 0x060400, isAssignable: false, "IsBridge"),
            DeviceOf("0000:18:00.0", 0x020000, isAssignable: true, "DeviceAssignable")
        );

        Assert.Contains("0000:00:1f.0:\n", printed, StringComparison.Ordinal);
        Assert.Contains("Why DeviceNotEndpoint.", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("Why IsBridge.", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("Why DeviceAssignable.", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sriov_lists_the_adapters_with_what_stands_against_them()
    {
        JsonElement[] adapters =
        [
            .. ResultsIn((await CliProgram.RunAsync("sriov", "--snapshot", s_file, "--output", "json")).Output),
        ];

        Assert.Equal(
            [("0000:03:00.0", "null", "0"), ("0000:18:00.0", "32", "2")],
            adapters.Select(static one =>
                (
                    one.GetProperty("address").GetString()!,
                    one.GetProperty("totalCount").GetRawText(),
                    one.GetProperty("count").GetRawText()
                )
            )
        );
        Assert.Equal(
            ["NoAcsOnPath", "SriovDisabled"],
            adapters[0]
                .GetProperty("reasons")
                .EnumerateArray()
                .Select(static reason => reason.GetProperty("code").GetString()!)
        );
    }

    [Fact]
    public async Task The_table_of_adapters_says_of_which_each_obstacle_is()
    {
        string[] lines = (await CliProgram.RunAsync("sriov", "--snapshot", s_file)).Output.Split('\n');

        Assert.Contains("0000:03:00.0 (Ethernet):", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("SLOT 3", StringComparison.Ordinal));
    }

    [Fact]
    public void An_adapter_of_which_Windows_tells_nothing_else_is_named_as_well()
    {
        SriovDevice adapter = new("Ethernet", State: null)
        {
            Target = Sample.Host,
            Device = new PciDevice("Ethernet", 0x020000, 0, 0) { NetworkInterfaces = ["Ethernet"] },
            Reasons = [new Finding("SriovCountUnknown", Severity.Information, "Nobody knows.")],
        };

        string printed = Printed.Table(static page => new SriovTable(page), [Sample.Host], adapter);

        Assert.Contains("Ethernet:\n", printed, StringComparison.Ordinal);
        Assert.Contains("? of ?", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vm_pci_lists_what_virtual_machines_own()
    {
        CliResult all = await CliProgram.RunAsync("vm-pci", "--snapshot", s_file, "--output", "csv");
        CliResult one = await CliProgram.RunAsync("vm-pci", "--snapshot", s_file, "--vm", "st*");

        string[] lines = all.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal(
            "hostName,vmName,vmId,state,kind,isAttached,isDefined,isRestartPending,isManaged,address,locationPath,instancePath,vendorId,deviceId,vendor,device,part,driver,requestedDriver,iommuGroup,physicalFunction,macAddress,vlans,network,portGroup,guestAddress,isMultifunction,bootOrder,isRomShown,romFile,isVirtualFunction,isKnownToHost,reasons",
            lines[0]
        );
        Assert.Equal(4, lines.Length);
        Assert.Contains(
            ",render,5D1B6E00-0000-4000-8000-000000000001,Running,Device,,true,,,0000:3b:00.0,PCIROOT(3A)#PCI(0000)#PCI(0000),",
            lines[1],
            StringComparison.Ordinal
        );
        Assert.EndsWith(",false,VmDeviceMissing", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("VM     PLACE         DEVICE", one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("render", one.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_of_one_name_and_devices_of_one_machine_are_told_apart()
    {
        Finding lost = new("VmDeviceMissing", Severity.Error, "It is lost.");
        VmPciDevice first = new(Sample.Host)
        {
            VmName = "vm1",
            VmId = "5D1B6E00-0000-4000-8000-000000000001",
            InstancePath = @"PCIP\A",
            Reasons = [lost],
        };

        string one = Printed.Table(
            static page => new VmPciTable(page),
            [Sample.Host],
            first,
            first with
            {
                InstancePath = @"PCIP\B",
            }
        );
        string two = Printed.Table(
            static page => new VmPciTable(page),
            [Sample.Host],
            first,
            first with
            {
                VmId = "5D1B6E00-0000-4000-8000-000000000002",
                VmName = "VM1",
            }
        );

        Assert.Contains("vm1 PCIP\\A, vm1 PCIP\\B:\n", one, StringComparison.Ordinal);
        Assert.DoesNotContain(first.VmId, one, StringComparison.Ordinal);
        Assert.Contains("vm1 (5D1B6E00-0000-4000-8000-000000000001)", two, StringComparison.Ordinal);
        Assert.Contains("VM1 (5D1B6E00-0000-4000-8000-000000000002)", two, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_virtual_machine_without_devices_is_named()
    {
        CliResult result = await CliProgram.RunAsync("vm-pci", "--snapshot", s_file, "--vm", "lab");

        Assert.Contains("a PCI device of a virtual machine 'lab'", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Iommu_groups_cannot_be_told_and_the_sentence_says_so()
    {
        CliResult result = await CliProgram.RunAsync("iommu", "--snapshot", s_file);

        Assert.Equal(ExitCode.AllHostsFailed, result.ExitCode);
        Assert.Contains(
            "It cannot be told of a Hyper-V host: the IOMMU groups.",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
    }

    private static PciDevice DeviceOf(string address, int classCode, bool isAssignable, string code) =>
        new(address, classCode, 0x8086, 0x0001)
        {
            Target = Sample.Host,
            InstancePath = $@"PCI\{address}",
            IsAssignable = isAssignable,
            Reasons = [new Finding(code, Severity.Information, $"Why {code}.")],
        };

    private static JsonElement.ArrayEnumerator ResultsIn(string output) =>
        JsonDocument.Parse(output).RootElement.GetProperty("results").EnumerateArray();
}
