using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// Which instances belong together, by the class of the association (win32 docs; the chain of os-win).
/// </summary>
internal static class Associations
{
    /// <summary>Gets what one instance is associated with.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="from">The instance.</param>
    /// <param name="association">The class of the association; null for any.</param>
    internal static IEnumerable<CimObject> Of(HyperVMachine machine, CimObject from, string? association) =>
        machine
            .VMs.SelectMany(Pairs)
            .Where(pair =>
                association is null || pair.Association.Equals(association, StringComparison.OrdinalIgnoreCase)
            )
            .SelectMany(pair =>
                ReferenceEquals(pair.One, from) ? [pair.Other]
                : ReferenceEquals(pair.Other, from) ? [pair.One]
                : Array.Empty<CimObject>()
            )
            .Distinct();

    private static IEnumerable<(string Association, CimObject One, CimObject Other)> Pairs(VirtualMachine vm)
    {
        yield return ("Msvm_SettingsDefineState", vm.System, vm.Settings);
        foreach (CimObject part in Parts(vm))
        {
            yield return ("Msvm_VirtualSystemSettingDataComponent", vm.Settings, part);
        }

        foreach (NetworkAdapter adapter in vm.Adapters)
        {
            foreach (CimObject feature in adapter.Features)
            {
                yield return ("Msvm_EthernetPortSettingDataComponent", adapter.Connection, feature);
            }
        }

        foreach (Checkpoint checkpoint in vm.Checkpoints)
        {
            yield return ("Msvm_SnapshotOfVirtualSystem", vm.System, checkpoint.Settings);
            yield return ("Msvm_VirtualSystemSettingDataComponent", checkpoint.Settings, checkpoint.Processor);
            yield return ("Msvm_VirtualSystemSettingDataComponent", checkpoint.Settings, checkpoint.Memory);
        }

        if (vm.Shutdown is not null && vm.State == VMState.Running)
        {
            yield return ("Msvm_SystemDevice", vm.System, vm.Shutdown);
        }
    }

    // That the security settings are a component as the others are is not recorded.
    private static IEnumerable<CimObject> Parts(VirtualMachine vm) =>
        [
            vm.Processor,
            vm.Memory,
            vm.Security,
            .. vm.Adapters.SelectMany(static adapter => new[] { adapter.Port, adapter.Connection }),
            .. vm.Devices,
        ];
}
