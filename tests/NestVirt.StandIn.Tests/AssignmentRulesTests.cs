using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Methods;

namespace NestVirt.StandIn.Tests;

/// <summary>Which devices leave the host, and which VMs take them: SurveyDDA.ps1, and Microsoft's plan for DDA.</summary>
public class AssignmentRulesTests
{
    private const string Id = @"PCI\VEN_10DE&DEV_1DB4&SUBSYS_121410DE&REV_A1\4&2F8C9A1&0&0000";

    [Theory]
    [InlineData(2u, 0x030200u, true)]
    [InlineData(4u, 0x0C0330u, true)]
    [InlineData(3u, 0x030000u, true)]
    [InlineData(3u, 0x010802u, false)]
    [InlineData(0u, 0x030000u, false)]
    [InlineData(1u, 0x020000u, false)]
    [InlineData(5u, 0x020000u, false)]
    [InlineData(8u, 0x060400u, false)]
    public void A_device_leaves_the_host_by_its_kind(uint deviceType, uint classCode, bool leaves)
    {
        var device = new HostDevice(Id, "Device")
        {
            ClassCode = classCode,
            DeviceType = deviceType,
            ErrorCode = HostDevice.DisabledCode,
        };

        Assert.Equal(leaves ? null : 32770u, Refuse(device));
    }

    [Theory]
    [InlineData(0u, 32775u)]
    [InlineData(14u, 32775u)]
    [InlineData(22u, null)]
    public void It_must_be_disabled_first(uint errorCode, uint? expected) =>
        Assert.Equal(expected, Refuse(new HostDevice(Id, "Device") { ErrorCode = errorCode }));

    [Theory]
    [InlineData(0u, true, true, 32770u)]
    [InlineData(0u, true, false, null)]
    [InlineData(1u, true, true, null)]
    [InlineData(3u, false, true, 32770u)]
    [InlineData(3u, false, false, null)]
    public void What_is_required_must_be_there(uint acs, bool hasMitigations, bool isRequired, uint? expected)
    {
        var device = new HostDevice(Id, "Device")
        {
            Acs = acs,
            ErrorCode = HostDevice.DisabledCode,
            HasMitigations = hasMitigations,
        };

        Assert.Equal(expected, DismountRules.Refusal(new HostFacts(), device, isRequired, isRequired)?.Code);
    }

    [Fact]
    public void Memory_of_the_firmware_keeps_it() =>
        Assert.Equal(
            32770u,
            Refuse(new HostDevice(Id, "Device") { ErrorCode = HostDevice.DisabledCode, NeedsReservedMemory = true })
        );

    [Fact]
    public void Only_a_server_gives_devices_away() =>
        Assert.Equal(
            32770u,
            DismountRules
                .Refusal(
                    new HostFacts { ProductType = 1 },
                    new HostDevice(Id, "Device") { ErrorCode = HostDevice.DisabledCode },
                    requiresAcs: false,
                    requiresMitigations: false
                )
                ?.Code
        );

