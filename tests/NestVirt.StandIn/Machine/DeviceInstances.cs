using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>Makes the instances of the host's devices and of what they take, anew for each request.</summary>
internal static class DeviceInstances
{
    /// <summary>Makes those of Plug and Play.</summary>
    internal static IEnumerable<CimObject> Create(HyperVMachine machine)
    {
        var interrupts = new Dictionary<uint, CimObject>();
        // What the host has again is shown late; what was taken from it is shown as it was.
        foreach (HostDevice device in machine.Devices.Where(static one => one.IsDismounted || !one.IsLate))
        {
            CimObject entity = Entity(machine, device);
            yield return entity;
            // A device that is not started has no resources (SurveyDDA.ps1 cannot check those of a disabled one).
            if (device.ErrorCode != 0 || device.IsDismounted)
            {
                continue;
            }

            foreach (uint number in device.Interrupts)
            {
                // Devices may share a line.
                if (interrupts.TryAdd(number, Interrupt(machine, number)))
                {
                    yield return interrupts[number];
                }

                yield return Allocation(machine, interrupts[number], entity);
            }

            foreach ((ulong start, ulong end) in device.Memory)
            {
                CimObject range = Range(machine, start, end);
                yield return range;
                yield return Allocation(machine, range, entity);
            }
        }
    }

    /// <summary>
    /// Makes those that can be given to VMs: the dismounted. One that a VM owns is there twice, with the same paths
    /// (os-win), of which the second is the VM's.
    /// </summary>
    internal static IEnumerable<CimObject> CreateAssignable(HyperVMachine machine)
    {
        foreach (HostDevice device in machine.Devices.Where(static device => device.IsShownDismounted))
        {
            yield return Assignable(machine, device);
            if (machine.OwnerOf(device) is { } vm)
            {
                CimObject owned = Assignable(machine, device);
                // os-win finds vendor and device in the host's DeviceID; the form of the VM's is not recorded.
                owned["DeviceID"] = $@"Microsoft:{vm.Id.ToString().ToUpperInvariant()}\{device.InstancePath}";
                owned["SystemName"] = vm.Id.ToString().ToUpperInvariant();
                yield return owned;
            }
        }
    }

    /// <summary>Makes the host's Msvm_PciExpress of a device, whose path settings name.</summary>
    internal static CimObject Assignable(HyperVMachine machine, HostDevice device) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_PciExpress")
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = "PCI Express Port",
                    ["CreationClassName"] = "Msvm_PciExpress",
                    ["DeviceID"] = device.InstancePath,
                    ["DeviceInstancePath"] = device.InstancePath,
                    ["ElementName"] = "PCI Express Port",
                    ["EnabledState"] = 2,
                    ["FunctionNumber"] = device.Function,
                    ["LocationPath"] = device.LocationPath,
                    ["OperationalStatus"] = 2,
                    ["SystemCreationClassName"] = "Msvm_ComputerSystem",
                    ["SystemName"] = machine.Host.Name,
                }
            );

    private static CimObject Entity(HyperVMachine machine, HostDevice device)
    {
        // Which name and class a dismounted device has is not recorded; the driver is pcip.sys.
        string name = device.IsShownDismounted ? device.Name + " - Dismounted" : device.Name;
        uint code = device.IsShownDismounted ? 0 : device.ErrorCode;
        return machine
            .Classes.Get(Names.Cimv2, "Win32_PnPEntity")
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = name,
                    ["CompatibleID"] = PciIdentifiers.Compatible(device) is { Length: > 0 } ids ? ids : null,
                    ["ConfigManagerErrorCode"] = code,
                    ["ConfigManagerUserConfig"] = false,
                    ["CreationClassName"] = "Win32_PnPEntity",
                    ["Description"] = name,
                    ["DeviceID"] = device.ShownPath,
                    ["HardwareID"] = PciIdentifiers.Hardware(device),
                    ["Manufacturer"] = device.Manufacturer,
                    ["Name"] = name,
                    ["PNPClass"] = device.IsShownDismounted ? "System" : device.PnpClass,
                    ["PNPDeviceID"] = device.ShownPath,
                    ["Present"] = true,
                    ["Service"] = device.IsShownDismounted ? "pcip" : device.Service,
                    ["Status"] = code == 0 ? "OK" : "Error",
                    ["SystemCreationClassName"] = "Win32_ComputerSystem",
                    ["SystemName"] = machine.Host.Name,
                }
            );
    }

    private static CimObject Interrupt(HyperVMachine machine, uint number) =>
        machine
            .Classes.Get(Names.Cimv2, "Win32_IRQResource")
            .New(
                new Dictionary<string, object?>
                {
                    ["Availability"] = 2,
                    ["CreationClassName"] = "Win32_IRQResource",
                    ["CSCreationClassName"] = "Win32_ComputerSystem",
                    ["CSName"] = machine.Host.Name,
                    ["Hardware"] = true,
                    ["IRQNumber"] = number,
                    ["Name"] = string.Create(CultureInfo.InvariantCulture, $"IRQ {number}"),
                    ["Shareable"] = number <= ushort.MaxValue,
                    ["Status"] = "OK",
                }
            );

    private static CimObject Range(HyperVMachine machine, ulong start, ulong end) =>
        machine
            .Classes.Get(Names.Cimv2, "Win32_DeviceMemoryAddress")
            .New(
                new Dictionary<string, object?>
                {
                    ["CreationClassName"] = "Win32_DeviceMemoryAddress",
                    ["CSCreationClassName"] = "Win32_ComputerSystem",
                    ["CSName"] = machine.Host.Name,
                    ["EndingAddress"] = end,
                    ["MemoryType"] = "ReadWrite",
                    ["Name"] = string.Create(CultureInfo.InvariantCulture, $"0x{start:X8}-0x{end:X8}"),
                    ["StartingAddress"] = start,
                    ["Status"] = "OK",
                }
            );

    private static CimObject Allocation(HyperVMachine machine, CimObject resource, CimObject entity) =>
        machine
            .Classes.Get(Names.Cimv2, "Win32_PnPAllocatedResource")
            .New(new Dictionary<string, object?> { ["Antecedent"] = resource, ["Dependent"] = entity });
}
