using System.CommandLine;
using System.Globalization;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt vm-pci</c>: the PCI devices of a host that virtual machines own.</summary>
internal sealed class VmPciCommand : ReadCommand<VmPciDevice>
{
    private readonly Option<string[]> _names = new("--vm")
    {
        Description = "Only devices of virtual machines of this name or id; * and ? stand for other characters.",
        HelpName = "NAME",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/vm-pci/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<VmPciDevice>> Columns { get; } =
    [
        new("hostName", static device => device.HostName),
        new("vmName", static device => device.VmName),
        new("vmId", static device => device.VmId),
        new("state", static device => device.State),
        new("kind", static device => device.Kind),
        new("isAttached", static device => device.IsAttached),
        new("isDefined", static device => device.IsDefined),
        new("isRestartPending", static device => device.IsRestartPending),
        new("isManaged", static device => device.IsManaged),
        new("address", static device => device.Address),
        new("locationPath", static device => device.LocationPath),
        new("instancePath", static device => device.InstancePath),
        new("vendorId", static device => device.VendorId),
        new("deviceId", static device => device.DeviceId),
        new("vendor", static device => device.Vendor),
        new("device", static device => device.Device),
        new("part", static device => device.Part),
        new("driver", static device => device.Driver),
        new("requestedDriver", static device => device.RequestedDriver),
        new("iommuGroup", static device => device.IommuGroup),
        new("physicalFunction", static device => device.PhysicalFunction),
        new("macAddress", static device => device.MacAddress),
        new("vlans", static device => device.Vlans.Select(static id => id.ToString(CultureInfo.InvariantCulture))),
        new("network", static device => device.Network),
        new("portGroup", static device => device.PortGroup),
        new("guestAddress", static device => device.GuestAddress),
        new("isMultifunction", static device => device.IsMultifunction),
        new("bootOrder", static device => device.BootOrder),
        new("isRomShown", static device => device.IsRomShown),
        new("romFile", static device => device.RomFile),
        new("isVirtualFunction", static device => device.IsVirtualFunction),
        new("isKnownToHost", static device => device.IsKnownToHost),
        new("reasons", static device => device.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        VmPciCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "vm-pci",
            "Lists the PCI devices of hosts that virtual machines own, be they running or off."
        )
        {
            hosts,
            self._names,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<VmPciDevice> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.VmPciDevices);

    /// <inheritdoc/>
    protected override ResultFilter<VmPciDevice> FilterOf(ParseResult line) =>
        new VmPciDeviceFilter(line.GetValue(_names));

    /// <inheritdoc/>
    protected override IResultSink<VmPciDevice> CreateTable(Stream output) => new VmPciTable(new Page(output));
}
