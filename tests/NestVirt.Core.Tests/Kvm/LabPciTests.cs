using System.Globalization;
using System.Text;
using NestVirt.Model;
using NestVirt.Queries;
using NestVirt.Transport;
using NestVirt.Transport.Local;
using NestVirt.Transport.Ssh;

namespace NestVirt.Core.Tests.Kvm;

/// <summary>Reads the PCI functions of a lab host over SSH, and holds them against what <c>lspci</c> prints there.</summary>
public sealed class LabPciTests
{
    private static readonly ProbeReader s_reader = new(new LocalShellFactory(), new SshShellFactory());

    [LabFact]
    public async Task Functions_of_the_lab_host_are_what_lspci_says_there()
    {
        HostTarget target = Target();
        List<PciDevice> devices = [];
        await foreach (PciDevice device in new PciQuery(s_reader).RunAsync(target, CancellationToken.None))
        {
            devices.Add(device);
        }

        IReadOnlyList<LspciReport> reports = LspciReport.Parse(await RunAsync(target, "lspci -vvv -D"));

        Assert.True(reports.Count > 20, $"lspci lists only {reports.Count} functions");
        Assert.Empty(LspciComparison.Differences(devices, reports));
    }

    [LabFact]
    public async Task Names_of_the_lab_host_are_what_lspci_says_there()
    {
        HostTarget target = Target();
        Dictionary<string, string> ours = new(StringComparer.Ordinal);
        await foreach (PciDevice device in new PciQuery(s_reader).RunAsync(target, CancellationToken.None))
        {
            ours[device.Address] = $"{device.Class}: {device.Vendor} {device.Device}";
        }

        // "0000:00:00.0 Host bridge: Intel Corporation 82G33 (rev 02)"; a device without a name is "Device 1234".
        foreach (string line in (await RunAsync(target, "lspci -D")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string address = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            string name = ours[address];
            Assert.StartsWith($"{address} {name}", line, StringComparison.Ordinal);
        }
    }

    [LabFact]
    public async Task Sriov_of_the_lab_host_has_its_interfaces_and_its_virtual_functions()
    {
        HostTarget target = Target();
        List<SriovDevice> devices = [];
        await foreach (SriovDevice device in new SriovQuery(s_reader).RunAsync(target, CancellationToken.None))
        {
            devices.Add(device);
        }

        string listed = await RunAsync(target, """
            cd /sys/bus/pci/devices
            for f in */sriov_totalvfs; do
              d=${f%/*}; echo "$d $(cat $f) $(cat $d/sriov_numvfs) $(ls $d/net 2>/dev/null | tr '\n' ' ')"
              for v in $(ls -d $d/virtfn* 2>/dev/null | sort -V); do basename $(readlink $v); done
            done
            """);
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

    private static HostTarget Target()
    {
        Assert.True(HostTarget.TryParseSsh(Environment.GetEnvironmentVariable(LabFactAttribute.HostVariable)!, out HostTarget? target));

        // A lab host is made anew all the time, with a new key each time.
        return target with
        {
            KeyFilePath = Environment.GetEnvironmentVariable(LabFactAttribute.KeyVariable),
            SshOptions = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"],
        };
    }

    private static async Task<string> RunAsync(HostTarget target, string script)
    {
        await using IHostShell shell = await new SshShellFactory().OpenAsync(target, CancellationToken.None);
        return Encoding.UTF8.GetString((await shell.RunAsync(script, CancellationToken.None)).Output.Span);
    }
}
