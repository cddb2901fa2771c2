using static NestVirt.StandIn.Protocol.XmlText;

namespace NestVirt.StandIn.Protocol;

/// <summary>Writes the envelope of an answer.</summary>
internal static class SoapWriter
{
    // Recorded: answers of an enumeration declare these four, faults these and more. Those of Get and of methods are not
    // recorded, and have the four as well.
    private static readonly string s_common =
        $"xmlns:s=\"{Uris.Soap}\" xmlns:a=\"{Uris.Addressing}\" xmlns:n=\"{Uris.Enumeration}\" "
        + $"xmlns:w=\"{Uris.WsMan}\"";

    private static readonly string s_fault =
        $"xmlns:s=\"{Uris.Soap}\" xmlns:a=\"{Uris.Addressing}\" xmlns:x=\"{Uris.Transfer}\" "
        + $"xmlns:e=\"{Uris.Eventing}\" xmlns:n=\"{Uris.Enumeration}\" xmlns:w=\"{Uris.WsMan}\" xmlns:p=\"{Uris.Microsoft}\"";

    /// <summary>Gets about how many bytes an envelope has around its body.</summary>
    internal const int Overhead = 1200;

    internal static string Answer(string language, string action, string? relatesTo, string body) =>
        Envelope(language, s_common, Header(action, relatesTo, ""), body);

    internal static string Fault(string language, WsManFault fault, string? relatesTo, FaultWriter writer)
    {
        string more = fault.NotUnderstood is { } header
            ? $"<s:NotUnderstood qname=\"wsman:{Escape(header.Name)}\" xmlns:wsman=\"{Escape(header.Namespace)}\" />"
            : "";
        return Envelope(language, s_fault, Header(fault.Action, relatesTo, more), writer.Write(fault));
    }

    private static string Envelope(string language, string namespaces, string header, string body) =>
        $"<s:Envelope xml:lang=\"{Escape(language)}\" {namespaces}><s:Header>{header}</s:Header>"
        + $"<s:Body>{body}</s:Body></s:Envelope>";

    private static string Header(string action, string? relatesTo, string more) =>
        $"<a:Action>{Escape(action)}</a:Action>"
        + $"<a:MessageID>uuid:{Guid.NewGuid().ToString().ToUpperInvariant()}</a:MessageID>"
        + $"<a:To>{Uris.Anonymous}</a:To>"
        + (relatesTo is null ? "" : $"<a:RelatesTo>{Escape(relatesTo)}</a:RelatesTo>")
        + more;
}
