using System.Text;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Fuzz;

/// <summary>What hosts of Hyper-V answer, with the promise that what is read of an instance is written and read back.</summary>
internal static class CimTargets
{
    private const string Namespace = "root/virtualization/v2";
    private const string Envelope =
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration' xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\n<s:Header/>\n<s:Body>\n";
    private const string Instance = """
        <p:Msvm_X xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_X" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_X_Type">
        <p:Null xsi:nil="true"/>
        <p:Items>1</p:Items>
        <p:Items>2</p:Items>
        <p:Created><cim:Datetime>2025-12-17T09:55:22.702341Z</cim:Datetime></p:Created>
        <p:Delay><cim:Interval>P0DT0H1M40S</cim:Interval></p:Delay>
        <p:Job><a:Address>urn:x</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Msvm_Y</w:ResourceURI><w:SelectorSet><w:Selector Name="K">1</w:Selector></w:SelectorSet></a:ReferenceParameters></p:Job>
        <p:Inner xsi:type="p:Msvm_Z_Type"><p:A>1</p:A></p:Inner>
        <p:ReturnValue>0</p:ReturnValue>
        </p:Msvm_X>

        """;
    private const string End = "</s:Body></s:Envelope>\n";

    private static readonly WsManRequest s_request = new(
        string.Empty,
        new WsManResource(Namespace, null),
        Namespace,
        "answer",
        ReadOnlyMemory<byte>.Empty
    );

    /// <summary>Gets the targets.</summary>
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "wsman",
            [
                $"{Envelope}{Instance}{End}",
                $"{Envelope}<n:PullResponse><n:EnumerationContext>1</n:EnumerationContext>\n<n:Items>\n<w:Item>{Instance}</w:Item>\n</n:Items><w:EndOfSequence/></n:PullResponse>{End}",
                $"{Envelope}<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:DestinationUnreachable</s:Value></s:Subcode></s:Code>\n<s:Reason><s:Text>no</s:Text></s:Reason>\n<s:Detail><f:WSManFault xmlns:f='urn:f' Code='5'>\n<f:Message>no</f:Message></f:WSManFault></s:Detail></s:Fault>{End}",
                $"{Envelope}<s:IdentifyResponse><s:ProductVendor>v</s:ProductVendor></s:IdentifyResponse>{End}",
            ],
            ReadAnswer
        ),
        new(
            "cim-xml",
            [
                "<INSTANCE CLASSNAME=\"X\">\n<PROPERTY NAME=\"P\" TYPE=\"uint16\"><VALUE>1</VALUE></PROPERTY>\n<PROPERTY.ARRAY NAME=\"A\" TYPE=\"string\"><VALUE.ARRAY>\n<VALUE>a</VALUE>\n<VALUE.NULL/>\n</VALUE.ARRAY></PROPERTY.ARRAY>\n</INSTANCE>",
                "<INSTANCE CLASSNAME=\"X\">\n<PROPERTY.REFERENCE NAME=\"R\"><VALUE.REFERENCE><INSTANCENAME CLASSNAME=\"Y\">\n<KEYBINDING NAME=\"K\"><KEYVALUE TYPE=\"string\">1</KEYVALUE></KEYBINDING>\n</INSTANCENAME></VALUE.REFERENCE></PROPERTY.REFERENCE>\n<PROPERTY NAME=\"E\" TYPE=\"string\" EmbeddedObject=\"instance\"><VALUE>&lt;INSTANCE CLASSNAME=\"Z\"/&gt;</VALUE></PROPERTY></INSTANCE>",
            ],
            static text => ReadBack(CimXmlReader.Read(text, Namespace))
        ),
        new(
            "wmi-path",
            [
                "\\\\HV1\\root\\virtualization\\v2:Msvm_X.InstanceID=\"Microsoft:1\\\\0\",N=7",
                "root/cimv2:X=@",
                "X.A=TRUE,B=-1",
            ],
            static text =>
            {
                if (
                    CimPath.TryParse(text, out CimPath? path)
                    && (!CimPath.TryParse(path.ToWmi("HV1"), out CimPath? again) || !again.Equals(path))
                )
                {
                    throw new BrokenPromiseException("a path is read back as another");
                }
            }
        ),
    ];

    private static void ReadAnswer(string text)
    {
        WsManReply reply = new(200, null, Encoding.UTF8.GetBytes(text));
        Try(() => _ = WsManReader.ReadIdentity(s_request, reply));
        Try(() => _ = WsManReader.ReadMethod(s_request, reply));
        Try(() => _ = WsManReader.ReadPage(s_request, reply));
        ReadBack([WsManReader.ReadInstance(s_request, reply)]);
    }

    // What was read is written in the same words again, once it went through writing and reading.
    private static void ReadBack(IReadOnlyList<CimInstance> instances)
    {
        foreach (CimInstance instance in instances)
        {
            string written = CimXml.Write(instance);
            if (CimXml.Write(CimXmlReader.Read(written, Namespace)[0]) != written)
            {
                throw new BrokenPromiseException("an instance is read back as another");
            }
        }
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (NestVirtException)
        {
            // The refusal that callers expect.
        }
    }
}
