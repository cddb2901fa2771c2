using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>Makes the instances of a network adapter.</summary>
internal static class AdapterFactory
{
    internal static NetworkAdapter Create(
        HyperVMachine machine,
        string prefix,
        int place,
        int number,
        VMOptions options
    )
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{prefix}\\7E1A0000-0000-4000-8000-{number + 1:D12}");
        CimObject port = machine
            .Classes.Get(Names.Virtualization, "Msvm_SyntheticEthernetPortSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = id,
                    // 00-15-5D is the prefix of Hyper-V's own addresses.
                    ["Address"] = $"00155D{place:X4}{number + 1:X2}",
                    ["Caption"] = "Network Adapter",
                    ["ElementName"] = "Network Adapter",
                    ["ResourceSubType"] = "Microsoft:Hyper-V:Synthetic Ethernet Port",
                    ["ResourceType"] = 10,
                    ["StaticMacAddress"] = false,
                    ["VirtualQuantity"] = 1,
                    ["VirtualSystemIdentifiers"] = new[] { "{" + id[^36..] + "}" },
                }
            );
        string scope = $@"\\{machine.Host.Name}\root\virtualization\v2:";
        CimObject connection = machine
            .Classes.Get(Names.Virtualization, "Msvm_EthernetPortAllocationSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = id + @"\C",
                    ["ElementName"] = "Dynamic Ethernet Switch Port",
                    ["EnabledState"] = 2,
                    ["HostResource"] = new[]
                    {
                        scope
                            + "Msvm_VirtualEthernetSwitch.CreationClassName=\"Msvm_VirtualEthernetSwitch\","
                            + "Name=\"C08CB7B8-9B3C-408E-8E30-5E16A3AEB444\"",
                    },
                    ["LastKnownSwitchName"] = "Default Switch",
                    ["Parent"] = scope + port.RelativePath(),
                    ["ResourceSubType"] = "Microsoft:Hyper-V:Ethernet Connection",
                    ["ResourceType"] = 33,
                    ["VirtualQuantity"] = 1,
                }
            );
        var adapter = new NetworkAdapter(port, connection);
        if (options.IovWeight is { } weight)
        {
            adapter.Offload = CreateOffload(machine, adapter);
            adapter.Offload["IOVOffloadWeight"] = weight;
        }

        if (options.AllowsMacSpoofing is { } allows)
        {
            adapter.Security = CreateSecurity(machine, adapter);
            adapter.Security["AllowMacSpoofing"] = allows;
        }

        return adapter;
    }

    internal static CimObject CreateOffload(HyperVMachine machine, NetworkAdapter adapter) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_EthernetSwitchPortOffloadSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = adapter.Connection.Text("InstanceID") + @"\C885BFD1-ABB7-418F-8163-9F379C9F7166",
                    ["ElementName"] = "Ethernet Switch Port Offload Settings",
                    ["IOVInterruptModeration"] = 0,
                    ["IOVOffloadWeight"] = 0,
                    ["IOVQueuePairsRequested"] = 1,
                    ["IPSecOffloadLimit"] = 512,
                    ["VMQOffloadWeight"] = 100,
                }
            );

    internal static CimObject CreateSecurity(HyperVMachine machine, NetworkAdapter adapter) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_EthernetSwitchPortSecuritySettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = adapter.Connection.Text("InstanceID") + @"\776E0BA7-94A1-41C8-8F28-951F524251B5",
                    ["AllowIeeePriorityTag"] = false,
                    ["AllowMacSpoofing"] = false,
                    ["AllowTeaming"] = false,
                    ["DynamicIPAddressLimit"] = 0,
                    ["ElementName"] = "Ethernet Switch Port Security Settings",
                    ["EnableDhcpGuard"] = false,
                    ["EnableRouterGuard"] = false,
                    ["MonitorMode"] = 0,
                    ["StormLimit"] = 0,
                    ["VirtualSubnetId"] = 0,
                }
            );
}
