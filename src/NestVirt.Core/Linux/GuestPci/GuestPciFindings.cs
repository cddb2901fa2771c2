using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.GuestPci;

/// <summary>Says of a device what stands against a guest's having it, and what deserves attention.</summary>
internal static class GuestPciFindings
{
    private const string Edit = "virsh edit NAME";

    internal static Finding Missing(PciAddress address, (PciDevice Physical, int Number)? virtualOf) =>
        virtualOf is (var physical, var number)
            ? new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The virtual machine owns virtual function {number} of {physical.Address}, which has {physical.Sriov!.Count} of {physical.Sriov.TotalCount} now."
                )
            )
            {
                Evidence = $"/sys/bus/pci/devices/{address} is not there",
                Remedy = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Have {number} virtual functions of {physical.Address} or more, at each start of the host.{(physical.Sriov.Count > 0 ? " Those that are there go first, and running virtual machines lose them." : string.Empty)}"
                ),
                Mend = new CommandCall(
                    OwnCommand.SetSriov,
                    (CommandArgument.Address, physical.Address),
                    (CommandArgument.FunctionCount, number.ToString(CultureInfo.InvariantCulture))
                ),
            }
            : new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                "The virtual machine owns a device that the host does not have any more."
            )
            {
                Evidence = $"/sys/bus/pci/devices/{address} is not there",
                Remedy =
                    $"Look for it at another address (lspci -D): addresses change with cards, slots and settings of the firmware. Then name that ({Edit}); or take it from the virtual machine, or put the device back into its slot.",
            };

    internal static Finding MissingWithPhysical(PciAddress address, PciDevice physical, string holder) =>
        new(
            FindingCodes.VmDeviceMissing,
            Severity.Error,
            $"The virtual machine owns a virtual function of {physical.Address}, which has none while guests have it as a whole."
        )
        {
            Evidence = $"/sys/bus/pci/devices/{address} is not there; {physical.Address}: {holder}",
            Remedy =
                $"Give {physical.Address} back to the host's driver first, and have its virtual functions made then; or take the device from the virtual machine ({Edit}).",
        };

    internal static Finding NotNamed(VmPciKind kind) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Warning,
            "Which device of the host this is, is not known: the definition does not say it in a form that can be read."
        )
        {
            Evidence = kind switch
            {
                VmPciKind.MediatedDevice => "<source> without <address uuid=…>",
                VmPciKind.Vdpa => "<source> without dev='/dev/vhost-vdpa-N'",
                VmPciKind.CommandLine => "qemu:commandline has a device of VFIO or vDPA whose place cannot be read",
                _ => "<source> without an <address> of PCI",
            },
            Remedy =
                kind == VmPciKind.CommandLine
                    ? $"Write it as <hostdev mode='subsystem' type='pci' managed='yes'>, with the address of the device ({Edit})."
                    : $"Look at the definition, and name the device ({Edit}).",
        };

    internal static Finding PartMissing(GuestDevice told) =>
        told.Kind == VmPciKind.Vdpa || QemuDeviceWord.VdpaNameOf($"/dev/{told.Part}") is not null
            ? new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                "The virtual machine owns a vDPA device that the host does not have."
            )
            {
                Evidence = $"/sys/bus/vdpa/devices: no {told.Part}",
                Remedy =
                    "Have it made at each start of the host: vdpa dev add name NAME mgmtdev pci/ADDRESS (vdpa mgmtdev show lists what can make it).",
            }
            : new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                "The virtual machine owns a mediated device that the host does not have."
            )
            {
                Evidence = $"/sys/bus/mdev/devices/{told.Part} is not there",
                Remedy =
                    $"Have it made now and at each start of the host: mdevctl modify --uuid {IdOf(told.Part)} --auto, and mdevctl start --uuid {IdOf(told.Part)}; where mdevctl list --defined does not have it: mdevctl define --auto --uuid {IdOf(told.Part)} --parent ADDRESS --type TYPE.",
            };

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

    internal static Finding OpenedTwice(OwnedDevice owned, IReadOnlyList<OwnedDevice> others) =>
        new(
            FindingCodes.GroupOpenedTwice,
            Severity.Error,
            "QEMU opens the IOMMU group of an NVMe controller for each disk, and the kernel lets a group be opened once: with other disks or devices of the same controller or group, the virtual machine does not start."
        )
        {
            Evidence = WordList.Short([
                .. others
                    .Prepend(owned)
                    .Select(static one => $"{one.Device.Kind}: {one.Address} {one.Device.Part}".TrimEnd()),
            ]),
            Remedy =
                $"Give the whole controller as one device (<hostdev mode='subsystem' type='pci' managed='yes'>) in the place of its disks ({Edit}).",
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

    internal static Finding RunsElsewhere(string names) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Error,
            $"Another virtual machine runs with the device, so this one does not start: {names}."
        )
        {
            Evidence = names,
            Remedy = "Shut that one down first, or give each a device of its own.",
        };

    internal static Finding PartsGo(PciAddress address, string names) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Error,
            $"Others run with what the host's driver made of {address}, which goes when this virtual machine starts: {names}."
        )
        {
            Evidence = names,
            Remedy = "Shut those down first, or give this one a part of the device, too.",
        };

    internal static Finding GroupElsewhere(string names, PciAddress address) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Error,
            $"Another virtual machine runs with {address} of the same IOMMU group, which one alone can have, so this one does not start: {names}."
        )
        {
            Evidence = names,
            Remedy = "Shut that one down first, or give the whole group to one.",
        };

    internal static Finding DefinedElsewhere(string names) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Warning,
            $"Other virtual machines are defined with the device, too, and only one of them can run: {names}."
        )
        {
            Evidence = names,
            Remedy = "Give each a device of its own where they are to run together.",
        };

    // Guests may have parts of a device side by side, and none while one has the whole.
    internal static Finding PartsElsewhere(string names) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Warning,
            $"Other virtual machines are defined with what the host's driver makes of the device, which is not there while this one runs: {names}."
        )
        {
            Evidence = names,
            Remedy = "Give each a device of its own where they are to run together.",
        };

    internal static Finding GroupDefinedElsewhere(string names, PciAddress address) =>
        new(
            FindingCodes.VmDeviceShared,
            Severity.Warning,
            $"Other virtual machines are defined with {address} of the same IOMMU group, which one alone can have at a time: {names}."
        )
        {
            Evidence = names,
            Remedy = "Give the whole group to one, where they are to run together.",
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

    // A command takes a UUID alone.
    private static string IdOf(string? part) => Guid.TryParseExact(part, "D", out Guid id) ? id.ToString("D") : "UUID";
}
