using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>The state of the stand-in.</summary>
public class HyperVMachineTests
{
    private const string V2 = "root/virtualization/v2";

    [Fact]
    public void Settings_templates_and_checkpoints_share_a_class()
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab");
        vm.AddCheckpoint("before", new("11111111-2222-4333-8444-555555555555"));

        string[] ids =
        [
            .. machine.Instances(V2, "Msvm_ProcessorSettingData").Select(static one => one.Text("InstanceID")),
        ];

        Assert.Equal(6, ids.Length);
        Assert.Contains(@"Microsoft:5D1B6E00-0000-4000-8000-000000000001\b637f346-6a0e-4dec-af52-bd70cb80a21d\0", ids);
        Assert.Contains(@"Microsoft:11111111-2222-4333-8444-555555555555\b637f346-6a0e-4dec-af52-bd70cb80a21d\0", ids);
        Assert.Equal(
            ["Default", "Minimum", "Maximum", "Increment"],
            ids.Where(static id => id.StartsWith(@"Microsoft:Definition\", StringComparison.Ordinal))
                .Select(static id => id.Split('\\')[2])
        );
    }

    [Fact]
    public void A_planned_machine_is_of_another_class()
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("planned", new() { IsPlanned = true });

        Assert.DoesNotContain(vm.System, machine.Instances(V2, "Msvm_ComputerSystem"));
        Assert.Contains(vm.System, machine.Instances(V2, "Msvm_PlannedComputerSystem"));
        Assert.Contains(vm.System, machine.Instances(V2, "CIM_ComputerSystem"));
        Assert.Equal("Microsoft:Hyper-V:System:Planned", vm.Settings.Text("VirtualSystemType"));
    }

    // Docs and microsoft/wmi: 2016 brought nesting, 1703 the threads, 23H2 the rest.
    [Theory]
    [InlineData(9600, false, false, false)]
    [InlineData(14393, true, false, false)]
    [InlineData(20348, true, true, false)]
    [InlineData(26100, true, true, true)]
    public void A_build_has_the_properties_of_its_time(int build, bool nesting, bool threads, bool extended)
    {
        CimClass processor = CimCatalog.ForBuild(build).Get(V2, "Msvm_ProcessorSettingData");

        Assert.Equal(
            (nesting, threads, extended),
            (
                processor.Find("ExposeVirtualizationExtensions") is not null,
                processor.Find("HwThreadsPerCore") is not null,
                processor.Find("ExtendedVirtualizationExtensions") is not null
            )
        );
    }

    // win32 docs, Msvm_ProcessorSettingData and others.
    [Theory]
    [InlineData("Msvm_ProcessorSettingData", "VirtualQuantity", CimType.UInt64, false)]
    [InlineData("Msvm_ProcessorSettingData", "ExposeVirtualizationExtensions", CimType.Boolean, false)]
    [InlineData("Msvm_ProcessorSettingData", "Weight", CimType.UInt32, false)]
    [InlineData("Msvm_ProcessorSettingData", "HwThreadsPerCore", CimType.UInt64, false)]
    [InlineData("Msvm_MemorySettingData", "TargetMemoryBuffer", CimType.UInt32, false)]
    [InlineData("Msvm_VirtualSystemSettingData", "AutomaticShutdownAction", CimType.UInt16, false)]
    [InlineData("Msvm_VirtualSystemSettingData", "AutomaticStartupActionDelay", CimType.DateTime, false)]
    [InlineData("Msvm_VirtualSystemSettingData", "VirtualSystemSubType", CimType.String, false)]
    [InlineData("Msvm_VirtualSystemSettingData", "Notes", CimType.String, true)]
    [InlineData("Msvm_EthernetSwitchPortOffloadSettingData", "IOVOffloadWeight", CimType.UInt32, false)]
    [InlineData("Msvm_EthernetSwitchPortOffloadSettingData", "IOVInterruptModeration", CimType.UInt32, false)]
    [InlineData("Msvm_EthernetSwitchPortSecuritySettingData", "MonitorMode", CimType.UInt8, false)]
    [InlineData("Msvm_ConcreteJob", "JobState", CimType.UInt16, false)]
    [InlineData("Msvm_PciExpressSettingData", "VirtualFunctions", CimType.UInt16, true)]
    public void A_property_has_its_documented_type(string className, string name, CimType type, bool isArray)
    {
        CimProperty property = CimCatalog.ForBuild(20348).Get(V2, className).Find(name)!;

        Assert.Equal((type, isArray), (property.Type, property.IsArray));
    }

    // Recorded for off and running; a saved machine refers to its saved state (field reports).
    [Theory]
    [InlineData(VMState.Running, 2, 2, false, true)]
    [InlineData(VMState.Off, 3, 3, false, false)]
    [InlineData(VMState.Saved, 6, 3, true, false)]
    public void A_state_shows_in_all_that_depends_on_it(
        VMState state,
        int enabledState,
        int enabledDefault,
        bool isSaved,
        bool hasProcess
    )
    {
        VirtualMachine vm = new HyperVMachine().AddVM("lab", new() { State = state });

        Assert.Equal(
            ((ushort)enabledState, (ushort)enabledDefault),
            (vm.System["EnabledState"], vm.System["EnabledDefault"])
        );
        Assert.Equal(isSaved, vm.Settings["IsSaved"]);
        Assert.Equal(hasProcess, vm.System["ProcessID"] is not null);
    }

    [Fact]
    public void A_property_can_be_taken_away()
    {
        var machine = new HyperVMachine();
        machine.Classes.Get(V2, "Msvm_ProcessorSettingData").Remove("ExposeVirtualizationExtensions");

        Assert.Null(machine.AddVM("lab").Processor.Class.Find("ExposeVirtualizationExtensions"));
    }
}
