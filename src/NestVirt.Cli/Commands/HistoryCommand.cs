using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt history</c>: the changes that were made.</summary>
internal sealed class HistoryCommand : ReadCommand<JournalEntry>
{
    private const string Description = """
        Lists the changes that were made on a host, the newest first.

        STATE says how each stands:
          in effect, pending, not in effect
                         made; how the newest of its kind that had to wait stands now
          applied        made, and in effect at once, or replaced by a later change
          running        being made, or taken back, just now
          interrupted    ended in the middle: undo puts back what was there before
          rolled back    failed, and taken back
          failed         failed, and not all of it could be taken back
          undone         taken back by undo
        """;

    private readonly Option<string[]> _ids = new("--id")
    {
        Description = "Only the change of this number. May be given again.",
        HelpName = "ID",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/history/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<JournalEntry>> Columns { get; } =
    [
        new("hostName", static entry => entry.HostName),
        new("id", static entry => entry.Id),
        new(
            "when",
            static entry =>
                entry.When?.UtcDateTime.ToString(
                    "yyyy-MM-dd'T'HH:mm:ss'Z'",
                    System.Globalization.CultureInfo.InvariantCulture
                )
        ),
        new("state", static entry => entry.State),
        new("effect", static entry => entry.Effect),
        new("who", static entry => entry.Who),
        new("title", static entry => entry.Title),
        new("changes", static entry => entry.Changes.Select(ChangeLines.PhraseOf)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        HistoryCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new("history", Description) { hosts, self._ids };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<JournalEntry> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.ReadJournal();

    /// <inheritdoc/>
    protected override ResultFilter<JournalEntry> FilterOf(ParseResult line) =>
        new JournalFilter(WholeNumber.ReadAll(line, _ids, "nestvirt history lists the numbers."));

    /// <inheritdoc/>
    protected override IResultSink<JournalEntry> CreateTable(Stream output) => new HistoryTable(new Page(output));
}
