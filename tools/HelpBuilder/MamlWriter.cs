using System.Globalization;
using System.Text;
using System.Xml;

namespace NestVirt.HelpBuilder;

/// <summary>Writes the help file that Get-Help reads.</summary>
public static class MamlWriter
{
    private const string Msh = "http://msh";
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Writes every page into one file.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="online">The address of the folder of pages.</param>
    /// <param name="file">The file.</param>
    public static void Write(IEnumerable<HelpPage> pages, string online, string file)
    {
        XmlWriterSettings settings = new()
        {
            Indent = true,
            NewLineChars = "\n",
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using XmlWriter xml = XmlWriter.Create(file, settings);
        xml.WriteStartElement("helpItems", Msh);
        xml.WriteAttributeString("schema", "maml");
        foreach (HelpPage page in pages)
        {
            WritePage(xml, page, online);
        }

        xml.WriteEndElement();
    }

    private static void WritePage(XmlWriter xml, HelpPage page, string online)
    {
        xml.WriteStartElement("command", "command", Command);
        xml.WriteAttributeString("xmlns", "maml", null, Maml);
        xml.WriteAttributeString("xmlns", "dev", null, Dev);
        WriteDetails(xml, page);
        WriteParagraphs(xml, "description", Maml, page.Description);

        xml.WriteStartElement("syntax", Command);
        foreach (string set in page.Cmdlet.ParameterSets)
        {
            WriteSyntax(xml, page, set);
        }

        xml.WriteEndElement();
        xml.WriteStartElement("parameters", Command);
        foreach (HelpParameter parameter in page.Parameters)
        {
            WriteParameter(xml, parameter, parameter.Metadata.Type.FullName!, OverAllSets(parameter.Metadata));
        }

        xml.WriteEndElement();
        WriteTypes(xml, "inputTypes", "inputType", page.Inputs);
        WriteTypes(xml, "returnValues", "returnValue", page.Outputs);
        xml.WriteStartElement("alertSet", Maml);
        WriteParagraphs(xml, "alert", Maml, page.Notes);
        xml.WriteEndElement();
        WriteExamples(xml, page.Examples);
        // Get-Help -Online opens the first link that has an address.
        WriteLinks(xml, $"{online}/{page.Cmdlet.Name}.md", page.Links);
        xml.WriteEndElement();
    }

    private static void WriteDetails(XmlWriter xml, HelpPage page)
    {
        xml.WriteStartElement("details", Command);
        xml.WriteElementString("name", Command, page.Cmdlet.Name);
        xml.WriteElementString("verb", Command, page.Cmdlet.Verb);
        xml.WriteElementString("noun", Command, page.Cmdlet.Noun);
        WriteParagraphs(xml, "description", Maml, [page.Synopsis]);
        xml.WriteEndElement();
    }

    private static void WriteSyntax(XmlWriter xml, HelpPage page, string set)
    {
        xml.WriteStartElement("syntaxItem", Command);
        xml.WriteElementString("name", Maml, page.Cmdlet.Name);
        foreach ((HelpParameter parameter, ParameterUse use) in InOrderOfSyntax(page, set))
        {
            WriteParameter(xml, parameter, parameter.Metadata.IsSwitch ? null : parameter.Metadata.TypeWord, use);
        }

        xml.WriteEndElement();
    }

    // As PowerShell orders them: by position, then what must be given, then the rest as the class has it.
    private static IEnumerable<(HelpParameter Parameter, ParameterUse Use)> InOrderOfSyntax(
        HelpPage page,
        string set
    ) =>
        from metadata in page.Cmdlet.Parameters
        let use = metadata.In(set)
        where use is not null
        orderby use.Position ?? int.MaxValue, use.IsRequired descending
        select (page.Parameters.Single(parameter => parameter.Metadata == metadata), use);

    private static ParameterUse OverAllSets(ParameterMetadata parameter) =>
        new(
            parameter.Uses.Values.All(static use => use.IsRequired),
            parameter.Uses.Values.First().Position,
            parameter.Uses.Values.Any(static use => use.TakesValue),
            parameter.Uses.Values.Any(static use => use.TakesPropertyName)
        );

    private static void WriteParameter(XmlWriter xml, HelpParameter parameter, string? value, ParameterUse use)
    {
        ParameterMetadata metadata = parameter.Metadata;
        xml.WriteStartElement("parameter", Command);
        xml.WriteAttributeString("required", use.IsRequired ? "true" : "false");
        xml.WriteAttributeString("variableLength", "true");
        xml.WriteAttributeString("globbing", metadata.SupportsWildcards ? "true" : "false");
        xml.WriteAttributeString("pipelineInput", PipelineInput(use));
        xml.WriteAttributeString("position", use.Position?.ToString(CultureInfo.InvariantCulture) ?? "named");
        xml.WriteAttributeString("aliases", metadata.Aliases.Count == 0 ? "none" : string.Join(", ", metadata.Aliases));
        xml.WriteElementString("name", Maml, metadata.Name);
        WriteParagraphs(xml, "description", Maml, parameter.Description);
        if (value is not null)
        {
            xml.WriteStartElement("parameterValue", Command);
            xml.WriteAttributeString("required", "true");
            xml.WriteAttributeString("variableLength", "false");
            xml.WriteString(value);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("type", Dev);
        xml.WriteElementString("name", Maml, metadata.Type.FullName!);
        xml.WriteEndElement();
        xml.WriteElementString("defaultValue", Dev, parameter.DefaultValue);
        xml.WriteEndElement();
    }

    private static string PipelineInput(ParameterUse use) =>
        (use.TakesValue, use.TakesPropertyName) switch
        {
            (true, true) => "True (ByValue, ByPropertyName)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };

    private static void WriteTypes(XmlWriter xml, string listName, string itemName, IEnumerable<HelpType> types)
    {
        xml.WriteStartElement(listName, Command);
        foreach (HelpType type in types)
        {
            xml.WriteStartElement(itemName, Command);
            xml.WriteStartElement("type", Dev);
            xml.WriteElementString("name", Maml, type.Name);
            xml.WriteEndElement();
            WriteParagraphs(xml, "description", Maml, type.Description);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteExamples(XmlWriter xml, IEnumerable<HelpExample> examples)
    {
        xml.WriteStartElement("examples", Command);
        foreach (HelpExample example in examples)
        {
            xml.WriteStartElement("example", Command);
            xml.WriteElementString("title", Maml, $"--------- {example.Title} ---------");
            xml.WriteElementString("code", Dev, example.Code);
            WriteParagraphs(xml, "remarks", Dev, example.Remarks);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteLinks(XmlWriter xml, string online, IEnumerable<string> pages)
    {
        xml.WriteStartElement("relatedLinks", Command);
        WriteLink(xml, "Online version:", online);
        foreach (string page in pages)
        {
            WriteLink(xml, page, string.Empty);
        }

        xml.WriteEndElement();
    }

    private static void WriteLink(XmlWriter xml, string text, string address)
    {
        xml.WriteStartElement("navigationLink", Maml);
        xml.WriteElementString("linkText", Maml, text);
        xml.WriteElementString("uri", Maml, address);
        xml.WriteEndElement();
    }

    private static void WriteParagraphs(XmlWriter xml, string name, string space, IEnumerable<string> paragraphs)
    {
        xml.WriteStartElement(name, space);
        foreach (string paragraph in paragraphs)
        {
            xml.WriteElementString("para", Maml, paragraph);
        }

        xml.WriteEndElement();
    }
}
