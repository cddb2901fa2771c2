using NestVirt.Model;

namespace NestVirt.Questions;

/// <summary>Names every question. A platform need not answer all of them.</summary>
public static class HostQuestions
{
    /// <summary>Gets the question whether a host can nest virtualization and pass devices through, and why not.</summary>
    public static Question<NestedSupport> Support { get; } = new("what the host supports");

    /// <summary>Gets the question which IOMMU groups a host has.</summary>
    public static Question<IommuGroup> IommuGroups { get; } = new("the IOMMU groups");

    /// <summary>Gets the question which PCI functions a host has.</summary>
    public static Question<PciDevice> PciDevices { get; } = new("the PCI functions");

    /// <summary>Gets the question which physical functions of a host can have virtual ones.</summary>
    /// <remarks>
    /// These are the functions whose SR-IOV the kernel offers, and those that only their config space shows to have it:
    /// they are listed with what they could do, though nothing can be set there.
    /// </remarks>
    public static Question<SriovDevice> SriovDevices { get; } = new("the SR-IOV devices");

    /// <summary>Gets the question how the modules of KVM are set, now and at the next boot.</summary>
    public static Question<KvmModule> KvmModules { get; } = new("the KVM modules");

    /// <summary>Gets the question which virtual machines of a host can run hypervisors, and why the others cannot.</summary>
    public static Question<VmNestedCpu> VmNestedCpus { get; } = new("the nesting of its virtual machines");

    /// <summary>Gets the question which PCI devices of a host its virtual machines own.</summary>
    public static Question<VmPciDevice> VmPciDevices { get; } = new("the PCI devices of its virtual machines");
}
