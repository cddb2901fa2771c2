using System.Text.RegularExpressions;

namespace NestVirt.HelpBuilder;

/// <summary>Reads the page of a cmdlet, and holds it against the cmdlet.</summary>
public static partial class HelpPageReader
{
    /// <summary>Reads a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="HelpFormatException">Something is missing, or speaks of what the cmdlet has not.</exception>
    public static HelpPage Read(MarkdownPage page, CmdletMetadata cmdlet) =>
        page.Title.Title == cmdlet.Name
            ? new HelpPage(
                cmdlet,
                string.Join(' ', Paragraphs(page.Section("SYNOPSIS"))),
                Paragraphs(page.Section("DESCRIPTION")),
                [.. page.Below("EXAMPLES").Select(ReadExample)],
                ReadParameters(page, cmdlet),
                ReadTypes(page, "INPUTS", [.. cmdlet.Parameters.SelectMany(PipedTypes)]),
                ReadTypes(page, "OUTPUTS", cmdlet.OutputTypes),
                Paragraphs(page.Section("NOTES")),
                [
                    .. page.Section("RELATED LINKS")
                        .Blocks.SelectMany(static block => block.Lines)
                        .Select(static line => line.TrimStart('-', ' ')),
                ]
            )
            : throw page.Title.Error($"the heading is not the name of the cmdlet; write '# {cmdlet.Name}'");

    private static HelpExample ReadExample(MarkdownSection section, int index)
    {
        string[] code = [.. section.Blocks.Where(IsCode).Select(static block => block.Text)];
        return code.Length > 0
            ? new HelpExample(
                $"Example {index + 1}: {section.Title}",
                string.Join("\n\n", code),
                [.. section.Blocks.Where(static block => !IsCode(block)).Select(TextOf)]
            )
            : throw section.Error("the example has no code; add what is typed between lines ```powershell and ```");
    }

    private static IReadOnlyList<HelpParameter> ReadParameters(MarkdownPage page, CmdletMetadata cmdlet)
    {
        MarkdownSection parent = page.Section("PARAMETERS");
        Dictionary<string, MarkdownSection> texts = new(StringComparer.Ordinal);
        foreach (MarkdownSection section in page.Below("PARAMETERS"))
        {
            string name = section.Title.TrimStart('-');
            bool isOwn = section.File == page.File;
            if (isOwn && !cmdlet.Parameters.Any(parameter => parameter.Name == name))
            {
                throw section.Error($"{cmdlet.Name} has no parameter -{name}; remove the text or mend the name");
            }

            // What comes later is nearer to the cmdlet: its own text follows what it includes.
            if (isOwn && texts.TryGetValue(name, out MarkdownSection? other) && other.File == page.File)
            {
                throw section.Error($"-{name} is described in line {other.Line} too; remove one of the texts");
            }

            texts[name] = section;
        }

        return
        [
            .. cmdlet
                .Parameters.OrderBy(static parameter => parameter.Name, StringComparer.OrdinalIgnoreCase)
                .Select(parameter =>
                    texts.TryGetValue(parameter.Name, out MarkdownSection? section) && section.Blocks.Count > 0
                        ? ReadParameter(section, parameter)
                        : throw (section ?? parent).Error(
                            $"-{parameter.Name} has no text; write it below '### -{parameter.Name}' here or in a shared page"
                        )
                ),
        ];
    }

    private static HelpParameter ReadParameter(MarkdownSection section, ParameterMetadata metadata)
    {
        IReadOnlyList<string> text = Paragraphs(section);
        Match value = Default().Match(string.Join(' ', text));
        return new HelpParameter(
            metadata,
            text,
            value.Success ? value.Groups[1].Value
                : metadata.IsSwitch ? "False"
                : "None"
        );
    }

    private static IReadOnlyList<HelpType> ReadTypes(MarkdownPage page, string title, IReadOnlyList<Type> types)
    {
        MarkdownSection[] sections = [.. page.Below(title)];
        string[] names = [.. types.Select(static type => type.FullName!).Distinct()];
        foreach (MarkdownSection section in sections.Where(section => !names.Contains(section.Title)))
        {
            throw section.Error($"{section.Title} is none of its {title}, which are: {string.Join(", ", names)}");
        }

        string? missing = names.Except(sections.Select(static section => section.Title)).FirstOrDefault();
        return missing is null
            ? [.. sections.Select(static section => new HelpType(section.Title, Paragraphs(section)))]
            : throw page.Section(title).Error($"{missing} is not described; add it below '### {missing}'");
    }

    private static IEnumerable<Type> PipedTypes(ParameterMetadata parameter) =>
        parameter.Uses.Values.Any(static use => use.TakesValue || use.TakesPropertyName)
            ? [parameter.Type.IsArray ? parameter.Type.GetElementType()! : parameter.Type]
            : [];

    private static IReadOnlyList<string> Paragraphs(MarkdownSection section) => [.. section.Blocks.Select(TextOf)];

    private static string TextOf(TextBlock block) => block.Text;

    private static bool IsCode(TextBlock block) => block.Kind == TextKind.Verbatim;

    // The text says it once, for the reader of the page and for Get-Help.
    [GeneratedRegex(@"\bThe default is ([^\s,;]+?)[.,;]?(?=\s|$)")]
    private static partial Regex Default();
}
