using System.Globalization;
using NestVirt.Guidance;
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
                    $"Have {number} virtual functions of {physical.Address} or more, at each start of the host."
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
                Remedy = $"Take it from the virtual machine ({Edit}), or put the device back into its slot.",
            };

    internal static Finding PartMissing(string part) =>
        part.StartsWith(QemuDeviceWord.Vdpa, StringComparison.Ordinal)
            ? new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                "The virtual machine owns a vDPA device that the host does not have."
            )
            {
                Evidence = $"/sys/bus/vdpa/devices: no {part}",
                Remedy = "Have it made at each start of the host: vdpa dev add",
            }
            : new(
                FindingCodes.VmDeviceMissing,
                Severity.Error,
                "The virtual machine owns a mediated device that the host does not have."
            )
            {
                Evidence = $"/sys/bus/mdev/devices/{part} is not there",
                Remedy = "Have it made at each start of the host: mdevctl modify --auto",
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
            Remedy = device.HasHostUse
                ? "Leave it: the host itself uses the device. Give the virtual machine another."
                : $"Bind {device.Address} to vfio-pci, or let libvirt do it by managed='yes' ({Edit}).",
            Mend = device.HasHostUse
                ? null
                : new CommandCall(
                    OwnCommand.SetDriver,
                    (CommandArgument.Address, device.Address),
                    (CommandArgument.Driver, "vfio-pci")
                ),
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

    internal static Finding NoGroup(PciDevice device, IommuState state) =>
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
                    ? "/sys/kernel/iommu_groups holds no group"
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

    internal static Finding GroupNotViable(
        string group,
        IReadOnlyList<string> obstacles,
        IReadOnlyList<PciDevice> bound
    )
    {
        bool isNeeded = bound.Any(static member => member.HasHostUse);
        PciDevice? single =
            obstacles.Count == 1 && bound is [{ IsBridge: false, HasHostUse: false } only] ? only : null;
        return new Finding(
            FindingCodes.GroupNotViable,
            Severity.Error,
            $"Other devices of IOMMU group {group} have drivers of the host, and the virtual machine is not given them: it does not start."
        )
        {
            Evidence = WordList.Short(obstacles),
            Remedy = isNeeded
                ? "Use a device of another group: the host itself uses one of this."
                : $"Give them to the virtual machine, too ({Edit}), or bind them to vfio-pci.",
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
            isTaken ? Severity.Error : Severity.Warning,
            (isTaken, owned.Guest.AutoStart) switch
            {
                (true, true) =>
                    $"The host itself uses {device.Address}, and loses it when the virtual machine starts, which it does with the host.",
                (true, false) =>
                    $"The host itself uses {device.Address}, and loses it when the virtual machine starts: do not start it.",
                _ => $"The host itself uses {device.Address}, which the virtual machine is to have.",
            }
        )
        {
            Evidence = string.Join("; ", uses.Select(static use => $"{use.Kind}: {use.Evidence}")),
            Remedy = $"Take the device from the virtual machine ({Edit}), and give it another.",
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
                    ? "To keep it, put it into the definition, too: virsh attach-device --config"
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

    internal static Finding Unread(IReadOnlyList<LibvirtGuest> guests) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Warning,
            "Some virtual machines may own devices that are not listed: their definitions could not be read."
        )
        {
            Evidence = WordList.Short([
                .. guests.Select(static guest => $"{HostText.ForDisplay(guest.Name, 60)}: {guest.Unread}"),
            ]),
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
}
