using System.Text;
using System.Text.RegularExpressions;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>Answers of real servers, as text; names in them are replaced, and {id} stands for the message that they answer.</summary>
internal static partial class WsManTexts
{
    /// <summary>What a Windows host of 2026 gave for a running virtual machine, and its end (r4sd/go-wsman, hyperv/testdata/recorded_computersystem_pull_vm_running_c_eos.xml); some properties are left out.</summary>
    public const string VirtualMachine =
        """<p:Msvm_ComputerSystem xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_ComputerSystem_Type"><p:Caption>仮想マシン</p:Caption><p:CommunicationStatus xsi:nil="true"/><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Description>Microsoft Virtual Machine</p:Description><p:ElementName>vm1</p:ElementName><p:EnabledState>2</p:EnabledState><p:InstallDate><cim:Datetime>2025-12-17T09:55:22.702341Z</cim:Datetime></p:InstallDate><p:LastReplicationTime><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:LastReplicationTime><p:Name>00000000-0000-4000-8000-000000000015</p:Name><p:OnTimeInMilliseconds>6138293824</p:OnTimeInMilliseconds><p:OperationalStatus>2</p:OperationalStatus><p:StatusDescriptions>正常稼働中</p:StatusDescriptions></p:Msvm_ComputerSystem>""";

    /// <summary>What it gave for an association, whose properties are references (recorded_affectedjobelement_pull_created.xml).</summary>
    public const string Association =
        """<p:Msvm_AffectedJobElement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_AffectedJobElement" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_AffectedJobElement_Type"><p:AffectedElement xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_VirtualSystemSettingData</w:ResourceURI><w:SelectorSet><w:Selector Name="InstanceID">Microsoft:00000000-0000-4000-8000-000000000083</w:Selector></w:SelectorSet></a:ReferenceParameters></p:AffectedElement><p:AffectingElement xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ConcreteJob</w:ResourceURI><w:SelectorSet><w:Selector Name="InstanceID">00000000-0000-4000-8000-000000000066</w:Selector></w:SelectorSet></a:ReferenceParameters></p:AffectingElement><p:ElementEffects>5</p:ElementEffects></p:Msvm_AffectedJobElement>""";

    /// <summary>A setting with NULL, a text of a line end alone, and backslashes (wsman/testdata/pull_response_xsinil_real.xml); some properties are left out.</summary>
    public const string Setting =
        "<p:Msvm_ResourceAllocationSettingData xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ResourceAllocationSettingData\" xmlns:cim=\"http://schemas.dmtf.org/wbem/wscim/1/common\" xsi:type=\"p:Msvm_ResourceAllocationSettingData_Type\">\n<p:Address xsi:nil=\"true\"/>\n<p:AutomaticAllocation>true</p:AutomaticAllocation>\n<p:InstanceID>Microsoft:Definition\\00000000-0000-0000-0000-00000000ABCD\\Increment</p:InstanceID>\n<p:PoolID>\n</p:PoolID>\n</p:Msvm_ResourceAllocationSettingData>";

    /// <summary>The first answer of an enumeration (recorded_computersystem_enumerate.xml).</summary>
    public const string Enumerated =
        "<n:EnumerateResponse><n:EnumerationContext>uuid:00000000-0000-4000-8000-000000000003</n:EnumerationContext></n:EnumerateResponse>";

