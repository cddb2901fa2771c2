namespace NestVirt.HelpBuilder;

/// <summary>One heading of a page with what stands under it.</summary>
/// <param name="Level">The number of # signs.</param>
/// <param name="Title">The heading.</param>
/// <param name="Blocks">Paragraphs, lists and code, up to the next heading of any level.</param>
public sealed record MarkdownSection(int Level, string Title, IReadOnlyList<MarkdownBlock> Blocks);

/// <summary>A paragraph or list, or the inside of a code fence.</summary>
/// <param name="Language">The language of a code fence; null for text.</param>
/// <param name="Lines">The lines.</param>
public sealed record MarkdownBlock(string? Language, IReadOnlyList<string> Lines)
{
    /// <summary>Gets a value indicating whether this is code.</summary>
    public bool IsCode => Language is not null;

    /// <summary>Gets a value indicating whether this is a list, whose lines stay apart.</summary>
    public bool IsList => !IsCode && Lines[0].StartsWith("- ", StringComparison.Ordinal);
}

/// <summary>The part of Markdown that the help pages use: front matter, headings, paragraphs, lists, code fences.</summary>
/// <param name="File">The name of the file, for messages.</param>
/// <param name="Sections">The sections, in order.</param>
public sealed record MarkdownDocument(string File, IReadOnlyList<MarkdownSection> Sections)
{
    private const string Fence = "```";

    /// <summary>Takes a page apart.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="text">The page.</param>
    /// <returns>The page's parts.</returns>
    public static MarkdownDocument Parse(string file, string text)
    {
        List<MarkdownSection> sections = [];
        List<MarkdownBlock> blocks = [];
        List<string> lines = [];
        string? language = null;
        foreach (string line in WithoutFrontMatter(text.Split('\n').Select(static line => line.TrimEnd())))
        {
            if (language is not null)
            {
                if (line == Fence)
                {
                    blocks.Add(new MarkdownBlock(language, lines));
                    (lines, language) = ([], null);
                }
                else
                {
                    lines.Add(line);
                }

                continue;
            }

            int level = line.StartsWith('#') ? line.Length - line.TrimStart('#').Length : 0;
            bool isFence = line.StartsWith(Fence, StringComparison.Ordinal);
            if ((level > 0 || isFence || line.Length == 0) && lines.Count > 0)
            {
                blocks.Add(new MarkdownBlock(null, lines));
                lines = [];
            }

            if (level > 0)
            {
                blocks = [];
                sections.Add(new MarkdownSection(level, line.TrimStart('#', ' '), blocks));
            }
            else if (isFence)
            {
                language = line[Fence.Length..];
            }
            else if (line.Length > 0)
            {
                lines.Add(line);
            }
        }

        if (language is not null)
        {
            throw new HelpFormatException(file, "a code fence is not closed");
        }

        if (lines.Count > 0)
        {
            blocks.Add(new MarkdownBlock(null, lines));
        }

        return new MarkdownDocument(file, sections);
    }

    /// <summary>Finds a section.</summary>
    /// <param name="title">Its heading.</param>
    /// <returns>The section.</returns>
    /// <exception cref="HelpFormatException">There is none.</exception>
    public MarkdownSection Section(string title) =>
        Sections.FirstOrDefault(section => section.Level == 2 && section.Title == title)
        ?? throw new HelpFormatException(File, $"it has no section {title}");

    /// <summary>Lists the sections one level below a section.</summary>
    /// <param name="title">The heading of the section above.</param>
    /// <returns>The sections.</returns>
    public IEnumerable<MarkdownSection> Below(string title)
    {
        MarkdownSection parent = Section(title);
        return Sections.SkipWhile(section => section != parent).Skip(1).TakeWhile(static section => section.Level > 2);
    }

    private static IEnumerable<string> WithoutFrontMatter(IEnumerable<string> lines)
    {
        const string Rule = "---";
        int rules = 0;
        bool isFirst = true;
        foreach (string line in lines)
        {
            rules += rules < 2 && line == Rule && (isFirst || rules == 1) ? 1 : 0;
            isFirst = false;
            if (rules is 0 or 2 && line != Rule)
            {
                yield return line;
            }
        }
    }
}
