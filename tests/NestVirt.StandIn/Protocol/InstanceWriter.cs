using System.Globalization;
using System.Text;
using NestVirt.StandIn.Cim;
using static NestVirt.StandIn.Protocol.XmlText;

namespace NestVirt.StandIn.Protocol;

/// <summary>
/// Writes instances as Windows does (recorded: r4sd/go-wsman): xsi on the instance, properties by the alphabet, NULL
/// as <c>xsi:nil</c>, arrays as repeated elements, nothing for an array that is NULL.
/// </summary>
/// <param name="resource">The resource that was asked for: the answer is in its form.</param>
/// <param name="variants">What differs from Windows.</param>
internal sealed class InstanceWriter(ResourceName resource, Variants variants)
{
    /// <summary>Writes an instance.</summary>
    internal string Write(CimObject instance)
    {
        string name = instance.Class.Name;
        string declaration =
            $"xmlns:xsi=\"{Uris.Instance}\" xmlns:p=\"{resource.UriOf(instance.Class.Namespace, name)}\" xmlns:cim=\"{Uris.Cim}\"";
        string type = variants.OmitsInstanceType ? "" : $" xsi:type=\"p:{name}_Type\"";
        return $"<p:{name} {declaration}{type}>{Properties(instance, "p:")}</p:{name}>";
    }

    /// <summary>
    /// Writes an instance that is the value of a parameter: its properties in its own namespace, and its class as the type.
    /// No answer with one is recorded; the form is that of the status of a provider inside faults.
    /// </summary>
    internal string WriteEmbedded(string parameter, CimObject instance)
    {
        string name = instance.Class.Name;
        string uri = resource.UriOf(instance.Class.Namespace, name);
        return $"<p:{parameter} xmlns:e=\"{uri}\" xsi:type=\"e:{name}_Type\">{Properties(instance, "e:")}</p:{parameter}>";
    }

    /// <summary>Writes a parameter or property that names an instance.</summary>
    internal string WriteReference(string name, CimObject instance, string prefix = "p:") =>
        $"<{prefix}{name} xmlns:a=\"{Uris.Addressing}\" xmlns:w=\"{Uris.WsMan}\">{WriteReference(instance)}</{prefix}{name}>";

    /// <summary>
    /// Writes the properties that a query selected: not an instance of a class, but a fragment whose elements have no
    /// namespace (what zenoss txwinrm reads of five versions of Windows).
    /// </summary>
    internal string WriteFragment(CimObject instance, IReadOnlyList<string> selected)
    {
        var text = new StringBuilder("<w:XmlFragment>");
        foreach (CimProperty property in selected.Select(instance.Class.Find).OfType<CimProperty>())
        {
            Write(text, property, instance[property.Name], "", "", $"xmlns:xsi=\"{Uris.Instance}\" ");
        }

        return text.Append("</w:XmlFragment>").ToString();
    }

    /// <summary>
    /// Writes the address of an instance, without the element around it (recorded: affectedjobelement).
    /// </summary>
    internal string WriteReference(CimObject instance)
    {
        var text = new StringBuilder($"<a:Address>{Uris.Anonymous}</a:Address><a:ReferenceParameters><w:ResourceURI>");
        text.Append(resource.UriOf(instance.Class.Namespace, instance.Class.Name))
            .Append("</w:ResourceURI><w:SelectorSet>");
        // Recorded in the form of WMI alone, without a namespace; in that of DMTF the class alone would name nothing.
        if (resource.IsDmtf && !variants.OmitsNamespaceInReferences)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<w:Selector Name=\"{Uris.NamespaceSelector}\">{instance.Class.Namespace}</w:Selector>"
            );
        }

        foreach (CimProperty key in instance.Class.Keys)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<w:Selector Name=\"{key.Name}\">{Escape(CimValues.Text(instance[key.Name] ?? ""))}</w:Selector>"
            );
        }

        return text.Append("</w:SelectorSet></a:ReferenceParameters>").ToString();
    }

    private StringBuilder Properties(CimObject instance, string prefix)
    {
        var text = new StringBuilder(2048);
        foreach (CimProperty property in instance.Class.Properties)
        {
            Write(text, property, instance[property.Name], prefix, "cim:", declaration: "");
        }

        return text;
    }

    private void Write(
        StringBuilder text,
        CimProperty property,
        object? value,
        string prefix,
        string cimPrefix,
        string declaration
    )
    {
        if (value is null)
        {
            text.Append(property.IsArray ? "" : $"<{prefix}{property.Name} {declaration}xsi:nil=\"true\"/>");
            return;
        }

        foreach (object item in value is object[] items ? items : [value])
        {
            if (item is CimObject named)
            {
                text.Append(WriteReference(property.Name, named, prefix));
                continue;
            }

            text.Append('<').Append(prefix).Append(property.Name).Append('>');
            text.Append(Value(item, cimPrefix));
            text.Append("</").Append(prefix).Append(property.Name).Append('>');
        }
    }

    private string Value(object item, string cimPrefix) =>
        item switch
        {
            bool flag when variants.WritesUpperCaseBooleans => flag ? "TRUE" : "FALSE",
            DateTimeOffset or TimeSpan when variants.WritesPlainDateTimes => CimTimes.Native(item),
            DateTimeOffset time => $"<{cimPrefix}Datetime>{CimTimes.Instant(time)}</{cimPrefix}Datetime>",
            TimeSpan span => $"<{cimPrefix}Interval>{CimTimes.Interval(span)}</{cimPrefix}Interval>",
            _ => Escape(CimValues.Text(item)),
        };
}
