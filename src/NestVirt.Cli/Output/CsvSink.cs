using System.Buffers;
using System.Globalization;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Cli.Output;

/// <summary>One column of a flat listing.</summary>
/// <typeparam name="T">The type of a row.</typeparam>
/// <param name="Name">The heading: the property's name in JSON.</param>
/// <param name="Value">The value; null is written as nothing.</param>
internal sealed record CsvColumn<T>(string Name, Func<T, object?> Value);

/// <summary>Writes the flat columns of results as RFC 4180 has it: CRLF, quotes where they are needed; no formulas.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="output">Where to.</param>
/// <param name="columns">The columns.</param>
internal sealed class CsvSink<T>(Stream output, IReadOnlyList<CsvColumn<T>> columns) : IResultSink<T>
{
    private static readonly SearchValues<char> s_formula = SearchValues.Create("=+-@\uFF1D\uFF0B\uFF0D\uFF20");
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n");

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) => WriteLine(columns.Select(static column => column.Name));

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<T> results)
    {
        foreach (T result in results)
        {
            WriteLine(columns.Select(column => Field(column.Value(result))));
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) { }

    /// <inheritdoc/>
    public void End() { }

    private static string Field(object? value)
    {
        string shown = value switch
        {
            null => string.Empty,
            bool flag => flag ? "true" : "false",
            IEnumerable<string> list => Text(string.Join(' ', list)),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => Text(value.ToString() ?? string.Empty),
        };
        return shown.AsSpan().ContainsAny(s_quoted)
            ? $"\"{shown.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : shown;
    }

    // A spreadsheet takes a text that begins so for a formula, and runs it. Numbers, and a sign alone, are none.
    private static string Text(string text)
    {
        string shown = HostText.ForDisplay(text);
        string start = shown.TrimStart();
        return
            start.Length > 1
            && s_formula.Contains(start[0])
            && !double.TryParse(start, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? $"'{shown}"
            : shown;
    }

    private void WriteLine(IEnumerable<string> fields) =>
        output.Write(Encoding.UTF8.GetBytes(string.Join(',', fields) + "\r\n"));
}
