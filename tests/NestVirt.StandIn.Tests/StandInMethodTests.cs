using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Methods of the stand-in, by curl.</summary>
public class StandInMethodTests
{
    private static readonly (string, string) s_service = ("CreationClassName", "Msvm_VirtualSystemManagementService");

    [Fact]
    public async Task A_change_starts_a_job_and_is_there_when_the_job_has_ended()
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab");
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.ModifyNesting(vm.Id, "true"));

        // What libvirt reads: X_OUTPUT/Job/ReferenceParameters/SelectorSet/Selector[@Name='InstanceID'].
        Assert.Equal("4096", answer.Value("ReturnValue"));
        Assert.Equal(Envelopes.Services, answer.Element("ModifyResourceSettings_OUTPUT")!.Name.NamespaceName);
        Assert.Equal(Envelopes.V2 + "Msvm_ConcreteJob", answer.Value("ResourceURI"));
        Assert.False(vm.IsNested);
        string job = answer.Value("Selector");
        (string, string, string) running = await ReadJobAsync(host, job);
        (string, string, string) ended = await ReadJobAsync(host, job);
        Assert.Equal(("4", "50", ""), running);
        Assert.Equal(("7", "100", "0"), ended);
        Assert.True(vm.IsNested);
    }

    [Fact]
    public async Task Nesting_of_a_running_machine_ends_in_an_exception_that_says_why()
    {
        var machine = new HyperVMachine { Jobs = { ReadsUntilFinished = 1 } };
        VirtualMachine vm = machine.AddVM("lab", new() { State = VMState.Running });
        await using StandInHost host = await StandInHost.StartAsync(machine);
        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.ModifyNesting(vm.Id, "true"));
        string job = answer.Value("Selector");

        (string, string, string) ended = await ReadJobAsync(host, job);
        CurlAnswer errors = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(Envelopes.V2 + "Msvm_ConcreteJob", "GetErrorEx", "", ("InstanceID", job))
        );

        Assert.Equal(("10", "0", "32775"), ended);
        Assert.False(vm.IsNested);
        string text = errors.Value("Errors");
        Assert.StartsWith("<INSTANCE CLASSNAME=\"Msvm_Error\">", text, StringComparison.Ordinal);
        Assert.Contains("""<PROPERTY NAME="Message" TYPE="string"><VALUE>The operation cannot be performed""", text);
    }

    [Theory]
    [InlineData(
        "Msvm_VirtualSystemManagementService",
        "ModifySystemSettings",
        "SystemSettings",
        "Msvm_VirtualSystemSettingData",
        "AutomaticShutdownAction",
        "uint16",
        "2"
    )]
    [InlineData(
        "Msvm_VirtualSystemManagementService",
        "ModifyFeatureSettings",
        "FeatureSettings",
        "Msvm_EthernetSwitchPortOffloadSettingData",
        "IOVOffloadWeight",
        "uint32",
        "100"
    )]
    [InlineData(
        "Msvm_SecurityService",
        "ModifySecuritySettings",
        "SecuritySettingData",
        "Msvm_SecuritySettingData",
        "VirtualizationBasedSecurityOptOut",
        "boolean",
        "true"
    )]
    public async Task Each_service_changes_its_settings(
        string service,
        string method,
        string parameter,
        string settings,
        string property,
        string type,
        string value
    )
    {
        var machine = new HyperVMachine { Jobs = { ReadsUntilFinished = 0 } };
        VirtualMachine vm = machine.AddVM("lab");
        await using StandInHost host = await StandInHost.StartAsync(machine);
        Cim.CimObject target = vm.ActiveSettings.First(found => found.Class.Name == settings);
        string text =
            $"""<p:{parameter}><![CDATA[<INSTANCE CLASSNAME="{settings}"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{target.Text("InstanceID")}</VALUE></PROPERTY><PROPERTY NAME="{property}" TYPE="{type}"><VALUE>{value}</VALUE></PROPERTY></INSTANCE>]]></p:{parameter}>""";

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(Envelopes.V2 + service, method, text, ("CreationClassName", service))
        );
        CurlAnswer read = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(Envelopes.V2 + settings, ("InstanceID", target.Text("InstanceID")))
        );

        Assert.Equal("4096", answer.Value("ReturnValue"));
        Assert.Equal(value, read.Value(property));
    }

    [Fact]
    public async Task A_host_may_answer_at_once()
    {
        var machine = new HyperVMachine { Jobs = { IsSynchronous = true } };
        VirtualMachine off = machine.AddVM("off");
        VirtualMachine running = machine.AddVM("running", new() { State = VMState.Running });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer done = await Curl.PostAsync(host.Address, Envelopes.ModifyNesting(off.Id, "true"));
        CurlAnswer refused = await Curl.PostAsync(host.Address, Envelopes.ModifyNesting(running.Id, "true"));

        Assert.Equal(("0", "32775"), (done.Value("ReturnValue"), refused.Value("ReturnValue")));
        Assert.Null(done.Element("Job"));
        Assert.Equal((true, false), (off.IsNested, running.IsNested));
    }

    [Fact]
    public async Task An_ended_job_vanishes()
    {
        var machine = new HyperVMachine { Jobs = { ReadsUntilFinished = 1, VanishesAfterReads = 1 } };
        VirtualMachine vm = machine.AddVM("lab");
        await using StandInHost host = await StandInHost.StartAsync(machine);
        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.ModifyNesting(vm.Id, "true"));
        string job = answer.Value("Selector");
        await ReadJobAsync(host, job);
        await ReadJobAsync(host, job);

        CurlAnswer gone = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(Envelopes.V2 + "Msvm_ConcreteJob", ("InstanceID", job))
        );

        Assert.Equal(500, gone.Status);
        Assert.Contains("a:DestinationUnreachable", gone.Text);
    }

    // Each was measured on a real host (r4sd/go-wsman).
    [Fact]
    public async Task A_service_method_without_selectors_is_refused()
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab");
        await using StandInHost host = await StandInHost.StartAsync(machine);
        string message = Envelopes.ModifyNesting(vm.Id, "true");
        int start = message.IndexOf("<w:SelectorSet>", StringComparison.Ordinal);
        int end = message.IndexOf("</w:SelectorSet>", StringComparison.Ordinal) + "</w:SelectorSet>".Length;

        CurlAnswer answer = await Curl.PostAsync(host.Address, message.Remove(start, end - start));

        Assert.Equal(500, answer.Status);
        Assert.Contains("WBEM_E_INVALID_METHOD_PARAMETERS", answer.Text);
    }

    [Fact]
    public async Task An_embedded_instance_as_elements_is_refused()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());
        string parameters =
            $"""<p:ResourceSettings><q:Msvm_ProcessorSettingData xmlns:q="{Envelopes.V2}Msvm_ProcessorSettingData"><q:InstanceID>x</q:InstanceID></q:Msvm_ProcessorSettingData></p:ResourceSettings>""";

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(Envelopes.Services, "ModifyResourceSettings", parameters, s_service)
        );

        Assert.Contains("w:SchemaValidationError", answer.Text);
        Assert.Contains("Code=\"2150858817\"", answer.Text);
    }

    [Fact]
    public async Task A_feature_is_added_to_the_connection_that_a_reference_names()
    {
        var machine = new HyperVMachine { Jobs = { IsSynchronous = true } };
        NetworkAdapter adapter = machine.AddVM("lab").Adapters[0];
        await using StandInHost host = await StandInHost.StartAsync(machine);
        string address =
            "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters>"
            + $"<w:ResourceURI>{Envelopes.V2}Msvm_EthernetPortAllocationSettingData</w:ResourceURI><w:SelectorSet>"
            + $"""<w:Selector Name="InstanceID">{adapter.Connection.Text("InstanceID")}</w:Selector></w:SelectorSet></a:ReferenceParameters>""";
        const string Feature =
            """<p:FeatureSettings>&lt;INSTANCE CLASSNAME="Msvm_EthernetSwitchPortSecuritySettingData"&gt;&lt;PROPERTY NAME="AllowMacSpoofing" TYPE="boolean"&gt;&lt;VALUE&gt;TRUE&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;</p:FeatureSettings>""";

        CurlAnswer wrapped = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(
                Envelopes.Services,
                "AddFeatureSettings",
                $"<p:AffectedConfiguration><a:EndpointReference>{address}</a:EndpointReference></p:AffectedConfiguration>{Feature}",
                s_service
            )
        );
        CurlAnswer plain = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(
                Envelopes.Services,
                "AddFeatureSettings",
                $"<p:AffectedConfiguration>{address}</p:AffectedConfiguration>{Feature}",
                s_service
            )
        );

        // An EndpointReference around it is refused, as measured.
        Assert.Contains("w:SchemaValidationError", wrapped.Text);
        Assert.Equal("0", plain.Value("ReturnValue"));
        Assert.True(adapter.AllowsMacSpoofing);
    }

    [Theory]
    [InlineData("2", VMState.Off, "4096")]
    [InlineData("3", VMState.Running, "4096")]
    [InlineData("2", VMState.Running, "32775")]
    [InlineData("32768", VMState.Off, "32775")]
    public async Task A_state_is_asked_for_by_the_name_of_the_machine(string requested, VMState state, string expected)
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab", new() { State = state });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(
                Envelopes.V2 + "Msvm_ComputerSystem",
                "RequestStateChange",
                $"<p:RequestedState>{requested}</p:RequestedState>",
                ("Name", vm.Id.ToString().ToUpperInvariant())
            )
        );

        Assert.Equal(expected, answer.Value("ReturnValue"));
    }

    [Fact]
    public async Task A_guest_is_asked_to_shut_down_through_its_component()
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab", new() { State = VMState.Running });
        await using StandInHost host = await StandInHost.StartAsync(machine);
        string id = vm.Id.ToString().ToUpperInvariant();
        CurlAnswer found = await Curl.PostAsync(
            host.Address,
            Envelopes.Query($"SELECT * FROM Msvm_ShutdownComponent WHERE SystemName='{id}'")
        );

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(
                Envelopes.V2 + "Msvm_ShutdownComponent",
                "InitiateShutdown",
                "<p:Force>true</p:Force><p:Reason>maintenance</p:Reason>",
                ("CreationClassName", "Msvm_ShutdownComponent"),
                ("DeviceID", found.Value("DeviceID")),
                ("SystemCreationClassName", "Msvm_ComputerSystem"),
                ("SystemName", id)
            )
        );

        Assert.Equal("0", answer.Value("ReturnValue"));
        Assert.Equal(VMState.Off, vm.State);
    }

    private static async Task<(string State, string Percent, string Code)> ReadJobAsync(StandInHost host, string job)
    {
        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Get(Envelopes.V2 + "Msvm_ConcreteJob", ("InstanceID", job))
        );
        return (answer.Value("JobState"), answer.Value("PercentComplete"), answer.Value("ErrorCode"));
    }
}
