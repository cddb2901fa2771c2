using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Enumerations of the stand-in, by curl.</summary>
public class StandInEnumerationTests
{
    private const string Systems = Envelopes.V2 + "Msvm_ComputerSystem";

    [Fact]
    public async Task Identify_tells_strangers_no_build()
    {
        await using StandInHost host = await StandInHost.StartAsync(
            new HyperVMachine(),
            new StandInOptions { Authentication = new Authentication.BasicAuthentication("u", "p") }
        );

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Identify,
            "--header",
            "WSMANIDENTIFY: unauthenticated"
        );

        Assert.Equal(200, answer.Status);
        Assert.Equal("Microsoft Corporation", answer.Value("ProductVendor"));
        Assert.Equal("OS: 0.0.0 SP: 0.0 Stack: 3.0", answer.Value("ProductVersion"));
    }

    [Fact]
    public async Task A_thousand_machines_come_in_answers_that_fit()
    {
        const int Size = 100_000;
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(1000));

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Optimized(Systems, 32000, size: Size));
        var names = new List<string>();
        int answers = 0;
        while (true)
        {
            answers++;
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(answer.Text), 1, Size);
            names.AddRange(answer.Values("Name"));
            if (answer.Element("EndOfSequence") is not null)
            {
                break;
            }

            answer = await Curl.PostAsync(
                host.Address,
                Envelopes.Pull(Systems, answer.Value("EnumerationContext"), 32000, Size)
            );
        }

        Assert.Equal(1001, names.Distinct().Count());
        Assert.InRange(answers, 20, 60);
    }

    [Fact]
    public async Task An_optimized_answer_has_items_and_end_in_the_namespace_of_the_protocol()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Optimized(Systems, 100));

        Assert.Equal("http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd", answer.Element("Items")!.Name.NamespaceName);
        Assert.Equal(
            "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
            answer.Element("EndOfSequence")!.Name.NamespaceName
        );
        Assert.Equal("", answer.Value("EnumerationContext"));
    }

    [Fact]
    public async Task A_released_or_used_context_is_refused()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(3));
        string context = (await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems))).Value("EnumerationContext");
        CurlAnswer next = await Curl.PostAsync(host.Address, Envelopes.Pull(Systems, context));

        CurlAnswer used = await Curl.PostAsync(host.Address, Envelopes.Pull(Systems, context));
        CurlAnswer released = await Curl.PostAsync(
            host.Address,
            Envelopes.Release(Systems, next.Value("EnumerationContext"))
        );
        CurlAnswer gone = await Curl.PostAsync(host.Address, Envelopes.Pull(Systems, next.Value("EnumerationContext")));

        Assert.Equal((200, 500, 500), (released.Status, used.Status, gone.Status));
        Assert.Contains("n:InvalidEnumerationContext", gone.Text);
        Assert.Contains("Code=\"2150858779\"", gone.Text);
    }

    [Fact]
    public async Task A_context_that_rests_too_long_is_gone()
    {
        var clock = new SteppingClock();
        await using StandInHost host = await StandInHost.StartAsync(
            new HyperVMachine().AddVMs(3),
            new StandInOptions { Time = clock, EnumerationTimeout = TimeSpan.FromSeconds(60) }
        );
        string context = (await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems))).Value("EnumerationContext");
        clock.Now += TimeSpan.FromSeconds(59);
        CurlAnswer inTime = await Curl.PostAsync(host.Address, Envelopes.Pull(Systems, context));
        clock.Now += TimeSpan.FromSeconds(61);

        CurlAnswer late = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(Systems, inTime.Value("EnumerationContext"))
        );

        Assert.Equal((200, 500), (inTime.Status, late.Status));
    }

    [Fact]
    public async Task A_query_that_selects_properties_gives_fragments_without_a_namespace()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(2));

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Query("SELECT ElementName, ProcessID FROM Msvm_ComputerSystem WHERE ElementName = 'vm-0002'")
        );

        // The form is that of zenoss/txwinrm's tests against five versions of Windows.
        Assert.Contains(
            """<w:Items><w:XmlFragment><ElementName>vm-0002</ElementName><ProcessID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></w:XmlFragment></w:Items>""",
            answer.Text
        );
    }

    [Fact]
    public async Task Associators_lead_from_a_machine_to_its_processor()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(2));
        string id = host.Machine.VM("vm-0002").Id.ToString().ToUpperInvariant();

        CurlAnswer settings = await Curl.PostAsync(
            host.Address,
            Envelopes.Query(
                $"ASSOCIATORS OF {{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='{id}'}} "
                    + "WHERE AssocClass=Msvm_SettingsDefineState ResultClass=Msvm_VirtualSystemSettingData"
            )
        );
        CurlAnswer processor = await Curl.PostAsync(
            host.Address,
            Envelopes.Query(
                $"ASSOCIATORS OF {{Msvm_VirtualSystemSettingData.InstanceID='Microsoft:{id}'}} "
                    + "WHERE AssocClass=Msvm_VirtualSystemSettingDataComponent ResultClass=Msvm_ProcessorSettingData"
            )
        );

        Assert.Equal($"Microsoft:{id}", settings.Value("InstanceID"));
        Assert.Equal($@"Microsoft:{id}\b637f346-6a0e-4dec-af52-bd70cb80a21d\0", processor.Value("InstanceID"));
    }

    [Fact]
    public async Task The_form_of_dmtf_is_answered_in_that_form_on_a_path_with_a_slash()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(
            new Uri(host.Address + "/"),
            Envelopes.Optimized(
                "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_ComputerSystem",
                10,
                selectors: Envelopes.Selectors(("__cimnamespace", "root/virtualization/v2"))
            )
        );

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Msvm_ComputerSystem",
            answer.Element("Msvm_ComputerSystem")!.Name.NamespaceName
        );
    }

    [Fact]
    public async Task References_and_objects_come_side_by_side()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(1));

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(
                Envelopes.V2 + "Msvm_VirtualSystemSettingData",
                10,
                "<w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>"
            )
        );

        Assert.Equal(
            ["Msvm_VirtualSystemSettingData", "EndpointReference"],
            answer.Element("Item")!.Elements().Select(static element => element.Name.LocalName)
        );
        Assert.Equal("Microsoft:5D1B6E00-0000-4000-8000-000000000001", answer.Value("Selector"));
    }

    [Fact]
    public async Task References_come_alone_where_they_are_asked_for()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine().AddVMs(1));

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Systems, 10, "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>")
        );

        Assert.Null(answer.Element("Msvm_ComputerSystem"));
        Assert.Equal([Systems, Systems], answer.Values("ResourceURI"));
        Assert.Equal(
            ["Msvm_ComputerSystem", "HV-HOST-1", "Msvm_ComputerSystem", "5D1B6E00-0000-4000-8000-000000000001"],
            answer.Values("Selector")
        );
    }

    [Fact]
    public async Task A_hostile_name_stays_inside_its_element()
    {
        var machine = new HyperVMachine();
        machine.AddVM("</p:ElementName>&\"'\u0001\u202E\U0001F600");
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.V2 + "Msvm_VirtualSystemSettingData", 10)
        );

        // XML cannot hold every character.
        Assert.Equal("</p:ElementName>&\"'?\u202E\U0001F600", answer.Value("ElementName"));
    }

    private sealed class SteppingClock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
