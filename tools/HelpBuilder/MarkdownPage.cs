using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace NestVirt.HelpBuilder;

/// <summary>One heading of a page with what stands under it, up to the next heading of any level.</summary>
/// <param name="File">The page that it was written in.</param>
/// <param name="Line">The line of the heading.</param>
/// <param name="Level">The number of # signs.</param>
/// <param name="Title">The heading.</param>
/// <param name="Blocks">Paragraphs, lists, tables and code.</param>
public sealed record MarkdownSection(string File, int Line, int Level, string Title, IReadOnlyList<TextBlock> Blocks)
{
    /// <summary>Makes an error about this section.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <returns>The error.</returns>
    public HelpFormatException Error(string message) => new(File, Line, message);
}

/// <summary>A page as its sections, each include replaced by the text that it names.</summary>
/// <param name="File">The page.</param>
/// <param name="Sections">The sections, in order.</param>
public sealed record MarkdownPage(string File, IReadOnlyList<MarkdownSection> Sections)
{
    /// <summary>The folder, below that of the pages, of what several pages say.</summary>
    public const string SharedFolder = "shared";

    // Further than a page, its shared page and the page that this one builds upon, texts only go in circles.
    private const int DeepestInclude = 4;

    private static readonly MarkdownPipeline s_markdown = new MarkdownPipelineBuilder()
        .UsePreciseSourceLocation()
        .UseYamlFrontMatter()
        .UsePipeTables()
        .Build();

    /// <summary>Gets the heading of the whole page.</summary>
    public MarkdownSection Title => Sections[0];

    /// <summary>Reads a page.</summary>
    /// <param name="file">Its path.</param>
    /// <returns>The page.</returns>
    /// <exception cref="HelpFormatException">The page holds what help has no form for, or includes what is not there.</exception>
    public static MarkdownPage Read(string file) => Read(file, depth: 0);

    /// <summary>Finds a section.</summary>
    /// <param name="title">Its heading.</param>
    /// <returns>The section.</returns>
    /// <exception cref="HelpFormatException">There is none.</exception>
    public MarkdownSection Section(string title) =>
        Sections.FirstOrDefault(section => section.Level == 2 && section.Title == title)
        ?? throw Title.Error($"there is no section {title}; add the heading '## {title}'");

    /// <summary>Lists the sections below a section.</summary>
    /// <param name="title">The heading of the section above.</param>
    /// <returns>The sections.</returns>
    public IEnumerable<MarkdownSection> Below(string title) => Below(Section(title));

    private static MarkdownPage Read(string file, int depth)
    {
        string text = System.IO.File.ReadAllText(file).ReplaceLineEndings("\n");
        PlainText plain = new(file);
        List<MarkdownSection> sections = [];
        List<MarkdownSection> included = [];
        List<TextBlock> blocks = [];
        foreach (Block block in Markdown.Parse(text, s_markdown))
        {
            if (block is HeadingBlock heading)
            {
                sections.AddRange(included);
                included.Clear();
                blocks = [];
                string title = plain.Line(heading.Inline);
                sections.Add(new MarkdownSection(file, heading.Line + 1, heading.Level, title, blocks));
            }
            else if (IncludeOf(file, block) is { } include)
            {
                Include(file, include, depth, blocks, included);
            }
            else
            {
                blocks.AddRange(plain.Of(block));
            }
        }

        sections.AddRange(included);
        return sections is [{ Level: 1 }, ..]
            ? new MarkdownPage(file, sections)
            : throw new HelpFormatException(file, 1, "the page does not begin with a heading; add '# NAME'");
    }

    private static void Include(
        string file,
        LinkInline link,
        int depth,
        List<TextBlock> blocks,
        List<MarkdownSection> included
    )
    {
        string[] parts = link.Url!.Split('#', 2);
        string path = Path.Join(Path.GetDirectoryName(file), parts[0]);
        int line = link.Line + 1;
        if (!System.IO.File.Exists(path))
        {
            throw new HelpFormatException(
                file,
                line,
                $"there is no page {parts[0]} to include; write it or mend the link"
            );
        }

        if (depth == DeepestInclude)
        {
            throw new HelpFormatException(
                file,
                line,
                $"{parts[0]} includes itself in the end; take one of the links out"
            );
        }

        MarkdownPage page = Read(path, depth + 1);
        if (parts.Length == 1)
        {
            included.AddRange(page.Sections.Where(static section => section.Level > 2));
            return;
        }

        MarkdownSection wanted =
            page.Sections.FirstOrDefault(section => Anchor(section.Title) == parts[1])
            ?? throw new HelpFormatException(
                file,
                line,
                $"{parts[0]} has no heading that #{parts[1]} names; write it or mend the link"
            );
        blocks.AddRange(wanted.Blocks);
        included.AddRange(page.Below(wanted));
    }

    private IEnumerable<MarkdownSection> Below(MarkdownSection parent) =>
        Sections.SkipWhile(section => section != parent).Skip(1).TakeWhile(section => section.Level > parent.Level);

    // A paragraph that is one link to a shared page stands for its text; to a reader in a browser it is the way there.
    private static LinkInline? IncludeOf(string file, Block block) =>
        block is ParagraphBlock { Inline: { } inline }
        && inline.FirstChild is LinkInline { IsImage: false } link
        && link == inline.LastChild
        && link.Url is { } url
        && !PlainText.IsAddress(url)
        && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(Path.Join(Path.GetDirectoryName(file), url))))
            == SharedFolder
            ? link
            : null;

    // As GitHub makes them.
    private static string Anchor(string title) => title.ToLowerInvariant().Replace(' ', '-');
}
