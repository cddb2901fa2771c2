using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>Devices go from the host to a VM and back, by curl.</summary>
public class DeviceAssignmentTests
{
    private const string Service = "Msvm_AssignableDeviceService";
    private const string Location = "PCIROOT(17)#PCI(0000)#PCI(0000)";
    private const string Disk = @"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&A1F3C2D&0&0000";
    private const string Dismounted = @"PCIP\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&A1F3C2D&0&0000";

    [Fact]
    public async Task A_device_goes_to_a_machine_and_back()
    {
        HyperVMachine machine = Machine();
        machine.Jobs.IsSynchronous = true;
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });
        HostDevice device = machine.Devices.First(static device => device.InstanceId == Disk);
        device.ErrorCode = 22;
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer dismounted = await DismountAsync(host, ("DeviceLocationPath", "string", Location));
        CurlAnswer free = await AssignableAsync(host);
        CurlAnswer added = await AddAsync(host, vm, Path(machine, free.Value("DeviceID")));
        CurlAnswer owned = await AssignableAsync(host);
        CurlAnswer kept = await MountAsync(host);
        CurlAnswer removed = await RemoveAsync(host, Selector(added, "ResultingResourceSettings"));
        CurlAnswer mounted = await MountAsync(host);

        Assert.Equal(
            ("0", Dismounted),
            (dismounted.Value("ReturnValue"), dismounted.Value("DismountedDeviceInstancePath"))
        );
        Assert.Equal((Location, Dismounted), (free.Value("LocationPath"), free.Value("DeviceInstancePath")));
        Assert.Equal("0", added.Value("ReturnValue"));
        // One that a VM owns is there twice, with the same paths (os-win).
        Assert.Equal([Location, Location], owned.Values("LocationPath"));
        Assert.Equal([machine.Host.Name, vm.Id.ToString().ToUpperInvariant()], owned.Values("SystemName"));
        Assert.Equal("32774", kept.Value("ReturnValue"));
        Assert.Equal("0", removed.Value("ReturnValue"));
        Assert.Empty(vm.Devices);
        Assert.Equal(("0", Disk), (mounted.Value("ReturnValue"), mounted.Value("MountedDeviceInstancePath")));
        Assert.Equal((22u, false), (device.ErrorCode, device.IsDismounted));
    }

    [Fact]
    public async Task By_default_a_job_does_it_and_can_be_made_to_fail()
    {
        HyperVMachine machine = Machine();
        machine.Jobs.ReadsUntilFinished = 1;
        HostDevice device = machine.Devices.First(static device => device.InstanceId == Disk);
        device.ErrorCode = 22;
        machine.Jobs.Forced.Enqueue(new(32768, "The disk is on fire."));
        await using StandInHost host = await StandInHost.StartAsync(machine);

        string failing = Selector(await DismountAsync(host, ("DeviceInstancePath", "string", Disk)), "Job");
        CurlAnswer failed = await JobAsync(host, failing);
        bool wasKept = !device.IsDismounted;
        CurlAnswer started = await DismountAsync(host, ("DeviceInstancePath", "string", Disk));
        CurlAnswer done = await JobAsync(host, Selector(started, "Job"));

        Assert.Equal(("10", "32768"), (failed.Value("JobState"), failed.Value("ErrorCode")));
        Assert.True(wasKept);
        Assert.Equal("4096", started.Value("ReturnValue"));
        Assert.Empty(started.Values("DismountedDeviceInstancePath"));
        Assert.Equal("7", done.Value("JobState"));
        Assert.True(device.IsDismounted);
    }

    [Fact]
    public async Task What_a_host_does_not_know_is_refused()
    {
        HyperVMachine machine = Machine();
        machine.Jobs.IsSynchronous = true;
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer nothing = await DismountAsync(host);
        CurlAnswer unknown = await DismountAsync(host, ("DeviceLocationPath", "string", "PCIROOT(FF)#PCI(0000)"));
        CurlAnswer wrongType = await DismountAsync(
            host,
            ("DeviceLocationPath", "string", Location),
            ("RequireAcsSupport", "string", "true")
        );
        // The disk is the host's still: there is no Msvm_PciExpress of that name.
        CurlAnswer notDismounted = await AddAsync(host, vm, Path(machine, Dismounted));
        CurlAnswer notMounted = await MountAsync(host);

        Assert.All(
            [nothing, unknown, wrongType, notDismounted, notMounted],
            static answer => Assert.Equal("32773", answer.Value("ReturnValue"))
        );
    }

    [Fact]
    public async Task A_machine_with_a_device_starts_when_its_gaps_are_large_enough()
    {
        HyperVMachine machine = Machine();
        machine.Jobs.IsSynchronous = true;
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });
        HostDevice gpu = machine.Devices.First(static device => device.PnpClass == "Display");
        gpu.IsDismounted = true;
        await using StandInHost host = await StandInHost.StartAsync(machine);
        await AddAsync(host, vm, Path(machine, gpu.InstancePath));

        CurlAnswer refused = await StartAsync(host, vm);
        CurlAnswer enlarged = await ModifyAsync(host, vm, ("HighMmioGapSize", "uint64", "33280"));
        CurlAnswer started = await StartAsync(host, vm);
        CurlAnswer running = await ModifyAsync(host, vm, ("HighMmioGapSize", "uint64", "512"));
        CurlAnswer inUse = await RemoveAsync(host, vm.Devices[0].Text("InstanceID"));

        Assert.Equal("32768", refused.Value("ReturnValue"));
        Assert.Equal(("0", "0"), (enlarged.Value("ReturnValue"), started.Value("ReturnValue")));
        Assert.Equal(("32775", "32775"), (running.Value("ReturnValue"), inUse.Value("ReturnValue")));
        Assert.Equal(VMState.Running, vm.State);
    }

    [Theory]
    [InlineData("LowMmioGapSize", "uint64", "3072", VMState.Off, "0")]
    [InlineData("LowMmioGapSize", "uint64", "3072", VMState.Running, "32775")]
    [InlineData("GuestControlledCacheTypes", "boolean", "true", VMState.Off, "0")]
    [InlineData("GuestControlledCacheTypes", "boolean", "true", VMState.Saved, "32775")]
    [InlineData("AutomaticShutdownAction", "uint16", "2", VMState.Off, "0")]
    [InlineData("AutomaticShutdownAction", "uint16", "4", VMState.Off, "0")]
    [InlineData("AutomaticShutdownAction", "uint16", "2", VMState.Running, "32775")]
    [InlineData("AutomaticShutdownAction", "uint16", "5", VMState.Off, "32773")]
    public async Task What_devices_need_changes_while_the_machine_is_off(
        string property,
        string type,
        string value,
        VMState state,
        string expected
    )
    {
        HyperVMachine machine = Machine();
        machine.Jobs.IsSynchronous = true;
        VirtualMachine vm = machine.AddVM("lab", new() { State = state });
        await using StandInHost host = await StandInHost.StartAsync(machine);

        CurlAnswer answer = await ModifyAsync(host, vm, (property, type, value));

        Assert.Equal(expected, answer.Value("ReturnValue"));
        Assert.Equal(expected == "0", Cim.CimValues.Text(vm.Settings[property]!) == value);
    }

    [Fact]
    public void The_template_is_the_default_of_a_port()
    {
        Cim.CimObject template = Assert.Single(
            new HyperVMachine().Instances("root/virtualization/v2", "Msvm_PciExpressSettingData")
        );

        Assert.EndsWith(@"\Default", template.Text("InstanceID"), StringComparison.Ordinal);
        Assert.Equal(32769ul, template.Number("ResourceType"));
    }

    private static HyperVMachine Machine()
    {
        var machine = new HyperVMachine();
        SampleDevices.AddTo(machine);
        return machine;
    }

    private static string Path(HyperVMachine machine, string deviceId) =>
        $@"\\{machine.Host.Name}\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""{deviceId.Replace(@"\", @"\\", StringComparison.Ordinal)}"",SystemCreationClassName=""Msvm_ComputerSystem"",SystemName=""{machine.Host.Name}""";

    private static string Selector(CurlAnswer answer, string parameter) =>
        answer.Element(parameter)!.Descendants().Single(static element => element.Name.LocalName == "Selector").Value;

    private static Task<CurlAnswer> AssignableAsync(StandInHost host) =>
        Curl.PostAsync(host.Address, Envelopes.Optimized(Envelopes.V2 + "Msvm_PciExpress", 100));

    private static Task<CurlAnswer> JobAsync(StandInHost host, string job) =>
        Curl.PostAsync(host.Address, Envelopes.Get(Envelopes.V2 + "Msvm_ConcreteJob", ("InstanceID", job)));

    private static Task<CurlAnswer> DismountAsync(
        StandInHost host,
        params (string Name, string Type, string Value)[] properties
    ) =>
        InvokeAsync(
            host,
            Service,
            "DismountAssignableDevice",
            "<p:DismountSettingData>"
                + Envelopes.Instance("Msvm_AssignableDeviceDismountSettingData", properties)
                + "</p:DismountSettingData>"
        );

    private static Task<CurlAnswer> MountAsync(StandInHost host) =>
        InvokeAsync(host, Service, "MountAssignableDevice", $"<p:DeviceLocationPath>{Location}</p:DeviceLocationPath>");

    private static Task<CurlAnswer> AddAsync(StandInHost host, VirtualMachine vm, string hostResource) =>
        InvokeAsync(
            host,
            "Msvm_VirtualSystemManagementService",
            "AddResourceSettings",
            Envelopes.Reference(
                "AffectedConfiguration",
                Envelopes.V2 + "Msvm_VirtualSystemSettingData",
                ("InstanceID", vm.Settings.Text("InstanceID"))
            )
                + "<p:ResourceSettings>"
                + Envelopes.Instance("Msvm_PciExpressSettingData", ("HostResource", "string[]", hostResource))
                + "</p:ResourceSettings>"
        );

    private static Task<CurlAnswer> RemoveAsync(StandInHost host, string instanceId) =>
        InvokeAsync(
            host,
            "Msvm_VirtualSystemManagementService",
            "RemoveResourceSettings",
            Envelopes.Reference(
                "ResourceSettings",
                Envelopes.V2 + "Msvm_PciExpressSettingData",
                ("InstanceID", instanceId)
            )
        );

    private static Task<CurlAnswer> ModifyAsync(
        StandInHost host,
        VirtualMachine vm,
        (string Name, string Type, string Value) property
    ) =>
        InvokeAsync(
            host,
            "Msvm_VirtualSystemManagementService",
            "ModifySystemSettings",
            "<p:SystemSettings>"
                + Envelopes.Instance(
                    "Msvm_VirtualSystemSettingData",
                    ("InstanceID", "string", vm.Settings.Text("InstanceID")),
                    property
                )
                + "</p:SystemSettings>"
        );

    private static Task<CurlAnswer> StartAsync(StandInHost host, VirtualMachine vm) =>
        Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(
                Envelopes.V2 + "Msvm_ComputerSystem",
                "RequestStateChange",
                "<p:RequestedState>2</p:RequestedState>",
                ("Name", vm.Id.ToString().ToUpperInvariant())
            )
        );

    private static Task<CurlAnswer> InvokeAsync(StandInHost host, string service, string method, string parameters) =>
        Curl.PostAsync(
            host.Address,
            Envelopes.Invoke(Envelopes.V2 + service, method, parameters, ("CreationClassName", service))
        );
}
