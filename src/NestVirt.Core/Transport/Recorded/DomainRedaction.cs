using System.Text;
using System.Xml;

namespace NestVirt.Transport.Recorded;

/// <summary>Leaves in recorded definitions of libvirt's guests what is asked of them, and nothing else: no name, path, address or text that people wrote.</summary>
/// <remarks>What stays is listed: whatever else a definition may ever hold goes. One that cannot be read goes whole.</remarks>
internal sealed class DomainRedaction
{
    /// <summary>The name of the answer that holds them.</summary>
    internal const string Answer = "guests";

    private const string Users = "kvmusers";
    private const string Definition = "<domain ";

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    // Elements that stay with what is in them, by their path; an asterisk stands for any name.
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        "domain",
        "domain/memory",
        "domain/currentMemory",
        "domain/vcpu",
        "domain/os",
        "domain/os/type",
        "domain/features",
        "domain/features/hyperv",
        "domain/features/hyperv/*",
        "domain/cpu",
        "domain/cpu/model",
        "domain/cpu/topology",
        "domain/cpu/feature",
        "domain/devices",
        "domain/devices/interface",
        "domain/devices/interface/source",
        "domain/devices/interface/source/address",
        "domain/devices/hostdev",
        "domain/devices/hostdev/source",
        "domain/devices/hostdev/source/address",
    };

    private static readonly HashSet<string> s_attributes = new(StringComparer.Ordinal)
    {
        "type",
        "arch",
        "machine",
        "mode",
        "match",
        "check",
        "migratable",
        "policy",
        "state",
        "unit",
        "current",
        "placement",
        "sockets",
        "dies",
        "clusters",
        "cores",
        "threads",
        "fallback",
        "vendor_id",
        "domain",
        "bus",
        "slot",
        "function",
    };

    private readonly StandIns _names = StandIns.Named("guest");

    /// <summary>Replaces what identifies guests in an answer.</summary>
    /// <param name="probe">The name of its probe.</param>
    /// <param name="text">The answer.</param>
    /// <returns>The answer without that; another probe's as it is.</returns>
    internal string Redact(string probe, string text) =>
        probe switch
        {
            Answer => RedactGuests(text),
            Users => string.Join('\n', text.Split('\n').Select(RedactUser)),
            _ => text,
        };

    // guest, the number of its process, its name.
    private string RedactUser(string line) =>
        line.Split('\t', 3) is ["guest", var process, var name] ? $"guest\t{process}\t{_names.Of(name)}" : line;

    private string RedactGuests(string text)
    {
        StringBuilder result = new();
        StringBuilder? document = null;
        foreach (string line in text.Split('\n'))
        {
            bool isContent = line.StartsWith('|');
            if (isContent && (document is not null || line.StartsWith("|" + Definition, StringComparison.Ordinal)))
            {
                (document ??= new StringBuilder()).Append(line, 1, line.Length - 1).Append('\n');
                continue;
            }

            End();
            if (!line.StartsWith("error\t", StringComparison.Ordinal))
            {
                result.Append(line).Append('\n');
            }
        }

        End();
        return result.ToString().TrimEnd('\n') + "\n";

        void End()
        {
            if (document is not null)
            {
                result.Append('|').Append(Reduce(document.ToString())).Append('\n');
                document = null;
            }
        }
    }

    private string Reduce(string document)
    {
        StringBuilder text = new();
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(document), s_settings);
            using XmlWriter writer = XmlWriter.Create(
                text,
                new XmlWriterSettings { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize }
            );
            reader.MoveToContent();
            Copy(reader, writer, "domain");
        }
        catch (Exception error) when (error is XmlException or InvalidOperationException or ArgumentException)
        {
            return "<redacted/>";
        }

        return text.ToString();
    }

    private void Copy(XmlReader reader, XmlWriter writer, string path)
    {
        writer.WriteStartElement(reader.LocalName);
        bool isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            bool isFeature = path is "domain/cpu/feature" && reader.LocalName == "name";
            if (reader.Prefix.Length == 0 && (isFeature || s_attributes.Contains(reader.LocalName)))
            {
                writer.WriteAttributeString(reader.LocalName, reader.Value);
            }
        }

        reader.MoveToElement();
        reader.Read();
        while (!isEmpty && reader.NodeType != XmlNodeType.EndElement)
        {
            string inner = $"{path}/{reader.LocalName}";
            if (reader.NodeType == XmlNodeType.Element && inner == "domain/name")
            {
                writer.WriteElementString("name", _names.Of(reader.ReadElementContentAsString()));
            }
            else if (reader.NodeType == XmlNodeType.Element && inner == "domain/commandline")
            {
                Words(reader, writer);
            }
            else if (reader.NodeType == XmlNodeType.Element && (s_kept.Contains(inner) || s_kept.Contains($"{path}/*")))
            {
                Copy(reader, writer, inner);
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                reader.Skip();
            }
            else
            {
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && path.Count('/') > 0)
                {
                    writer.WriteString(reader.Value);
                }

                if (!reader.Read())
                {
                    break;
                }
            }
        }

        if (!isEmpty)
        {
            reader.ReadEndElement();
        }

        writer.WriteEndElement();
    }

    // Of words for QEMU's command line, that a processor is chosen by them.
    private static void Words(XmlReader reader, XmlWriter writer)
    {
        writer.WriteStartElement("commandline");
        using (XmlReader words = reader.ReadSubtree())
        {
            while (words.Read())
            {
                if (words.LocalName == "arg" && words.GetAttribute("value") is "-cpu" or "--cpu")
                {
                    writer.WriteStartElement("arg");
                    writer.WriteAttributeString("value", "-cpu");
                    writer.WriteEndElement();
                }
            }
        }

        reader.Skip();
        writer.WriteEndElement();
    }
}
