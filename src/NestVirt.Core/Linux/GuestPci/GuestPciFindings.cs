using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestPci;

/// <summary>Says of a device what stands against a guest's having it, and what deserves attention.</summary>
internal static class GuestPciFindings
{
    /// <summary>The command of those who change a definition themselves.</summary>
    internal const string Edit = "virsh edit NAME";

    internal static Finding NotReady(GuestDevice told, PciDevice device) =>
        new(
            FindingCodes.VmDeviceMissing,
            Severity.Error,
            told.Kind == VmPciKind.CommandLine
                ? $"QEMU's command line names {device.Address}, which libvirt does not take from the host's driver, and vfio-pci does not have: the virtual machine does not start."
                : $"The definition leaves it to others to free {device.Address}, and vfio-pci does not have it: the virtual machine does not start."
        )
        {
            Evidence =
                $"{(told.Kind == VmPciKind.CommandLine ? "qemu:commandline" : "managed='no'")}; the driver of {device.Address}: {device.Driver ?? "none"}",
            Remedy =
                IsNeeded(device) ? "Leave it: the host itself uses the device. Give the virtual machine another."
                : DmaDrivers.CanBeVgpu(device)
                    ? $"If it is to be a vGPU, set its type at each start of the host (nvidia/current_vgpu_type of the function), and leave its driver; NVIDIA's driver for hosts of vGPUs makes these."
                : $"{(device.HasHostUse ? "Look first whether the host can do without it. Then bind" : "Bind")} {device.Address} to vfio-pci, {(told.Kind == VmPciKind.CommandLine ? "or write it as <hostdev mode='subsystem' type='pci' managed='yes'>" : "or let libvirt do it by managed='yes'")} ({Edit}).",
            Mend =
                device.HasHostUse || DmaDrivers.CanBeVgpu(device)
                    ? null
                    : new CommandCall(
                        OwnCommand.SetDriver,
                        (CommandArgument.Address, device.Address),
                        (CommandArgument.Driver, "vfio-pci")
                    ),
        };

    internal static Finding VgpuLost(PciDevice device) =>
        new(
            FindingCodes.VgpuLost,
            Severity.Error,
            $"libvirt takes {device.Address} from {device.Driver} when the virtual machine starts, and the vGPU that the driver made of it is gone."
        )
        {
            Evidence =
                $"managed is not 'no'; the driver of {device.Address}: {device.Driver}; /sys/bus/pci/devices/{device.Address}/vfio-dev is there",
            Remedy = $"Set managed='no' ({Edit}): the driver itself gives the function to virtual machines.",
        };

    internal static Finding ReadyUnknown(PciDevice device) =>
        new(
            FindingCodes.VmDeviceMissing,
            Severity.Warning,
            $"Whether {device.Driver} has {device.Address} for guests, as a vGPU, or for the host is not known: an earlier release recorded it."
        )
        {
            Evidence = $"the driver of {device.Address}: {device.Driver}",
            Remedy =
                $"Look whether /sys/bus/pci/devices/{device.Address}/vfio-dev is there; where it is, the device is ready as it is.",
        };

    internal static Finding Bridge(PciDevice device) =>
        new(
            FindingCodes.IsBridge,
            Severity.Error,
            $"{device.Address} is a bridge, which is never passed through: the virtual machine does not start."
        )
        {
            Evidence = string.Create(CultureInfo.InvariantCulture, $"class {device.ClassCode:x6}"),
            Remedy = $"Name the function behind it ({Edit}).",
        };

