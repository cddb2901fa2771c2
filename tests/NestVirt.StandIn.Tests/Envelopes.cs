using System.Security;

namespace NestVirt.StandIn.Tests;

/// <summary>
/// Messages as Windows' clients send them, in the words of the protocol (MS-WSMV 3.1.4.1, DSP0226): headers that OMI
/// accepted, bodies of libvirt's and r4sd/go-wsman's requests. Nothing here is made by our own client.
/// </summary>
internal static class Envelopes
{
    internal const string V2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/";
    internal const string Cimv2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/";
    internal const string Services = V2 + "Msvm_VirtualSystemManagementService";

    internal const string Identify = """
        <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>
        """;

    internal static string Enumerate(string resource, string inside = "", string selectors = "", int size = 512000) =>
        Message(
            resource,
            "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate",
            $"<n:Enumerate>{inside}</n:Enumerate>",
            selectors,
            size
        );

    internal static string Optimized(
        string resource,
        int maxElements,
        string inside = "",
        string selectors = "",
        int size = 512000
    ) =>
        Enumerate(
            resource,
            $"<w:OptimizeEnumeration/><w:MaxElements>{maxElements}</w:MaxElements>{inside}",
            selectors,
            size
        );

    internal static string Query(string wql, string resource = V2 + "*") =>
        Optimized(
            resource,
            1000,
            $"""<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">{wql}</w:Filter>"""
        );

    internal static string Pull(string resource, string context, int? maxElements = null, int size = 512000) =>
        Message(
            resource,
            "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull",
            $"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
                + (maxElements is null ? "" : $"<n:MaxElements>{maxElements}</n:MaxElements>")
                + "</n:Pull>",
            size: size
        );

    internal static string Release(string resource, string context) =>
        Message(
            resource,
            "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release",
            $"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
        );

    internal static string Get(string resource, params (string Name, string Value)[] selectors) =>
        Message(resource, "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", "", Selectors(selectors));

    internal static string Invoke(
        string resource,
        string method,
        string parameters,
        params (string Name, string Value)[] selectors
    ) =>
        Message(
            resource,
            $"{resource}/{method}",
            $"""<p:{method}_INPUT xmlns:p="{resource}">{parameters}</p:{method}_INPUT>""",
            Selectors(selectors)
        );

    /// <summary>Turns nesting on or off, as Hyper-V's methods take it: CIM-XML as text.</summary>
    internal static string ModifyNesting(Guid vm, string value) =>
        Invoke(
            Services,
            "ModifyResourceSettings",
            """<p:ResourceSettings><![CDATA[<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>"""
                + $@"Microsoft:{vm.ToString().ToUpperInvariant()}\b637f346-6a0e-4dec-af52-bd70cb80a21d\0"
                + """</VALUE></PROPERTY><PROPERTY NAME="ExposeVirtualizationExtensions" TYPE="boolean"><VALUE>"""
                + value
                + "</VALUE></PROPERTY></INSTANCE>]]></p:ResourceSettings>",
            ("CreationClassName", "Msvm_VirtualSystemManagementService")
        );

    /// <summary>Writes an instance as a text of CIM-XML, as it stands in a parameter.</summary>
    internal static string Instance(string className, params (string Name, string Type, string Value)[] properties) =>
        "<![CDATA["
        + $"""<INSTANCE CLASSNAME="{className}">"""
        + string.Concat(
            properties.Select(static one =>
                one.Type.EndsWith("[]", StringComparison.Ordinal)
                    ? $"""<PROPERTY.ARRAY NAME="{one.Name}" TYPE="{one.Type[..^2]}"><VALUE.ARRAY><VALUE>{SecurityElement.Escape(one.Value)}</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>"""
                    : $"""<PROPERTY NAME="{one.Name}" TYPE="{one.Type}"><VALUE>{SecurityElement.Escape(one.Value)}</VALUE></PROPERTY>"""
            )
        )
        + "</INSTANCE>]]>";

    /// <summary>Writes a parameter that names an instance (the form is that of recorded answers).</summary>
    internal static string Reference(
        string parameter,
        string resource,
        params (string Name, string Value)[] selectors
    ) =>
        $"<p:{parameter}><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
        + $"<a:ReferenceParameters><w:ResourceURI>{resource}</w:ResourceURI>{Selectors(selectors)}</a:ReferenceParameters></p:{parameter}>";

    internal static string Selectors(params (string Name, string Value)[] selectors) =>
        selectors.Length == 0
            ? ""
            : "<w:SelectorSet>"
                + string.Concat(
                    selectors.Select(static one =>
                        $"""<w:Selector Name="{one.Name}">{SecurityElement.Escape(one.Value)}</w:Selector>"""
                    )
                )
                + "</w:SelectorSet>";

    internal static string Message(
        string resource,
        string action,
        string body,
        string selectors = "",
        int size = 512000
    ) =>
        $"""
            <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>
             <a:To>http://HOST:5985/wsman</a:To>
             <w:ResourceURI s:mustUnderstand="true">{resource}</w:ResourceURI>
             <a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>
             <a:Action s:mustUnderstand="true">{action}</a:Action>
             <w:MaxEnvelopeSize s:mustUnderstand="true">{size}</w:MaxEnvelopeSize>
             <a:MessageID>uuid:D5A5D0D2-4A42-4F3B-9E30-2F2A6B1C0001</a:MessageID>
             <w:Locale xml:lang="en-US" s:mustUnderstand="false"/><p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>
             {selectors}
             <w:OperationTimeout>PT60.000S</w:OperationTimeout>
            </s:Header><s:Body>{body}</s:Body></s:Envelope>
            """;
}
