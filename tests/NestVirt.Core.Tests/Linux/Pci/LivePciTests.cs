using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Reads the PCI functions of the machine that runs the tests.</summary>
public sealed class LivePciTests
{
    [Fact]
    public async Task Functions_of_this_machine_are_what_lspci_says()
    {
        Needs.Tools("lspci");
        IReadOnlyList<LspciReport> reports = LspciReport.Parse(PciutilsDataTests.Run("lspci", "-vvv", "-D"));
        List<PciDevice> devices = [];
        await foreach (
            PciDevice device in HostQueries
                .Ask(HostQuestions.PciDevices)
                .RunAsync(HostTarget.Local, CancellationToken.None)
        )
        {
            devices.Add(device);
        }

        // Without root, lspci shows no capabilities; then ours are unknown, and only the rest is compared.
        IEnumerable<string> differences = LspciComparison.Differences(devices, reports);
        Assert.Empty(
            Environment.IsPrivilegedProcess
                ? differences
                : differences.Where(static text => !text.Contains("unknown", StringComparison.Ordinal))
        );
    }
}
