using System.Text;
using System.Xml;

namespace NestVirt.Transport.Cim;

/// <summary>Instances as text, in the XML of CIM (DSP0201): how methods of Hyper-V take and give them, and how a snapshot keeps them.</summary>
internal static class CimXml
{
    private static readonly (CimType Type, string Name)[] s_types =
    [
        (CimType.String, "string"),
        (CimType.Boolean, "boolean"),
        (CimType.UInt8, "uint8"),
        (CimType.SInt8, "sint8"),
        (CimType.UInt16, "uint16"),
        (CimType.SInt16, "sint16"),
        (CimType.UInt32, "uint32"),
        (CimType.SInt32, "sint32"),
        (CimType.UInt64, "uint64"),
        (CimType.SInt64, "sint64"),
        (CimType.Real32, "real32"),
        (CimType.Real64, "real64"),
        (CimType.Char16, "char16"),
        (CimType.DateTime, "datetime"),
    ];

    /// <summary>Tells whether a text is made of instances, as <see cref="Write"/> makes them.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if it begins so.</returns>
    internal static bool IsInstances(string text) => text.StartsWith("<INSTANCE ", StringComparison.Ordinal);

    /// <summary>Writes an instance.</summary>
    /// <param name="instance">The instance.</param>
    /// <returns>Its <c>INSTANCE</c> element, in one line.</returns>
    /// <exception cref="NestVirtException">A value is text that no XML can carry.</exception>
    internal static string Write(CimInstance instance)
    {
        StringBuilder text = new();
        XmlWriterSettings settings = new()
        {
            OmitXmlDeclaration = true,
            ConformanceLevel = ConformanceLevel.Fragment,
            NewLineHandling = NewLineHandling.Entitize,
            CheckCharacters = false,
        };
        try
        {
            using XmlWriter writer = XmlWriter.Create(text, settings);
            WriteInstance(writer, instance);
        }
        catch (ArgumentException error)
        {
            throw HalfCharacter(error);
        }

        return text.ToString();
    }

    /// <summary>Makes the error of a text that no XML can carry.</summary>
    /// <param name="error">What the writer of XML says.</param>
    /// <returns>The error.</returns>
    /// <remarks>What WMI keeps as UTF-16 may hold a half of a pair of units, which stands for no character.</remarks>
    internal static NestVirtException HalfCharacter(ArgumentException error) =>
        new(
            NestVirtErrorKind.FeatureNotSupported,
            "A value holds half of a character, which no message to a host can carry.",
            error
        );

    private static void WriteInstance(XmlWriter writer, CimInstance instance)
    {
        writer.WriteStartElement("INSTANCE");
        writer.WriteAttributeString("CLASSNAME", instance.ClassName);
        foreach ((string name, CimValue? value) in instance.Properties)
        {
            WriteProperty(writer, name, value);
        }

        writer.WriteEndElement();
    }

    private static void WriteProperty(XmlWriter writer, string name, CimValue? value)
    {
        writer.WriteStartElement(
            value switch
            {
                CimValue.Array => "PROPERTY.ARRAY",
                CimValue.Reference => "PROPERTY.REFERENCE",
                _ => "PROPERTY",
            }
        );
        writer.WriteAttributeString("NAME", name);
        CimType type = value?.Type ?? CimType.String;
        if (type is CimType.Instance)
        {
            writer.WriteAttributeString("TYPE", "string");
            writer.WriteAttributeString("EmbeddedObject", "instance");
        }
        else if (type is CimType.Reference)
        {
            // DSP0201 has no arrays of references: those of paths stand as texts.
            if (value is CimValue.Array)
            {
                writer.WriteAttributeString("TYPE", "string");
            }
        }
        else
        {
            writer.WriteAttributeString("TYPE", NameOf(type));
        }

        if (value is CimValue.Array array)
        {
            writer.WriteStartElement("VALUE.ARRAY");
            foreach (CimValue? item in array.Items)
            {
                WriteItem(writer, item);
            }

            writer.WriteEndElement();
        }
        else if (value is CimValue.Reference reference)
        {
            WriteReference(writer, reference.Path);
        }
        else if (value is not null)
        {
            WriteItem(writer, value);
        }

        writer.WriteEndElement();
    }

    private static void WriteItem(XmlWriter writer, CimValue? value)
    {
        if (value is null)
        {
            writer.WriteElementString("VALUE.NULL", null);
            return;
        }

        writer.WriteElementString("VALUE", TextOf(value));
    }

    /// <summary>Gives the text of a value that is no array.</summary>
    private static string TextOf(CimValue value) =>
        value switch
        {
            CimValue.Scalar scalar => scalar.Text,
            CimValue.Embedded embedded => Write(embedded.Instance),
            CimValue.Reference reference => reference.Path.ToWmi(),
            _ => throw new NotSupportedException("CIM has no arrays of arrays."),
        };

    private static void WriteReference(XmlWriter writer, CimPath path)
    {
        writer.WriteStartElement("VALUE.REFERENCE");
        writer.WriteStartElement("LOCALINSTANCEPATH");
        writer.WriteStartElement("LOCALNAMESPACEPATH");
        foreach (string part in path.Namespace.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            writer.WriteStartElement("NAMESPACE");
            writer.WriteAttributeString("NAME", part);
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteStartElement("INSTANCENAME");
        writer.WriteAttributeString("CLASSNAME", path.ClassName);
        foreach ((string name, CimValue value) in path.Keys)
        {
            writer.WriteStartElement("KEYBINDING");
            writer.WriteAttributeString("NAME", name);
            if (value is CimValue.Reference reference)
            {
                WriteReference(writer, reference.Path);
            }
            else
            {
                writer.WriteStartElement("KEYVALUE");
                writer.WriteAttributeString("VALUETYPE", KindOf(value.Type));
                writer.WriteAttributeString("TYPE", NameOf(value.Type));
                writer.WriteString(TextOf(value));
                writer.WriteEndElement();
            }

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    /// <summary>Gets the type of a name of DSP0201; a name that it does not have is that of a text.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The type.</returns>
    internal static CimType TypeOf(string? name) => Array.Find(s_types, pair => pair.Name == name).Type;

    private static string NameOf(CimType type) => Array.Find(s_types, pair => pair.Type == type).Name;

    private static string KindOf(CimType type) =>
        type switch
        {
            CimType.Boolean => "boolean",
            CimType.String or CimType.DateTime or CimType.Char16 => "string",
            _ => "numeric",
        };
}
