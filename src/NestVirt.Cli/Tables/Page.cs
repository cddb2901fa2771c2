using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NestVirt.Cli.Tables;

/// <summary>What people read: text that fits the terminal, or 80 columns where there is none.</summary>
internal sealed class Page : IDisposable
{
    private const int DefaultWidth = 80;
    private const int NarrowestWidth = 40;
    private const int Indentation = 2;

    private static readonly Style s_bold = new(decoration: Decoration.Bold);
    private static readonly Style s_good = new(Color.Green);
    private static readonly Style s_doubtful = new(Color.Yellow);
    private static readonly Style s_bad = new(Color.Red);
    private static readonly Style s_faint = new(decoration: Decoration.Dim);

    private readonly TrimmingWriter _writer;
    private readonly IAnsiConsole _console;

    /// <summary>Initializes a new instance of the <see cref="Page"/> class.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">How many columns a line may have; null for as many as the terminal has.</param>
    internal Page(Stream output, int? width = null)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        bool isColored = isTerminal && TerminalColors.AreWanted;
        Width = width ?? WidthOf(isTerminal);
        _writer = new TrimmingWriter(
            new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
        );
        _console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = isColored ? AnsiSupport.Yes : AnsiSupport.No,
                ColorSystem = isColored ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
                Out = new PageOutput(_writer, Width, isTerminal),
            }
        );
        _console.Profile.Width = Width;
    }

    /// <summary>Gets how many columns a line may have.</summary>
    internal int Width { get; }

    /// <summary>Gets the style of headings.</summary>
    internal static Style Bold => s_bold;

    /// <summary>Gets the style of what is as it should be.</summary>
    internal static Style Good => s_good;

    /// <summary>Gets the style of what deserves attention.</summary>
    internal static Style Doubtful => s_doubtful;

    /// <summary>Gets the style of what does not work.</summary>
    internal static Style Bad => s_bad;

    /// <summary>Gets the style of details.</summary>
    internal static Style Faint => s_faint;

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>Prints an empty line.</summary>
    internal void Gap() => _console.WriteLine();

    /// <summary>Prints a line, wrapped where it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">Its style.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal void Line(string text, Style? style = null, int indentation = 0) =>
        Print([], TextCell.Of(text, style), indentation);

    /// <summary>Prints a labelled text, whose later lines start where the first does.</summary>
    /// <param name="label">The label.</param>
    /// <param name="text">The text.</param>
    /// <param name="labelWidth">The width of the label's column.</param>
    /// <param name="style">The style of both.</param>
    /// <param name="indentation">How many columns the label starts in.</param>
    internal void Labelled(
        string label,
        string text,
        int labelWidth,
        Style? style = null,
        int indentation = Indentation
    ) =>
        Print(
            label.Length == 0 ? [] : [(indentation, new TextCell(label, style ?? Style.Plain))],
            TextCell.Of(text, style),
            indentation + labelWidth + 1
        );

    /// <summary>Prints a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal void Table(TextTable table, int indentation = 0)
    {
        Headings(table, indentation);
        foreach (IReadOnlyList<TextCell> row in table.Rows)
        {
            Row(table, row, indentation);
        }
    }

    /// <summary>Prints the headings of a table, where it has any and is not shown as lists.</summary>
    /// <param name="table">The table.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal void Headings(TextTable table, int indentation = 0)
    {
        if (table.HasHeadings && table.Fits(Width - indentation))
        {
            Row(table, [.. table.Headings.Select(static heading => TextCell.Of(heading, s_bold))], indentation);
        }
    }

    /// <summary>Prints a row of a table; where the page is too narrow for it, as a list under its first cell.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cells">The row.</param>
    /// <param name="indentation">How many columns the table starts in.</param>
    internal void Row(TextTable table, IReadOnlyList<TextCell> cells, int indentation = 0)
    {
        if (table.Fits(Width - indentation))
        {
            if (cells[0].Width > table.FirstWidth)
            {
                Print([], cells[0], indentation);
                cells = [TextCell.Empty, .. cells.Skip(1)];
            }

            Print(
                [.. cells.SkipLast(1).Select((cell, i) => (indentation + table.StartOf(i), cell))],
                cells[^1],
                indentation + table.StartOf(cells.Count - 1)
            );
            return;
        }

        Print([], cells[0], indentation);
        int leading = cells[0].Text.Length - cells[0].Text.TrimStart(' ').Length;
        int listStart = indentation + leading + Indentation;
        if (!table.HasHeadings)
        {
            Line(string.Join(' ', cells.Skip(1).Select(static cell => cell.Text)), indentation: listStart);
            return;
        }

        int labelWidth = table.Headings.Skip(1).Max(TextCell.WidthOf);
        foreach (
            (string heading, TextCell cell) in table
                .Headings.Zip(cells)
                .Skip(1)
                .Where(static pair => pair.Second.Width > 0)
        )
        {
            Labelled(heading, cell.Text, labelWidth, cell.Style, listStart);
        }
    }

    /// <summary>Hands on what was printed so far.</summary>
    internal void Flush() => _writer.Flush();

    private static int WidthOf(bool isTerminal)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int wanted) && wanted > 0)
        {
            return Math.Max(wanted, NarrowestWidth);
        }

        try
        {
            return isTerminal && Console.WindowWidth > 0 ? Math.Max(Console.WindowWidth, NarrowestWidth) : DefaultWidth;
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }

    // What does not fit before the next cell, or the text, has a line of its own.
    private void Print(IReadOnlyList<(int Start, TextCell Cell)> before, TextCell text, int start)
    {
        List<Segment> segments = [];
        int column = 0;
        foreach ((int cellStart, TextCell cell) in before.Where(static part => part.Cell.Width > 0))
        {
            Add(cellStart, cell);
        }

        foreach (TextLine line in TextLine.Wrap(text.Text, start, Width))
        {
            Add(line.Start, text with { Text = line.Text });
            segments.Add(Segment.LineBreak);
            column = 0;
        }

        _console.Write(new Segments(segments));

        void Add(int cellStart, TextCell cell)
        {
            if (column > cellStart)
            {
                segments.Add(Segment.LineBreak);
                column = 0;
            }

            segments.Add(Segment.Padding(cellStart - column));
            segments.Add(new Segment(cell.Text, cell.Style));
            column = cellStart + cell.Width;
        }
    }

    private sealed class Segments(IEnumerable<Segment> segments) : Renderable
    {
        /// <inheritdoc/>
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments;
    }
}
