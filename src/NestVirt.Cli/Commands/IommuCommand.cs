using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt iommu</c>: the groups of a host.</summary>
internal sealed class IommuCommand : ReadCommand<IommuGroup>
{
    private readonly Option<string[]> _numbers = new("--number")
    {
        Description = "Only the group of this number. May be given again.",
        HelpName = "N",
    };

    private readonly Option<string[]> _addresses = new("--address")
    {
        Description = "Only the groups that hold a device of this PCI address; * and ? stand for other characters.",
        HelpName = "ADDRESS",
    };

    private readonly Option<bool> _isolated = new("--isolated")
    {
        Description = "Only the groups with a single device, bridges aside.",
    };

    private readonly Option<bool> _viable = new("--viable")
    {
        Description = "Only the groups that a guest could be given now.",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/iommu/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<IommuGroup>> Columns { get; } =
    [
        new("hostName", static group => group.HostName),
        new("number", static group => group.Number),
        new("type", static group => group.Type),
        new("isViable", static group => group.IsViable),
        new("isIsolated", static group => group.IsIsolated),
        new("devices", static group => group.Devices.Select(static device => device.Address)),
        new("reasons", static group => group.Reasons.Select(static reason => reason.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        IommuCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "iommu",
            "Lists the IOMMU groups: what can be passed through, and why devices share a group."
        )
        {
            hosts,
            self._numbers,
            self._addresses,
            self._isolated,
            self._viable,
            IommuDiffCommand.Create(options),
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<IommuGroup> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.IommuGroups);

    /// <inheritdoc/>
    protected override ResultFilter<IommuGroup> FilterOf(ParseResult line) =>
        new IommuGroupFilter(
            WholeNumber.ReadAll(line, _numbers, "Give the number of an IOMMU group, such as --number 12."),
            line.GetValue(_addresses),
            line.GetValue(_isolated),
            line.GetValue(_viable)
        );

    /// <inheritdoc/>
    protected override IResultSink<IommuGroup> CreateTable(Stream output) => new IommuTable(new Page(output));
}
