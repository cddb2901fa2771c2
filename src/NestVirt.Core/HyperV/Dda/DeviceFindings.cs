using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Transport.Recorded;

namespace NestVirt.HyperV.Dda;

/// <summary>Says of a device what stands for and against giving it to virtual machines.</summary>
internal static class DeviceFindings
{
    private const int RootComplexEndpoint = 4;

    internal static Finding Assignable(HostDevice device) =>
        new(
            FindingCodes.DeviceAssignable,
            Severity.Information,
            device.DeviceType == RootComplexEndpoint
                ? "Hyper-V can give the device to a virtual machine; it is inside of the root complex, which isolates it less well than a slot."
                : "Hyper-V can give the device to a virtual machine."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"DeviceType: {device.DeviceType}, AcsCompatibleUpHierarchy: {device.AcsCompatibleUpHierarchy}, interrupts: {WordOf(device.Interrupts)}{MemoryOf(device)}"
            ),
        };

    internal static Finding Dismounted(HostDevice device) =>
        new(
            FindingCodes.DeviceDismounted,
            Severity.Information,
            device switch
            {
                { Owner: not null } => "The device has been taken from the host, and a virtual machine owns it.",
                { IsOwnerKnown: true } => "The device has been taken from the host, and waits for a virtual machine.",
                _ => "The device has been taken from the host; whether a virtual machine owns it was not told.",
            }
        )
        {
            Evidence = $"Msvm_PciExpress.DeviceInstancePath: {device.InstancePath}",
        };

    internal static Finding Owned(string name) =>
        new(FindingCodes.DeviceInGuest, Severity.Information, "A virtual machine owns the device.")
        {
            Evidence = $"Msvm_PciExpressSettingData of {name}",
        };

    internal static Finding ReservedMemory { get; } =
        new(
            FindingCodes.DeviceReservedMemory,
            Severity.Error,
            "The firmware keeps memory for the device, which it must stay attached to: Hyper-V gives it to no virtual machine."
        )
        {
            Evidence = "DEVPKEY_PciDevice_RequiresReservedMemoryRegion: not 0",
            Remedy =
                "Look in the firmware's setup for what uses the device, such as management or USB for keyboards, and turn that off; or use another device.",
        };

    internal static Finding NoAcs { get; } =
        new(
            FindingCodes.NoAcsOnPath,
            Severity.Error,
            "What the device sends may be redirected to other devices on its way, so Hyper-V gives it to no virtual machine."
        )
        {
            Evidence = "DEVPKEY_PciDevice_AcsCompatibleUpHierarchy: 0",
            Remedy =
                "Put the card into another slot, often one that is wired to the processor; look in the firmware's setup for Access Control Services (ACS).",
        };

    internal static Finding FirmwareKeepsPcie { get; } =
        new(
            FindingCodes.FirmwareKeepsPcie,
            Severity.Error,
            "The firmware keeps control of PCI Express, so Windows treats the device as conventional PCI and Hyper-V gives it to no virtual machine."
        )
        {
            Evidence = "DEVPKEY_PciDevice_DeviceType: 5",
            Remedy =
                "Look in the firmware's setup for native PCI Express control and update the firmware; no software mends it.",
        };

    internal static Finding NotEndpoint(HostDevice device) =>
        new(
            device.IsBridge ? FindingCodes.IsBridge : FindingCodes.DeviceNotEndpoint,
            Severity.Information,
            device.IsBridge
                ? "The device is a bridge, which is never given to a virtual machine."
                : "The device is none of PCI Express's endpoints, which alone Hyper-V gives to virtual machines."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"DEVPKEY_PciDevice_DeviceType: {device.DeviceType}"
            ),
        };

    internal static Finding LineInterrupts { get; } =
        new(
            FindingCodes.DeviceLineInterrupts,
            Severity.Error,
            "All interrupts of the device are lines, and Hyper-V gives devices with messages (MSI, MSI-X) alone to virtual machines."
        )
        {
            Evidence = "Win32_PnPAllocatedResource: no Win32_IRQResource from 4294900000 on",
            Remedy =
                "Update the device's driver: some use lines though the device has messages. The driver of another maker may do.",
        };

    internal static Finding Disabled { get; } =
        new(
            FindingCodes.DeviceDisabled,
            Severity.Warning,
            "The device is disabled, so its interrupts cannot be looked at; it may be one that Hyper-V can give to a virtual machine."
        )
        {
            Evidence = "Win32_PnPEntity.ConfigManagerErrorCode: 22",
            Remedy = "Enable the device and ask again.",
        };

    internal static Finding NotStarted(HostDevice device) =>
        new(
            FindingCodes.DeviceNotTold,
            Severity.Warning,
            "Windows has not started the device, so its interrupts cannot be looked at; it may be one that Hyper-V can give to a virtual machine."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"Win32_PnPEntity.ConfigManagerErrorCode: {device.ProblemCode}"
            ),
            Remedy = "Install its driver, or mend what keeps it from starting, and ask again.",
        };

    // Whole answers have a reason for not being there; what one device does not tell has none.
    internal static Finding NotTold(string what, ProbeAnswer? answer = null) =>
        new(
            FindingCodes.DeviceNotTold,
            Severity.Warning,
            $"Whether Hyper-V can give the device to a virtual machine is not known: Windows does not tell {what}."
        )
        {
            Evidence = answer?.UnavailableReason,
            Remedy = answer is { IsAvailable: false }
                ? Untold.RemedyOf(answer)
                : "Windows Server 2016, Windows 10 and later tell it, to accounts in the Administrators of the host.",
        };

    internal static Finding NotReady(bool isKnown) =>
        new(
            FindingCodes.VmDeviceMissing,
            Severity.Error,
            isKnown
                ? "The virtual machine owns the device, and the host has taken it back for itself."
                : "The virtual machine owns a device that the host does not have any more."
        )
        {
            Remedy = isKnown
                ? "Dismount the device on the host again, or take it from the virtual machine."
                : "Take it from the virtual machine, or put the device back into its slot.",
        };

    private static string WordOf(DeviceInterrupts interrupts) =>
        interrupts switch
        {
            DeviceInterrupts.None => "none",
            DeviceInterrupts.MessageSignalled => "messages",
            DeviceInterrupts.LineBased => "lines",
            _ => "not told",
        };

    private static string MemoryOf(HostDevice device) =>
        device.MemoryBytes is { } bytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", MMIO: {(bytes >> 20) + ((bytes & 0xFFFFF) == 0 ? 0UL : 1)} MiB"
            )
            : string.Empty;
}
