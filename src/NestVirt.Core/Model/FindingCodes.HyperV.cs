namespace NestVirt.Model;

/// <content>Hyper-V, its hosts and its virtual machines.</content>
internal static partial class FindingCodes
{
    /// <summary>Hyper-V of the host can let virtual machines run hypervisors.</summary>
    public const string HyperVReady = "HyperVReady";

    /// <summary>The host does not have the Hyper-V role.</summary>
    public const string HyperVRoleMissing = "HyperVRoleMissing";

    /// <summary>The edition of Windows has no Hyper-V.</summary>
    public const string HyperVEditionUnable = "HyperVEditionUnable";

    /// <summary>Hyper-V is installed, and does not run.</summary>
    public const string HyperVNotRunning = "HyperVNotRunning";

    /// <summary>What the host's Windows and Hyper-V can do could not be read.</summary>
    public const string HyperVUnknown = "HyperVUnknown";

    /// <summary>Hyper-V of this Windows has no nesting.</summary>
    public const string HyperVWithoutNesting = "HyperVWithoutNesting";

    /// <summary>Hyper-V of this Windows does not nest on processors of AMD.</summary>
    public const string HyperVTooOldForAmd = "HyperVTooOldForAmd";

    /// <summary>Hyper-V does not nest on Arm.</summary>
    public const string HyperVOnArm = "HyperVOnArm";

    /// <summary>Whether Hyper-V nests on this processor is not known.</summary>
    public const string HyperVCpuUnknown = "HyperVCpuUnknown";

    /// <summary>The Windows host is a virtual machine itself.</summary>
    public const string HyperVInGuest = "HyperVInGuest";

    /// <summary>Virtualization-based security runs on the host.</summary>
    public const string HostVbsRunning = "HostVbsRunning";

    /// <summary>Hyper-V says that the host can give no devices to virtual machines.</summary>
    public const string HyperVIovUnsupported = "HyperVIovUnsupported";

    /// <summary>Hyper-V of Windows for clients gives no devices and no virtual functions to virtual machines.</summary>
    public const string HyperVClientLimits = "HyperVClientLimits";

    /// <summary>Hyper-V of this Windows is older than the assignment of devices.</summary>
    public const string HyperVWithoutAssignment = "HyperVWithoutAssignment";

    /// <summary>Jobs of Hyper-V are under way on the host.</summary>
    public const string HyperVJobsRunning = "HyperVJobsRunning";

    /// <summary>The virtual machine can run hypervisors, now or from its next start on.</summary>
    public const string VmNestingReady = "VmNestingReady";

    /// <summary>The virtual machine is not given the virtualization extension.</summary>
    public const string VmNestingOff = "VmNestingOff";

    /// <summary>The virtual machine is set to run hypervisors, and this host cannot start it so.</summary>
    public const string VmWillNotStart = "VmWillNotStart";

    /// <summary>The definition asks of the host what it does not do: nest.</summary>
    public const string VmHostNestingOff = "VmHostNestingOff";

    /// <summary>What the virtual machine runs with is not what it is defined with.</summary>
    public const string VmRestartPending = "VmRestartPending";

    /// <summary>The definition asks for the extension of another vendor's processors.</summary>
    public const string VmWrongVendor = "VmWrongVendor";

    /// <summary>QEMU cannot give the whole of the model that is defined for a virtual machine.</summary>
    public const string VmCpuNotUsable = "VmCpuNotUsable";

    /// <summary>The memory of a virtual machine is encrypted, and so nothing nests in it.</summary>
    public const string VmMemoryEncrypted = "VmMemoryEncrypted";

    /// <summary>The definition forces the extension, and libvirt does not check it.</summary>
    public const string VmCpuForced = "VmCpuForced";

    /// <summary>The definition names a feature of the processor more than once.</summary>
    public const string VmCpuNamedTwice = "VmCpuNamedTwice";

    /// <summary>The virtual machine is emulated without KVM.</summary>
    public const string VmEmulated = "VmEmulated";

