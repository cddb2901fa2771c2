using System.Text;
using NestVirt.Text;
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
    internal Page(Stream output)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        bool isColored = isTerminal && TerminalColors.AreWanted;
        Width = WidthOf(isTerminal);
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

    /// <summary>Makes text that came from a host, or anywhere, safe to show. It is never markup.</summary>
    /// <param name="text">The text; null is shown as a dash.</param>
    /// <param name="style">Its style.</param>
    /// <returns>What can be printed.</returns>
    internal static Spectre.Console.Text Cell(string? text, Style? style = null) =>
        new(string.IsNullOrEmpty(text) ? "-" : HostText.ForDisplay(text), style ?? Style.Plain);

    /// <summary>Makes a table without lines, whose columns are as wide as they must be.</summary>
    /// <param name="headings">The headings; a column whose heading ends in * may wrap, the others keep their words whole.</param>
    /// <returns>The table.</returns>
    internal static Table CreateTable(params ReadOnlySpan<string> headings)
    {
        Table table = new Table().NoBorder();
        foreach (string heading in headings)
        {
            bool mayWrap = heading.EndsWith('*');
            TableColumn column = new(new Spectre.Console.Text(mayWrap ? heading[..^1] : heading, s_bold))
            {
                NoWrap = !mayWrap,
                Padding = new Padding(0, 0, 2, 0),
            };
            table.AddColumn(column);
        }

        return table;
    }

    /// <summary>Prints an empty line.</summary>
    internal void Gap() => _console.WriteLine();

    /// <summary>Prints a line, wrapped where it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">Its style.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal void Line(string text, Style? style = null, int indentation = 0)
    {
        _console.Write(new Padder(Cell(text, style), new Padding(indentation, 0, 0, 0)));
        EndLine();
    }

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
    )
    {
        _console.Write(new LabelledText(label, text, indentation, labelWidth + 1, style ?? Style.Plain));
        EndLine();
    }

    /// <summary>Prints a table or another block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="indentation">How many columns it starts in.</param>
    internal void Block(IRenderable block, int indentation = 0)
    {
        _console.Write(indentation == 0 ? block : new Padder(block, new Padding(indentation, 0, 0, 0)));
        EndLine();
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

    private void EndLine()
    {
        if (!_writer.IsAtLineStart)
        {
            _console.WriteLine();
        }
    }
}