    [Theory]
    [InlineData(2, VMState.Off, null)]
    [InlineData(3, VMState.Off, 32775u)]
    [InlineData(4, VMState.Off, 32775u)]
    [InlineData(2, VMState.Running, 32775u)]
    [InlineData(2, VMState.Saved, 32775u)]
    public void A_machine_is_off_and_turned_off_with_the_host(int action, VMState state, uint? expected)
    {
        (HyperVMachine machine, HostDevice device) = Host();
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = (ushort)action, State = state });

        Assert.Equal(expected, AssignmentRules.Refusal(machine, vm, device)?.Code);
    }

    // ExHyperV #60: the host takes dynamic memory where the VM starts with its minimum.
    [Theory]
    [InlineData(false, 512, null)]
    [InlineData(true, 4096, null)]
    [InlineData(true, 512, 32768u)]
    public void Its_memory_starts_with_the_minimum(bool isDynamic, int minimum, uint? expected)
    {
        (HyperVMachine machine, HostDevice device) = Host();
        VirtualMachine vm = machine.AddVM(
            "lab",
            new()
            {
                AutomaticShutdownAction = 2,
                HasDynamicMemory = isDynamic,
                MinimumMegabytes = (ulong)minimum,
            }
        );

        Assert.Equal(expected, AssignmentRules.Refusal(machine, vm, device)?.Code);
    }

    [Fact]
    public void Its_memory_stays_so_while_it_has_a_device()
    {
        (HyperVMachine machine, HostDevice device) = Host();
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });
        var change = new SettingChange(
            vm.Memory,
            new Dictionary<string, object?> { ["DynamicMemoryEnabled"] = true, ["Reservation"] = 512ul }
        );
        uint? without = ChangeRules.Refusal(machine, change)?.Code;
        Give(machine, vm, device);

        Assert.Equal((null, 32768u), (without, ChangeRules.Refusal(machine, change)?.Code));
    }

    [Fact]
    public void A_host_without_IOV_gives_no_device_and_says_why()
    {
        (HyperVMachine machine, HostDevice device) = Host();
        machine.Host.IsIovSupported = false;
        machine.Host.IovReasons = ["The chipset on the system does not do interrupt remapping."];
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });

        MethodFailure? failure = AssignmentRules.Refusal(machine, vm, device);

        Assert.Equal(32770u, failure?.Code);
        Assert.EndsWith(machine.Host.IovReasons[0], failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_has_one_owner()
    {
        (HyperVMachine machine, HostDevice device) = Host();
        VirtualMachine owner = machine.AddVM("owner", new() { AutomaticShutdownAction = 2 });
        VirtualMachine other = machine.AddVM("other", new() { AutomaticShutdownAction = 2 });
        Give(machine, owner, device);

        Assert.Equal(owner, machine.OwnerOf(device));
        Assert.Equal(32774u, AssignmentRules.Refusal(machine, other, device)?.Code);
        Assert.Equal(32774u, AssignmentRules.Refusal(machine, owner, device)?.Code);
    }

    [Theory]
    [InlineData(640, true)]
    [InlineData(641, false)]
    public void A_machine_starts_when_the_memory_of_its_devices_fits_into_its_gaps(int megabytes, bool starts)
    {
        var machine = new HyperVMachine();
        HostDevice device = machine.AddDevice(
            new HostDevice(Id, "Device")
            {
                IsDismounted = true,
                Memory = [(0x1000000000, 0x1000000000 + ((ulong)megabytes << 20) - 1)],
            }
        );
        VirtualMachine vm = machine.AddVM("lab", new() { AutomaticShutdownAction = 2 });
        Give(machine, vm, device);

        Assert.Equal(starts, PowerRules.Apply(machine, vm, 2) is null);
        Assert.Equal(starts ? VMState.Running : VMState.Off, vm.State);
    }

    private static uint? Refuse(HostDevice device) =>
        DismountRules.Refusal(new HostFacts(), device, requiresAcs: false, requiresMitigations: false)?.Code;

    private static (HyperVMachine Machine, HostDevice Device) Host()
    {
        var machine = new HyperVMachine();
        return (machine, machine.AddDevice(new HostDevice(Id, "Device") { IsDismounted = true }));
    }

    private static void Give(HyperVMachine machine, VirtualMachine vm, HostDevice device) =>
        vm.Devices.Add(
            new(machine.Classes.Get("root/virtualization/v2", "Msvm_PciExpressSettingData"))
            {
                ["HostResource"] =
                    $@"\\{machine.Host.Name}\root\virtualization\v2:{DeviceInstances.Assignable(machine, device).RelativePath()}",
                ["InstanceID"] = $@"{vm.Settings.Text("InstanceID")}\11111111-2222-4333-8444-555555555555",
            }
        );
}
