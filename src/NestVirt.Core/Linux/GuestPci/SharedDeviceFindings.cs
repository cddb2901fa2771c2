using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestPci;

/// <summary>Says of a device which other guests have it, too, or its group.</summary>
internal static class SharedDeviceFindings
{
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
                $"Give the whole controller as one device (<hostdev mode='subsystem' type='pci' managed='yes'>) in the place of its disks ({GuestPciFindings.Edit}).",
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
}
