using System.Globalization;
using NestVirt.Planning;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the changes of a host's journal.</summary>
/// <param name="page">Where to.</param>
internal sealed class HistoryTable(Page page) : HostTable<JournalEntry>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "No change was made.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<JournalEntry> results)
    {
        Table table = Tables.Page.CreateTable("ID", "WHEN", "STATE", "WHO", "CHANGE*");
        foreach (JournalEntry entry in results)
        {
            table.AddRow(
                Tables.Page.Cell(entry.Id.ToString(CultureInfo.InvariantCulture)),
                Tables.Page.Cell(entry.When?.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)),
                Tables.Page.Cell(WordOf(entry.State)),
                Tables.Page.Cell(entry.Who),
                Tables.Page.Cell(entry.Title));
        }

        Page.Block(table);
    }

    private static string WordOf(JournalState state) => state switch
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
