using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.GuestPci;

/// <summary>Says of a device that the host does not have it, or that none is named.</summary>
internal static class MissingDeviceFindings
{
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
                    $"Look for it at another address (lspci -D): addresses change with cards, slots and settings of the firmware. Then name that ({GuestPciFindings.Edit}); or take it from the virtual machine, or put the device back into its slot.",
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
                $"Give {physical.Address} back to the host's driver first, and have its virtual functions made then; or take the device from the virtual machine ({GuestPciFindings.Edit}).",
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
                    ? $"Write it as <hostdev mode='subsystem' type='pci' managed='yes'>, with the address of the device ({GuestPciFindings.Edit})."
                    : $"Look at the definition, and name the device ({GuestPciFindings.Edit}).",
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

    // A command takes a UUID alone.
    private static string IdOf(string? part) => Guid.TryParseExact(part, "D", out Guid id) ? id.ToString("D") : "UUID";
}
