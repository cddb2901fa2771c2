using System.Xml.Linq;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Methods;

/// <summary>Writes an instance as a text of CIM-XML, as GetErrorEx gives it.</summary>
public static class EmbeddedText
{
    /// <summary>Writes an instance.</summary>
    public static string Write(CimObject instance) =>
        new XElement(
            "INSTANCE",
            new XAttribute("CLASSNAME", instance.Class.Name),
            instance
                .Class.Properties.Where(property => instance[property.Name] is not null)
                .Select(property => Property(property, instance[property.Name]!))
        ).ToString(SaveOptions.DisableFormatting);

    private static XElement Property(CimProperty property, object value) =>
        new(
            property.IsArray ? "PROPERTY.ARRAY" : "PROPERTY",
            new XAttribute("NAME", property.Name),
            new XAttribute("TYPE", CimValues.TypeName(property.Type)),
            value is object[] items
                ? new XElement("VALUE.ARRAY", items.Select(static item => new XElement("VALUE", Text(item))))
                : new XElement("VALUE", Text(value))
        );

    private static string Text(object value) =>
        value is DateTimeOffset or TimeSpan ? CimTimes.Native(value) : CimValues.Text(value);
}
