using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Methods;

namespace NestVirt.StandIn.Tests;

/// <summary>What the stand-in refuses, by the state of a machine and what its host is.</summary>
public class ChangeRulesTests
{
    [Theory]
    [InlineData(VMState.Off, null)]
    [InlineData(VMState.Running, 32775u)]
    [InlineData(VMState.Paused, 32775u)]
    [InlineData(VMState.Saved, 32775u)]
    public void Nesting_changes_while_the_machine_is_off(VMState state, uint? expected)
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab", new() { State = state });

        Assert.Equal(expected, Refuse(machine, vm.Processor, "ExposeVirtualizationExtensions", true));
    }

    [Fact]
    public void Nesting_wants_a_version_that_has_it()
    {
        var machine = new HyperVMachine(new HostFacts { Build = 17763 });
        VirtualMachine old = machine.AddVM("old", new() { Version = "5.0" });

        Assert.Equal(32770u, Refuse(machine, old.Processor, "ExposeVirtualizationExtensions", true));
    }

    [Fact]
    public void Memory_of_a_running_machine_changes_unless_it_runs_a_hypervisor()
    {
        var machine = new HyperVMachine();
        VirtualMachine plain = machine.AddVM("plain", new() { State = VMState.Running });
        VirtualMachine nested = machine.AddVM("nested", new() { State = VMState.Running, IsNested = true });

        Assert.Null(Refuse(machine, plain.Memory, "VirtualQuantity", 8192UL));
        Assert.Equal(32775u, Refuse(machine, nested.Memory, "VirtualQuantity", 8192UL));
    }

    [Fact]
    public void Nobody_changes_templates_and_checkpoints()
    {
        var machine = new HyperVMachine();
        Checkpoint checkpoint = machine.AddVM("lab").AddCheckpoint("before");
        CimObject template = machine
            .Instances("root/virtualization/v2", "Msvm_ProcessorSettingData")
            .First(found => found.Text("InstanceID").EndsWith(@"\Default", StringComparison.Ordinal));

        Assert.Equal(32773u, Refuse(machine, template, "ExposeVirtualizationExtensions", true));
        Assert.Equal(32773u, Refuse(machine, checkpoint.Processor, "ExposeVirtualizationExtensions", true));
    }

    [Theory]
    [InlineData("<INSTANCE CLASSNAME=\"Msvm_ProcessorSettingData\"/>", 32773u)]
    [InlineData("not XML", 32773u)]
    [InlineData(
        """<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{0}</VALUE></PROPERTY><PROPERTY NAME="Nope" TYPE="boolean"><VALUE>true</VALUE></PROPERTY></INSTANCE>""",
        32773u
    )]
    [InlineData(
        """<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{0}</VALUE></PROPERTY><PROPERTY NAME="VirtualQuantity" TYPE="uint16"><VALUE>4</VALUE></PROPERTY></INSTANCE>""",
        32776u
    )]
    [InlineData(
        """<INSTANCE CLASSNAME="Msvm_VirtualSystemSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{1}</VALUE></PROPERTY><PROPERTY NAME="AutomaticStartupActionDelay" TYPE="datetime"><VALUE>P0DT0H45M0S</VALUE></PROPERTY></INSTANCE>""",
        32768u
    )]
    [InlineData(
        """<INSTANCE CLASSNAME="Msvm_VirtualSystemSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{1}</VALUE></PROPERTY><PROPERTY NAME="AutomaticStartupActionDelay" TYPE="datetime"><VALUE>00000000004500.000000:000</VALUE></PROPERTY></INSTANCE>""",
        null
    )]
    public void A_text_is_read_against_the_classes(string text, uint? expected)
    {
        var machine = new HyperVMachine();
        VirtualMachine vm = machine.AddVM("lab");
        string actual = text.Replace("{0}", vm.Processor.Text("InstanceID"), StringComparison.Ordinal)
            .Replace("{1}", vm.Settings.Text("InstanceID"), StringComparison.Ordinal);

        Assert.Equal(expected, SettingChange.Read(machine, actual, out _)?.Code);
    }

    [Fact]
    public void A_windows_before_2016_has_no_such_property()
    {
        var machine = new HyperVMachine(new HostFacts { Build = 9600 });
        VirtualMachine vm = machine.AddVM("lab", new() { Version = "5.0" });
        string text =
            $"""<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>{vm.Processor.Text("InstanceID")}</VALUE></PROPERTY><PROPERTY NAME="ExposeVirtualizationExtensions" TYPE="boolean"><VALUE>true</VALUE></PROPERTY></INSTANCE>""";

        Assert.Equal(32773u, SettingChange.Read(machine, text, out _)?.Code);
    }

    // learn.microsoft.com, nested virtualization; NanaBox #3 for ARM64.
    [Theory]
    [InlineData("GenuineIntel", 14393, 3u, 9, true)]
    [InlineData("AuthenticAMD", 17763, 3u, 9, false)]
    [InlineData("AuthenticAMD", 20348, 3u, 9, true)]
    [InlineData("AuthenticAMD", 19045, 1u, 9, false)]
    [InlineData("AuthenticAMD", 22000, 1u, 9, true)]
    [InlineData("Qualcomm Technologies Inc", 26100, 1u, 12, false)]
    public void A_machine_with_the_flag_starts_where_the_host_can(
        string vendor,
        int build,
        uint productType,
        int architecture,
        bool starts
    )
    {
        var machine = new HyperVMachine(
            new HostFacts
            {
                CpuVendor = vendor,
                Build = build,
                ProductType = productType,
                Architecture = (ushort)architecture,
            }
        );
        VirtualMachine flagged = machine.AddVM("flagged", new() { IsNested = true });
        VirtualMachine plain = machine.AddVM("plain");

        Assert.Equal(starts, PowerRules.Apply(machine, flagged, 2) is null);
        Assert.Null(PowerRules.Apply(machine, plain, 2));
        Assert.Equal(starts ? VMState.Running : VMState.Off, flagged.State);
    }

    private static uint? Refuse(HyperVMachine machine, CimObject target, string property, object value) =>
        ChangeRules
            .Refusal(machine, new SettingChange(target, new Dictionary<string, object?> { [property] = value }))
            ?.Code;
}
