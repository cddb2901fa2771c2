using NestVirt.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NestVirt.Cli.Tables;

/// <summary>Text on a page with its style; it is never markup.</summary>
/// <param name="Text">The text, safe to show.</param>
/// <param name="Style">The style.</param>
internal readonly record struct TextCell(string Text, Style Style)
{
    /// <summary>Gets a cell that shows nothing.</summary>
    internal static TextCell Empty { get; } = new(string.Empty, Style.Plain);

    /// <summary>Gets how many columns the text has.</summary>
    internal int Width => WidthOf(Text);

    /// <summary>Makes text that came from a host, or anywhere, safe to show.</summary>
    /// <param name="text">The text; null is shown as a dash.</param>
    /// <param name="style">Its style.</param>
    /// <returns>What can be printed.</returns>
    internal static TextCell Of(string? text, Style? style = null) =>
        new(string.IsNullOrEmpty(text) ? "-" : HostText.ForDisplay(text), style ?? Style.Plain);

    /// <summary>Makes a cell of a text that may be long, and must not take the room of the others.</summary>
    /// <param name="text">The text; null is shown as a dash.</param>
    /// <param name="widest">How many columns it may have; an ellipsis stands for the rest.</param>
    /// <returns>What can be printed.</returns>
    internal static TextCell Of(string? text, int widest)
    {
        TextCell cell = Of(text);
        return cell.Width <= widest
            ? cell
            : cell with
            {
                Text = Segment.SplitOverflow(new Segment(cell.Text), Overflow.Ellipsis, widest)[0].Text,
            };
    }

    /// <summary>Counts the columns of a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>How many it has.</returns>
    internal static int WidthOf(string text) => new Segment(text).CellCount();
}
