using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>Makes the instances of a network adapter of the host.</summary>
internal static class HostAdapterFactory
{
    internal static (CimObject Sriov, CimObject? Hardware) Create(
        HyperVMachine machine,
        string name,
        uint support,
        uint functions,
        HostDevice? device
    )
    {
        // Both have one InstanceID, which is that of the adapter.
        var common = new Dictionary<string, object?>
        {
            ["InstanceID"] = $"{{{Guid.NewGuid().ToString().ToUpperInvariant()}}}",
            ["InterfaceDescription"] = device?.Name ?? $"Adapter {name}",
            ["Name"] = name,
            ["SystemName"] = machine.Host.Name,
        };
        CimObject sriov = machine
            .Classes.Get(Names.StandardCimv2, "MSFT_NetAdapterSriovSettingData")
            .New(
                new Dictionary<string, object?>(common)
                {
                    ["Enabled"] = support == 1,
                    ["NumAllocatedVFs"] = 0,
                    ["NumVFs"] = functions,
                    ["SriovSupport"] = support,
                }
            );
        return (sriov, device is null ? null : Hardware(machine, common, support, device));
    }

    private static CimObject Hardware(
        HyperVMachine machine,
        Dictionary<string, object?> common,
        uint support,
        HostDevice device
    ) =>
        machine
            .Classes.Get(Names.StandardCimv2, "MSFT_NetAdapterHardwareInfoSettingData")
            .New(
                new Dictionary<string, object?>(common)
                {
                    ["BusNumber"] = device.Bus,
                    ["DeviceNumber"] = device.Slot,
                    ["FunctionNumber"] = device.Function,
                    ["MsiXEnabled"] = true,
                    ["MsiXSupported"] = true,
                    ["PciDeviceType"] = device.DeviceType,
                    ["SegmentNumber"] = 0,
                    ["SriovSupport"] = support,
                }
            );
}
