using System.Text;
using System.Xml.Linq;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManWriterTests
{
    private const string Virtualization = "root/virtualization/v2";
    private const string Uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/";

    private readonly WsManWriter _writer = new(new Uri("http://hv1:5985/wsman"), TimeSpan.FromSeconds(60));

    [Fact]
    public void Identify_needs_no_header() =>
        AssertXml(
            """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>""",
            WsManWriter.Identify()
        );

    // The set of headers that Windows and OMI take (DSP0226, 5.4 and 6).
    [Fact]
    public void Get_has_every_header_and_the_keys_as_selectors()
    {
        WsManRequest request = _writer.Get(
            CimPath.Of(
                Virtualization,
                "Msvm_ComputerSystem",
                ("CreationClassName", "Msvm_ComputerSystem"),
                ("Name", "a<b")
            )
        );

        AssertXml(
            $"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>"""
                + """<a:To>http://hv1:5985/wsman</a:To><w:ResourceURI s:mustUnderstand="true">http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem</w:ResourceURI>"""
                + """<a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"""
                + """<a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action><w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>"""
                + $"""<a:MessageID>{request.MessageId}</a:MessageID><w:Locale xml:lang="en-US" s:mustUnderstand="false"/><p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>"""
                + """<w:SelectorSet><w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector><w:Selector Name="Name">a&lt;b</w:Selector></w:SelectorSet>"""
                + """<w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body/></s:Envelope>""",
            request
        );
        Assert.Matches("^uuid:[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$", request.MessageId);
        Assert.NotEqual(request.MessageId, _writer.Get(CimPath.Of("root/cimv2", "X")).MessageId);
    }

    [Fact]
    public void Enumerate_goes_to_the_class_and_asks_for_items_at_once()
    {
        WsManRequest request = _writer.Enumerate(Virtualization, "Msvm_ComputerSystem");

        Assert.Equal($"{Uri}Msvm_ComputerSystem", Header(request, "ResourceURI"));
        Assert.Equal("http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate", Header(request, "Action"));
        Assert.Null(Header(request, "SelectorSet"));
        AssertBody(
            """<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements></n:Enumerate>""",
            request
        );
    }

    // With the name of a class, Windows refuses a filter: "… the class name must be '*'".
    [Fact]
    public void Query_goes_to_all_classes_and_keeps_the_text_of_the_query()
    {
        WsManRequest request = _writer.Query(@"root\virtualization\v2", "SELECT * FROM X WHERE A < 'b\\'c'");

        Assert.Equal($"{Uri}*", Header(request, "ResourceURI"));
        AssertBody(
            """<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements><w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM X WHERE A &lt; 'b\'c'</w:Filter></n:Enumerate>""",
            request
        );
    }

    [Fact]
    public void Query_names_the_mode_that_gives_references()
    {
        string Mode(WsManEnumerationMode mode) =>
            Body(_writer.Query(Virtualization, "q", mode))
                .Descendants()
                .Single(static element => element.Name.LocalName == "EnumerationMode")
                .Value;

        Assert.Equal("EnumerateEPR", Mode(WsManEnumerationMode.References));
        Assert.Equal("EnumerateObjectAndEPR", Mode(WsManEnumerationMode.ObjectsAndReferences));
    }

    [Fact]
    public void Pull_and_Release_go_where_the_enumeration_began()
    {
        WsManRequest first = _writer.Query(Virtualization, "q");
        WsManRequest pull = _writer.Pull(first, "uuid:1");
        WsManRequest release = _writer.Release(first, "uuid:2");

        Assert.Equal($"{Uri}*", Header(pull, "ResourceURI"));
        Assert.Equal("http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull", Header(pull, "Action"));
        Assert.NotEqual(first.MessageId, pull.MessageId);
        AssertBody(
            """<n:Pull xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><n:EnumerationContext>uuid:1</n:EnumerationContext><n:MaxElements>1000</n:MaxElements></n:Pull>""",
            pull
        );
        Assert.Equal("http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release", Header(release, "Action"));
        AssertBody(
            """<n:Release xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><n:EnumerationContext>uuid:2</n:EnumerationContext></n:Release>""",
            release
        );
    }

    // The form that go-wsman and libvirt send to real hosts.
    [Fact]
    public void Invoke_gives_an_embedded_instance_as_text()
    {
        CimInstance setting = new("Msvm_ProcessorSettingData")
        {
            ["InstanceID"] = CimValue.Of(@"Microsoft:GUID\b637f346-6a0e-4dec-af52-bd70cb80a21d\0"),
            ["ExposeVirtualizationExtensions"] = CimValue.Of(true),
        };
        WsManRequest request = _writer.Invoke(
            CimPath.Of(
                Virtualization,
                "Msvm_VirtualSystemManagementService",
                ("CreationClassName", "Msvm_VirtualSystemManagementService")
            ),
            "ModifyResourceSettings",
            [new("ResourceSettings", new CimValue.Array(CimType.Instance, [new CimValue.Embedded(setting)]))]
        );

        Assert.Equal($"{Uri}Msvm_VirtualSystemManagementService", Header(request, "ResourceURI"));
        Assert.Equal($"{Uri}Msvm_VirtualSystemManagementService/ModifyResourceSettings", Header(request, "Action"));
        Assert.Equal("Msvm_VirtualSystemManagementService", Header(request, "SelectorSet"));
        AssertBody(
            """<p:ModifyResourceSettings_INPUT xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_VirtualSystemManagementService"><p:ResourceSettings><![CDATA[<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Microsoft:GUID\b637f346-6a0e-4dec-af52-bd70cb80a21d\0</VALUE></PROPERTY><PROPERTY NAME="ExposeVirtualizationExtensions" TYPE="boolean"><VALUE>true</VALUE></PROPERTY></INSTANCE>]]></p:ResourceSettings></p:ModifyResourceSettings_INPUT>""",
            request
        );
    }

    // With an element EndpointReference around it, Windows refuses a reference (SchemaValidationError).
    [Fact]
    public void Invoke_gives_a_reference_without_an_element_around_it_and_arrays_item_by_item()
    {
        WsManRequest request = _writer.Invoke(
            CimPath.Of("root/cimv2", "X"),
            "M",
            [
                new("Affected", CimValue.Of(CimPath.Of(Virtualization, "Msvm_E", ("InstanceID", @"Microsoft:a\b")))),
                new("Names", CimValue.Of(["a", "b"])),
                new("Numbers", new CimValue.Array(CimType.UInt32, [CimValue.Of(CimType.UInt32, 1), null])),
                new("None", CimValue.Of([])),
                new("Force", CimValue.Of(true)),
            ]
        );

        Assert.Null(Header(request, "SelectorSet"));
        AssertBody(
            """<p:M_INPUT xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/X" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"""
                + """<p:Affected><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_E</w:ResourceURI><w:SelectorSet><w:Selector Name="InstanceID">Microsoft:a\b</w:Selector></w:SelectorSet></a:ReferenceParameters></p:Affected>"""
                + """<p:Names>a</p:Names><p:Names>b</p:Names><p:Numbers>1</p:Numbers><p:Numbers xsi:nil="true"/><p:Force>true</p:Force></p:M_INPUT>""",
            request
        );
    }

    // DSP0230, cimDateTime.
    [Theory]
    [InlineData("00000000000100.000000:000", "<cim:Interval>PT1M</cim:Interval>")]
    [InlineData("P0DT0H1M0S", "<cim:Interval>PT1M</cim:Interval>")]
    [InlineData("20261128143000.000000+060", "<cim:Datetime>2026-11-28T14:30:00+01:00</cim:Datetime>")]
    public void Invoke_gives_times_in_the_form_of_XML(string text, string element) =>
        AssertBody(
            $"""<p:M_INPUT xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/X" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"><p:T>{element}</p:T></p:M_INPUT>""",
            _writer.Invoke(CimPath.Of("root/cimv2", "X"), "M", [new("T", new CimValue.Scalar(CimType.DateTime, text))])
        );

    [Fact]
    public void A_key_that_is_a_reference_is_one_inside_of_its_selector()
    {
        CimPath part = CimPath.Of("root/cimv2", "A", ("K", "1"));
        WsManRequest request = _writer.Get(new CimPath("root/cimv2", "B", [new("Part", CimValue.Of(part))]));

        AssertXml(
            """<w:SelectorSet xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><w:Selector Name="Part"><a:EndpointReference><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/A</w:ResourceURI><w:SelectorSet><w:Selector Name="K">1</w:Selector></w:SelectorSet></a:ReferenceParameters></a:EndpointReference></w:Selector></w:SelectorSet>""",
            Document(request).Descendants().First(static element => element.Name.LocalName == "SelectorSet")
        );
    }

    // What OMI wants (microsoft/omi): the namespace beside the name, in references as well.
    [Fact]
    public void The_form_of_the_DMTF_names_the_namespace_among_the_keys()
    {
        _writer.Form = WsManForm.Dmtf;
        WsManRequest query = _writer.Query("root/cimv2", "q");
        WsManRequest call = _writer.Invoke(CimPath.Of("root/cimv2", "X", ("K", "1")), "M", []);

        Assert.Equal("http://schemas.dmtf.org/wbem/wscim/1/*", Header(query, "ResourceURI"));
        Assert.Equal("root/cimv2", Header(query, "SelectorSet"));
        Assert.Equal("http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/X/M", Header(call, "Action"));
        Assert.Equal("root/cimv21", Header(call, "SelectorSet"));
        Assert.Equal("http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/X", Header(call, "ResourceURI"));
    }

    [Fact]
    public void Text_that_no_message_can_carry_is_an_error_and_other_text_goes_as_it_is()
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() => _writer.Query("root/cimv2", "a\ud800b"));

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Equal(
            "a\r\nb\t]]>\U0001F600",
            Header(_writer.Get(CimPath.Of("root/cimv2", "X", ("K", "a\r\nb\t]]>\U0001F600"))), "SelectorSet")
        );
        Assert.Contains(
            "a&#x1;b",
            Encoding.UTF8.GetString(_writer.Query("root/cimv2", "a\u0001b").Message.Span),
            StringComparison.Ordinal
        );
    }

    private static XElement Document(WsManRequest request) =>
        XElement.Parse(Encoding.UTF8.GetString(request.Message.Span), LoadOptions.PreserveWhitespace);

    private static XElement Body(WsManRequest request) => Document(request).Elements().Last().Elements().Single();

    private static string? Header(WsManRequest request, string name) =>
        Document(request)
            .Elements()
            .First()
            .Elements()
            .SingleOrDefault(element => element.Name.LocalName == name)
            ?.Value;

    private static void AssertBody(string expected, WsManRequest request) => AssertXml(expected, Body(request));

    private static void AssertXml(string expected, WsManRequest request) => AssertXml(expected, Document(request));

    private static void AssertXml(string expected, XElement actual) =>
        Assert.Equal(Plain(XElement.Parse(expected)), Plain(actual));

    // Prefixes and where they are declared, CDATA and escapes say the same.
    private static string Plain(XElement element) =>
        $"<{element.Name}{string.Concat(element.Attributes().Where(static attribute => !attribute.IsNamespaceDeclaration).Select(static attribute => $" {attribute.Name}={attribute.Value}"))}>"
        + (element.HasElements ? string.Concat(element.Elements().Select(Plain)) : element.Value)
        + "</>";
}
