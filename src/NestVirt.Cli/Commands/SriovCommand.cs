using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt sriov</c>: the functions that can have virtual ones.</summary>
internal sealed class SriovCommand : ReadCommand<SriovDevice>
{
    private readonly Option<string[]> _addresses = new("--address")
    {
        Description =
            "Only functions of this address; * and ? stand for other characters, and the domain may be left out.",
        HelpName = "ADDRESS",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/sriov/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<SriovDevice>> Columns { get; } =
    [
        new("hostName", static device => device.HostName),
        new("address", static device => device.Address),
        new("totalCount", static device => device.TotalCount),
        new("count", static device => device.Count),
        new("driver", static device => device.Driver),
        new("vendor", static device => device.Device.Vendor),
        new("device", static device => device.Device.Device),
        new("virtualFunctions", static device => device.State?.VirtualFunctions ?? []),
        new("reasons", static device => device.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        SriovCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new("sriov", "Lists the PCI functions that can have virtual functions, and those they have.")
        {
            hosts,
            self._addresses,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<SriovDevice> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.SriovDevices);

    /// <inheritdoc/>
    protected override ResultFilter<SriovDevice> FilterOf(ParseResult line) =>
        new SriovDeviceFilter(line.GetValue(_addresses));

    /// <inheritdoc/>
    protected override IResultSink<SriovDevice> CreateTable(Stream output) => new SriovTable(new Page(output));
}
