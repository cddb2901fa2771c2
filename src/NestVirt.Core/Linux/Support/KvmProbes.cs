using NestVirt.Linux.Boot;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Pci;
using NestVirt.Linux.Virtualization;
using NestVirt.Probing;

namespace NestVirt.Linux.Support;

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
