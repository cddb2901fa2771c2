namespace NestVirt.Model;

/// <content>IOMMU and its groups.</content>
internal static partial class FindingCodes
{
    /// <summary>The firmware describes an IOMMU, and the kernel does not use it.</summary>
    public const string IommuOff = "IommuOff";

    /// <summary>The kernel command line turns the IOMMU off.</summary>
    public const string IommuTurnedOff = "IommuTurnedOff";

    /// <summary>The firmware describes no IOMMU.</summary>
    public const string IommuNotDescribed = "IommuNotDescribed";

    /// <summary>Under Xen the IOMMU is Xen's, and Linux does not see it.</summary>
    public const string IommuOfXen = "IommuOfXen";

    /// <summary>An IOMMU option has a value that the kernel does not know.</summary>
    public const string IommuOptionUseless = "IommuOptionUseless";

    /// <summary>An IOMMU option is for the other vendor's processors.</summary>
    public const string IommuOptionOtherVendor = "IommuOptionOtherVendor";

    /// <summary>The host's own devices bypass translation by the IOMMU.</summary>
    public const string IommuPassthrough = "IommuPassthrough";

    /// <summary>The IOMMU is on, and the command line has words for it that do nothing.</summary>
    public const string IommuWordsUseless = "IommuWordsUseless";

    /// <summary>The IOMMU cannot be turned off while devices are handed out through VFIO.</summary>
    public const string IommuInUse = "IommuInUse";

    /// <summary>The kernel has no parameter that turns this IOMMU off.</summary>
    public const string IommuNotSwitchable = "IommuNotSwitchable";

    /// <summary>The IOMMU does not remap interrupts, so VFIO refuses devices.</summary>
    public const string InterruptRemappingOff = "InterruptRemappingOff";

    /// <summary>A parameter lets VFIO hand out devices without isolation.</summary>
    public const string VfioUnsafe = "VfioUnsafe";

    /// <summary>The ACS override claims isolation that the hardware does not give.</summary>
    public const string AcsOverride = "AcsOverride";

    /// <summary>The ACS override is on the command line and splits no group.</summary>
    public const string AcsOverrideIdle = "AcsOverrideIdle";

    /// <summary>The command line changes Access Control Services of some devices.</summary>
    public const string AcsRelaxed = "AcsRelaxed";

    /// <summary>Access Control Services could not be read, so the reason for a group is inferred.</summary>
    public const string AcsUnknown = "AcsUnknown";

    /// <summary>The device has a group of its own, for a reason that is known.</summary>
    public const string Isolated = "Isolated";

    /// <summary>The known rules of the kernel do not explain the group.</summary>
    public const string NotExplained = "NotExplained";

    /// <summary>A port above the devices has no Access Control Services, or has them off.</summary>
    public const string NoAcsOnPath = "NoAcsOnPath";

    /// <summary>The devices are behind a bridge to conventional PCI.</summary>
    public const string BehindPciBridge = "BehindPciBridge";

    /// <summary>The devices are behind a controller that does their DMA, such as Intel VMD.</summary>
    public const string BehindController = "BehindController";

    /// <summary>Functions of one device may reach one another.</summary>
    public const string MultifunctionWithoutAcs = "MultifunctionWithoutAcs";

    /// <summary>A device sends its DMA under the number of another function.</summary>
    public const string DmaAlias = "DmaAlias";

    /// <summary>No IOMMU stands behind the group: VFIO made it up.</summary>
    public const string NoIommu = "NoIommu";

    /// <summary>The group holds bridges only.</summary>
    public const string OnlyBridges = "OnlyBridges";

    /// <summary>A device of the group is bound to a driver of the host.</summary>
    public const string DriverBound = "DriverBound";

    /// <summary>The host itself uses the device.</summary>
    public const string UsedByHost = "UsedByHost";

    /// <summary>The firmware wants memory mapped one to one for the group, so the kernel refuses it to VFIO.</summary>
    public const string DirectRegion = "DirectRegion";

    /// <summary>The device is on the kernel's list of those that vfio-pci refuses.</summary>
    public const string VfioDenylist = "VfioDenylist";

    /// <summary>The firmware's framebuffer lies in the memory of the device, so the card will not work in a guest.</summary>
    public const string FirmwareFramebuffer = "FirmwareFramebuffer";

    /// <summary>A driver of the host still has memory of a device that is given to guests.</summary>
    public const string MemoryHeld = "MemoryHeld";

    /// <summary>Virtual functions share the group of the physical function that makes them.</summary>
    public const string PhysicalFunctionInGroup = "PhysicalFunctionInGroup";
}
