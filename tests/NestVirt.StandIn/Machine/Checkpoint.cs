using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// A checkpoint: settings of a VM as they were, which share the classes with those that are in effect.
/// </summary>
/// <param name="Settings">The Msvm_VirtualSystemSettingData.</param>
/// <param name="Processor">The Msvm_ProcessorSettingData.</param>
/// <param name="Memory">The Msvm_MemorySettingData.</param>
public sealed record Checkpoint(CimObject Settings, CimObject Processor, CimObject Memory)
{
    /// <summary>Gets all instances.</summary>
    public IEnumerable<CimObject> Objects => [Settings, Processor, Memory];
}
