namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The names of WS-Management: namespaces (DSP0226) and what Windows adds (MS-WSMV).</summary>
internal static class WsManNames
{
    /// <summary>SOAP 1.2.</summary>
    internal const string Soap = "http://www.w3.org/2003/05/soap-envelope";

    /// <summary>WS-Addressing.</summary>
    internal const string Addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

    /// <summary>WS-Enumeration.</summary>
    internal const string Enumeration = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";

    /// <summary>WS-Transfer.</summary>
    internal const string Transfer = "http://schemas.xmlsoap.org/ws/2004/09/transfer";

    /// <summary>WS-Management.</summary>
    internal const string Management = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";

    /// <summary>What Microsoft adds to WS-Management.</summary>
    internal const string Microsoft = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";

    /// <summary>The question who answers.</summary>
    internal const string Identity = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";

    /// <summary>What types of CIM have in common (DSP0230).</summary>
    internal const string Common = "http://schemas.dmtf.org/wbem/wscim/1/common";

    /// <summary>The namespace of <c>xsi:nil</c> and <c>xsi:type</c>.</summary>
    internal const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>Whoever asks waits for the answer where he is.</summary>
    internal const string Anonymous = Addressing + "/role/anonymous";

    /// <summary>The dialect of filters that are queries of WMI.</summary>
    internal const string Wql = "http://schemas.microsoft.com/wbem/wsman/1/WQL";

    /// <summary>The selector that names the namespace where the resource does not.</summary>
    internal const string NamespaceSelector = "__cimnamespace";
}
