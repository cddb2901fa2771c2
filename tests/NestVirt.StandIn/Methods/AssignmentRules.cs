using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>Which VMs take devices (Microsoft, plan for DDA). Which codes a host gives is not recorded, but where said.</summary>
public static class AssignmentRules
{
    private const ulong TurnOff = 2;

    /// <summary>Gets why a VM does not take a device.</summary>
    /// <returns>The reason; null where it does.</returns>
    public static MethodFailure? Refusal(HyperVMachine machine, VirtualMachine vm, HostDevice device) =>
        vm.State != VMState.Off ? ChangeRules.InvalidState(vm)
        : !machine.Host.IsIovSupported
            ? new MethodFailure(
                ReturnCodes.NotSupported,
                "The operation failed. " + string.Join(" ", machine.Host.IovReasons)
            )
        : vm.Settings.Number("AutomaticShutdownAction") != TurnOff
            ? new MethodFailure(
                ReturnCodes.InvalidState,
                $"'{vm.Name}' cannot be given a device: its automatic stop action is not to turn it off."
            )
        : MemoryRefusal(vm, vm.Memory) is { } memory ? memory
        : machine.OwnerOf(device) is { } owner
            ? new MethodFailure(
                ReturnCodes.SystemInUse,
                $"The device '{device.LocationPath}' is assigned to '{owner.Name}' already."
            )
        : null;

    /// <summary>
    /// Gets why memory and devices do not go together: dynamic memory may be on, but the VM must start with its minimum
    /// (ExHyperV #60 has the sentence in Chinese).
    /// </summary>
    /// <param name="vm">The VM.</param>
    /// <param name="memory">Its memory, as it is or would be.</param>
    internal static MethodFailure? MemoryRefusal(VirtualMachine vm, CimObject memory) =>
        memory.IsTrue("DynamicMemoryEnabled") && memory.Number("VirtualQuantity") != memory.Number("Reservation")
            ? new MethodFailure(
                ReturnCodes.Failed,
                $"The operation cannot be performed on '{vm.Name}': its memory settings are not compatible with assigned "
                    + "devices. With dynamic memory, the startup memory and the minimum memory must be equal."
            )
            : null;

    /// <summary>
    /// Gets why a VM with devices does not start: their memory must fit into the two gaps. How a host counts is not
    /// recorded; here the sum alone is compared.
    /// </summary>
    internal static MethodFailure? StartRefusal(HyperVMachine machine, VirtualMachine vm)
    {
        ulong needed = machine.DevicesOf(vm).Aggregate(0UL, static (sum, device) => sum + device.MemoryMegabytes);
        return needed > vm.Settings.Number("LowMmioGapSize") + vm.Settings.Number("HighMmioGapSize")
            ? new MethodFailure(
                ReturnCodes.Failed,
                $"'{vm.Name}' failed to start. Virtual Pci Express Port: Failed to Power on with Error 'Insufficient system "
                    + "resources exist to complete the requested service.' (0x800705AA)."
            )
            : null;
    }
}
