using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>Makes the instances that describe the host, anew for each request: what it is may change.</summary>
internal static class HostInstances
{
    internal static IEnumerable<CimObject> Create(HyperVMachine machine)
    {
        HostFacts host = machine.Host;
        yield return OperatingSystem(machine.Classes, host);
        yield return ComputerSystem(machine.Classes, host);
        yield return Product(machine.Classes, host);
        for (int socket = 0; socket < host.Sockets; socket++)
        {
            yield return Processor(machine.Classes, host, socket);
        }

        yield return machine
            .Classes.Get(Names.Cimv2, "Win32_OptionalFeature")
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = "Hyper-V",
                    ["InstallState"] = host.HyperVInstallState,
                    ["Name"] = "Microsoft-Hyper-V",
                }
            );
        yield return DeviceGuard(machine.Classes, host);
        foreach (CimObject instance in DeviceInstances.Create(machine))
        {
            yield return instance;
        }

        foreach (CimObject instance in HostUseInstances.Create(machine))
        {
            yield return instance;
        }

        if (host.HyperVInstallState != 1)
        {
            yield break;
        }

        if (!host.HidesItself)
        {
            yield return HostSystem(machine.Classes, host);
        }

        yield return machine
            .Classes.Get(Names.Virtualization, "Msvm_VirtualEthernetSwitchManagementCapabilities")
            .New(
                new Dictionary<string, object?>
                {
                    ["ElementName"] = "Virtual Ethernet Switch Management Capabilities",
                    ["InstanceID"] = "Microsoft:VirtualEthernetSwitchManagementCapabilities",
                    ["IOVSupport"] = host.IsIovSupported,
                    ["IOVSupportReasons"] = host.IovReasons.Length == 0 ? null : host.IovReasons,
                }
            );
        yield return Provider(machine.Classes, host, "Msvm_VirtualSystemManagementService", "vmms");
        yield return Provider(machine.Classes, host, "Msvm_SecurityService", "vmms");
        yield return Provider(machine.Classes, host, "Msvm_AssignableDeviceService", "vmms");
        foreach (CimObject instance in DeviceInstances.CreateAssignable(machine))
        {
            yield return instance;
        }
    }

    private static CimObject OperatingSystem(CimCatalog classes, HostFacts host) =>
        classes
            .Get(Names.Cimv2, "Win32_OperatingSystem")
            .New(
                new Dictionary<string, object?>
                {
                    ["BuildNumber"] = host.Build.ToString(CultureInfo.InvariantCulture),
                    ["Caption"] = host.Caption,
                    ["CreationClassName"] = "Win32_OperatingSystem",
                    ["CSCreationClassName"] = "Win32_ComputerSystem",
                    ["CSName"] = host.Name,
                    ["DataExecutionPrevention_Available"] = true,
                    ["FreePhysicalMemory"] = host.FreeMemoryKilobytes,
                    ["LastBootUpTime"] = new DateTimeOffset(2026, 10, 1, 6, 0, 0, TimeSpan.Zero),
                    ["Name"] = $@"{host.Caption}|C:\Windows|\Device\Harddisk0\Partition3",
                    ["OperatingSystemSKU"] = host.Sku,
                    ["OSArchitecture"] = host.Architecture == 12 ? "ARM 64-bit Processor" : "64-bit",
                    ["ProductType"] = host.ProductType,
                    ["Status"] = "OK",
                    ["TotalVisibleMemorySize"] = host.TotalMemoryKilobytes,
                    ["Version"] = host.Version,
                }
            );

    private static CimObject Product(CimCatalog classes, HostFacts host) =>
        classes
            .Get(Names.Cimv2, "Win32_ComputerSystemProduct")
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = "Computer System Product",
                    ["Description"] = "Computer System Product",
                    ["IdentifyingNumber"] = "7XK2ZP3",
                    ["Name"] = host.Model,
                    ["UUID"] = host.ProductId.ToString().ToUpperInvariant(),
                    ["Vendor"] = host.Manufacturer,
                    ["Version"] = "",
                }
            );

    private static CimObject ComputerSystem(CimCatalog classes, HostFacts host) =>
        classes
            .Get(Names.Cimv2, "Win32_ComputerSystem")
            .New(
                new Dictionary<string, object?>
                {
                    ["CreationClassName"] = "Win32_ComputerSystem",
                    ["DNSHostName"] = host.Name,
                    ["Domain"] = "WORKGROUP",
                    ["DomainRole"] = host.ProductType == 1 ? 0 : 2,
                    ["HypervisorPresent"] = host.IsHypervisorPresent,
                    ["Manufacturer"] = host.Manufacturer,
                    ["Model"] = host.Model,
                    ["Name"] = host.Name,
                    ["NumberOfLogicalProcessors"] = host.Cores * 2 * (uint)host.Sockets,
                    ["NumberOfProcessors"] = host.Sockets,
                    ["PartOfDomain"] = false,
                    ["Status"] = "OK",
                    ["SystemType"] = host.Architecture == 12 ? "ARM64-based PC" : "x64-based PC",
                    ["TotalPhysicalMemory"] = host.TotalMemoryKilobytes * 1024,
                }
            );

    // The root partition of a running hypervisor reads false for all three flags.
    private static CimObject Processor(CimCatalog classes, HostFacts host, int socket)
    {
        bool flags = !host.IsHypervisorPresent && host.IsVirtualizationEnabledInFirmware;
        return classes
            .Get(Names.Cimv2, "Win32_Processor")
            .New(
                new Dictionary<string, object?>
                {
                    ["AddressWidth"] = 64,
                    ["Architecture"] = host.Architecture,
                    ["CreationClassName"] = "Win32_Processor",
                    ["DeviceID"] = $"CPU{socket}",
                    ["Manufacturer"] = host.CpuVendor,
                    ["Name"] = host.CpuName,
                    ["NumberOfCores"] = host.Cores,
                    ["NumberOfLogicalProcessors"] = host.Cores * 2,
                    ["SecondLevelAddressTranslationExtensions"] = flags,
                    ["SystemName"] = host.Name,
                    ["VirtualizationFirmwareEnabled"] = flags,
                    ["VMMonitorModeExtensions"] = flags,
                }
            );
    }

    private static CimObject DeviceGuard(CimCatalog classes, HostFacts host) =>
        classes
            .Get(Names.DeviceGuard, "Win32_DeviceGuard")
            .New(
                new Dictionary<string, object?>
                {
                    ["AvailableSecurityProperties"] = host.DeviceGuardAvailable,
                    ["CodeIntegrityPolicyEnforcementStatus"] = 0,
                    ["InstanceIdentifier"] = "4ff40742-2649-41b8-bdd1-e80fad1cce80",
                    ["RequiredSecurityProperties"] = 0,
                    ["SecurityServicesConfigured"] = 0,
                    ["SecurityServicesRunning"] = host.VirtualizationBasedSecurity == 2 ? 2 : 0,
                    ["UsermodeCodeIntegrityPolicyEnforcementStatus"] = 0,
                    ["Version"] = "1.0",
                    ["VirtualizationBasedSecurityStatus"] = host.VirtualizationBasedSecurity,
                }
            );

    // Recorded: r4sd/go-wsman, recorded_computersystem_pull_host.xml.
    private static CimObject HostSystem(CimCatalog classes, HostFacts host) =>
        classes
            .Get(Names.Virtualization, "Msvm_ComputerSystem")
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = HostCaptions.For(host.Language).HostCaption,
                    ["CreationClassName"] = "Msvm_ComputerSystem",
                    ["Description"] = HostCaptions.For(host.Language).HostDescription,
                    ["ElementName"] = host.Name,
                    ["EnabledDefault"] = 2,
                    ["EnabledState"] = 2,
                    ["HealthState"] = 5,
                    ["Name"] = host.Name,
                    ["NumberOfNumaNodes"] = 1,
                    ["OperationalStatus"] = 2,
                    ["RequestedState"] = 12,
                    ["ResetCapability"] = 1,
                    ["Status"] = "OK",
                    ["StatusDescriptions"] = "OK",
                }
            );

    private static CimObject Provider(CimCatalog classes, HostFacts host, string className, string name) =>
        classes
            .Get(Names.Virtualization, className)
            .New(
                new Dictionary<string, object?>
                {
                    ["CreationClassName"] = className,
                    ["ElementName"] = "Hyper-V Virtual Machine Management",
                    ["EnabledState"] = 5,
                    ["Name"] = name,
                    ["Started"] = true,
                    ["SystemCreationClassName"] = "Msvm_ComputerSystem",
                    ["SystemName"] = host.Name,
                }
            );
}
