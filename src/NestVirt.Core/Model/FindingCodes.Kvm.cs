namespace NestVirt.Model;

/// <content>KVM, its modules and nesting.</content>
internal static partial class FindingCodes
{
    /// <summary>Guests of the host can run hypervisors now.</summary>
    public const string NestedReady = "NestedReady";

    /// <summary>KVM runs, and nesting is off.</summary>
    public const string NestedOff = "NestedOff";

    /// <summary>KVM runs, and whether it nests could not be read.</summary>
    public const string NestedUnknown = "NestedUnknown";

    /// <summary>Nesting is on now, and will be off after the next boot.</summary>
    public const string NestedNotPersistent = "NestedNotPersistent";

    /// <summary>Nesting is off now, and will be on after the next boot.</summary>
    public const string NestedOnAfterBoot = "NestedOnAfterBoot";

    /// <summary>The module is configured one way and runs the other; loading it again decides.</summary>
    public const string PendingReload = "PendingReload";

    /// <summary>The kernel command line of the next boot is not known, so that of this boot stands for it.</summary>
    public const string NextBootAssumed = "NextBootAssumed";

    /// <summary>The KVM module of the processor is installed and not loaded.</summary>
    public const string KvmModuleNotLoaded = "KvmModuleNotLoaded";

    /// <summary>The running kernel has no KVM module for the processor.</summary>
    public const string KvmModuleMissing = "KvmModuleMissing";

    /// <summary>Whether the KVM module is installed or loaded could not be read.</summary>
    public const string KvmModuleUnknown = "KvmModuleUnknown";

    /// <summary>The KVM module is there, and the kernel has no KVM device.</summary>
    public const string KvmNotStarted = "KvmNotStarted";

    /// <summary>KVM runs, and the file /dev/kvm is not there.</summary>
    public const string KvmDeviceMissing = "KvmDeviceMissing";

    /// <summary>KVM is part of the kernel, and whether it started was not seen.</summary>
    public const string KvmDeviceUnknown = "KvmDeviceUnknown";

    /// <summary>The account that asked may not open /dev/kvm.</summary>
    public const string KvmDeviceNotUsable = "KvmDeviceNotUsable";

    /// <summary>The host runs kvm_pvm, which is not part of Linux and is not judged.</summary>
    public const string KvmPvm = "KvmPvm";

    /// <summary>The question was asked inside a container that has no /dev/kvm.</summary>
    public const string ContainerHidesDevice = "ContainerHidesDevice";

    /// <summary>The machine does not run Linux, so it has no KVM.</summary>
    public const string KernelNotLinux = "KernelNotLinux";

    /// <summary>Linux runs as the control domain of Xen, which holds the virtualization extension.</summary>
    public const string XenHost = "XenHost";

    /// <summary>The module of another hypervisor is loaded beside KVM.</summary>
    public const string OtherHypervisorLoaded = "OtherHypervisorLoaded";

    /// <summary>KVM holds the virtualization extension from loading on, beside another hypervisor.</summary>
    public const string KvmHoldsExtension = "KvmHoldsExtension";

    /// <summary>Another hypervisor holds the virtualization extension, and KVM is not loaded.</summary>
    public const string OtherHypervisorRunning = "OtherHypervisorRunning";

    /// <summary>The KVM module of another processor vendor is loaded.</summary>
    public const string ModuleOfOtherVendorLoaded = "ModuleOfOtherVendorLoaded";

    /// <summary>The processor can virtualize, and the firmware has turned that off.</summary>
    public const string VirtualizationDisabledInFirmware = "VirtualizationDisabledInFirmware";

    /// <summary>The processor has no virtualization extension.</summary>
    public const string VirtualizationNotAvailable = "VirtualizationNotAvailable";

    /// <summary>Whether the processor can virtualize could not be told.</summary>
    public const string VirtualizationUnknown = "VirtualizationUnknown";

    /// <summary>The machine is a guest, and its hypervisor does not pass the virtualization extension on.</summary>
    public const string HypervisorHidesVirtualization = "HypervisorHidesVirtualization";

    /// <summary>KVM does not nest on this architecture.</summary>
    public const string ArchitectureCannotNest = "ArchitectureCannotNest";

    /// <summary>The processors of the machine do not all show the same features.</summary>
    public const string CpusDiffer = "CpusDiffer";

    /// <summary>What asks the host runs in an emulator of another architecture than the machine's.</summary>
    public const string ArchitecturesDiffer = "ArchitecturesDiffer";

    /// <summary>lscpu names a hypervisor vendor that is not there.</summary>
    public const string LscpuVendorBogus = "LscpuVendorBogus";
}
