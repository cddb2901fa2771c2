namespace NestVirt.Guidance;

/// <summary>What an argument of a command of ours says.</summary>
public enum CommandArgument : long
{
    /// <summary>The number of a change.</summary>
    ChangeId,

    /// <summary>The name of a module.</summary>
    Module,

    /// <summary>A parameter of a module, as NAME=VALUE; there may be several.</summary>
    Parameter,

    /// <summary>A word to have on the kernel's command line; there may be several.</summary>
    KernelWord,

    /// <summary>A word to take away from the kernel's command line; there may be several.</summary>
    RemovedKernelWord,

    /// <summary>The address of a PCI device.</summary>
    Address,

    /// <summary>The driver of a PCI device.</summary>
    Driver,

    /// <summary>The size of a huge page, in KiB.</summary>
    PageSizeKiB,

    /// <summary>A number of huge pages.</summary>
    PageCount,

    /// <summary>A NUMA node.</summary>
    Node,

    /// <summary>A number of virtual functions.</summary>
    FunctionCount,

    /// <summary>Whether the host binds drivers to new virtual functions: yes or no.</summary>
    BindDrivers,

    /// <summary>The virtual function that settings are for.</summary>
    Function,

    /// <summary>A setting of a virtual function, as NAME=VALUE in the words of ip-link(8); there may be several.</summary>
    FunctionSetting,

    /// <summary>Whether the host's own devices bypass the IOMMU: yes or no.</summary>
    Passthrough,

    /// <summary>The name or the id of a virtual machine; there may be several.</summary>
    VmName,

    /// <summary>Whether virtual machines see the virtualization extension: on or off.</summary>
    Expose,

    /// <summary>A number of processors of a virtual machine.</summary>
    CpuCount,

    /// <summary>A number of threads of a core of a virtual machine.</summary>
    ThreadsPerCore,

    /// <summary>Whether network adapters of virtual machines may send from other MAC addresses: on or off.</summary>
    MacSpoofing,

    /// <summary>Whether virtual machines opt out of virtualization-based security: on or off.</summary>
    VbsOptOut,

    /// <summary>How much of the virtual functions of a switch network adapters of virtual machines may claim: 0 to 100.</summary>
    IovWeight,

    /// <summary>A PCI device of a host, by address; of a Hyper-V host by location path or instance path, too; there may be several.</summary>
    Device,

    /// <summary>The space of a virtual machine for memory of devices below 4 GiB, in MiB.</summary>
    LowMmioMebibytes,

    /// <summary>The space of a virtual machine for memory of devices above 4 GiB, in MiB.</summary>
    HighMmioMebibytes,

    /// <summary>Where the processor of virtual machines comes from, in libvirt's words.</summary>
    CpuMode,

    /// <summary>The model of the processor of virtual machines, in libvirt's words.</summary>
    CpuModel,

    /// <summary>A feature of the processor of virtual machines, as NAME=POLICY; there may be several.</summary>
    CpuFeature,

    /// <summary>How processors of virtual machines are laid out, as sockets=N,dies=N,cores=N,threads=N.</summary>
    CpuTopology,

    /// <summary>Whether what would hinder a migration is left out: on or off.</summary>
    Migratable,

    /// <summary>The MAC address that a virtual function gets in a virtual machine.</summary>
    MacAddress,

    /// <summary>The VLAN that a virtual function is in.</summary>
    VlanId,

    /// <summary>The PCI address of a device in a virtual machine.</summary>
    GuestAddress,

    /// <summary>The file that a virtual machine sees in the place of the ROM of a device.</summary>
    RomFile,

    /// <summary>What of virtual machines is fitted to their host; there may be several.</summary>
    Tuning,

    /// <summary>What becomes of the second threads of cores: avoid or pair.</summary>
    SiblingUse,

    /// <summary>How many threads run the disks of a virtual machine.</summary>
    IOThreadCount,

    /// <summary>The size of the huge pages of virtual machines, in KiB.</summary>
    VmPageSizeKiB,
}