    /// <summary>The virtual machine is given features that cannot be migrated.</summary>
    public const string VmNotMigratable = "VmNotMigratable";

    /// <summary>Guests may run on the host that libvirt's system daemon does not have.</summary>
    public const string GuestsNotListed = "GuestsNotListed";

    /// <summary>The version of the virtual machine's configuration is too old for nesting.</summary>
    public const string VmVersionTooOld = "VmVersionTooOld";

    /// <summary>What the virtual machine has could not all be read.</summary>
    public const string VmUnknown = "VmUnknown";

    /// <summary>The host has no virtual machine of the name.</summary>
    public const string VmNotFound = "VmNotFound";

    /// <summary>Several virtual machines have the name.</summary>
    public const string VmNameAmbiguous = "VmNameAmbiguous";

    /// <summary>The virtual machine has no definition that a later start would use.</summary>
    public const string VmTransient = "VmTransient";

    /// <summary>The host cannot run the model of processor that is named.</summary>
    public const string VmCpuModelUnknown = "VmCpuModelUnknown";

    /// <summary>A manager defines a virtual machine anew at each start.</summary>
    public const string VmManaged = "VmManaged";

    /// <summary>libvirt knows no feature of a processor of that name.</summary>
    public const string VmCpuFeatureUnknown = "VmCpuFeatureUnknown";

    /// <summary>The virtual machine is not there any more.</summary>
    public const string VmGone = "VmGone";

    /// <summary>The virtual machine is not off, which a change of nesting needs.</summary>
    public const string VmNotOff = "VmNotOff";

    /// <summary>The virtual machine has a saved state, which a change of nesting would not fit.</summary>
    public const string VmSaved = "VmSaved";

    /// <summary>An operation on the virtual machine is under way.</summary>
    public const string VmBusy = "VmBusy";

    /// <summary>The memory of the virtual machine is dynamic, which has no effect while a hypervisor runs in it.</summary>
    public const string VmDynamicMemory = "VmDynamicMemory";

    /// <summary>The virtual machine owns devices of the host and is to run hypervisors, which does not go well together.</summary>
    public const string VmDeviceAndNesting = "VmDeviceAndNesting";

    /// <summary>The virtual machine owns devices of the host, and its least memory is not what it starts with.</summary>
    public const string VmMemoryNotFixed = "VmMemoryNotFixed";

    /// <summary>The virtual machine is to own devices of the host, and its memory is dynamic.</summary>
    public const string VmDeviceDynamicMemory = "VmDeviceDynamicMemory";

    /// <summary>How much memory a device takes in the virtual machine is not known.</summary>
    public const string VmMmioUnknown = "VmMmioUnknown";

    /// <summary>No network adapter of the virtual machine may send from other MAC addresses.</summary>
    public const string VmNoMacSpoofing = "VmNoMacSpoofing";

    /// <summary>The virtual machine has no network adapters of which anything could be set.</summary>
    public const string VmNoAdapters = "VmNoAdapters";

    /// <summary>Hyper-V can give the device to a virtual machine.</summary>
    public const string DeviceAssignable = "DeviceAssignable";

    /// <summary>The device has been taken from the host, and waits for a virtual machine.</summary>
    public const string DeviceDismounted = "DeviceDismounted";

    /// <summary>The firmware keeps memory for the device, so Hyper-V gives it to no virtual machine.</summary>
    public const string DeviceReservedMemory = "DeviceReservedMemory";

    /// <summary>The device is none of PCI Express's endpoints, which alone Hyper-V gives to virtual machines.</summary>
    public const string DeviceNotEndpoint = "DeviceNotEndpoint";

    /// <summary>The firmware keeps control of PCI Express.</summary>
    public const string FirmwareKeepsPcie = "FirmwareKeepsPcie";

    /// <summary>The device has line-based interrupts alone, so Hyper-V gives it to no virtual machine.</summary>
    public const string DeviceLineInterrupts = "DeviceLineInterrupts";

    /// <summary>The device is disabled, so not all can be looked at that decides whether it can be given away.</summary>
    public const string DeviceDisabled = "DeviceDisabled";

