namespace NestVirt.StandIn.Protocol;

/// <summary>Names of the protocols (MS-WSMV 2.2.1, DSP0226 annex A).</summary>
internal static class Uris
{
    internal const string Soap = "http://www.w3.org/2003/05/soap-envelope";
    internal const string Addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    internal const string Enumeration = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
    internal const string Transfer = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
    internal const string Eventing = "http://schemas.xmlsoap.org/ws/2004/08/eventing";
    internal const string WsMan = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
    internal const string Microsoft = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd";
    internal const string Identity = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
    internal const string Cim = "http://schemas.dmtf.org/wbem/wscim/1/common";
    internal const string Fault = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
    internal const string Binding = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd";
    internal const string Instance = "http://www.w3.org/2001/XMLSchema-instance";
    internal const string Anonymous = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
    internal const string Wql = "http://schemas.microsoft.com/wbem/wsman/1/WQL";
    internal const string WmiResource = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";
    internal const string DmtfResource = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
    internal const string DmtfAll = "http://schemas.dmtf.org/wbem/wscim/1/*";
    internal const string FaultDetail = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/";
    internal const string WsManFaultAction = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault";
    internal const string AddressingFaultAction = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault";
    internal const string EnumerationFaultAction = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault";
    internal const string NamespaceSelector = "__cimnamespace";
}
