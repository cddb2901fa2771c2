using System.Globalization;
using NestVirt.Changes;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the changes of a host's journal.</summary>
/// <param name="page">Where to.</param>
internal sealed class HistoryTable(Page page) : HostTable<JournalEntry>(page)
{
    // The host says who it was; JSON and CSV have it whole.
    private const int WidestWho = 24;

    /// <inheritdoc/>
    protected override string NothingText => "No change was made.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<JournalEntry> results)
    {
        TextTable table = new("ID", "WHEN", "STATE", "WHO", "CHANGE");
        foreach (JournalEntry entry in results)
        {
            table.Add(
                TextCell.Of(entry.Id.ToString(CultureInfo.InvariantCulture)),
                TextCell.Of(entry.When?.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)),
                TextCell.Of(WordOf(entry)),
                TextCell.Of(entry.Who, WidestWho),
                TextCell.Of(entry.Title)
            );
        }

        Page.Table(table);
        foreach (Model.Finding finding in results.SelectMany(static entry => entry.Pending))
        {
            FindingLines.Print(Page, finding, ChangeLines.Indentation);
        }
    }

    private static string WordOf(JournalEntry entry) =>
        (entry.State, entry.Effect) switch
        {
            (JournalState.Applied, ChangeState.InEffect) => "in effect",
            (JournalState.Applied, ChangeState.Pending) => "pending",
            (JournalState.Applied, ChangeState.NotInEffect) => "not in effect",
            (JournalState state, _) => WordOf(state),
        };

    private static string WordOf(JournalState state) =>
        state switch
        {
            JournalState.Running => "running",
            JournalState.Interrupted => "interrupted",
            JournalState.Applied => "applied",
            JournalState.RolledBack => "rolled back",
            JournalState.Failed => "failed",
            JournalState.Undone => "undone",
            _ => "unknown",
        };
}
