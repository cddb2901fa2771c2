using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// Instances of the settings' classes that belong to no VM: defaults and bounds. Their InstanceID is
/// <c>Microsoft:Definition\GUID\Default|Minimum|Maximum|Increment</c> (recorded: pull_response_xsinil_real.xml).
/// </summary>
internal static class TemplateSettings
{
    private static readonly string[] s_roles = ["Default", "Minimum", "Maximum", "Increment"];

    internal static IEnumerable<CimObject> Create(CimCatalog classes)
    {
        foreach (string role in s_roles)
        {
            yield return Resource(
                classes,
                "Msvm_ProcessorSettingData",
                3,
                "Processor",
                Names.ProcessorSuffix[..36],
                role
            );
            yield return Resource(classes, "Msvm_MemorySettingData", 4, "Memory", Names.MemorySuffix, role);
        }

        CimObject offload = classes
            .Get(Names.Virtualization, "Msvm_EthernetSwitchPortOffloadSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = @"Microsoft:Definition\C885BFD1-ABB7-418F-8163-9F379C9F7166\Default",
                    ["IOVOffloadWeight"] = 0,
                    ["VMQOffloadWeight"] = 100,
                }
            );
        yield return offload;
        yield return classes
            .Get(Names.Virtualization, "Msvm_EthernetSwitchPortSecuritySettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = @"Microsoft:Definition\776E0BA7-94A1-41C8-8F28-951F524251B5\Default",
                    ["AllowMacSpoofing"] = false,
                }
            );
        yield return classes
            .Get(Names.Virtualization, "Msvm_PciExpressSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = @"Microsoft:Definition\F2D5C75E-2F2B-4D5A-9A09-0B5A4BDE0F5B\Default",
                    ["Caption"] = "PCI Express Port",
                    ["Description"] = "Microsoft Virtual PCI Express Port Setting Data",
                    ["ElementName"] = "PCI Express Port",
                    ["Limit"] = 1,
                    ["PoolID"] = "",
                    ["Reservation"] = 1,
                    ["ResourceSubType"] = "Microsoft:Hyper-V:Virtual Pci Express Port",
                    ["ResourceType"] = 32769,
                    ["VirtualFunctions"] = 0,
                    ["VirtualQuantity"] = 1,
                    ["VirtualQuantityUnits"] = "count",
                    ["Weight"] = 0,
                }
            );
    }

    private static CimObject Resource(
        CimCatalog classes,
        string className,
        int type,
        string kind,
        string definition,
        string role
    ) =>
        classes
            .Get(Names.Virtualization, className)
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = $@"Microsoft:Definition\{definition.ToUpperInvariant()}\{role}",
                    ["ResourceType"] = type,
                    ["ResourceSubType"] = $"Microsoft:Hyper-V:{kind}",
                    ["VirtualQuantity"] = role == "Maximum" ? 240 : 1,
                    ["Reservation"] = 0,
                    ["Limit"] = 100_000,
                    ["Weight"] = 100,
                    ["PoolID"] = "",
                }
            );
}