    /// <summary>Windows does not tell all that decides whether the device can be given to a virtual machine.</summary>
    public const string DeviceNotTold = "DeviceNotTold";

    /// <summary>The virtual machine owns a device that the host does not have ready for it.</summary>
    public const string VmDeviceMissing = "VmDeviceMissing";

    /// <summary>Several virtual machines are to have the device, of which one alone can run.</summary>
    public const string VmDeviceShared = "VmDeviceShared";

    /// <summary>The virtual machine has the device already, in another way than is asked for.</summary>
    public const string VmDeviceDiffers = "VmDeviceDiffers";

    /// <summary>Several virtual machines have one MAC address.</summary>
    public const string VmMacShared = "VmMacShared";

    /// <summary>All memory of the virtual machine is taken at its start, and it cannot be saved.</summary>
    public const string VmMemoryPinned = "VmMemoryPinned";

    /// <summary>Says how something of a virtual machine is fitted to its host, and why so.</summary>
    public const string VmTuned = "VmTuned";

    /// <summary>Something of a virtual machine is left as it is, since it cannot be fitted to its host, or was chosen by somebody.</summary>
    public const string VmTuningLeft = "VmTuningLeft";

    /// <summary>The host has not the processors or the memory that a virtual machine needs to be fitted to it.</summary>
    public const string VmHostTooSmall = "VmHostTooSmall";

    /// <summary>The processors that a virtual machine needs for itself are those of others.</summary>
    public const string VmCpusTaken = "VmCpusTaken";

    /// <summary>Others may run on the processors that a virtual machine is given.</summary>
    public const string VmCpusShared = "VmCpusShared";

    /// <summary>The host has too few free huge pages for a virtual machine.</summary>
    public const string VmHugePagesFew = "VmHugePagesFew";

    /// <summary>The definition asks for a way of giving devices to virtual machines that is gone.</summary>
    public const string VmDeviceLegacyDriver = "VmDeviceLegacyDriver";

    /// <summary>The definition has a device for a network adapter that is no virtual function.</summary>
    public const string VmDeviceNotVirtual = "VmDeviceNotVirtual";

    /// <summary>The command line of QEMU gives the device to the virtual machine, past libvirt.</summary>
    public const string VmDeviceCommandLine = "VmDeviceCommandLine";

    /// <summary>The device does not answer on its bus.</summary>
    public const string DeviceLost = "DeviceLost";

    /// <summary>QEMU would open the device's IOMMU group twice, which the kernel allows once.</summary>
    public const string GroupOpenedTwice = "GroupOpenedTwice";

    /// <summary>The virtual function is a vGPU of the driver that is to be taken from it.</summary>
    public const string VgpuLost = "VgpuLost";

    /// <summary>Windows does not tell whether the adapter can have virtual functions.</summary>
    public const string SriovUnknown = "SriovUnknown";

    /// <summary>The driver of the adapter, or the adapter itself, makes no virtual functions on Windows.</summary>
    public const string SriovDriverMissing = "SriovDriverMissing";

    /// <summary>There is no IOMMU that virtual functions could be given away through.</summary>
    public const string SriovNoIommu = "SriovNoIommu";

    /// <summary>Windows does not tell how many virtual functions the adapter can have, or has.</summary>
    public const string SriovCountUnknown = "SriovCountUnknown";

    /// <summary>Whether the switches of the virtual machines were made for SR-IOV is not looked at.</summary>
    public const string SriovSwitchUnseen = "SriovSwitchUnseen";

    /// <summary>SR-IOV is off in the settings of the adapter.</summary>
    public const string SriovDisabled = "SriovDisabled";

    /// <summary>A device is given away without what keeps the host from harm by it.</summary>
    public const string DeviceNotSecured = "DeviceNotSecured";

    /// <summary>The devices take more space for their memory than a virtual machine can have.</summary>
    public const string VmMmioTooMuch = "VmMmioTooMuch";

    /// <summary>A virtual machine with devices is turned off when the host shuts down.</summary>
    public const string VmTurnedOff = "VmTurnedOff";
}