    internal static Finding NoGroup(PciDevice device, IommuState state, IommuFacts iommu) =>
        new(
            FindingCodes.NoIommuGroup,
            Severity.Error,
            state == IommuState.Off
                ? "The host's IOMMU is off: no virtual machine that is to have a device starts."
                : $"{device.Address} is in no IOMMU group: the virtual machine does not start."
        )
        {
            Evidence =
                state == IommuState.Off
                    ? iommu.Groups is [var pretended, ..]
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $"/sys/kernel/iommu_groups/{pretended.Number}/name: {pretended.Name ?? "none"}"
                        )
                        : "/sys/kernel/iommu_groups holds no group"
                    : $"/sys/bus/pci/devices/{device.Address}/iommu_group is not there",
            Remedy =
                state == IommuState.Off
                    ? "Turn the IOMMU on, and restart the host."
                    : "Use a device of a group of its own.",
            Mend = state == IommuState.Off ? new CommandCall(OwnCommand.EnableIommu) : null,
        };

    internal static Finding PretendedGroup(IommuGroupFacts group) =>
        new(
            FindingCodes.NoIommuGroup,
            Severity.Error,
            "No IOMMU stands behind the device's group, which VFIO made up: the virtual machine does not start."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"/sys/kernel/iommu_groups/{group.Number}/name: {group.Name ?? "none"}"
            ),
            Remedy = "Turn the IOMMU on, and restart the host.",
            Mend = new CommandCall(OwnCommand.EnableIommu),
        };

    internal static Finding MayBeRefused(Finding refusal, string parameter) =>
        refusal with
        {
            Message =
                refusal.Code == FindingCodes.InterruptRemappingOff
                    ? "The IOMMU does not remap interrupts: VFIO may refuse the device, since a guest could raise any interrupt of the host."
                    : refusal.Message.Replace("vfio-pci refuses", "vfio-pci may refuse", StringComparison.Ordinal),
            Evidence = $"{refusal.Evidence}; not known while the module is not loaded: {parameter}",
        };

    internal static Finding GroupNotViable(
        string group,
        IReadOnlyList<PciDevice> bound,
        IReadOnlyList<IommuMember> others,
        IReadOnlyList<PciDevice> kept,
        bool isRefused
    )
    {
        bool isUnclear = others.Count == 0 && bound.All(DmaDrivers.IsUnclear);
        string? remedy =
            isRefused ? "Use a device of another group: the kernel refuses this one to VFIO, whatever its drivers are."
            : bound.Any(IsNeeded) ? "Use a device of another group: the host itself uses one of this."
            : bound.FirstOrDefault(kept.Contains) is { } physical
                ? $"Use a device of another group: {physical.Address} has to stay, with whose driver its virtual functions go."
            : isUnclear
                ? $"Look whether /sys/bus/pci/devices/{bound[0].Address}/vfio-dev is there; where it is, guests may have it."
            : null;
        string[] ways =
        [
            .. bound.Any(static member => !member.IsBridge)
                ? [$"Give them to the virtual machine, too ({Edit}), or bind them to vfio-pci."]
                : Array.Empty<string>(),
            .. bound.Where(static member => member.IsBridge).Select(static member => Unbind(member.Address)),
            .. others.Select(static member => Unbind(PlainWord.Or(member.Name, "it"))),
            .. bound.Any(static member => member.HasHostUse)
                ? ["Look first whether the host can do without them."]
                : Array.Empty<string>(),
        ];
        PciDevice? single =
            remedy is null && others.Count == 0 && bound is [{ IsBridge: false, HasHostUse: false } only] ? only : null;
        return new Finding(
            FindingCodes.GroupNotViable,
            isUnclear ? Severity.Warning : Severity.Error,
            isUnclear
                ? $"Whether other devices of IOMMU group {group} are ready for guests is not known: an earlier release recorded them."
                : $"Other devices of IOMMU group {group} have drivers of the host, and the virtual machine is not given them: it does not start."
        )
        {
            Evidence = WordList.Short([
                .. bound.Select(static member => $"{member.Address}: {member.Driver}"),
                .. others.Select(static member => $"{member.Name}: {member.Driver}"),
            ]),
            Remedy = remedy ?? string.Join(' ', ways),
            Mend = single is null
                ? null
                : new CommandCall(
                    OwnCommand.SetDriver,
                    (CommandArgument.Address, single.Address),
                    (CommandArgument.Driver, "vfio-pci")
                ),
        };
    }

    internal static Finding UsedByHost(
        OwnedDevice owned,
        PciDevice device,
        IReadOnlyList<HostUse> uses,
        bool isTaken
    ) =>
        new(
            FindingCodes.UsedByHost,
            isTaken && !uses.All(IsScreen) ? Severity.Error : Severity.Warning,
            (isTaken, owned.Guest.AutoStart) switch
            {
                (true, _) when uses.All(IsScreen) =>
                    $"The host's console is on {device.Address}: its screen goes dark when the virtual machine starts.",
                (true, true) =>
                    $"The host itself uses {device.Address}, and loses it when the virtual machine starts, which it does with the host.",
                (true, false) =>
                    $"The host itself uses {device.Address}, and loses it when the virtual machine starts: do not start it.",
                _ => $"The host itself uses {device.Address}, which the virtual machine is to have.",
            }
        )
        {
            Evidence = string.Join("; ", uses.Select(static use => $"{use.Kind}: {use.Evidence}")),
            Remedy = uses.All(IsScreen)
                ? "Have another way to the host than its screen, as by the network; or have the firmware show the screen on another card."
                : $"Take the device from the virtual machine ({Edit}), and give it another.",
        };

    internal static Finding UseUnknown(PciDevice device) =>
        new(
            FindingCodes.HostUseUnknown,
            Severity.Warning,
            $"It is not known whether the host needs {device.Address}, which it loses when the virtual machine starts."
        )
        {
            Evidence = string.Join("; ", device.HostUses.Select(static use => $"{use.Kind}: {use.Evidence}")),
            Remedy = "Look whether the host uses it before the virtual machine is started.",
        };

    internal static Finding HasVirtual(PciDevice device, int count, string? running) =>
        new(
            FindingCodes.HasVirtualFunctions,
            running is null ? Severity.Warning : Severity.Error,
            running is null
                ? $"{device.Address} has virtual functions, which go when the virtual machine starts."
                : $"{device.Address} has virtual functions, which go when the virtual machine starts, also those that others run with: {running}."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"/sys/bus/pci/devices/{device.Address}/sriov_numvfs: {count}"
            ),
            Remedy = "Give the virtual machine one of the virtual functions.",
        };

    internal static Finding NotVirtual(PciDevice device) =>
        new(
            FindingCodes.VmDeviceNotVirtual,
            Severity.Error,
            $"The definition has {device.Address} for a network adapter, which libvirt takes for virtual functions alone: the virtual machine does not start."
        )
        {
            Evidence = $"<interface type='hostdev'>; /sys/bus/pci/devices/{device.Address}/physfn is not there",
            Remedy = $"Name a virtual function, or write it as <hostdev mode='subsystem' type='pci'> ({Edit}).",
        };

    internal static Finding NoInterface(PciDevice device, PciDevice physical) =>
        new(
            FindingCodes.VmDeviceNotVirtual,
            Severity.Error,
            $"The definition has {device.Address} for a network adapter, and libvirt cannot set its MAC address: {physical.Address}, of which it is, has no network interface. The virtual machine does not start."
        )
        {
            Evidence =
                $"<interface type='hostdev'>; /sys/bus/pci/devices/{physical.Address}/net has nothing; its driver: {physical.Driver ?? "none"}",
            Remedy =
                $"Have the network driver of {physical.Address} loaded, and its interface in the host's own network namespace; or write the device as <hostdev mode='subsystem' type='pci'> ({Edit}).",
        };

    internal static Finding LegacyDriver(string driver) =>
        new(
            FindingCodes.VmDeviceLegacyDriver,
            Severity.Error,
            $"The definition asks for a way of giving devices that is gone from KVM and libvirt: the virtual machine does not start."
        )
        {
            Evidence = $"<driver name='{driver}'/>",
            Remedy = $"Take that line away ({Edit}): VFIO is used then.",
        };

    internal static Finding CommandLine(OwnedDevice owned) =>
        new(
            FindingCodes.VmDeviceCommandLine,
            Severity.Warning,
            "The virtual machine is given the device past libvirt, which does not keep others from it, and neither frees it nor gives it back."
        )
        {
            Evidence = $"qemu:commandline: {owned.Address?.ToString() ?? owned.Device.Part ?? "a device"}",
            Remedy = $"Write it as <hostdev mode='subsystem' type='pci' managed='yes'> ({Edit}).",
        };

    internal static Finding Pending(OwnedDevice owned) =>
        new(
            FindingCodes.VmRestartPending,
            Severity.Warning,
            owned.IsAttached == true
                ? "The virtual machine runs with the device, and its definition does not have it: the next start is without."
                : "The definition has the device, and the virtual machine runs without: it has it after it was shut down and started, which a restart from within does not do."
        )
        {
            Evidence = owned.IsAttached == true ? "running: yes; saved: no" : "running: no; saved: yes",
            Remedy =
                owned.IsAttached == true
                    ? "To keep it, put it into the definition, too: virsh attach-device NAME FILE --config"
                    : "Shut it down, and start it.",
        };

    internal static Finding Unread(string why) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Warning,
            "Which devices the virtual machine owns is not known, nor whether it shares any with others."
        )
        {
            Evidence = why,
            Remedy = "Look at its definition: virsh dumpxml NAME",
        };

    internal static Finding PciUnknown(string reason) =>
        new(
            FindingCodes.PciUnknown,
            Severity.Warning,
            "The PCI devices of the host are not known: whether it has what virtual machines own is not told."
        )
        {
            Evidence = reason,
        };

    // What is not known to be a use is none, and a console that goes dark leaves the host as it is.
    private static bool IsNeeded(PciDevice device) =>
        device.HostUses.Any(static use => use.Kind != "Unknown" && !IsScreen(use));

    private static bool IsScreen(HostUse use) => use.Kind == HostUses.BootVga;

    private static string Unbind(string name) => $"Unbind {name}, if the host can do without it.";
}
