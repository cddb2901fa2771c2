using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace NestVirt.HelpBuilder;

/// <summary>What becomes of the lines of a block where it is shown.</summary>
public enum TextKind
{
    /// <summary>One flowing text, wrapped to the width of the window.</summary>
    Paragraph,

    /// <summary>Items, each on a line of its own.</summary>
    List,

    /// <summary>Code or a table: every line as it is.</summary>
    Verbatim,
}

/// <summary>A block of a page without the marks of Markdown.</summary>
/// <param name="Kind">How it is shown.</param>
/// <param name="Lines">The lines.</param>
public sealed record TextBlock(TextKind Kind, IReadOnlyList<string> Lines)
{
    /// <summary>Gets the block as one text.</summary>
    public string Text => string.Join('\n', Lines);
}

/// <summary>Takes the marks of Markdown out of text: Get-Help shows none.</summary>
/// <param name="file">The page, which errors name and its links are relative to.</param>
public sealed class PlainText(string file)
{
    private const string ColumnGap = "  ";

    /// <summary>Tells addresses from paths of other pages.</summary>
    /// <param name="url">The target of a link.</param>
    /// <returns>Whether it is an address.</returns>
    public static bool IsAddress(string url) => url.Contains("://", StringComparison.Ordinal);

    /// <summary>Makes text of a block of a page.</summary>
    /// <param name="block">The block.</param>
    /// <returns>The text; nothing for front matter.</returns>
    /// <exception cref="HelpFormatException">Help has no form for it.</exception>
    public IEnumerable<TextBlock> Of(Block block) =>
        block switch
        {
            YamlFrontMatterBlock or LinkReferenceDefinitionGroup => [],
            FencedCodeBlock { ClosingFencedCharCount: 0 } => throw Error(
                block,
                "the code fence is not closed; end it with a line ```"
            ),
            CodeBlock code => [new TextBlock(TextKind.Verbatim, Lines(code))],
            ParagraphBlock text => [new TextBlock(TextKind.Paragraph, Line(text.Inline).Split('\n'))],
            ListBlock list => [new TextBlock(TextKind.List, Lines(list))],
            Table table => [new TextBlock(TextKind.Verbatim, Lines(table))],
            QuoteBlock quote => quote.SelectMany(Of),
            _ => throw Error(
                block,
                $"help has no form for a {block.GetType().Name}; write it as a paragraph, list or code"
            ),
        };

    /// <summary>Makes text of what stands in a line, or in the lines of a paragraph.</summary>
    /// <param name="inline">The line.</param>
    /// <returns>The text.</returns>
    /// <exception cref="HelpFormatException">Help has no form for it, or a link goes nowhere.</exception>
    public string Line(ContainerInline? inline)
    {
        StringBuilder text = new();
        foreach (Inline part in inline ?? [])
        {
            text.Append(
                part switch
                {
                    LiteralInline literal => literal.Content.ToString(),
                    CodeInline code => code.Content,
                    LineBreakInline end => end.IsHard ? "\n" : " ",
                    HtmlEntityInline entity => entity.Transcoded.ToString(),
                    AutolinkInline address => address.Url,
                    LinkInline link => Linked(link),
                    HtmlInline html => throw Error(
                        html,
                        $"help has no form for {html.Tag}; write it as code: `{html.Tag}`"
                    ),
                    ContainerInline container => Line(container),
                    _ => throw Error(part, $"help has no form for a {part.GetType().Name}; write it in words"),
                }
            );
        }

        return text.ToString();
    }

    private string Linked(LinkInline link)
    {
        string text = Line(link);
        string url = link.Url ?? string.Empty;
        if (IsAddress(url))
        {
            return text == url ? url : $"{text} ({url})";
        }

        string path = Path.Join(Path.GetDirectoryName(file), url.Split('#')[0]);
        return File.Exists(path) || Directory.Exists(path)
            ? text
            : throw Error(link, $"the link goes to {url}, which is not there; mend or remove it");
    }

    private List<string> Lines(ListBlock list)
    {
        List<string> lines = [];
        foreach (ListItemBlock item in list.OfType<ListItemBlock>())
        {
            string mark = list.IsOrdered ? $"{item.Order}. " : "- ";
            IEnumerable<string> inside = item.SelectMany(Of).SelectMany(static block => block.Lines);
            lines.AddRange(inside.Select((line, index) => (index == 0 ? mark : new string(' ', mark.Length)) + line));
        }

        return lines;
    }

    private List<string> Lines(Table table)
    {
        string[][] rows =
        [
            .. table
                .OfType<TableRow>()
                .Select(row =>
                    row.OfType<TableCell>()
                        .Select(cell => string.Join(' ', cell.SelectMany(Of).SelectMany(static block => block.Lines)))
                        .ToArray()
                ),
        ];
        int[] widths =
        [
            .. Enumerable
                .Range(0, rows.Max(static row => row.Length))
                .Select(column => rows.Max(row => row.ElementAtOrDefault(column)?.Length ?? 0)),
        ];
        List<string> lines = [.. rows.Select(Padded)];
        lines.Insert(1, Padded([.. widths.Select(static width => new string('-', width))]));
        return lines;

        string Padded(string[] row) =>
            string.Join(ColumnGap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
    }

    private static List<string> Lines(CodeBlock code) =>
        [.. code.Lines.Lines.Take(code.Lines.Count).Select(static line => line.Slice.ToString())];

    private HelpFormatException Error(MarkdownObject at, string message) => new(file, at.Line + 1, message);
}