    /// <summary>No such instance, as Windows Server 2012 R2 says it (microsoft/omi, Unix/tests/wsman/test_wsmanparser.cpp).</summary>
    public const string NotFound =
        """<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:DestinationUnreachable</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. </s:Text></s:Reason><s:Detail><w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidResourceURI</w:FaultDetail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858752" Machine="192.0.2.7"><f:Message><f:ProviderFault provider="WMI Provider" path="C:\Windows\system32\WsmWmiPl.dll"><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858752" Machine="hv1.example.com"><f:Message>The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. </f:Message></f:WSManFault><f:ExtendedError><p:__ExtendedStatus xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/__ExtendedStatus" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:__ExtendedStatus_Type"><p:Description xsi:nil="true" xsi:type="cim:cimString"/><p:Operation xsi:type="cim:cimString">GetObject</p:Operation><p:ParameterInfo xsi:type="cim:cimString">Win32_Process.Handle=&quot;29&quot;</p:ParameterInfo><p:ProviderName xsi:type="cim:cimString">CIMWin32</p:ProviderName><p:StatusCode xsi:nil="true" xsi:type="cim:cimUnsignedInt"/></p:__ExtendedStatus></f:ExtendedError></f:ProviderFault></f:Message></f:WSManFault></s:Detail></s:Fault>""";

    /// <summary>Too slow (the same file).</summary>
    public const string TimedOut =
        """<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="">The WS-Management service cannot complete the operation within the time specified in OperationTimeout.</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858793" Machine="192.0.2.7"><f:Message>The WS-Management service cannot complete the operation within the time specified in OperationTimeout.</f:Message></f:WSManFault></s:Detail></s:Fault>""";

    /// <summary>An enumeration that was forgotten: subcode of WS-Enumeration, code of wsmerror.h. Made after these, not recorded.</summary>
    public const string ContextGone =
        """<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>n:InvalidEnumerationContext</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="de-DE">Der Kontext ist ungültig.</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858779" Machine="hv1"><f:Message>Der Kontext ist ungültig.</f:Message></f:WSManFault></s:Detail></s:Fault>""";

    /// <summary>Puts an envelope of Windows around a body (as in the recordings).</summary>
    public static string Windows(string body) =>
        $$"""<s:Envelope xml:lang="ja-JP" xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/PullResponse</a:Action><a:MessageID>uuid:00000000-0000-4000-8000-000000000013</a:MessageID><a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To><a:RelatesTo>{id}</a:RelatesTo></s:Header><s:Body>{{body}}</s:Body></s:Envelope>""";

    /// <summary>Puts an envelope of OMI around a body (test_wsmanparser.cpp).</summary>
    public static string Omi(string body) =>
        $$"""
            <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsen="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:wsmb="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:wxf="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:msftwinrm="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd" xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">
            <SOAP-ENV:Header>
            <wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>
            <wsa:MessageID>uuid:B1C29099-3649-0005-0000-000000010000</wsa:MessageID>
            <wsa:RelatesTo>{id}</wsa:RelatesTo>
            </SOAP-ENV:Header>

            <SOAP-ENV:Body>
            {{body}}</SOAP-ENV:Body>
            </SOAP-ENV:Envelope>

            """;

    /// <summary>Makes the last answer of an enumeration.</summary>
    public static string LastPage(string items) =>
        Windows($"<n:PullResponse><n:Items>{items}</n:Items><n:EndOfSequence/></n:PullResponse>");

    /// <summary>Makes an answer of an enumeration that goes on.</summary>
    public static string Page(string context, string items) =>
        Windows(
            $"<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext><n:Items>{items}</n:Items></n:PullResponse>"
        );

    /// <summary>Makes what a channel gives of a text.</summary>
    public static WsManReply Reply(string text, int status = 200) =>
        new(status, "application/soap+xml;charset=UTF-8", Encoding.UTF8.GetBytes(text));

    /// <summary>Makes what a channel gives for a message, of which it names the identifier.</summary>
    public static WsManReply Reply(string text, ReadOnlyMemory<byte> message)
    {
        string id = MessageId().Match(Encoding.UTF8.GetString(message.Span)).Groups[1].Value;
        return Reply(
            text.Replace("{id}", id, StringComparison.Ordinal),
            text.Contains("Fault>", StringComparison.Ordinal) ? 500 : 200
        );
    }

    [GeneratedRegex("<a:MessageID>([^<]*)</a:MessageID>")]
    private static partial Regex MessageId();
}
