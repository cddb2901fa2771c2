namespace NestVirt.Cli.Tables;

/// <summary>Rows whose columns are as wide as their content; the last one has the rest of the page, and wraps.</summary>
/// <param name="headings">The headings.</param>
internal sealed class TextTable(params string[] headings)
{
    private const int GapWidth = 2;

    private readonly int[] _widths = [.. headings.Select(TextCell.WidthOf)];
    private readonly List<IReadOnlyList<TextCell>> _rows = [];

    /// <summary>Gets the headings; all empty in a table that has none.</summary>
    internal IReadOnlyList<string> Headings => headings;

    /// <summary>Gets a value indicating whether the table has headings.</summary>
    internal bool HasHeadings { get; } = headings.Any(static heading => heading.Length > 0);

    /// <summary>Gets the rows.</summary>
    internal IReadOnlyList<IReadOnlyList<TextCell>> Rows => _rows;

    /// <summary>Gets how many columns the last column should have at least, unless its content has fewer.</summary>
    internal int NarrowestLast { get; init; } = 16;

    /// <summary>Gets how many columns the first column has: what is longer has a line of its own.</summary>
    internal int FirstWidth => _widths[0];

    /// <summary>Says how wide columns are at least, before rows are known.</summary>
    /// <param name="widths">The width of each column, from the first on.</param>
    internal void Reserve(params ReadOnlySpan<int> widths)
    {
        for (int i = 0; i < widths.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], widths[i]);
        }
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">A cell a column.</param>
    internal void Add(params IReadOnlyList<TextCell> cells)
    {
        Reserve([.. cells.Select(static cell => cell.Width)]);
        _rows.Add(cells);
    }

    /// <summary>Gives the column that a cell starts in.</summary>
    /// <param name="column">The number of the cell in its row.</param>
    /// <returns>The column.</returns>
    internal int StartOf(int column) => _widths.Take(column).Sum() + (column * GapWidth);

    /// <summary>Says whether rows fit a page side by side.</summary>
    /// <param name="width">How many columns the page has.</param>
    /// <returns>False where each row is better shown as a list.</returns>
    internal bool Fits(int width) => width - StartOf(_widths.Length - 1) >= Math.Min(_widths[^1], NarrowestLast);
}
