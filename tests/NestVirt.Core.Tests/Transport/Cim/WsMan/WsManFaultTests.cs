using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManFaultTests
{
    private static readonly WsManRequest s_request = new(
        string.Empty,
        new WsManResource("x", null),
        "root/cimv2",
        "list the class Msvm_X of root/virtualization/v2",
        ReadOnlyMemory<byte>.Empty
    );

    [Fact]
    public void A_missing_instance_is_told_by_its_codes_and_shown_by_the_innermost_text()
    {
        WsManFaultException error = Read(WsManTexts.Windows(WsManTexts.NotFound));

        Assert.True(error.Fault.IsNotFound);
        Assert.False(error.Fault.IsContextGone);
        Assert.Equal(("DestinationUnreachable", 0x80338000u), (error.Fault.Subcode, Assert.Single(error.Fault.Codes)));
        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Equal(
            "The host cannot list the class Msvm_X of root/virtualization/v2, since it does not have it: The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors (DestinationUnreachable, 0x80338000).",
            error.Message
        );
    }

    [Fact]
    public void A_host_that_is_too_slow_is_a_timeout()
    {
        WsManFaultException error = Read(WsManTexts.Windows(WsManTexts.TimedOut));

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.Contains("0x80338029", error.Message, StringComparison.Ordinal);
    }

    // Windows gives these codes (wsmerror.h, "WMI Error Constants", Win32 5); the text is in the language of the host.
    [Theory]
    [InlineData("w:AccessDenied", "5", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData("w:InternalError", "5", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData("w:InternalError", "2147942405", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData("w:InternalError", "2147749891", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData("w:InternalError", "2147749902", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData("w:InternalError", "2147749904", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData("n:CannotProcessFilter", "2150858778", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData("a:ActionNotSupported", "2150858771", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData("w:EncodingLimit", "2150858790", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("w:SchemaValidationError", "2150858817", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("w:InternalError", "2152992672", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("w:TimedOut", "none", NestVirtErrorKind.HostTimeout)]
    public void The_kind_follows_from_codes(string subcode, string code, NestVirtErrorKind kind)
    {
        WsManFaultException error = Read(
            WsManTexts.Windows(
                $"""<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="de-DE">Zugriff verweigert </s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}" Machine="hv1"><f:Message>Zugriff verweigert </f:Message></f:WSManFault></s:Detail></s:Fault>"""
            )
        );

        Assert.Equal(kind, error.Kind);
        Assert.Contains("Zugriff verweigert", error.Message, StringComparison.Ordinal);
        Assert.Equal(kind == NestVirtErrorKind.HostPermissionDenied, error.Remedy is not null);
    }

    // jborean93/pypsrp, tests of faults: text directly, in ProviderFault, and in a fault inside of that; the reason alone.
    [Theory]
    [InlineData("Code=\"2150858817\"><f:Message>Detail message.</f:Message>", "Detail message")]
    [InlineData(
        "Code=\"87\"><f:Message><f:ProviderFault provider=\"Shell cmd plugin\" path=\"%systemroot%\\system32\\winrscmd.dll\">The parameter is incorrect 2. </f:ProviderFault></f:Message>",
        "The parameter is incorrect 2"
    )]
    [InlineData(
        "Code=\"2150859113\"><f:Message>\n<f:ProviderFault provider=\"Config provider\" path=\"%systemroot%\\system32\\WsmSvc.dll\">\n<f:WSManFault Code=\"2150859113\" Machine=\"hv1\"><f:Message>WinRM firewall exception will not work. </f:Message></f:WSManFault>\n</f:ProviderFault>\n</f:Message>",
        "WinRM firewall exception will not work"
    )]
    [InlineData(
        "Code=\"2150859010\"><f:Message><f:ProviderFault><f:WSManFault Code=\"2147749904\"><f:Message>outer</f:Message></f:WSManFault><f:ExtendedError><p:__ExtendedStatus xmlns:p=\"urn:p\"><p:Description>Invalid class.</p:Description><p:StatusCode>2147749904</p:StatusCode></p:__ExtendedStatus></f:ExtendedError></f:ProviderFault></f:Message>",
        "Invalid class"
    )]
    [InlineData("Code=\"1\"><f:Message> </f:Message>", "Reason text")]
    [InlineData(
        "Code=\"1\"><f:Message>outer<f:ProviderFault>middle<f:WSManFault><f:Message>in\r\n\tner</f:Message></f:WSManFault></f:ProviderFault></f:Message>",
        "in ner"
    )]
    public void The_text_is_the_innermost_that_is_not_empty(string fault, string text) =>
        Assert.Equal(
            text,
            Read(
                WsManTexts.Windows(
                    $"""<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:SchemaValidationError</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="">Reason text.</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" {fault}</f:WSManFault></s:Detail></s:Fault>"""
                )
            ).Fault.Text
        );

    // pypsrp: what newer Windows gives when classes are named as the DMTF does.
    [Fact]
    public void An_error_of_WMI_in_the_detail_is_read()
    {
        WsManFault fault = Read(
            WsManTexts.Windows(
                """<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:InternalError</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">Reason text. </s:Text></s:Reason><s:Detail><p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:MSFT_WmiError_Type"><p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode><p:Message xsi:type="cim:cimString">WMI Message. </p:Message><p:MessageID xsi:type="cim:cimString">HRESULT 0x803381a6</p:MessageID><p:error_Code xsi:type="cim:cimUnsignedInt">2150859174</p:error_Code><p:error_WindowsErrorMessage xsi:type="cim:cimString">Windows Error message. </p:error_WindowsErrorMessage></p:MSFT_WmiError></s:Detail></s:Fault>"""
            )
        ).Fault;

        Assert.Equal((27u, "WMI Message", 0x803381A6u), (fault.CimStatus, fault.Text, Assert.Single(fault.Codes)));
    }

    // What OMI gives: 3 no such namespace, 5 no such class, 6 no such instance (DSP0200, status codes).
    [Theory]
    [InlineData(2, NestVirtErrorKind.HostPermissionDenied, false)]
    [InlineData(3, NestVirtErrorKind.FeatureNotSupported, false)]
    [InlineData(5, NestVirtErrorKind.FeatureNotSupported, false)]
    [InlineData(6, NestVirtErrorKind.FeatureNotSupported, true)]
    [InlineData(17, NestVirtErrorKind.FeatureNotSupported, false)]
    [InlineData(12, NestVirtErrorKind.ProbeOutputInvalid, false)]
    public void The_status_of_CIM_counts(uint status, NestVirtErrorKind kind, bool isNotFound)
    {
        WsManFaultException error = Read(
            WsManTexts.Omi(
                $"""
                <SOAP-ENV:Fault>
                <SOAP-ENV:Code>
                <SOAP-ENV:Value>SOAP-ENV:Receiver</SOAP-ENV:Value>
                <SOAP-ENV:Subcode>
                <SOAP-ENV:Value>wsman:InternalError</SOAP-ENV:Value>
                </SOAP-ENV:Subcode>
                </SOAP-ENV:Code>
                <SOAP-ENV:Reason>
                <SOAP-ENV:Text xml:lang="en-US"></SOAP-ENV:Text>
                </SOAP-ENV:Reason>
                <SOAP-ENV:Detail>
                <p:OMI_Error wsmb:IsCIM_Error="true" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/OMI_Error"><p:ErrorType xsi:nil="true"/>
                <p:MessageID xsi:type="cim:cimString">OMI:MI_Result:{status}</p:MessageID>
                <p:Message xsi:type="cim:cimString">The specified thing does not exist.</p:Message>
                <p:CIMStatusCode xsi:type="cim:cimUnsignedInt">{status}</p:CIMStatusCode>
                </p:OMI_Error>
                </SOAP-ENV:Detail>
                </SOAP-ENV:Fault>
                """
            )
        );

        Assert.Equal((kind, isNotFound), (error.Kind, error.Fault.IsNotFound));
        Assert.Contains("The specified thing does not exist (InternalError).", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<s:Fault/>", "it says no more.")]
    [InlineData(
        "<s:Fault><s:Code><s:Value>s:MustUnderstand</s:Value></s:Code><s:Reason><s:Text xml:lang=\"\"> Test reason. </s:Text></s:Reason></s:Fault>",
        "Test reason (MustUnderstand)."
    )]
    [InlineData(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Detail><f:WSManFault xmlns:f='urn:f' Code='-1'/></s:Detail></s:Fault>",
        "it says no more (Sender)."
    )]
    public void A_fault_without_details_is_shown_as_it_is(string fault, string end) =>
        Assert.EndsWith(end, Read(WsManTexts.Windows(fault)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_fault_shows_text_of_the_host_without_what_a_terminal_obeys_and_not_too_much()
    {
        WsManFaultException error = Read(
            WsManTexts.Windows(
                $"<s:Fault><s:Reason><s:Text>\u202e{new string('x', 100_000)}</s:Text></s:Reason></s:Fault>"
            )
        );

        Assert.DoesNotContain('\u202e', error.Message);
        Assert.True(error.Message.Length < 2000);
    }

    private static WsManFaultException Read(string text) =>
        Assert.Throws<WsManFaultException>(() => WsManReader.ReadPage(s_request, WsManTexts.Reply(text, 500)));
}
