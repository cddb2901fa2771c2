using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>What a host refuses to change, by the state of the VM.</summary>
public static class ChangeRules
{
    // Processor and memory: win32 docs and Set-VMProcessor; what of these a running VM refuses is not recorded
    // one by one. Msvm_SecuritySettingData changes while the VM is off.
    private static readonly HashSet<string> s_whileOff = new(StringComparer.OrdinalIgnoreCase)
    {
        "ExposeVirtualizationExtensions",
        "HideHypervisorPresent",
        "HwThreadsPerCore",
        "LimitCPUID",
        "LimitProcessorFeatures",
        "MaxNumaNodesPerSocket",
        "MaxProcessorsPerNumaNode",
        "AutomaticShutdownAction",
        "DynamicMemoryEnabled",
        "GuestControlledCacheTypes",
        "HighMmioGapSize",
        "LowMmioGapSize",
        "SecureBootEnabled",
        "VirtualNumaEnabled",
        "TpmEnabled",
        "ShieldingRequested",
        "VirtualizationBasedSecurityOptOut",
    };

    private static readonly Version s_nestingVersion = new(8, 0);

    /// <summary>Gets why a change is refused.</summary>
    /// <returns>The reason; null where it is not.</returns>
    public static MethodFailure? Refusal(HyperVMachine machine, SettingChange change)
    {
        // Templates and checkpoints are instances of the same classes, and nobody may change them this way.
        VirtualMachine? vm = machine.VMs.FirstOrDefault(found => found.ActiveSettings.Contains(change.Target));
        if (vm is null)
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, "These settings belong to no virtual machine.");
        }

        if (AssignmentRefusal(vm, change) is { } refusal)
        {
            return refusal;
        }

        foreach ((string name, object? value) in change.Values)
        {
            if (Equals(change.Target[name], value))
            {
                continue;
            }

            bool isResize =
                change.Target == vm.Memory && name.Equals("VirtualQuantity", StringComparison.OrdinalIgnoreCase);
            bool isProcessorCount =
                change.Target == vm.Processor && name.Equals("VirtualQuantity", StringComparison.OrdinalIgnoreCase);
            // The memory of a running VM can change, but not while a hypervisor runs in it (learn.microsoft.com).
            bool needsOff = s_whileOff.Contains(name) || isProcessorCount || (isResize && vm.IsNested);
            if (needsOff && vm.State != VMState.Off)
            {
                return InvalidState(vm);
            }

            // Nesting is a feature of version 8.0 (windowsserverdocs); what an older VM answers is not recorded.
            if (
                name.Equals("ExposeVirtualizationExtensions", StringComparison.OrdinalIgnoreCase)
                && value is true
                && vm.Version < s_nestingVersion
            )
            {
                return new MethodFailure(
                    ReturnCodes.NotSupported,
                    $"'{vm.Name}' has configuration version {vm.Version}, which does not support the setting."
                );
            }
        }

        return null;
    }

    // 2 turn off, 3 save, 4 shut down (Msvm_VirtualSystemSettingData); what another value gives is not recorded.
    private static MethodFailure? AssignmentRefusal(VirtualMachine vm, SettingChange change)
    {
        if (
            change.Values.TryGetValue("AutomaticShutdownAction", out object? action)
            && action is not (ushort)2 and not (ushort)3 and not (ushort)4
        )
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, $"There is no automatic stop action {action}.");
        }

        if (change.Target != vm.Memory || vm.Devices.Count == 0)
        {
            return null;
        }

        CimObject changed = vm.Memory.Copy();
        new SettingChange(changed, change.Values).Apply();
        return AssignmentRules.MemoryRefusal(vm, changed);
    }

    internal static MethodFailure InvalidState(VirtualMachine vm) =>
        new(
            ReturnCodes.InvalidState,
            "The operation cannot be performed while the virtual machine is in its current state. "
                + $"The name of the virtual machine is {vm.Name} and its ID is {vm.Id.ToString().ToUpperInvariant()}."
        );
}
