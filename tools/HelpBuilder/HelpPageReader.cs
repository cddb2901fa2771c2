using System.Text.RegularExpressions;

namespace NestVirt.HelpBuilder;

/// <summary>Reads the page of a cmdlet (PlatyPS schema 2024-05-01).</summary>
public static partial class HelpPageReader
{
    private const string CommonParameters = "CommonParameters";

    /// <summary>Reads a page.</summary>
    /// <param name="document">The page.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="HelpFormatException">A section or a field is missing.</exception>
    public static HelpPage Read(MarkdownDocument document) =>
        new(
            document.Sections[0].Title,
            string.Join(' ', PlainText.Paragraphs(document.Section("SYNOPSIS").Blocks)),
            PlainText.Paragraphs(document.Section("DESCRIPTION").Blocks),
            [.. document.Below("SYNTAX").Select(ReadSyntax)],
            [.. document.Below("EXAMPLES").Select(ReadExample)],
            [
                .. document
                    .Below("PARAMETERS")
                    .Where(static section => section.Title != CommonParameters)
                    .Select(section => ReadParameter(document, section)),
            ],
            [.. document.Below("INPUTS").Select(ReadType)],
            [.. document.Below("OUTPUTS").Select(ReadType)],
            PlainText.Paragraphs(document.Section("NOTES").Blocks),
            [
                .. document
                    .Section("RELATED LINKS")
                    .Blocks.SelectMany(static block => block.Lines)
                    .Select(PlainText.LinkOf)
                    .OfType<HelpLink>(),
            ]
        );

    private static IReadOnlyList<SyntaxParameter> ReadSyntax(MarkdownSection section)
    {
        string text = string.Join(
            ' ',
            section.Blocks.Where(static block => block.IsCode).SelectMany(static block => block.Lines)
        );
        return
        [
            .. Parameter()
                .Matches(text)
                .Select(static match => new SyntaxParameter(
                    match.Groups["name"].Value,
                    match.Groups["type"].Success ? match.Groups["type"].Value : null,
                    IsRequired: match.Groups["required"].Success,
                    IsPositional: match.Groups["positional"].Success
                )),
        ];
    }

    private static HelpExample ReadExample(MarkdownSection section) =>
        new(
            section.Title,
            string.Join(
                "\n\n",
                section
                    .Blocks.Where(static block => block.IsCode)
                    .Select(static block => string.Join('\n', block.Lines))
            ),
            PlainText.Paragraphs(section.Blocks.Where(static block => !block.IsCode))
        );

    private static HelpType ReadType(MarkdownSection section) =>
        new(section.Title, PlainText.Paragraphs(section.Blocks));

    private static HelpParameter ReadParameter(MarkdownDocument document, MarkdownSection section)
    {
        MarkdownBlock fields =
            section.Blocks.FirstOrDefault(static block => block.Language == "yaml")
            ?? throw new HelpFormatException(document.File, $"{section.Title} has no yaml block");

        return new HelpParameter(
            section.Title.TrimStart('-'),
            PlainText.Paragraphs(section.Blocks.Where(static block => !block.IsCode)),
            Field("Type"),
            Field("DefaultValue"),
            Field("Aliases").Trim('[', ']'),
            SupportsWildcards: Field("SupportsWildcards") == "true",
            IsRequired: All("IsRequired").TrueForAll(static value => value == "true"),
            Position: All("Position")[0],
            TakesPropertyName: All("ValueFromPipelineByPropertyName").Contains("true")
        );

        string Field(string name) => All(name)[0];

        List<string> All(string name)
        {
            string start = $"{name}:";
            List<string> values =
            [
                .. fields
                    .Lines.Select(static line => line.TrimStart(' ', '-'))
                    .Where(line => line.StartsWith(start, StringComparison.Ordinal))
                    .Select(line => line[start.Length..].Trim(' ', '\'')),
            ];
            return values.Count > 0
                ? values
                : throw new HelpFormatException(document.File, $"{section.Title} has no field {name}");
        }
    }

    [GeneratedRegex(
        """
            \[\[(?<positional>-)(?<name>\w+)\]\ <(?<type>[^>]+)>\]
            | (?<required>\[)(?<positional>-)(?<name>\w+)\]\ <(?<type>[^>]+)>
            | \[-(?<name>\w+)\ <(?<type>[^>]+)>\]
            | \[-(?<name>\w+)\]
            | (?<required>(?<=\s)-)(?<name>\w+)\ <(?<type>[^>]+)>
            """,
        RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Parameter();
}
