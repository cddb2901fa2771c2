using NestVirt.Transport;

namespace NestVirt.Kvm;

/// <summary>Names every probe of a KVM host: what a snapshot records.</summary>
public static class KvmProbes
{
    /// <summary>Gets the probes, in the order in which a script asks them.</summary>
    public static IReadOnlyList<HostProbe> All { get; } =
    [
        SystemProbe.Probe,
        TopologyProbe.Probe,
        KvmModuleProbe.Probe,
        ModprobeConfigProbe.Probe,
        BootConfigProbe.Probe,
        BootConfigProbe.RootProbe,
        .. PciInventory.Probes,
        IommuProbe.Probe,
        .. MachineAssessor.Probes,
    ];
}
