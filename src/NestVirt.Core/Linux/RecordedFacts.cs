using NestVirt.Probing;

namespace NestVirt.Linux;

/// <summary>What the answers to probes tell, in the words of people who never heard of probes.</summary>
internal static class RecordedFacts
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["boot"] = "the settings of its boot loader",
        ["bootroot"] = "the settings of its boot loader that only root can read",
        ["bootsystem"] = "the tools of its boot loader and initial RAM file system",
        ["cpu"] = "its processors",
        ["guestcapabilities"] = "what libvirt can give its guests",
        ["guestfeatures"] = "the features of processors that libvirt knows",
        ["guests"] = "the guests of libvirt",
        ["guestuse"] = "what KVM counts of its guests",
        ["guestxml"] = "the definitions of the guests, byte for byte",
        ["hostuse"] = "what the host itself needs devices for",
        ["hugepages"] = "its huge pages",
        ["hypervisor"] = "the hypervisor that it runs under",
        ["identity"] = "which machine it is",
        ["interrupted"] = "changes that were interrupted",
        ["iommu"] = "its IOMMU groups",
        ["kernellog"] = "the log of its kernel",
        ["kernellogroot"] = "the log of its kernel that only root can read",
        ["kvm"] = "its KVM modules",
        ["kvmusers"] = "the guests that run on it",
        ["modprobe"] = "the settings of modprobe",
        ["msr"] = "the registers of its processors",
        ["networkd"] = "the files of systemd-networkd, byte for byte",
        ["nmprofiles"] = "the profiles of NetworkManager",
        ["pci"] = "its PCI functions",
        ["pciconfig"] = "the registers of its PCI functions",
        ["pcidriver"] = "the drivers of its PCI functions and who uses them",
        ["pcidriverfiles"] = "the files that choose drivers of PCI functions, byte for byte",
        ["pcinames"] = "the names of its PCI functions",
        ["rawboot"] = "the files of its boot loader, byte for byte",
        ["rawhugepages"] = "the files that set huge pages, byte for byte",
        ["rawmodprobe"] = "the files of modprobe.d, byte for byte",
        ["rawsriov"] = "the files that set virtual functions, byte for byte",
        ["system"] = "its kernel and distribution",
        ["topology"] = "its processors and memory nodes",
        ["vf"] = "the settings of its virtual functions",
        ["vfiousers"] = "the programs that hold devices by VFIO",
    };

    /// <summary>Says what an answer tells.</summary>
    /// <param name="probe">The probe.</param>
    /// <returns>The words, as they follow "it does not hold".</returns>
    internal static string NameOf(HostProbe probe) => s_names[probe.Name];
}
