namespace NestVirt.Guidance;

/// <summary>What a user may allow a change, or choose for it, by a switch of the front end.</summary>
public enum ChangeSwitch : long
{
    /// <summary>What is in use may be interrupted.</summary>
    Force,

    /// <summary>Running guests may be shut down and started again.</summary>
    StopGuests,

    /// <summary>The host may be restarted.</summary>
    Restart,

    /// <summary>Conflicting lines of other files are commented out.</summary>
    ReplaceConflict,

    /// <summary>The other devices of the IOMMU group are meant, too.</summary>
    WholeGroup,

    /// <summary>The host chooses the driver.</summary>
    HostDriver,

    /// <summary>The change holds until the next boot only.</summary>
    Temporary,

    /// <summary>The plan is written to a file.</summary>
    WritePlan,

    /// <summary>The memory of virtual machines is made static.</summary>
    StaticMemory,

    /// <summary>Virtual machines get what Windows wants of KVM when it runs Hyper-V.</summary>
    WindowsHypervisor,

    /// <summary>libvirt leaves the drivers of devices as they are.</summary>
    Unmanaged,

    /// <summary>Functions of one device of the host are functions of one device in the virtual machine.</summary>
    Multifunction,

    /// <summary>The ROM of a device is hidden from the virtual machine.</summary>
    NoRom,
}
