namespace NestVirt.Model;

/// <content>PCI drivers and virtual functions.</content>
internal static partial class FindingCodes
{
    /// <summary>What was given is no PCI address.</summary>
    public const string AddressInvalid = "AddressInvalid";

    /// <summary>The host has no PCI device of that address.</summary>
    public const string DeviceMissing = "DeviceMissing";

    /// <summary>Which PCI device of the host is meant is not clear.</summary>
    public const string DeviceAmbiguous = "DeviceAmbiguous";

    /// <summary>The host uses the device, and would lose it.</summary>
    public const string DeviceUsedByHost = "DeviceUsedByHost";

    /// <summary>The host has no PCI device of that address that could have virtual functions.</summary>
    public const string DeviceUnknown = "DeviceUnknown";

    /// <summary>The device is a virtual function itself.</summary>
    public const string DeviceIsVirtual = "DeviceIsVirtual";

    /// <summary>A guest has the device.</summary>
    public const string DeviceInGuest = "DeviceInGuest";

    /// <summary>The host needs a virtual function that would go.</summary>
    public const string DeviceNeededByHost = "DeviceNeededByHost";

    /// <summary>The device is a bridge, which is never passed through.</summary>
    public const string IsBridge = "IsBridge";

    /// <summary>The PCI devices of the host are not known.</summary>
    public const string PciUnknown = "PciUnknown";

    /// <summary>What was given is no name of a driver.</summary>
    public const string DriverInvalid = "DriverInvalid";

    /// <summary>The driver that is needed is not there.</summary>
    public const string DriverMissing = "DriverMissing";

    /// <summary>The driver is not the one that the device is made for.</summary>
    public const string DriverForeign = "DriverForeign";

    /// <summary>Virtual functions that exist keep their drivers.</summary>
    public const string DriversUnchanged = "DriversUnchanged";

    /// <summary>No driver of the host has the device.</summary>
    public const string NoHostDriver = "NoHostDriver";

    /// <summary>The kernel is too old to bind single devices.</summary>
    public const string OverrideMissing = "OverrideMissing";

    /// <summary>The device is in no IOMMU group, so no guest can be given it.</summary>
    public const string NoIommuGroup = "NoIommuGroup";

    /// <summary>Other devices of the group are still bound to drivers of the host.</summary>
    public const string GroupNotViable = "GroupNotViable";

    /// <summary>The kernel cannot reset the device.</summary>
    public const string NoReset = "NoReset";

    /// <summary>The device is the display of the firmware.</summary>
    public const string BootVga = "BootVga";

    /// <summary>A list of ids gives the device to vfio-pci as well.</summary>
    public const string IdsNameDevice = "IdsNameDevice";

    /// <summary>Another rule of udev names a driver for the device.</summary>
    public const string OtherRule = "OtherRule";

    /// <summary>The next boot gives the device to another driver again.</summary>
    public const string OnlyUntilBoot = "OnlyUntilBoot";

    /// <summary>The change holds until the next boot only.</summary>
    public const string NotPersistent = "NotPersistent";

    /// <summary>Whether the host needs the device is not known.</summary>
    public const string HostUseUnknown = "HostUseUnknown";

    /// <summary>Which device holds the host's root file system is not known.</summary>
    public const string RootUnknown = "RootUnknown";

    /// <summary>The network interface of the device is in use.</summary>
    public const string InterfaceInUse = "InterfaceInUse";

    /// <summary>The disk of the device is in use.</summary>
    public const string DiskInUse = "DiskInUse";

    /// <summary>The device has virtual functions, which would go.</summary>
    public const string HasVirtualFunctions = "HasVirtualFunctions";

    /// <summary>The device cannot have virtual functions.</summary>
    public const string SriovMissing = "SriovMissing";

    /// <summary>The device cannot have so many virtual functions.</summary>
    public const string VirtualFunctionsTooMany = "VirtualFunctionsTooMany";

    /// <summary>There are no memory addresses for virtual functions of the device.</summary>
    public const string SriovNoMemory = "SriovNoMemory";

    /// <summary>The bridge above the device has no bus numbers for its virtual functions.</summary>
    public const string SriovNoBusNumbers = "SriovNoBusNumbers";

    /// <summary>The port above the device does not forward ARI, so its virtual functions take more bus numbers.</summary>
    public const string SriovAriOff = "SriovAriOff";

    /// <summary>The driver makes virtual functions only while its interface is up, and it is down.</summary>
    public const string SriovInterfaceDown = "SriovInterfaceDown";

    /// <summary>The driver of the device makes no virtual functions through sysfs.</summary>
    public const string SriovDriverUnable = "SriovDriverUnable";

    /// <summary>The device's firmware, or its driver, allows no virtual functions.</summary>
    public const string SriovTurnedOff = "SriovTurnedOff";

    /// <summary>A line asks for more virtual functions at boot than the device has.</summary>
    public const string SriovFewerMade = "SriovFewerMade";

    /// <summary>A line has virtual functions made at boot.</summary>
    public const string SriovSetAtBoot = "SriovSetAtBoot";

    /// <summary>The device has no virtual function of that number.</summary>
    public const string VirtualFunctionUnknown = "VirtualFunctionUnknown";

    /// <summary>A virtual function that would go is in use.</summary>
    public const string VirtualFunctionInUse = "VirtualFunctionInUse";

    /// <summary>A program holds a virtual function that would go, and does not give it up by itself.</summary>
    public const string VirtualFunctionHeld = "VirtualFunctionHeld";

    /// <summary>The device has no network interface, so its virtual functions take no settings.</summary>
    public const string InterfaceMissing = "InterfaceMissing";

    /// <summary>Virtual functions have no setting of that name.</summary>
    public const string SettingUnknown = "SettingUnknown";

    /// <summary>A setting of a virtual function cannot have that value.</summary>
    public const string SettingInvalid = "SettingInvalid";

    /// <summary>The connection to the host leads through the device, and may pause.</summary>
    public const string ConnectionMayPause = "ConnectionMayPause";

    /// <summary>NetworkManager keeps the number of virtual functions.</summary>
    public const string OwnedByNetworkManager = "OwnedByNetworkManager";

    /// <summary>The list of ids for vfio-pci has an entry that is no vendor:device.</summary>
    public const string IdsInvalid = "IdsInvalid";

    /// <summary>Another list of ids replaces this one, so it has no effect.</summary>
    public const string IdsOverridden = "IdsOverridden";

    /// <summary>A setting gives vfio-pci a device that the host itself needs.</summary>
    public const string IdsNameHostDevice = "IdsNameHostDevice";

    /// <summary>An entry of the list of ids is the id of more than one device.</summary>
    public const string IdsNameSeveral = "IdsNameSeveral";

    /// <summary>A boot loader's file gives the device to vfio-pci, and this boot was made without that line.</summary>
    public const string IdsNotBooted = "IdsNotBooted";

    /// <summary>A setting gives the device to vfio-pci, and vfio-pci has not taken it.</summary>
    public const string VfioNotBound = "VfioNotBound";
}
