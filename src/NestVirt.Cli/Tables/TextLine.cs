using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NestVirt.Cli.Tables;

/// <summary>A line of a text that was wrapped.</summary>
/// <param name="Start">The column that it starts in.</param>
/// <param name="Text">The line.</param>
internal readonly record struct TextLine(int Start, string Text)
{
    /// <summary>Wraps a text between its words.</summary>
    /// <remarks>
    /// A word that is too long for the room, but not for a page, has a line of its own that starts further left: names, paths
    /// and addresses stay whole, to be found and copied.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <param name="start">The column that its lines start in.</param>
    /// <param name="width">How many columns the page has.</param>
    /// <returns>The lines; at least one.</returns>
    internal static IReadOnlyList<TextLine> Wrap(string text, int start, int width)
    {
        List<TextLine> lines = [];
        StringBuilder line = new();
        int end = start;
        for (int position = 0; position < text.Length; )
        {
            string word = Run(text, ref position, isBlank: false);
            string blanks = Run(text, ref position, isBlank: true);
            int wordWidth = TextCell.WidthOf(word);
            if (end > start && end + wordWidth > width)
            {
                EndLine();
            }

            if (start + wordWidth > width)
            {
                List<Segment> pieces = Segment.SplitOverflow(new Segment(word), Overflow.Fold, width);
                lines.AddRange(
                    pieces.Select(piece => new TextLine(pieces.Count > 1 ? 0 : width - wordWidth, piece.Text))
                );
                continue;
            }

            line.Append(word).Append(blanks);
            end += wordWidth + blanks.Length;
        }

        if (end > start || lines.Count == 0)
        {
            EndLine();
        }

        return lines;

        void EndLine()
        {
            lines.Add(new TextLine(start, line.ToString().TrimEnd(' ')));
            line.Clear();
            end = start;
        }
    }

    private static string Run(string text, ref int position, bool isBlank)
    {
        int first = position;
        while (position < text.Length && text[position] == ' ' == isBlank)
        {
            position++;
        }

        return text[first..position];
    }
}
