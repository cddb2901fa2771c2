using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManReaderTests
{
    private const string Virtualization = "root/virtualization/v2";
    private const string Id = "uuid:48ABB925-4C64-0005-0000-000000010000";

    private static readonly WsManRequest s_request = new(
        Id,
        new WsManResource("x", null),
        Virtualization,
        "list the class X",
        ReadOnlyMemory<byte>.Empty
    );

    [Fact]
    public void ReadPage_reads_a_recorded_instance_with_its_end()
    {
        WsManPage page = ReadPage(WsManTexts.LastPage(WsManTexts.VirtualMachine));

        Assert.Equal((null, true), (page.Context, page.IsEnd));
        CimInstance machine = Assert.Single(page.Items);
        Assert.Equal("Msvm_ComputerSystem", machine.ClassName);
        Assert.Equal("仮想マシン", machine.Text("Caption"));
        Assert.True(machine.Has("CommunicationStatus"));
        Assert.Null(machine["CommunicationStatus"]);
        Assert.Equal(2ul, machine.Number("EnabledState"));
        Assert.Equal(6138293824ul, machine.Number("OnTimeInMilliseconds"));
        Assert.Equal(new CimValue.Scalar(CimType.DateTime, "2025-12-17T09:55:22.702341Z"), machine["InstallDate"]);
        Assert.Null(machine.Instant("LastReplicationTime"));
        Assert.Equal([2ul], machine.Numbers("OperationalStatus"));
        Assert.Equal(12, machine.Properties.Count);
    }

    [Fact]
    public void ReadPage_reads_recorded_references()
    {
        CimInstance association = Assert.Single(ReadPage(WsManTexts.LastPage(WsManTexts.Association)).Items);

        Assert.Equal(
            "Msvm_AffectedJobElement{AffectedElement=<root/virtualization/v2:Msvm_VirtualSystemSettingData InstanceID=String'Microsoft:00000000-0000-4000-8000-000000000083'>;"
                + "AffectingElement=<root/virtualization/v2:Msvm_ConcreteJob InstanceID=String'00000000-0000-4000-8000-000000000066'>;ElementEffects=String'5'}",
            CimText.Of(association)
        );
    }

    [Fact]
    public void ReadPage_keeps_backslashes_and_a_text_of_blanks()
    {
        CimInstance setting = Assert.Single(ReadPage(WsManTexts.Page("uuid:1", WsManTexts.Setting)).Items);

        Assert.Equal(
            @"Microsoft:Definition\00000000-0000-0000-0000-00000000ABCD\Increment",
            setting.Text("InstanceID")
        );
        Assert.Equal("\n", setting.Text("PoolID"));
        Assert.Equal(["Address", "AutomaticAllocation", "InstanceID", "PoolID"], setting.Properties.Keys);
    }

    // Windows gives no context at the end; OMI fills it, others leave it empty or keep it; DSP0226 8.2.3 has Items and
    // EndOfSequence in its own namespace, WS-Enumeration in another, and servers mix them up.
    [Theory]
    [InlineData(
        "<n:EnumerateResponse><n:EnumerationContext>uuid:3</n:EnumerationContext></n:EnumerateResponse>",
        0,
        "uuid:3",
        false
    )]
    [InlineData(
        "<n:EnumerateResponse><n:EnumerationContext>7</n:EnumerationContext><w:Items/></n:EnumerateResponse>",
        0,
        "7",
        false
    )]
    [InlineData(
        "<n:EnumerateResponse><n:EnumerationContext/><w:Items><X/><X/></w:Items><w:EndOfSequence/></n:EnumerateResponse>",
        2,
        null,
        true
    )]
    [InlineData(
        "<n:EnumerateResponse><n:EnumerationContext>7</n:EnumerationContext><w:Items><X/></w:Items><w:EndOfSequence/></n:EnumerateResponse>",
        1,
        "7",
        true
    )]
    [InlineData("<n:EnumerateResponse><w:Items><X/></w:Items><n:EndOfSequence/></n:EnumerateResponse>", 1, null, true)]
    [InlineData(
        "<n:PullResponse><n:EnumerationContext>\n uuid:4 \n</n:EnumerationContext><n:Items><X/></n:Items></n:PullResponse>",
        1,
        "uuid:4",
        false
    )]
    [InlineData("<n:PullResponse><n:Items><X/></n:Items></n:PullResponse>", 1, null, false)]
    [InlineData("<n:PullResponse><n:Items/><n:EndOfSequence/></n:PullResponse>", 0, null, true)]
    [InlineData("<n:PullResponse><w:EndOfSequence/></n:PullResponse>", 0, null, true)]
    [InlineData(
        "<n:PullResponse><n:EnumerationContext> </n:EnumerationContext><w:Items><X/></w:Items><w:EndOfSequence/></n:PullResponse>",
        1,
        null,
        true
    )]
    [InlineData(
        "<q:PullResponse xmlns:q='urn:other'><q:Items><X/></q:Items><q:EndOfSequence/></q:PullResponse>",
        1,
        null,
        true
    )]
    public void ReadPage_reads_each_form_of_an_answer(string body, int count, string? context, bool isEnd)
    {
        WsManPage page = ReadPage(WsManTexts.Windows(body));

        Assert.Equal((count, context, isEnd), (page.Items.Count, page.Context, page.IsEnd));
    }

    [Fact]
    public void ReadPage_reads_paths_beside_instances_and_alone()
    {
        // DSP0226 8.7; the namespace of the first is that of the call, the second names its own (DSP0230).
        const string First =
            """<a:EndpointReference><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_X</w:ResourceURI><w:SelectorSet><w:Selector Name="K">1</w:Selector></w:SelectorSet></a:ReferenceParameters></a:EndpointReference>""";
        string second = First.Replace(
            "<w:SelectorSet>",
            """<w:SelectorSet><w:Selector Name="__cimnamespace">root\cimv2</w:Selector>""",
            StringComparison.Ordinal
        );
        WsManPage page = ReadPage(
            WsManTexts.LastPage($"<w:Item><Msvm_X><A>1</A></Msvm_X>{First}</w:Item><w:Item>{second}</w:Item>{First}")
        );

        Assert.Equal(
            [
                "<root/virtualization/v2:Msvm_X K=String'1'>Msvm_X{A=String'1'}",
                "<root/cimv2:Msvm_X K=String'1'>Msvm_X{}",
                "<root/virtualization/v2:Msvm_X K=String'1'>Msvm_X{}",
            ],
            page.Items.Select(static item => CimText.Of(item.Path!) + CimText.Of(item))
        );
    }

    // An instance of OMI: no type of its own, upper-case booleans, times as text, line ends between properties.
    [Fact]
    public void ReadInstance_reads_that_of_another_server()
    {
        CimInstance instance = WsManReader.ReadInstance(
            s_request,
            Reply(
                WsManTexts.Omi(
                    """
                    <p:Msvm_ProcessorSettingData xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_ProcessorSettingData">
                    <p:InstanceID>Microsoft:1\0</p:InstanceID>
                    <p:ExposeVirtualizationExtensions>TRUE</p:ExposeVirtualizationExtensions>
                    <p:Changed>20261128143000.000000+000</p:Changed>
                    <p:Limit xsi:nil="1"/>
                    <p:Weight xsi:type="cim:cimUnsignedInt">100</p:Weight>
                    </p:Msvm_ProcessorSettingData>
                    """
                )
            )
        );

        Assert.Equal("Msvm_ProcessorSettingData", instance.ClassName);
        Assert.True(instance.Boolean("ExposeVirtualizationExtensions"));
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 14, 30, 0, TimeSpan.Zero), instance.Instant("Changed"));
        Assert.Equal(new CimValue.Scalar(CimType.UInt32, "100"), instance["Weight"]);
        Assert.Null(instance["Limit"]);
        Assert.Equal(5, instance.Properties.Count);
    }

    [Fact]
    public void ReadInstance_makes_an_array_of_an_element_that_comes_again()
    {
        CimInstance instance = ReadInstance(
            "<X><A>1</A><B>x</B><A i:nil='true'/><A>3</A><C i:nil='true'/><C i:nil='true'/><D/></X>"
        );

        Assert.Equal(
            "X{A=String[String'1',NULL,String'3'];B=String'x';C=String[NULL,NULL];D=String''}",
            CimText.Of(instance)
        );
    }

    [Fact]
    public void ReadInstance_reads_times_and_lengths_of_time()
    {
        CimInstance instance = ReadInstance(
            "<X xmlns:cim='http://schemas.dmtf.org/wbem/wscim/1/common'><A>\n<cim:Interval>P0DT0H1M40S</cim:Interval>\n</A><B><cim:Datetime>2026-07-29T14:10:59Z</cim:Datetime></B><B><cim:CIM_DateTime>20261128143000.000000+000</cim:CIM_DateTime></B></X>"
        );

        Assert.Equal(
            "X{A=DateTime'P0DT0H1M40S';B=DateTime[DateTime'2026-07-29T14:10:59Z',DateTime'20261128143000.000000+000']}",
            CimText.Of(instance)
        );
    }

    [Fact]
    public void ReadInstance_reads_instances_inside()
    {
        CimInstance instance = ReadInstance(
            "<X><A i:type='p:Msvm_In_Type'><P>1</P></A>"
                + "<B><q:Msvm_In xmlns:q='http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_In'><q:P><q:R>2</q:R></q:P></q:Msvm_In></B>"
                + "<C xmlns:q='http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_In'><q:P>3</q:P><q:Q>4</q:Q></C></X>"
        );

        Assert.Equal(
            "X{A=Msvm_In{P=String'1'};B=Msvm_In{P=Msvm_In{R=String'2'}};C=Msvm_In{P=String'3';Q=String'4'}}",
            CimText.Of(instance)
        );
    }

    [Fact]
    public void ReadInstance_reads_a_reference_with_one_inside_of_its_keys()
    {
        CimInstance instance = ReadInstance(
            "<X><R><a:ReferenceParameters><w:ResourceURI> http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/B </w:ResourceURI><w:SelectorSet><w:Selector Name='Part'><a:EndpointReference><a:ReferenceParameters><w:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/A</w:ResourceURI></a:ReferenceParameters></a:EndpointReference></w:Selector></w:SelectorSet></a:ReferenceParameters></R></X>"
        );

        Assert.Equal("X{R=<root/cimv2:B Part=<root/virtualization/v2:A>>}", CimText.Of(instance));
    }

    // The form of a job: recorded references, and what a production client saw (arcserve); the address may be missing.
    [Theory]
    [InlineData(
        "ModifyResourceSettings_OUTPUT",
        "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
    )]
    [InlineData("ModifyResourceSettings", "")]
    public void ReadMethod_reads_the_job_that_was_begun(string name, string address)
    {
        CimMethodResult result = WsManReader.ReadMethod(
            s_request,
            Reply(
                WsManTexts.Windows(
                    $"""<p:{name} xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_VirtualSystemManagementService"><p:Job>{address}<a:ReferenceParameters><w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ConcreteJob</w:ResourceURI><w:SelectorSet><w:Selector Name="InstanceID">F0E1</w:Selector></w:SelectorSet></a:ReferenceParameters></p:Job><p:ReturnValue>4096</p:ReturnValue></p:{name}>"""
                )
            )
        );

        Assert.Equal(4096u, result.ReturnValue);
        Assert.Equal(
            "ModifyResourceSettings{Job=<root/virtualization/v2:Msvm_ConcreteJob InstanceID=String'F0E1'>}",
            CimText.Of(result.Output)
        );
    }

    [Theory]
    [InlineData("<M_OUTPUT><Job i:nil='true'/></M_OUTPUT>")]
    [InlineData("<M_OUTPUT><ReturnValue>-1</ReturnValue></M_OUTPUT>")]
    [InlineData("<M_OUTPUT><ReturnValue>4294967296</ReturnValue></M_OUTPUT>")]
    [InlineData("<M_OUTPUT><ReturnValue i:nil='true'/></M_OUTPUT>")]
    [InlineData("")]
    public void ReadMethod_refuses_an_answer_without_a_return_value(string body) =>
        AssertInvalid(
            () => WsManReader.ReadMethod(s_request, Reply(Plain(body))),
            "ReturnValue",
            "return value",
            "a method"
        );

    // Windows, and OMI in the wrong namespace (libvirt and OMI's own tests show both).
    [Theory]
    [InlineData("wsmid:IdentifyResponse")]
    [InlineData("s:IdentifyResponse")]
    public void ReadIdentity_reads_who_answers(string name)
    {
        string body =
            $"""<{name} xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>OS: 10.0.20348 SP: 0.0 Stack: 3.0</wsmid:ProductVersion></{name}>""";

        Assert.Equal(
            new WsManIdentity(
                "Microsoft Corporation",
                "OS: 10.0.20348 SP: 0.0 Stack: 3.0",
                "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
            ),
            WsManReader.ReadIdentity(
                WsManWriter.Identify(),
                Reply(
                    $"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body>{body}</s:Body></s:Envelope>"
                )
            )
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public void An_answer_to_another_message_is_an_error_and_one_that_names_none_is_not()
    {
        string answer = WsManTexts.Windows("<n:PullResponse><n:EndOfSequence/></n:PullResponse>");

        AssertInvalid(
            () =>
                WsManReader.ReadPage(
                    s_request,
                    WsManTexts.Reply(answer.Replace("{id}", "uuid:0", StringComparison.Ordinal))
                ),
            "another message"
        );
        AssertInvalid(
            () =>
                WsManReader.ReadPage(
                    s_request,
                    WsManTexts.Reply(
                        WsManTexts.Windows(WsManTexts.NotFound).Replace("{id}", "uuid:0", StringComparison.Ordinal),
                        500
                    )
                ),
            "another message"
        );
        Assert.True(
            WsManReader
                .ReadPage(
                    s_request,
                    WsManTexts.Reply(answer.Replace("{id}", Id.ToLowerInvariant(), StringComparison.Ordinal))
                )
                .IsEnd
        );
        Assert.True(
            WsManReader
                .ReadPage(
                    s_request,
                    WsManTexts.Reply(answer.Replace("<a:RelatesTo>{id}</a:RelatesTo>", "", StringComparison.Ordinal))
                )
                .IsEnd
        );
    }

    [Theory]
    [InlineData("<X/>")]
    [InlineData("")]
    public void ReadPage_refuses_an_answer_to_something_else(string body) =>
        AssertInvalid(() => ReadPage(Plain(body)), "is no answer of an enumeration");

    [Theory]
    [InlineData("<R><a:ReferenceParameters/></R>")]
    [InlineData("<R><a:ReferenceParameters><w:ResourceURI>http://x/</w:ResourceURI></a:ReferenceParameters></R>")]
    public void A_reference_that_names_no_class_is_an_error(string property) =>
        AssertInvalid(() => ReadInstance($"<X>{property}</X>"), "reference");

    [Fact]
    public void A_status_that_is_no_success_needs_a_fault() =>
        AssertInvalid(() => WsManReader.ReadPage(s_request, Reply(Plain("<n:PullResponse/>"), 500)), "500");

    [Fact]
    public void Damaged_answers_are_read_or_refused_by_the_one_error()
    {
        WsManRequest identify = WsManWriter.Identify();
        foreach (
            string text in new[]
            {
                WsManTexts.LastPage(WsManTexts.VirtualMachine + WsManTexts.Association + WsManTexts.Setting),
                WsManTexts.Windows(WsManTexts.NotFound),
                WsManTexts.Omi(
                    "<p:M xmlns:p='urn:x'><p:Job><p:A>1</p:A></p:Job><p:ReturnValue>0</p:ReturnValue></p:M>"
                ),
            }
        )
        {
            Mutation.Check(
                text.Replace("{id}", Id, StringComparison.Ordinal),
                damaged =>
                {
                    Survives(() => WsManReader.ReadPage(s_request, WsManTexts.Reply(damaged)));
                    Survives(() => WsManReader.ReadInstance(s_request, WsManTexts.Reply(damaged)));
                    Survives(() => WsManReader.ReadMethod(s_request, WsManTexts.Reply(damaged)));
                    Survives(() => WsManReader.ReadIdentity(identify, WsManTexts.Reply(damaged)));
                }
            );
        }
    }

    // Each cut, and each byte changed: what no text of characters shows.
    [Fact]
    public void Answers_that_are_cut_or_changed_in_a_byte_are_read_or_refused_by_the_one_error()
    {
        WsManReply whole = Reply(WsManTexts.LastPage(WsManTexts.VirtualMachine));
        for (int at = 0; at < whole.Body.Length; at++)
        {
            byte[] changed = whole.Body.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            Survives(() => WsManReader.ReadPage(s_request, whole with { Body = changed }));
            ReadOnlyMemory<byte> cut = whole.Body[..at];
            NestVirtException error = Assert.ThrowsAny<NestVirtException>(() =>
                WsManReader.ReadPage(s_request, whole with { Body = cut })
            );
            Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        }
    }

    private static void Survives(Action read)
    {
        try
        {
            read();
        }
        catch (NestVirtException)
        {
            // That is the refusal which callers expect.
        }
    }

    private static WsManPage ReadPage(string text) => WsManReader.ReadPage(s_request, Reply(text));

    private static CimInstance ReadInstance(string body) => WsManReader.ReadInstance(s_request, Reply(Plain(body)));

    private static string Plain(string body) =>
        $"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration' xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:p='urn:p'><s:Header/><s:Body>{body}</s:Body></s:Envelope>";

    private static WsManReply Reply(string text, int status = 200) =>
        WsManTexts.Reply(text.Replace("{id}", Id, StringComparison.Ordinal), status);

    private static void AssertInvalid(Action read, params string[] anyOf)
    {
        NestVirtException error = Assert.ThrowsAny<NestVirtException>(read);
        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains(anyOf, part => error.Message.Contains(part, StringComparison.Ordinal));
    }
}
