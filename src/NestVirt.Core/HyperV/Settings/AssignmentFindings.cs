using System.Globalization;
using NestVirt.Guidance;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.HyperV.Settings;

/// <summary>Says what stands against giving a device to a virtual machine, or taking it back.</summary>
internal static class AssignmentFindings
{
    private const int ShownLength = 200;

    internal static Finding Missing(string word) =>
        new(
            FindingCodes.DeviceMissing,
            Severity.Error,
            $"The host has no PCI device {HostText.ForDisplay(word, ShownLength)}, or the account may not see it."
        )
        {
            Remedy = Advice.Of($"See which it has: {OwnCommand.ListPciDevices}."),
        };

    internal static Finding Ambiguous(string word, IEnumerable<HostDevice> devices) =>
        new(
            FindingCodes.DeviceAmbiguous,
            Severity.Error,
            $"The host has several PCI devices {HostText.ForDisplay(word, ShownLength)}."
        )
        {
            Evidence = string.Join(", ", devices.Select(static device => device.LocationPath ?? device.InstancePath)),
            Remedy = "Name the one that is meant by its location path.",
        };

    internal static Finding Unplaced(HostDevice device) =>
        new(
            FindingCodes.DeviceAmbiguous,
            Severity.Error,
            "The host does not tell where the device is plugged in, and Hyper-V knows devices by that alone."
        )
        {
            Evidence = $"DEVPKEY_Device_LocationPaths of {device.InstancePath}",
        };

    internal static Finding OfOther(string owner) =>
        new(
            FindingCodes.DeviceInGuest,
            Severity.Error,
            $"The virtual machine {HostText.ForDisplay(owner, ShownLength)} has the device."
        )
        {
            Evidence = "Msvm_PciExpressSettingData.HostResource",
            Remedy = "Take it back from that one first.",
        };

    internal static Finding HasDisks(IEnumerable<string> disks) =>
        new(FindingCodes.DiskInUse, Severity.Error, "Disks of the device have partitions, which the host would lose.")
        {
            Evidence = string.Join(", ", disks),
            Remedy = "Move what is on them away, and remove their partitions; then plan again.",
        };

    internal static Finding IsSwitched(IEnumerable<string> adapters) =>
        new(
            FindingCodes.InterfaceInUse,
            Severity.Error,
            "A switch of Hyper-V has the network adapter of the device: virtual machines would lose their network."
        )
        {
            Evidence = $"Msvm_ExternalEthernetPort.IsBound of {string.Join(", ", adapters)}",
            Remedy = "Take it from the switch first.",
        };

    internal static Finding IsWay(string address) =>
        new(
            FindingCodes.InterfaceInUse,
            Severity.Error,
            "The host is reached by the network adapter of the device: it could not be reached any more."
        )
        {
            Evidence = address,
            Remedy = "Reach the host by another of its adapters.",
        };

    internal static Finding UsedByHost(HostDevice device, IEnumerable<string> addresses) =>
        new(
            FindingCodes.DeviceUsedByHost,
            Severity.Error,
            "The host uses the device, and loses it: what runs on it ends."
        )
        {
            Evidence = string.Join(
                ", ",
                [
                    $"driver {device.Service ?? "unknown"}",
                    .. addresses.Select(static address => $"address {address}").Take(4),
                ]
            ),
            Remedy = "See what the device is for.",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding UseUnknown(string what) =>
        new(
            FindingCodes.HostUseUnknown,
            Severity.Warning,
            $"Whether the host needs the device could not all be told: {what}."
        )
        {
            Remedy = "Look at the host before the change is made.",
        };

    internal static Finding MemoryUnknown(HostDevice device) =>
        new(
            FindingCodes.VmMmioUnknown,
            Severity.Warning,
            "How much memory the device takes is not told while it has no driver of the host: the space for it is left as it is."
        )
        {
            Evidence = $"Win32_PnPAllocatedResource of {device.InstancePath}",
            Remedy =
                "Give the numbers yourself where the virtual machine does not start, or the device does not work in it.",
        };

    internal static Finding NotFixed(VMFacts vm, VMMemoryFacts memory) =>
        new(
            FindingCodes.VmMemoryNotFixed,
            Severity.Error,
            "Its memory is dynamic with a minimum other than what it starts with: with a device it would not start."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"startup {memory.Startup >> 20} MiB, minimum {memory.Minimum >> 20} MiB"
            ),
            Remedy = "Turn dynamic memory off, or make the minimum equal to what the virtual machine starts with.",
            Mend = new CommandCall(OwnCommand.SetCpu, (CommandArgument.VmName, vm.Word))
            {
                Switches = [ChangeSwitch.StaticMemory],
            },
        };

    internal static Finding IsDynamic(VMFacts vm) =>
        new(
            FindingCodes.VmDeviceDynamicMemory,
            Severity.Warning,
            "Its memory is dynamic, which Microsoft does not support together with devices."
        )
        {
            Evidence = "Msvm_MemorySettingData.DynamicMemoryEnabled: true",
            Remedy = "Turn dynamic memory off.",
            Mend = new CommandCall(OwnCommand.SetCpu, (CommandArgument.VmName, vm.Word))
            {
                Switches = [ChangeSwitch.StaticMemory],
            },
        };
}
