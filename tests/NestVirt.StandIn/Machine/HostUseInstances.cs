using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// Makes the instances that tell what the host uses its devices for (win32 docs of Win32_SCSIControllerDevice, Win32_DiskDrive,
/// Win32_NetworkAdapter and its configuration, and of MSFT_NetImPlatAdapter; r4sd/go-wsman for Msvm_ExternalEthernetPort). A device
/// without a driver has none.
/// </summary>
internal static class HostUseInstances
{
    private const uint Connected = 2;
    private const uint MediaDisconnected = 7;

    internal static IEnumerable<CimObject> Create(HyperVMachine machine)
    {
        uint index = 0;
        foreach (HostDevice device in machine.Devices)
        {
            index++;
            if (device.IsDismounted || device.ErrorCode != 0)
            {
                continue;
            }

            foreach (CimObject instance in Disks(machine, device, index).Concat(Adapters(machine, device, index)))
            {
                yield return instance;
            }
        }
    }

    private static IEnumerable<CimObject> Disks(HyperVMachine machine, HostDevice device, uint index)
    {
        if (device.Use is { Partitions: null, IsPooled: false })
        {
            yield break;
        }

        string id = $@"SCSI\DISK&VEN_NVME&PROD_{index:X4}\5&1&0&000000";
        CimObject controller = New(
            machine,
            Names.Cimv2,
            "Win32_SCSIController",
            new()
            {
                ["CreationClassName"] = "Win32_SCSIController",
                ["DeviceID"] = device.InstanceId,
                ["Name"] = device.Name,
                ["PNPDeviceID"] = device.InstanceId,
                ["SystemName"] = machine.Host.Name,
            }
        );
        CimObject disk = New(
            machine,
            Names.Cimv2,
            "Win32_PnPEntity",
            new()
            {
                ["ConfigManagerErrorCode"] = 0,
                ["CreationClassName"] = "Win32_PnPEntity",
                ["DeviceID"] = id,
                ["Name"] = "Disk drive",
                ["PNPClass"] = "DiskDrive",
                ["PNPDeviceID"] = id,
                ["Present"] = true,
                ["Service"] = "disk",
            }
        );
        yield return controller;
        yield return disk;
        yield return New(
            machine,
            Names.Cimv2,
            "Win32_SCSIControllerDevice",
            new() { ["Antecedent"] = controller, ["Dependent"] = disk }
        );
        if (device.Use is { IsPooled: false, Partitions: { } partitions })
        {
            yield return New(
                machine,
                Names.Cimv2,
                "Win32_DiskDrive",
                new()
                {
                    ["CreationClassName"] = "Win32_DiskDrive",
                    ["DeviceID"] = $@"\\.\PHYSICALDRIVE{index}",
                    ["Index"] = index,
                    ["Partitions"] = partitions,
                    ["PNPDeviceID"] = id,
                }
            );
        }
    }

    private static IEnumerable<CimObject> Adapters(HyperVMachine machine, HostDevice device, uint index)
    {
        if (!device.Use.HasAdapter)
        {
            yield break;
        }

        string guid = $"{{{device.Use.AdapterId.ToString().ToUpperInvariant()}}}";
        yield return New(
            machine,
            Names.Cimv2,
            "Win32_NetworkAdapter",
            new()
            {
                ["CreationClassName"] = "Win32_NetworkAdapter",
                ["DeviceID"] = $"{index}",
                ["GUID"] = guid,
                ["Index"] = index,
                ["Name"] = device.Name,
                ["NetConnectionID"] = $"Ethernet {index}",
                ["NetConnectionStatus"] = device.Use.IsConnected ? Connected : MediaDisconnected,
                ["PhysicalAdapter"] = true,
                ["PNPDeviceID"] = device.InstanceId,
            }
        );
        yield return New(
            machine,
            Names.Cimv2,
            "Win32_NetworkAdapterConfiguration",
            new()
            {
                ["Index"] = index,
                ["IPAddress"] = device.Use.Addresses.Count == 0 ? null : device.Use.Addresses.ToArray(),
                ["IPEnabled"] = device.Use.Addresses.Count > 0,
                ["SettingID"] = guid,
            }
        );
        if (device.Use.Team is { } team)
        {
            yield return New(
                machine,
                Names.StandardCimv2,
                "MSFT_NetLbfoTeamMember",
                new()
                {
                    ["InstanceID"] = guid,
                    ["InterfaceDescription"] = device.Name,
                    ["Name"] = $"Ethernet {index}",
                    ["Team"] = team,
                }
            );
        }

        if (machine.Host.HyperVInstallState == 1)
        {
            yield return New(
                machine,
                Names.Virtualization,
                "Msvm_ExternalEthernetPort",
                new()
                {
                    ["CreationClassName"] = "Msvm_ExternalEthernetPort",
                    ["DeviceID"] = $"Microsoft:{guid}",
                    ["ElementName"] = device.Name,
                    ["IsBound"] = device.Use.IsBound,
                    ["SystemCreationClassName"] = "Msvm_ComputerSystem",
                    ["SystemName"] = machine.Host.Name,
                }
            );
        }
    }

    private static CimObject New(
        HyperVMachine machine,
        string namespaceName,
        string className,
        Dictionary<string, object?> values
    ) => machine.Classes.Get(namespaceName, className).New(values);
}
