using System.Globalization;
using System.Xml;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Writes the messages that are sent to a host.</summary>
/// <param name="address">Where they go.</param>
/// <param name="timeout">How long the host may work on one.</param>
internal sealed class WsManWriter(Uri address, TimeSpan timeout)
{
    /// <summary>How many items one answer may hold. It is an upper bound alone, since a host ends an answer where its envelope is full.</summary>
    /// <remarks>Windows takes up to 32,000 (WinRM's MaxBatchItems); an envelope holds some 125 virtual machines of 4 kB each.</remarks>
    internal const int PageSize = 1000;

    private static readonly KeyValuePair<string, CimValue>[] s_noKeys = [];

    /// <summary>Gets or sets the way to name classes.</summary>
    internal WsManForm Form { get; set; }

    /// <summary>Writes the question who answers, which needs no class.</summary>
    /// <returns>The message.</returns>
    internal static WsManRequest Identify() =>
        new(
            string.Empty,
            new WsManResource(string.Empty, null),
            string.Empty,
            "tell what it is",
            WsManEnvelope.Write(
                static _ => { },
                static writer =>
                {
                    writer.WriteStartElement("wsmid", "Identify", WsManNames.Identity);
                    writer.WriteEndElement();
                }
            )
        );

    /// <summary>Writes the question for all instances of a class.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="className">The class.</param>
    /// <param name="mode">What to give of each.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Enumerate(
        string @namespace,
        string className,
        WsManEnumerationMode mode = WsManEnumerationMode.Objects
    ) =>
        Write(
            WsManResource.Of(Form, @namespace, className),
            @namespace,
            $"list the class {className} of {@namespace}",
            WsManNames.Enumeration + "/Enumerate",
            s_noKeys,
            writer => WriteEnumerate(writer, null, mode)
        );

    /// <summary>Writes a query.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="wql">The query.</param>
    /// <param name="mode">What to give of each instance.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Query(
        string @namespace,
        string wql,
        WsManEnumerationMode mode = WsManEnumerationMode.Objects
    ) =>
        Write(
            WsManResource.All(Form, @namespace),
            @namespace,
            $"answer \"{wql}\" in {@namespace}",
            WsManNames.Enumeration + "/Enumerate",
            s_noKeys,
            writer => WriteEnumerate(writer, wql, mode)
        );

    /// <summary>Writes the question for the next items.</summary>
    /// <param name="first">The message that the enumeration began with.</param>
    /// <param name="context">What the host knows the enumeration by, of its last answer.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Pull(WsManRequest first, string context) =>
        Continue(
            first,
            "Pull",
            writer =>
            {
                writer.WriteElementString("n", "EnumerationContext", WsManNames.Enumeration, context);
                writer.WriteElementString("n", "MaxElements", WsManNames.Enumeration, Text(PageSize));
            }
        );

    /// <summary>Writes that no more items are wanted.</summary>
    /// <param name="first">The message that the enumeration began with.</param>
    /// <param name="context">What the host knows the enumeration by, of its last answer.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Release(WsManRequest first, string context) =>
        Continue(
            first,
            "Release",
            writer => writer.WriteElementString("n", "EnumerationContext", WsManNames.Enumeration, context)
        );

    /// <summary>Writes the question for one instance.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Get(CimPath path) =>
        Write(
            WsManResource.Of(Form, path.Namespace, path.ClassName),
            path.Namespace,
            $"read {path}",
            WsManNames.Transfer + "/Get",
            path.Keys,
            static _ => { }
        );

    /// <summary>Writes the call of a method.</summary>
    /// <param name="path">The instance, or the class.</param>
    /// <param name="method">The method.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The message.</returns>
    internal WsManRequest Invoke(CimPath path, string method, IReadOnlyList<CimArgument> arguments)
    {
        WsManResource resource = WsManResource.Of(Form, path.Namespace, path.ClassName);
        return Write(
            resource,
            path.Namespace,
            $"call {method} of {path}",
            $"{resource.Uri}/{method}",
            path.Keys,
            writer =>
            {
                writer.WriteStartElement("p", $"{method}_INPUT", resource.Uri);
                foreach (CimArgument argument in arguments)
                {
                    new WsManValueWriter(writer, resource.Uri, Form).Write(argument.Name, argument.Value);
                }

                writer.WriteEndElement();
            }
        );
    }

    private static void WriteEnumerate(XmlWriter writer, string? wql, WsManEnumerationMode mode)
    {
        writer.WriteStartElement("n", "Enumerate", WsManNames.Enumeration);
        writer.WriteStartElement("w", "OptimizeEnumeration", WsManNames.Management);
        writer.WriteEndElement();
        writer.WriteElementString("w", "MaxElements", WsManNames.Management, Text(PageSize));
        if (mode != WsManEnumerationMode.Objects)
        {
            writer.WriteElementString(
                "w",
                "EnumerationMode",
                WsManNames.Management,
                mode == WsManEnumerationMode.References ? "EnumerateEPR" : "EnumerateObjectAndEPR"
            );
        }

        if (wql is not null)
        {
            writer.WriteStartElement("w", "Filter", WsManNames.Management);
            writer.WriteAttributeString("Dialect", WsManNames.Wql);
            writer.WriteString(wql);
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }

    private WsManRequest Continue(WsManRequest first, string action, Action<XmlWriter> content) =>
        Write(
            first.Resource,
            first.Namespace,
            first.Task,
            $"{WsManNames.Enumeration}/{action}",
            s_noKeys,
            writer =>
            {
                writer.WriteStartElement("n", action, WsManNames.Enumeration);
                content(writer);
                writer.WriteEndElement();
            }
        );

    private WsManRequest Write(
        WsManResource resource,
        string @namespace,
        string task,
        string action,
        IReadOnlyList<KeyValuePair<string, CimValue>> keys,
        Action<XmlWriter> body
    )
    {
        WsManHeader header = new(address, timeout, resource, action, keys);
        return new WsManRequest(
            header.MessageId,
            resource,
            @namespace,
            task,
            WsManEnvelope.Write(writer => header.Write(writer, Form), body)
        );
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
