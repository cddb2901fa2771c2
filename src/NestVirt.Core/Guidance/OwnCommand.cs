namespace NestVirt.Guidance;

/// <summary>A command of ours that advice may name.</summary>
public enum OwnCommand : long
{
    /// <summary>Says whether guests can run hypervisors and own devices, and why not.</summary>
    Support,

    /// <summary>Lets guests run hypervisors.</summary>
    EnableNesting,

    /// <summary>Keeps guests from running hypervisors.</summary>
    DisableNesting,

    /// <summary>Turns the IOMMU on at the next boot.</summary>
    EnableIommu,

    /// <summary>Turns the IOMMU off at the next boot.</summary>
    DisableIommu,

    /// <summary>Sets parameters of a module.</summary>
    SetModule,

    /// <summary>Sets words on the kernel's command line.</summary>
    SetKernel,

    /// <summary>Sets the driver of a PCI device.</summary>
    SetDriver,

    /// <summary>Sets a number of huge pages.</summary>
    SetHugePages,

    /// <summary>Lists the PCI devices of a host.</summary>
    ListPciDevices,

    /// <summary>Lists the changes that were made of a host.</summary>
    History,

    /// <summary>Takes a change back.</summary>
    Undo,

    /// <summary>Records what a host answers in a file.</summary>
    Snapshot,

    /// <summary>Sets virtual functions of a device.</summary>
    SetSriov,

    /// <summary>Sets what virtual machines need so that hypervisors run in them.</summary>
    SetCpu,

    /// <summary>Gives PCI devices of a host to a virtual machine.</summary>
    AddVmPci,

    /// <summary>Takes PCI devices of a host back from a virtual machine.</summary>
    RemoveVmPci,

    /// <summary>Fits virtual machines to the processors, memory and storage of their host.</summary>
    TuneVm,
}
