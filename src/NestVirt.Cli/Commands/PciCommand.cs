using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt pci</c>: the PCI functions of a host.</summary>
internal sealed class PciCommand : ReadCommand<PciDevice>
{
    private readonly Option<string[]> _addresses = new("--address")
    {
        Description =
            "Only functions of this address; * and ? stand for other characters, and the domain may be left out.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string[]> _classes = new("--class")
    {
        Description =
            "Only functions of this class: part of its name, or the first digits of its code, such as 02 or 0x0300.",
        HelpName = "NAME|HEX",
        CompletionSources = { "3D", "Audio", "Ethernet", "Non-Volatile", "RAID", "SATA", "Serial", "USB", "VGA" },
    };

    private readonly Option<string[]> _drivers = new("--driver")
    {
        CompletionSources = { "none", "vfio-pci" },
        Description = "Only functions of this driver; * and ? stand for other characters, 'none' for no driver.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _vendors = new("--vendor")
    {
        Description =
            "Only functions of this vendor: part of its name, or its id in hexadecimal, such as 10de. JSON and CSV have ids as decimal numbers (4318).",
        HelpName = "NAME|HEX",
    };

    private readonly Option<bool> _isolated = new("--isolated")
    {
        Description = "Only functions that are alone in their IOMMU group, bridges aside.",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/pci/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<PciDevice>> Columns { get; } =
    [
        new("hostName", static device => device.HostName),
        new("address", static device => device.Address),
        new("classCode", static device => device.ClassCode),
        new("class", static device => device.Class),
        new("vendorId", static device => device.VendorId),
        new("deviceId", static device => device.DeviceId),
        new("vendor", static device => device.Vendor),
        new("device", static device => device.Device),
        new("driver", static device => device.Driver),
        new("iommuGroup", static device => device.IommuGroup),
        new("numaNode", static device => device.NumaNode),
        new("isUsedByHost", static device => device.IsUsedByHost),
        new("locationPath", static device => device.LocationPath),
        new("isAssignable", static device => device.IsAssignable),
        new("ownerVm", static device => device.OwnerVm),
        new("reasons", static device => device.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        PciCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "pci",
            "Lists the PCI functions, their drivers and IOMMU groups, and what the host needs them for; of Hyper-V hosts, whether each can be given to a virtual machine, and why not, but nothing of what the host needs it for."
        )
        {
            hosts,
            self._addresses,
            self._classes,
            self._drivers,
            self._vendors,
            self._isolated,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<PciDevice> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.PciDevices);

    /// <inheritdoc/>
    protected override ResultFilter<PciDevice> FilterOf(ParseResult line) =>
        new PciDeviceFilter(
            line.GetValue(_addresses),
            line.GetValue(_classes),
            line.GetValue(_drivers),
            line.GetValue(_vendors),
            line.GetValue(_isolated)
        );

    /// <inheritdoc/>
    protected override IResultSink<PciDevice> CreateTable(Stream output) => new PciTable(new Page(output));
}
