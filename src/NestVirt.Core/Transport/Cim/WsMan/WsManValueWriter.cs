using System.Xml;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Writes arguments and keys.</summary>
/// <param name="writer">Where to.</param>
/// <param name="resource">The namespace of XML that arguments are in: the name of the class.</param>
/// <param name="form">The way to name classes.</param>
internal sealed class WsManValueWriter(XmlWriter writer, string resource, WsManForm form)
{
    /// <summary>Writes an argument: an array as one element for each item.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    internal void Write(string name, CimValue value)
    {
        IReadOnlyList<CimValue?> items = value is CimValue.Array array ? array.Items : [value];
        foreach (CimValue? item in items)
        {
            writer.WriteStartElement("p", name, resource);
            WriteContent(item);
            writer.WriteEndElement();
        }
    }

    /// <summary>Writes the keys of an instance, if there are any (DSP0226, 5.1.2.2).</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="namespace">The namespace, where it goes among them.</param>
    internal void WriteSelectors(IReadOnlyList<KeyValuePair<string, CimValue>> keys, string? @namespace)
    {
        if (keys.Count == 0 && @namespace is null)
        {
            return;
        }

        writer.WriteStartElement("w", "SelectorSet", WsManNames.Management);
        if (@namespace is not null)
        {
            WriteSelector(WsManNames.NamespaceSelector, CimValue.Of(@namespace));
        }

        foreach ((string name, CimValue value) in keys)
        {
            WriteSelector(name, value);
        }

        writer.WriteEndElement();
    }

    private void WriteSelector(string name, CimValue value)
    {
        writer.WriteStartElement("w", "Selector", WsManNames.Management);
        writer.WriteAttributeString("Name", name);
        if (value is CimValue.Reference reference)
        {
            writer.WriteStartElement("a", "EndpointReference", WsManNames.Addressing);
            WriteReference(reference.Path);
            writer.WriteEndElement();
        }
        else
        {
            writer.WriteString((value as CimValue.Scalar)?.Text);
        }

        writer.WriteEndElement();
    }

    private void WriteContent(CimValue? value)
    {
        switch (value)
        {
            case null:
                writer.WriteAttributeString("xsi", "nil", WsManNames.SchemaInstance, "true");
                break;
            case CimValue.Scalar { Type: CimType.DateTime } time:
                WriteTime(time.Text);
                break;
            case CimValue.Scalar scalar:
                writer.WriteString(scalar.Text);
                break;
            case CimValue.Reference reference:
                WriteReference(reference.Path);
                break;
            case CimValue.Embedded embedded:
                // As text, not as elements: Windows refuses those with SchemaValidationError.
                writer.WriteString(CimXml.Write(embedded.Instance));
                break;
            default:
                throw new NotSupportedException("CIM has no arrays of arrays.");
        }
    }

    // DSP0230 gives the elements of cimDateTime; that Windows takes them in arguments is unproven.
    private void WriteTime(string text)
    {
        if (CimTime.ReadInterval(text) is { } interval)
        {
            writer.WriteElementString("cim", "Interval", WsManNames.Common, XmlConvert.ToString(interval));
        }
        else if (CimTime.ReadInstant(text) is { } instant)
        {
            writer.WriteElementString("cim", "Datetime", WsManNames.Common, XmlConvert.ToString(instant));
        }
        else
        {
            writer.WriteString(text);
        }
    }

    // Without an element EndpointReference around it: Windows refuses that one with SchemaValidationError.
    private void WriteReference(CimPath path)
    {
        WsManResource target = WsManResource.Of(form, path.Namespace, path.ClassName);
        writer.WriteElementString("a", "Address", WsManNames.Addressing, WsManNames.Anonymous);
        writer.WriteStartElement("a", "ReferenceParameters", WsManNames.Addressing);
        writer.WriteElementString("w", "ResourceURI", WsManNames.Management, target.Uri);
        WriteSelectors(path.Keys, target.Namespace);
        writer.WriteEndElement();
    }
}
