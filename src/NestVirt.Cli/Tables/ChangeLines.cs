using System.Globalization;
using NestVirt.Changes;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints changes: what, from, to, when it takes effect, what it interrupts, what undoes it.</summary>
internal static class ChangeLines
{
    /// <summary>How many columns the lines start in.</summary>
    internal const int Indentation = 2;

    private const int LabelWidth = 4;

    /// <summary>Says a change in a line; of a file it is the name alone, since what is in it has many.</summary>
    /// <param name="change">The change.</param>
    /// <returns>The phrase.</returns>
    internal static string PhraseOf(HostChange change) => change.Diff.Count > 0 ? change.Setting : change.ToString();

    /// <summary>Prints changes.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="changes">The changes.</param>
    internal static void Print(Page page, IReadOnlyList<HostChange> changes)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            HostChange change = changes[i];
            string number = (i + 1).ToString(CultureInfo.InvariantCulture);
            page.Labelled(number, PhraseOf(change), LabelWidth);
            foreach (string line in change.Diff)
            {
                // In a file with the line ends of Windows every line has one, and it says nothing.
                page.Labelled(string.Empty, line.TrimEnd('\r'), LabelWidth, StyleOf(line));
            }

            if (change.Disrupts is { } disrupts)
            {
                page.Labelled(string.Empty, disrupts, LabelWidth, Page.Doubtful);
            }

            page.Labelled(
                string.Empty,
                $"takes effect {PhraseOf(change.TakesEffect)}; undo: {change.Undo}",
                LabelWidth,
                Page.Faint
            );
        }
    }

    private static Style? StyleOf(string line) =>
        line switch
        {
            ['+', ..] => Page.Good,
            ['-', ..] => Page.Bad,
            _ => default(Style?),
        };

    private static string PhraseOf(ChangeTiming timing) =>
        timing switch
        {
            ChangeTiming.Now => "at once",
            ChangeTiming.ModuleReload => "when the module is loaded again",
            ChangeTiming.GuestRestart => "when a guest starts again",
            _ => "at the next boot",
        };
}
