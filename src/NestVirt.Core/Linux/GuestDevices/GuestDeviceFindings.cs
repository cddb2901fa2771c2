using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestDevices;

/// <summary>Says why a guest is not given a device, or does not lose one, and what comes of it.</summary>
internal static class GuestDeviceFindings
{
    internal static Finding NoAddress(string word) =>
        new(
            FindingCodes.AddressInvalid,
            Severity.Error,
            $"'{HostText.ForDisplay(word, 60)}' is no PCI address, by which devices of a KVM host are named."
        )
        {
            Remedy = Advice.Of(
                $"Write it as 0000:01:00.0, as the addresses of a host are listed: {OwnCommand.ListPciDevices}."
            ),
        };

    internal static Finding Missing(PciAddress address, (PciDevice Physical, int Number)? virtualOf) =>
        virtualOf is (var physical, var number)
            ? MissingDeviceFindings.Missing(address, virtualOf) with
            {
                Code = FindingCodes.DeviceMissing,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{address} would be virtual function {number} of {physical.Address}, which has {physical.Sriov!.Count} of {physical.Sriov.TotalCount} now."
                ),
            }
            : new(FindingCodes.DeviceMissing, Severity.Error, $"The host has no PCI function {address}.")
            {
                Evidence = $"/sys/bus/pci/devices/{address} is not there",
                Remedy = Advice.Of($"Look at the addresses of the host: {OwnCommand.ListPciDevices}."),
            };

    internal static Finding Nowhere(PciAddress address) =>
        new(
            FindingCodes.DeviceMissing,
            Severity.Warning,
            $"Neither the virtual machine nor the host has a PCI function {address}."
        )
        {
            Evidence = $"/sys/bus/pci/devices/{address} is not there",
        };

    internal static Finding HasOtherwise(PciAddress address, GuestDevice device) =>
        new(
            FindingCodes.VmDeviceDiffers,
            Severity.Error,
            $"The virtual machine has {address} already, and in another way than is asked for."
        )
        {
            Evidence = WayOf(device),
            Remedy = device.Kind is VmPciKind.Device or VmPciKind.NetworkAdapter
                ? "Take it from the virtual machine first, and give it anew then; or leave out how it is to have it."
                : "Take it out of the definition first (virsh edit NAME).",
        };

    internal static Finding NotOurs(PciAddress address, GuestDevice device, GuestNetwork? network = null) =>
        new(
            FindingCodes.VmDeviceDiffers,
            Severity.Error,
            network is null
                ? $"The virtual machine has {address}, or a part of it, in a way that is not taken from it here."
                : $"The virtual machine has {address} out of a network of libvirt, which gives it what is free at each start."
        )
        {
            Evidence = network is null ? WayOf(device) : $"<source network='{network.Network}'/>",
            Remedy = network is null
                ? "Take it out of the definition (virsh edit NAME)."
                : "Take the adapter of the network out of the definition (virsh edit NAME).",
        };

    internal static Finding NoAdapter(PciDevice device, PciDevice? physical) =>
        new(
            FindingCodes.VmDeviceNotVirtual,
            Severity.Error,
            $"libvirt gives MAC addresses and VLANs to virtual functions of network cards alone, by the interface of the physical one: {device.Address} is none such."
        )
        {
            Evidence =
                device.PhysicalFunction is null ? $"/sys/bus/pci/devices/{device.Address}/physfn is not there"
                : physical is { InterfaceNames.Count: 0 }
                    ? $"/sys/bus/pci/devices/{physical.Address}/net has nothing; its driver: {physical.Driver ?? "none"}"
                : $"class {device.ClassCode:x6}",
            Remedy =
                "Leave the MAC address and the VLAN out, and set them in the virtual machine; or name a virtual function.",
        };

    internal static Finding AddressTaken(PciAddress address) =>
        new(
            FindingCodes.SettingInvalid,
            Severity.Error,
            $"Another device of the virtual machine has the address {address} there."
        )
        {
            Evidence = "<address type='pci'> of its definition",
            Remedy = "Name a free one, or leave it out: libvirt chooses one.",
        };

    internal static Finding SlotTaken(PciAddress address) =>
        new(
            FindingCodes.SettingInvalid,
            Severity.Error,
            $"A device of another kind is function 0 beside {address} in the virtual machine, and libvirt would change that."
        )
        {
            Evidence = "<address type='pci'> of its definition",
            Remedy = "Name an address of another slot, or leave it out: libvirt chooses one.",
        };

    internal static Finding FirstMissing(PciAddress address) =>
        new(
            FindingCodes.SettingInvalid,
            Severity.Error,
            $"The functions beside {address} in the virtual machine are not seen without function 0, which is not named."
        )
        {
            Remedy = "Name function 0 of the card as well.",
        };

    /// <summary>Says which functions of a device a guest does not see any more without the first.</summary>
    /// <param name="before">Its definition.</param>
    /// <param name="after">The new one.</param>
    /// <returns>The finding, or none.</returns>
    internal static IEnumerable<Finding> Unseen(DomainDefinition before, DomainDefinition after)
    {
        PciAddress[] left = [.. PlacesOf(after)];
        PciAddress[] unseen =
        [
            .. left.Where(place =>
                place.Function > 0
                && PlacesOf(before).Contains(place with { Function = 0 })
                && !left.Contains(place with { Function = 0 })
            ),
        ];
        if (unseen.Length > 0)
        {
            yield return new Finding(
                FindingCodes.VmDeviceDiffers,
                Severity.Error,
                $"The virtual machine would not see {string.Join(", ", unseen)} any more: function 0 of that device goes."
            )
            {
                Evidence = "multifunction='on'",
                Remedy = "Take all functions of that device from it.",
                RepeatWith = ChangeSwitch.Force,
            };
        }
    }

    private static IEnumerable<PciAddress> PlacesOf(DomainDefinition definition) =>
        definition.Devices.Select(static device => device.GuestAddress).OfType<PciAddress>();

    internal static Finding MacShared(string mac, IReadOnlyList<string> names) =>
        new(
            FindingCodes.VmMacShared,
            Severity.Error,
            $"Another virtual machine has the MAC address {mac}, too: {WordList.Short(names, static name => HostText.ForDisplay(name, 60))}."
        )
        {
            Evidence = $"<mac address='{mac}'/> of its definition",
            Remedy = "Name another one; or none, and libvirt makes one up.",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding MemoryPinned { get; } =
        new(
            FindingCodes.VmMemoryPinned,
            Severity.Information,
            "With a device of the host, all memory of the virtual machine is taken at its start and stays; it can be neither saved nor suspended to disk, and migrated live only where its device can."
        )
        {
            Evidence = "VFIO pins what a device may reach",
        };

    internal static Finding RestartPending(GuestDevice device, bool isAdded, string? powerOff) =>
        new(
            FindingCodes.VmRestartPending,
            Severity.Warning,
            isAdded
                ? $"The virtual machine runs without {device.Address}, and has it once it was shut down and started; a restart from within is not enough."
                : $"The virtual machine runs with {device.Address}, and keeps it until it is shut down and started; a restart from within is not enough."
        )
        {
            Evidence = powerOff is null
                ? "virsh dumpxml, and with --inactive"
                : $"<on_poweroff>{powerOff}</on_poweroff>",
            Remedy = powerOff is null
                ? "Have it shut down and started again."
                : "It cannot be asked to shut down: turn it off, when nothing in it is lost by that, and start it (virsh destroy NAME; virsh start NAME).",
            RepeatWith = powerOff is null ? ChangeSwitch.StopGuests : null,
        };

    /// <summary>Says in words how a guest has a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The words.</returns>
    internal static string WayOf(GuestDevice device) =>
        string.Join(
            ", ",
            new[]
            {
                device.Kind switch
                {
                    VmPciKind.NetworkAdapter => "network adapter",
                    VmPciKind.Disk => "disk of NVMe",
                    VmPciKind.CommandLine => "word for QEMU's command line",
                    VmPciKind.MediatedDevice => $"mediated device {device.Part}",
                    VmPciKind.Vdpa => $"vDPA device {device.Part}",
                    _ => "device",
                },
                device.IsManaged == false ? "managed='no'" : null,
                device.MacAddress is { } mac ? $"MAC address {mac}" : null,
                device.Vlans.Count > 0 ? $"VLAN {string.Join(", ", device.Vlans)}" : null,
                device.GuestAddress is { } address ? $"{address} in it" : null,
                device.RomFile is { } file ? $"ROM {file}"
                : device.IsRomShown == false ? "no ROM"
                : null,
            }.OfType<string>()
        );
}
