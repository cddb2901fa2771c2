using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt iommu diff</c>: which devices keep other company than before.</summary>
internal sealed class IommuDiffCommand : ReadCommand<IommuDifference>
{
    private readonly Argument<string> _reference = new("REFERENCE")
    {
        Description = "The look before: a snapshot file, or a host.",
        CompletionSources = { HostSuggestions.For },
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/iommu-diff/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<IommuDifference>> Columns { get; } =
    [
        new("hostName", static difference => difference.HostName),
        new("referenceName", static difference => difference.ReferenceName),
        new("change", static difference => difference.Change),
        new("address", static difference => difference.Address),
        new("previousAddress", static difference => difference.PreviousAddress),
        new("previousGroup", static difference => difference.PreviousGroup),
        new("group", static difference => difference.Group),
        new("gained", static difference => difference.Gained),
        new("lost", static difference => difference.Lost),
        new("description", static difference => difference.Description),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        IommuDiffCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        hosts.Description = "The look after: a host or a snapshot file; nothing is this machine.";
        Command command = new(
            "diff",
            "Tells which devices moved, joined or left since an earlier look, such as before an upgrade."
        )
        {
            self._reference,
            hosts,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<HostTarget> HostsOf(ParseResult line, HostSources sources, string[] words)
    {
        string[] files = [.. words.Where(File.Exists)];
        return (sources with { Snapshots = [.. sources.Snapshots, .. files] }).Resolve([.. words.Except(files)]);
    }

    /// <inheritdoc/>
    protected override IHostQuery<IommuDifference> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.CompareIommuGroups(sources.ResolveLook(line.GetValue(_reference)!));

    /// <inheritdoc/>
    protected override IResultSink<IommuDifference> CreateTable(Stream output) => new IommuDiffTable(new Page(output));
}
