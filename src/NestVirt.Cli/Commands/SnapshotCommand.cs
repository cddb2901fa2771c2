using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt snapshot</c>: a host's answers in a file.</summary>
internal sealed class SnapshotCommand : ReadCommand<SnapshotFile>
{
    private readonly Option<string> _to = new("--to")
    {
        Description =
            "The file, or a directory that gets a file a host, named after it as far as names of files can be on every system. Without it one host's snapshot goes to standard output.",
        HelpName = "FILE|DIR",
    };

    private readonly Option<bool> _redact = new("--redact")
    {
        Description = "Remove serial numbers, MAC addresses, host names and UUIDs.",
    };

    private IReadOnlyList<HostTarget> _hosts = [];

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/snapshot/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<SnapshotFile>> Columns { get; } =
    [
        new("hostName", static file => file.HostName),
        new("path", static file => file.Path),
        new("lengthBytes", static file => file.LengthBytes),
        new("isRedacted", static file => file.IsRedacted),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        SnapshotCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "snapshot",
            "Records a host's raw answers in a file that every command reads with --snapshot."
        )
        {
            hosts,
            self._to,
            self._redact,
        };
        command.SetAction(line => self.Start(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<HostTarget> HostsOf(ParseResult line, HostSources sources, string[] words) =>
        _hosts;

    /// <inheritdoc/>
    protected override IHostQuery<SnapshotFile> QueryOf(ParseResult line, HostSources sources)
    {
        bool isRedacted = line.GetValue(_redact);
        SnapshotPlaces places = SnapshotPlaces.Assign(_hosts, line.GetValue(_to)!, isRedacted);
        return new SnapshotFileQuery(CreateQuery(isRedacted), places, isRedacted);
    }

    /// <inheritdoc/>
    protected override IResultSink<SnapshotFile> CreateTable(Stream output) => new SnapshotTable(new Page(output));

    private static IHostQuery<SnapshotDocument> CreateQuery(bool isRedacted) => HostQueries.Record(isRedacted);

    private int Start(ParseResult line, HostOptions options, Argument<string[]> words)
    {
        _hosts = options.SourcesOf(line).Resolve(WordsOf(line, words));
        if (line.GetValue(_to) is not null)
        {
            return Run(line, options, words);
        }

        if (_hosts.Count > 1)
        {
            throw new UsageException(
                $"{_hosts.Count} hosts do not fit on standard output.",
                "Name a directory for their snapshots with --to."
            );
        }

        HostReading<SnapshotDocument> reading = new(
            CreateQuery(line.GetValue(_redact)),
            new NoFilter<SnapshotDocument>(),
            static () => new SnapshotStream(new StandardOutput())
        );
        return reading.Execute(_hosts, options.ThrottleOf(line));
    }
}
