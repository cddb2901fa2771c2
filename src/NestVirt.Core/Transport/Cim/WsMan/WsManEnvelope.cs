using System.Text;
using System.Xml;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The envelope around what is sent.</summary>
internal static class WsManEnvelope
{
    private static readonly XmlWriterSettings s_settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        OmitXmlDeclaration = true,
        NewLineHandling = NewLineHandling.Entitize,
        CheckCharacters = false,
    };

    /// <summary>Writes an envelope.</summary>
    /// <param name="header">Writes what is in its header.</param>
    /// <param name="body">Writes what is in its body.</param>
    /// <returns>The envelope, as UTF-8 without a mark.</returns>
    /// <exception cref="NestVirtException">A value is text that no message can carry.</exception>
    internal static ReadOnlyMemory<byte> Write(Action<XmlWriter> header, Action<XmlWriter> body)
    {
        MemoryStream stream = new();
        try
        {
            using XmlWriter writer = XmlWriter.Create(stream, s_settings);
            writer.WriteStartElement("s", "Envelope", WsManNames.Soap);
            writer.WriteAttributeString("xmlns", "a", null, WsManNames.Addressing);
            writer.WriteAttributeString("xmlns", "n", null, WsManNames.Enumeration);
            writer.WriteAttributeString("xmlns", "w", null, WsManNames.Management);
            WriteElement(writer, "Header", header);
            WriteElement(writer, "Body", body);
            writer.WriteEndElement();
        }
        catch (ArgumentException error)
        {
            throw CimXml.HalfCharacter(error);
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static void WriteElement(XmlWriter writer, string name, Action<XmlWriter> content)
    {
        writer.WriteStartElement("s", name, WsManNames.Soap);
        content(writer);
        writer.WriteEndElement();
    }
}
