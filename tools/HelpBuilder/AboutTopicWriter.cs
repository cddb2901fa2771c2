using System.Text;

namespace NestVirt.HelpBuilder;

/// <summary>Writes an about topic as the plain text that Get-Help shows.</summary>
public static class AboutTopicWriter
{
    private const int LineWidth = 80;
    private const string Indent = "    ";

    /// <summary>Writes a topic.</summary>
    /// <param name="page">Its page.</param>
    /// <returns>The text.</returns>
    /// <exception cref="HelpFormatException">The page has no short description.</exception>
    public static string Write(MarkdownPage page)
    {
        // Get-Help takes the synopsis from here.
        _ = page.Section("SHORT DESCRIPTION");
        StringBuilder text = new();
        text.Append("TOPIC\n").Append(Indent).Append(page.Title.Title).Append('\n');
        foreach (MarkdownSection section in page.Sections.Skip(1))
        {
            text.Append('\n').Append(section.Level > 2 ? "  " : string.Empty).Append(section.Title).Append('\n');
            for (int index = 0; index < section.Blocks.Count; index++)
            {
                text.Append(index > 0 ? "\n" : string.Empty);
                AppendBlock(text, section.Blocks[index]);
            }
        }

        return text.ToString();
    }

    private static void AppendBlock(StringBuilder text, TextBlock block)
    {
        foreach (string line in block.Lines)
        {
            switch (block.Kind)
            {
                case TextKind.Verbatim:
                    text.Append(Indent).Append(Indent).Append(line).Append('\n');
                    break;
                case TextKind.List:
                    AppendWrapped(text, line, hangingIndent: 2);
                    break;
                default:
                    AppendWrapped(text, line, hangingIndent: 0);
                    break;
            }
        }
    }

    private static void AppendWrapped(StringBuilder text, string paragraph, int hangingIndent)
    {
        string line = Indent;
        bool isEmpty = true;
        foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > LineWidth)
            {
                text.Append(line).Append('\n');
                line = Indent + new string(' ', hangingIndent);
                isEmpty = true;
            }

            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }

        text.Append(line).Append('\n');
    }
}
