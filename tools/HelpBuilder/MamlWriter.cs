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
        foreach (IReadOnlyList<SyntaxParameter> way in page.Syntax)
        {
            WriteSyntax(xml, page, way);
        }

        xml.WriteEndElement();
        xml.WriteStartElement("parameters", Command);
        foreach (HelpParameter parameter in page.Parameters)
        {
            WriteParameter(xml, parameter, parameter.Type, parameter.IsRequired, parameter.Position);
        }

        xml.WriteEndElement();
        WriteTypes(xml, "inputTypes", "inputType", page.Inputs);
        WriteTypes(xml, "returnValues", "returnValue", page.Outputs);
        xml.WriteStartElement("alertSet", Maml);
        WriteParagraphs(xml, "alert", Maml, page.Notes);
        xml.WriteEndElement();
        WriteExamples(xml, page.Examples);
        // Get-Help -Online opens the first link that has an address.
        WriteLinks(xml, [new HelpLink("Online version:", $"{online}/{page.Name}.md"), .. page.Links]);
        xml.WriteEndElement();
    }

    private static void WriteDetails(XmlWriter xml, HelpPage page)
    {
        string[] parts = page.Name.Split('-', 2);
        xml.WriteStartElement("details", Command);
        xml.WriteElementString("name", Command, page.Name);
        xml.WriteElementString("verb", Command, parts[0]);
        xml.WriteElementString("noun", Command, parts[^1]);
        WriteParagraphs(xml, "description", Maml, [page.Synopsis]);
        xml.WriteEndElement();
    }

    private static void WriteSyntax(XmlWriter xml, HelpPage page, IReadOnlyList<SyntaxParameter> way)
    {
        xml.WriteStartElement("syntaxItem", Command);
        xml.WriteElementString("name", Maml, page.Name);
        int position = 0;
        foreach (SyntaxParameter use in way)
        {
            // -WhatIf and -Confirm stand in the syntax, and may do without a section of their own.
            HelpParameter? parameter = page.Parameters.FirstOrDefault(parameter => parameter.Name == use.Name);
            if (parameter is not null)
            {
                WriteParameter(xml, parameter, use.Type, use.IsRequired, use.IsPositional ? $"{position++}" : "named");
            }
        }

        xml.WriteEndElement();
    }

    private static void WriteParameter(
        XmlWriter xml,
        HelpParameter parameter,
        string? type,
        bool isRequired,
        string position
    )
    {
        xml.WriteStartElement("parameter", Command);
        xml.WriteAttributeString("required", isRequired ? "true" : "false");
        xml.WriteAttributeString("variableLength", "true");
        xml.WriteAttributeString("globbing", parameter.SupportsWildcards ? "true" : "false");
        xml.WriteAttributeString("pipelineInput", parameter.TakesPropertyName ? "True (ByPropertyName)" : "False");
        xml.WriteAttributeString("position", position == "Named" ? "named" : position);
        xml.WriteAttributeString("aliases", parameter.Aliases.Length == 0 ? "none" : parameter.Aliases);
        xml.WriteElementString("name", Maml, parameter.Name);
        WriteParagraphs(xml, "description", Maml, parameter.Description);
        if (type is not null)
        {
            xml.WriteStartElement("parameterValue", Command);
            xml.WriteAttributeString("required", "true");
            xml.WriteAttributeString("variableLength", "false");
            xml.WriteString(type);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("type", Dev);
        xml.WriteElementString("name", Maml, parameter.Type);
        xml.WriteEndElement();
        xml.WriteElementString(
            "defaultValue",
            Dev,
            parameter.DefaultValue.Length == 0 ? "None" : parameter.DefaultValue
        );
        xml.WriteEndElement();
    }

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

    private static void WriteLinks(XmlWriter xml, IEnumerable<HelpLink> links)
    {
        xml.WriteStartElement("relatedLinks", Command);
        foreach (HelpLink link in links)
        {
            xml.WriteStartElement("navigationLink", Maml);
            xml.WriteElementString("linkText", Maml, link.Text);
            xml.WriteElementString("uri", Maml, link.Uri);
            xml.WriteEndElement();
        }

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
