using NestVirt.Changes;
using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints what became of a change.</summary>
/// <param name="page">Where to.</param>
internal sealed class ChangeTable(Page page) : HostTable<ChangeResult>(page)
{
    /// <inheritdoc/>
    protected override string NothingText => "Nothing was changed.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<ChangeResult> results)
    {
        foreach (ChangeResult result in results)
        {
            (string words, Style style) = WordsOf(result.State);
            Page.Line($"{result.Title}: {words}", style);
            foreach (HostChange change in result.Changes)
            {
                Page.Line(ChangeLines.PhraseOf(change), indentation: ChangeLines.Indentation);
            }

            foreach (Finding finding in result.Findings.Concat(result.Pending))
            {
                FindingLines.Print(Page, finding, ChangeLines.Indentation);
            }

            if (result.Id is { } id && result.State != ChangeState.Undone)
            {
                Page.Line(
                    $"To take it back: nestvirt undo {id}{(result.Target.CommandWord is { } word ? $" {word}" : string.Empty)}",
                    Tables.Page.Faint,
                    ChangeLines.Indentation
                );
            }
        }
    }

    private static (string Words, Style Style) WordsOf(ChangeState state) =>
        state switch
        {
            ChangeState.Unchanged => ("nothing to change", Style.Plain),
            ChangeState.InEffect => ("done and in effect", Tables.Page.Good),
            ChangeState.Pending => ("done, not in effect yet", Tables.Page.Doubtful),
            ChangeState.Undone => ("taken back", Tables.Page.Good),
            _ => ("done, and not in effect", Tables.Page.Bad),
        };
}
