using Spectre.Console;
using Spectre.Console.Rendering;

namespace NestVirt.Cli.Tables;

/// <summary>A label and a text beside it, whose later lines start where the first does.</summary>
/// <remarks>What a grid of two columns would print too, without all that grids can do and that a start would load.</remarks>
/// <param name="label">The label; shorter than its column.</param>
/// <param name="text">The text.</param>
/// <param name="indentation">How many columns the label starts in.</param>
/// <param name="labelWidth">The width of the label's column, with what parts it from the text.</param>
/// <param name="style">The style of both.</param>
internal sealed class LabelledText(string label, string text, int indentation, int labelWidth, Style style) : Renderable
{
    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        string shown = label;
        int textStart = indentation + labelWidth;
        IRenderable content = Page.Cell(text, style);
        foreach (SegmentLine line in Segment.SplitLines(content.Render(options, maxWidth - textStart)))
        {
            yield return Segment.Padding(indentation);
            yield return new Segment(shown, style);
            yield return Segment.Padding(labelWidth - shown.Length);
            shown = string.Empty;
            foreach (Segment segment in line)
            {
                yield return segment;
            }

            yield return Segment.LineBreak;
        }
    }
}
