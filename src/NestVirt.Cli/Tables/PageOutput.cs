using System.Text;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Tells the table printer where it prints, so that it need not find out.</summary>
/// <param name="writer">Where to.</param>
/// <param name="width">The width in columns.</param>
/// <param name="isTerminal">Whether a terminal shows it.</param>
internal sealed class PageOutput(TextWriter writer, int width, bool isTerminal) : IAnsiConsoleOutput
{
    private const int AnyHeight = 50;

    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => isTerminal;

    /// <inheritdoc/>
    public int Width => width;

    /// <inheritdoc/>
    public int Height => AnyHeight;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
        // It is always UTF-8.
    }
}
