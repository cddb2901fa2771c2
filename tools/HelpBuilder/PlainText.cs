using System.Text.RegularExpressions;

namespace NestVirt.HelpBuilder;

/// <summary>Takes the marks of Markdown out of text.</summary>
public static partial class PlainText
{
    /// <summary>Makes paragraphs of blocks; lists and code keep their lines.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <returns>The paragraphs.</returns>
    public static IReadOnlyList<string> Paragraphs(IEnumerable<MarkdownBlock> blocks) => [.. blocks.Select(Paragraph)];

    /// <summary>Takes the marks out of one line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The text.</returns>
    public static string Line(string line) =>
        Link().Replace(line, "$1").Replace("**", string.Empty).Replace("`", string.Empty);

    /// <summary>Finds the links of a list.</summary>
    /// <param name="line">A line of the list.</param>
    /// <returns>The link, or null.</returns>
    public static HelpLink? LinkOf(string line)
    {
        Match match = Link().Match(line);
        if (!match.Success)
        {
            return null;
        }

        string uri = match.Groups[2].Value;
        return new HelpLink(
            match.Groups[1].Value,
            uri.StartsWith("http", StringComparison.Ordinal) ? uri : string.Empty
        );
    }

    private static string Paragraph(MarkdownBlock block) =>
        block.IsCode
            ? string.Join('\n', block.Lines)
            : string.Join(block.IsList ? '\n' : ' ', block.Lines.Select(Line));

    [GeneratedRegex(@"\[([^\]]+)\]\(([^)]+)\)")]
    private static partial Regex Link();
}
