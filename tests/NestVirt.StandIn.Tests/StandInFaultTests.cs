using System.Xml.Linq;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Faults of the stand-in, by curl.</summary>
public class StandInFaultTests
{
    private const string Systems = Envelopes.V2 + "Msvm_ComputerSystem";

    // Server 2012 R2, microsoft/omi (MIT), Unix/tests/wsman/test_wsmanparser.cpp; only the host is another.
    private const string NotFound =
        """<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:DestinationUnreachable</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. </s:Text></s:Reason><s:Detail><w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidResourceURI</w:FaultDetail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858752" Machine="HV-HOST-1"><f:Message><f:ProviderFault provider="WMI Provider" path="C:\Windows\system32\WsmWmiPl.dll"><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858752" Machine="HV-HOST-1"><f:Message>The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. </f:Message></f:WSManFault><f:ExtendedError><p:__ExtendedStatus xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/__ExtendedStatus" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:__ExtendedStatus_Type"><p:Description xsi:nil="true" xsi:type="cim:cimString"/><p:Operation xsi:type="cim:cimString">GetObject</p:Operation><p:ParameterInfo xsi:type="cim:cimString">Win32_Processor.DeviceID=&quot;CPU29&quot;</p:ParameterInfo><p:ProviderName xsi:type="cim:cimString">CIMWin32</p:ProviderName><p:StatusCode xsi:nil="true" xsi:type="cim:cimUnsignedInt"/></p:__ExtendedStatus></f:ExtendedError></f:ProviderFault></f:Message></f:WSManFault></s:Detail></s:Fault>""";

    [Fact]
    public async Task Get_of_nothing_is_the_recorded_fault()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(
                "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Processor",
                ("__cimnamespace", "root/cimv2"),
                ("DeviceID", "CPU29")
            )
        );

        Assert.Equal(500, answer.Status);
        Assert.Contains($"<s:Body>{NotFound}</s:Body>", answer.Text);
        Assert.Equal("http://schemas.xmlsoap.org/ws/2004/08/addressing/fault", answer.Value("Action"));
    }

    // Codes and subcodes of wsmerror.h (Windows SDK).
    [Theory]
    [InlineData(Envelopes.V2 + "Msvm_Nope", "", "a:DestinationUnreachable", "2150858811")]
    [InlineData(
        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/nope/X",
        "",
        "a:DestinationUnreachable",
        "2150858811"
    )]
    [InlineData(
        Systems,
        """<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM Msvm_ComputerSystem</w:Filter>""",
        "a:DestinationUnreachable",
        "2150859003"
    )]
    [InlineData(
        Envelopes.V2 + "*",
        """<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FORM X</w:Filter>""",
        "n:CannotProcessFilter",
        "2150858778"
    )]
    [InlineData(
        Envelopes.V2 + "*",
        """<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT Nope FROM Msvm_ComputerSystem</w:Filter>""",
        "n:CannotProcessFilter",
        "2150858778"
    )]
    [InlineData(
        Envelopes.V2 + "*",
        """<w:Filter Dialect="http://www.w3.org/TR/1999/REC-xpath-19991116">a</w:Filter>""",
        "n:FilterDialectRequestedUnavailable",
        "2150858777"
    )]
    public async Task Enumerate_of_what_cannot_be_is_a_fault(
        string resource,
        string filter,
        string subcode,
        string code
    )
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Enumerate(resource, filter));

        Assert.Equal(500, answer.Status);
        Assert.Contains($"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>", answer.Text);
        Assert.Contains(
            $"<f:WSManFault xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" Code=\"{code}\"",
            answer.Text
        );
    }

    [Fact]
    public async Task A_host_without_the_feature_has_no_namespace()
    {
        await using StandInHost host = await StandInHost.StartAsync(
            new HyperVMachine(new HostFacts { HyperVInstallState = 2 })
        );

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));

        Assert.Contains("The CIM namespace root/virtualization/v2 is invalid.", answer.Text);
    }

    [Fact]
    public async Task Selectors_and_resource_must_name_one_namespace()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Enumerate(Systems, selectors: Envelopes.Selectors(("__cimnamespace", "root/cimv2")))
        );

        // The sentence is that of microsoft/omi #398.
        Assert.Contains(
            "The resource URI and __cimnamespace selector attempted to use different namespaces.",
            answer.Text
        );
    }

    [Fact]
    public async Task A_user_without_rights_is_a_fault_with_code_5()
    {
        var options = new StandInOptions();
        options.DeniedUsers.Add("anyone");
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine(), options);

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));

        Assert.Equal(500, answer.Status);
        Assert.Contains("Code=\"5\"", answer.Text);
    }

    [Fact]
    public async Task A_header_that_is_not_understood_is_named()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());
        string message = Envelopes
            .Enumerate(Systems)
            .Replace(
                "</s:Header>",
                """<x:Odd xmlns:x="urn:odd" s:mustUnderstand="true"/></s:Header>""",
                StringComparison.Ordinal
            );

        CurlAnswer answer = await Curl.PostAsync(host.Address, message);

        Assert.Equal("s:MustUnderstand", answer.Values("Value")[0]);
        Assert.Equal("wsman:Odd", answer.Element("NotUnderstood")!.Attribute("qname")!.Value);
    }

    [Fact]
    public async Task An_item_larger_than_the_envelope_is_a_fault()
    {
        var machine = new HyperVMachine();
        machine.AddVM("big").Settings["Notes"] = new[] { new string('x', 20_000) };
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.V2 + "Msvm_VirtualSystemSettingData", 10, size: 10_000)
        );

        Assert.Contains("w:EncodingLimit", answer.Text);
    }

    [Fact]
    public async Task An_operation_that_takes_longer_than_its_timeout_is_the_recorded_fault()
    {
        var options = new StandInOptions { Variants = { Delay = TimeSpan.FromSeconds(60) } };
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine(), options);
        string message = Envelopes.Enumerate(Systems).Replace("PT60.000S", "PT0.100S", StringComparison.Ordinal);

        CurlAnswer answer = await Curl.PostAsync(host.Address, message);

        // microsoft/omi, test_wsmanparser.cpp, TestTimeoutResponse; only the host is another.
        Assert.Contains(
            """<s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="">The WS-Management service cannot complete the operation within the time specified in OperationTimeout.</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2150858793" Machine="HV-HOST-1"><f:Message>The WS-Management service cannot complete the operation within the time specified in OperationTimeout.</f:Message></f:WSManFault></s:Detail>""",
            answer.Text
        );
    }

    [Theory]
    [InlineData(
        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Processor",
        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/__ExtendedStatus"
    )]
    [InlineData(
        "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Processor",
        "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/__ExtendedStatus"
    )]
    public async Task The_status_of_the_provider_is_in_the_form_of_the_resource(string resource, string expected)
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Get(resource, ("DeviceID", "CPU29")));

        XElement status = answer.Element("__ExtendedStatus")!;
        Assert.Equal(expected, status.Name.NamespaceName);
    }
}
