using System.Globalization;
using NestVirt.Guidance;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.HyperV.Settings;

/// <summary>Says what stands against giving a device to a virtual machine, or taking it back.</summary>
internal static class AssignmentFindings
{
    private const int ShownLength = 200;

    internal static Finding Missing(string word, IReadOnlyList<string> unplaced) =>
        new(
            FindingCodes.DeviceMissing,
            Severity.Error,
            $"The host has no PCI device {HostText.ForDisplay(word, ShownLength)}, or the account may not see it."
        )
        {
            // A device that was dismounted need not tell its address any more.
            Evidence =
                unplaced.Count == 0
                    ? null
                    : $"dismounted, and of no address that is told: {string.Join(", ", unplaced.Take(8))}",
            Remedy =
                unplaced.Count == 0
                    ? Advice.Of($"See which it has: {OwnCommand.ListPciDevices}.")
                    : Advice.Of(
                        $"Name a device that was dismounted by its location path; see which the host has: {OwnCommand.ListPciDevices}."
                    ),
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
            Remedy =
                "Move what is on them away, and remove their partitions; or disable the device in the host, where nothing there needs it. Then repeat.",
        };

    internal static Finding DisksUnknown(string what) =>
        new(
            FindingCodes.HostUseUnknown,
            Severity.Error,
            $"Whether the host needs the disks of the device cannot be told: {what}."
        )
        {
            Remedy =
                "Look at the disks, storage pools and paths of the host; where nothing of it needs the device, disable the device in the host, and repeat.",
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

    internal static Finding IsTeamed(IEnumerable<string> adapters) =>
        new(
            FindingCodes.InterfaceInUse,
            Severity.Error,
            "The network adapter of the device is part of a team, by which the host may be reached."
        )
        {
            Evidence = $"members of teams: {string.Join(", ", adapters)}",
            Remedy = "Take it from the team first.",
        };

    internal static Finding OwnerUnknown { get; } =
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "It is dismounted, and whether a virtual machine owns it was not told."
        )
        {
            Evidence = "Msvm_PciExpressSettingData: not told",
            Remedy = "Repeat with an account that sees all virtual machines of the host.",
        };

    internal static Finding WayUnknown(string what) =>
        new(
            FindingCodes.HostUseUnknown,
            Severity.Error,
            $"Whether the host is reached by the network adapter of the device cannot be told: {what}."
        )
        {
            Remedy =
                "Name the host by an address that another of its adapters has; or disable the adapter in the host first, and see that the host is reached without it.",
        };

    internal static Finding WaitsForRestart { get; } =
        new(
            FindingCodes.HostUseUnknown,
            Severity.Error,
            "The device waits for a restart of the host: until then nobody can tell what it will be."
        )
        {
            Evidence = "Win32_PnPEntity.ConfigManagerErrorCode: 14",
            Remedy = "Restart the host, and plan again.",
        };

    internal static Finding IsFunction(string owner) =>
        new(
            FindingCodes.DeviceIsVirtual,
            Severity.Error,
            $"The virtual machine {HostText.ForDisplay(owner, ShownLength)} has a virtual function of the device, and not the device."
        )
        {
            Evidence = "Msvm_PciExpressSettingData.VirtualFunctions: not 0",
            Remedy = "Take the virtual function back by the tool that gave it.",
        };

    internal static Finding NotSecured { get; } =
        new(
            FindingCodes.DeviceNotSecured,
            Severity.Information,
            "Where its maker says nothing of how to secure it, the device is given away without that: the virtual machine has to be one that is trusted."
        )
        {
            Evidence = "RequireDeviceMitigations: true first, then false",
        };

    internal static Finding NotIsolated { get; } =
        new(
            FindingCodes.DeviceNotSecured,
            Severity.Warning,
            "Whether what the device sends is kept apart was not told, and Hyper-V does not insist on it where it refuses: the virtual machine may reach other devices."
        )
        {
            Evidence =
                "DEVPKEY_PciDevice_AcsCompatibleUpHierarchy was not told; RequireAcsSupport: true first, then false",
        };

    internal static Finding ClassUnknown { get; } =
        new(
            FindingCodes.DeviceNotTold,
            Severity.Warning,
            "Whether the device shows pictures or computes is not told: how its memory is cached is left as it is."
        )
        {
            Evidence = "Msvm_VirtualSystemSettingData.GuestControlledCacheTypes",
        };

    internal static Finding TooMuchMemory(MmioSpace space) =>
        new(
            FindingCodes.VmMmioTooMuch,
            Severity.Error,
            "The devices take more space for their memory than a virtual machine can have."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"below 4 GiB {space.Low} MiB of {MmioSpace.MostLow}, above {space.High} MiB of {MmioSpace.MostHigh}"
            ),
            Remedy = "Give fewer devices, or the numbers yourself.",
        };

    internal static Finding TurnsOff(int before) =>
        new(
            FindingCodes.VmTurnedOff,
            Severity.Information,
            $"When the host shuts down, it is turned off from now on, and not {(before == 3 ? "saved" : "shut down by its own system")} any more: with devices it can be nothing else."
        )
        {
            Evidence = string.Create(CultureInfo.InvariantCulture, $"AutomaticShutdownAction: {before}"),
        };

    internal static Finding StillTurnsOff { get; } =
        new(
            FindingCodes.VmTurnedOff,
            Severity.Information,
            "It is still turned off when the host shuts down, though it has no devices any more."
        )
        {
            Evidence = "AutomaticShutdownAction: 2",
            Remedy = "Set what becomes of it then, where it was another thing before its devices.",
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

    /// <summary>Words a finding for a change that is taken back.</summary>
    internal static Finding OnTheWayBack(string name, Finding finding) =>
        finding with
        {
            Message = $"{name}: {finding.Message}",
            RepeatWith = null,
            Remedy = finding.RepeatWith is null
                ? finding.Remedy
                : Advice.Of($"{finding.Remedy} To take it from the host all the same, use {ChangeSwitch.Force}."),
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
            "How much memory the device takes is not told while it has no driver of the host: no space is added for it."
        )
        {
            Evidence = $"Win32_PnPAllocatedResource of {device.InstancePath}",
            Remedy =
                "Give the numbers yourself where the virtual machine does not start, or the device does not work in it.",
        };

    internal static Finding NotFixed(VMFacts vm, VMMemoryFacts memory) =>
        VMFindings.MemoryNotFixed(vm, memory) with
        {
            Message =
                "Its memory is dynamic with a minimum other than what it starts with: with a device it would not start.",
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
