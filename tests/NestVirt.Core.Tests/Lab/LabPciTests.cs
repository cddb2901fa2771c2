using System.Globalization;
using System.Text;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Reads the PCI functions of a lab host over SSH, and holds them against what <c>lspci</c> prints there.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabPciTests
{
    [Fact]
    public async Task Functions_of_the_lab_host_are_what_lspci_says_there()
    {
        Needs.Lab(LabHost.Amd);
        HostTarget target = LabHost.Target(LabHost.Amd);
        List<PciDevice> devices = [];
        await foreach (
            PciDevice device in HostQueries.Ask(HostQuestions.PciDevices).RunAsync(target, CancellationToken.None)
        )
        {
            devices.Add(device);
        }

        IReadOnlyList<LspciReport> reports = LspciReport.Parse(await LabHost.RunAsync(LabHost.Amd, "lspci -vvv -D"));

        Assert.True(reports.Count > 20, $"lspci lists only {reports.Count} functions");
        Assert.Empty(LspciComparison.Differences(devices, reports));
    }

    [Fact]
    public async Task Names_of_the_lab_host_are_what_lspci_says_there()
    {
        Needs.Lab(LabHost.Amd);
        HostTarget target = LabHost.Target(LabHost.Amd);
        Dictionary<string, string> ours = new(StringComparer.Ordinal);
        await foreach (
            PciDevice device in HostQueries.Ask(HostQuestions.PciDevices).RunAsync(target, CancellationToken.None)
        )
        {
            ours[device.Address] = $"{device.Class}: {device.Vendor} {device.Device}";
        }

        // "0000:00:00.0 Host bridge: Intel Corporation 82G33 (rev 02)"; a device without a name is "Device 1234".
        foreach (
            string line in (await LabHost.RunAsync(LabHost.Amd, "lspci -D")).Split(
                '\n',
                StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            string address = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            string name = ours[address];
            Assert.StartsWith($"{address} {name}", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sriov_of_the_lab_host_has_its_interfaces_and_its_virtual_functions()
    {
        Needs.Lab(LabHost.Amd);
        HostTarget target = LabHost.Target(LabHost.Amd);
        List<SriovDevice> devices = [];
        await foreach (
            SriovDevice device in HostQueries.Ask(HostQuestions.SriovDevices).RunAsync(target, CancellationToken.None)
        )
        {
            devices.Add(device);
        }

        string listed = await LabHost.RunAsync(
            LabHost.Amd,
            """
            cd /sys/bus/pci/devices
            for f in */sriov_totalvfs; do
              d=${f%/*}; echo "$d $(cat $f) $(cat $d/sriov_numvfs) $(ls $d/net 2>/dev/null | tr '\n' ' ')"
              for v in $(ls -d $d/virtfn* 2>/dev/null | sort -V); do basename $(readlink $v); done
            done
            """
        );
        StringBuilder ours = new();
        foreach (SriovDevice device in devices)
        {
            ours.Append(CultureInfo.InvariantCulture, $"{device.Address} {device.TotalCount} {device.Count} ")
                .AppendJoin(string.Empty, device.Device.NetworkInterfaces.Select(static name => name + " "))
                .Append('\n')
                .AppendJoin(string.Empty, device.VirtualFunctions.Select(static function => function.Address + "\n"));
        }

        Assert.NotEmpty(devices);
        Assert.Equal(listed, ours.ToString());
    }
}
