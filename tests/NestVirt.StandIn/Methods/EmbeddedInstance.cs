using System.Xml;
using System.Xml.Linq;

namespace NestVirt.StandIn.Methods;

/// <summary>
/// An embedded instance as text: an INSTANCE of CIM-XML (DSP0201), the form that Windows takes over the wire.
/// </summary>
/// <param name="ClassName">The class.</param>
/// <param name="Properties">The properties that are given.</param>
public sealed record EmbeddedInstance(string ClassName, IReadOnlyList<EmbeddedProperty> Properties)
{
    /// <summary>Reads a text.</summary>
    /// <returns>The instance; null where the text is not one.</returns>
    public static EmbeddedInstance? Parse(string text)
    {
        XElement root;
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
            using var reader = XmlReader.Create(new StringReader(text), settings);
            root = XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }

        if (root.Name != "INSTANCE" || root.Attribute("CLASSNAME") is not { } className)
        {
            return null;
        }

        IEnumerable<EmbeddedProperty> properties = root.Elements()
            .Where(static element => element.Name == "PROPERTY" || element.Name == "PROPERTY.ARRAY")
            .Select(ReadProperty);
        return new EmbeddedInstance(className.Value, [.. properties]);
    }

    /// <summary>Gets a text that is given; null where it is not.</summary>
    public string? Text(string name) =>
        Properties.FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            is { Values: [var first, ..] }
            ? first
            : null;

    private static EmbeddedProperty ReadProperty(XElement element)
    {
        bool isArray = element.Name == "PROPERTY.ARRAY";
        XElement holder = isArray ? element.Element("VALUE.ARRAY") ?? new XElement("VALUE.ARRAY") : element;
        return new EmbeddedProperty(
            element.Attribute("NAME")?.Value ?? "",
            element.Attribute("TYPE")?.Value,
            isArray,
            [.. holder.Elements("VALUE").Select(static value => value.Value)]
        );
    }
}
