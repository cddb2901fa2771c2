using System.Globalization;
using System.Xml;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The header of all that is sent but the question who answers (DSP0226, 5.4 and 6).</summary>
/// <param name="Address">Where the message goes.</param>
/// <param name="Timeout">How long the host may work on it.</param>
/// <param name="Resource">What it is about.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Keys">The keys of the instance, if it is about one.</param>
internal sealed record WsManHeader(
    Uri Address,
    TimeSpan Timeout,
    WsManResource Resource,
    string Action,
    IReadOnlyList<KeyValuePair<string, CimValue>> Keys
)
{
    /// <summary>How long an answer may be, in bytes: what WinRM allows when nothing is configured (MaxEnvelopeSizekb, 500).</summary>
    internal const int EnvelopeSize = 512_000;

    /// <summary>Gets what the answer names as the message that it belongs to.</summary>
    internal string MessageId { get; } = $"uuid:{Guid.NewGuid().ToString().ToUpperInvariant()}";

    /// <summary>Writes the header.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="form">The way to name classes.</param>
    internal void Write(XmlWriter writer, WsManForm form)
    {
        writer.WriteElementString("a", "To", WsManNames.Addressing, Address.AbsoluteUri);
        WriteUnderstood(writer, "w", "ResourceURI", WsManNames.Management, Resource.Uri);
        writer.WriteStartElement("a", "ReplyTo", WsManNames.Addressing);
        WriteUnderstood(writer, "a", "Address", WsManNames.Addressing, WsManNames.Anonymous);
        writer.WriteEndElement();
        WriteUnderstood(writer, "a", "Action", WsManNames.Addressing, Action);
        WriteUnderstood(
            writer,
            "w",
            "MaxEnvelopeSize",
            WsManNames.Management,
            EnvelopeSize.ToString(CultureInfo.InvariantCulture)
        );
        writer.WriteElementString("a", "MessageID", WsManNames.Addressing, MessageId);
        WriteLanguage(writer, "w", "Locale", WsManNames.Management);
        WriteLanguage(writer, "p", "DataLocale", WsManNames.Microsoft);
        new WsManValueWriter(writer, Resource.Uri, form).WriteSelectors(Keys, Resource.Namespace);
        writer.WriteElementString(
            "w",
            "OperationTimeout",
            WsManNames.Management,
            string.Create(CultureInfo.InvariantCulture, $"PT{Timeout.TotalSeconds:0.000}S")
        );
    }

    private static void WriteUnderstood(XmlWriter writer, string prefix, string name, string @namespace, string text)
    {
        writer.WriteStartElement(prefix, name, @namespace);
        writer.WriteAttributeString("s", "mustUnderstand", WsManNames.Soap, "true");
        writer.WriteString(text);
        writer.WriteEndElement();
    }

    private static void WriteLanguage(XmlWriter writer, string prefix, string name, string @namespace)
    {
        writer.WriteStartElement(prefix, name, @namespace);
        writer.WriteAttributeString("xml", "lang", null, "en-US");
        writer.WriteAttributeString("s", "mustUnderstand", WsManNames.Soap, "false");
        writer.WriteEndElement();
    }
}
