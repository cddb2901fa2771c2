using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace NestVirt.StandIn.Protocol;

/// <summary>A message of a client, read.</summary>
internal sealed class SoapRequest
{
    private static readonly XNamespace s_soap = Uris.Soap;
    private static readonly XNamespace s_addressing = Uris.Addressing;
    private static readonly XNamespace s_wsman = Uris.WsMan;

    // What a header of a request may be (MS-WSMV 3.1.4.1); another one that must be understood is refused.
    private static readonly HashSet<XName> s_understood =
    [
        s_addressing + "To",
        s_addressing + "ReplyTo",
        s_addressing + "FaultTo",
        s_addressing + "Action",
        s_addressing + "MessageID",
        s_wsman + "ResourceURI",
        s_wsman + "SelectorSet",
        s_wsman + "OptionSet",
        s_wsman + "MaxEnvelopeSize",
        s_wsman + "OperationTimeout",
        s_wsman + "Locale",
        XName.Get("DataLocale", Uris.Microsoft),
        XName.Get("SessionId", Uris.Microsoft),
        XName.Get("OperationID", Uris.Microsoft),
        XName.Get("SequenceId", Uris.Microsoft),
    ];

    private SoapRequest(XElement header, XElement body)
    {
        Header = header;
        Body = body;
    }

    internal XElement Header { get; }

    internal XElement Body { get; }

    internal string? Action => Header.Element(s_addressing + "Action")?.Value.Trim();

    internal string? MessageId => Header.Element(s_addressing + "MessageID")?.Value.Trim();

    internal string? ResourceUri => Header.Element(s_wsman + "ResourceURI")?.Value.Trim();

    internal string? Language => Header.Element(s_wsman + "Locale")?.Attribute(XNamespace.Xml + "lang")?.Value;

    internal bool IsIdentify => Body.Elements().FirstOrDefault()?.Name == XName.Get("Identify", Uris.Identity);

    /// <summary>Gets the largest answer in bytes: 500 kB where none is named, the service's own bound.</summary>
    internal int MaxEnvelopeSize =>
        int.TryParse(Header.Element(s_wsman + "MaxEnvelopeSize")?.Value, CultureInfo.InvariantCulture, out int size)
            ? size
            : 512_000;

    /// <summary>Gets how long the client waits: 60 seconds where it does not say, the service's own bound.</summary>
    internal TimeSpan OperationTimeout
    {
        get
        {
            try
            {
                return Header.Element(s_wsman + "OperationTimeout")?.Value is { } text
                    ? XmlConvert.ToTimeSpan(text.Trim())
                    : TimeSpan.FromSeconds(60);
            }
            catch (FormatException)
            {
                throw new WsManFaultException(Faults.Schema(""));
            }
        }
    }

    internal IReadOnlyList<KeyValuePair<string, string>> Selectors =>
        [
            .. Header
                .Elements(s_wsman + "SelectorSet")
                .Elements(s_wsman + "Selector")
                .Select(static selector =>
                    KeyValuePair.Create(selector.Attribute("Name")?.Value ?? "", selector.Value)
                ),
        ];

    /// <summary>Gets the selectors that are keys.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Keys =>
        [.. Selectors.Where(static selector => selector.Key != Uris.NamespaceSelector)];

    /// <summary>Gets the resource.</summary>
    internal ResourceName Resource =>
        ResourceName.Read(
            ResourceUri ?? throw new WsManFaultException(Faults.InvalidResourceUri()),
            Selectors
                .Where(static selector => selector.Key == Uris.NamespaceSelector)
                .Select(static one => one.Value)
                .FirstOrDefault()
        );

    /// <summary>Reads a message.</summary>
    /// <returns>The message; null where it is no envelope of SOAP.</returns>
    internal static SoapRequest? Parse(string text)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
            using var reader = XmlReader.Create(new StringReader(text), settings);
            XElement root = XElement.Load(reader);
            return root.Name == s_soap + "Envelope" && root.Element(s_soap + "Body") is { } body
                ? new SoapRequest(root.Element(s_soap + "Header") ?? new XElement(s_soap + "Header"), body)
                : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Refuses what the protocol wants in a header and is not there.</summary>
    internal void Check()
    {
        XElement? unknown = Header
            .Elements()
            .FirstOrDefault(static header =>
                header.Attribute(s_soap + "mustUnderstand")?.Value is "true" or "1"
                && !s_understood.Contains(header.Name)
            );
        if (unknown is not null)
        {
            throw new WsManFaultException(Faults.NotUnderstood(unknown.Name.LocalName, unknown.Name.NamespaceName));
        }

        if (Action is null || MessageId is null || Header.Element(s_addressing + "To") is null)
        {
            throw new WsManFaultException(Faults.HeaderRequired());
        }

        // DSP0226 6.2: fewer than 8192 octets need not be honoured.
        if (MaxEnvelopeSize < 8192)
        {
            throw new WsManFaultException(Faults.EnvelopeTooSmall());
        }
    }
}
