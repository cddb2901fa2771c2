using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>
/// Makes the instances of a VM. The values of the system are recorded; those of its settings are the defaults of the
/// win32 docs, and which of the rest are NULL on a real host is not recorded.
/// </summary>
internal static class VMFactory
{
    private static readonly DateTimeOffset s_made = new(2026, 10, 8, 15, 15, 36, 684, TimeSpan.Zero);

    internal static VirtualMachine Create(HyperVMachine machine, string name, VMOptions options, int place)
    {
        Guid id = options.Id ?? Guid.Parse($"5D1B6E00-0000-4000-8000-{place + 1:D12}", CultureInfo.InvariantCulture);
        string guid = id.ToString().ToUpperInvariant();
        string prefix = $"Microsoft:{guid}";
        var vm = new VirtualMachine(
            id,
            SystemOf(machine, name, guid, options),
            SettingsOf(machine, name, guid, options),
            ProcessorOf(machine, prefix, options),
            MemoryOf(machine, prefix, options),
            SecurityOf(machine, prefix, options)
        )
        {
            State = options.State,
        };
        for (int at = 0; at < options.Adapters; at++)
        {
            vm.Add(AdapterFactory.Create(machine, prefix, place, at, options));
        }

        vm.Shutdown = options.HasIntegration ? ShutdownOf(machine, guid) : null;
        return vm;
    }

    internal static Checkpoint CreateCheckpoint(VirtualMachine vm, string name, Guid id)
    {
        string prefix = $"Microsoft:{id.ToString().ToUpperInvariant()}";
        CimObject settings = Renamed(vm.Settings, prefix);
        settings["ElementName"] = name;
        settings["VirtualSystemType"] = "Microsoft:Hyper-V:Snapshot:Realized";
        return new Checkpoint(
            settings,
            Renamed(vm.Processor, $@"{prefix}\{Names.ProcessorSuffix}"),
            Renamed(vm.Memory, $@"{prefix}\{Names.MemorySuffix}")
        );
    }

    private static CimObject Renamed(CimObject original, string instanceId)
    {
        CimObject copy = original.Copy();
        copy["InstanceID"] = instanceId;
        return copy;
    }

    // Recorded: r4sd/go-wsman, recorded_computersystem_pull_vm_off.xml.
    private static CimObject SystemOf(HyperVMachine machine, string name, string guid, VMOptions options)
    {
        HostCaptions captions = HostCaptions.For(machine.Host.Language);
        string className = options.IsPlanned ? "Msvm_PlannedComputerSystem" : "Msvm_ComputerSystem";
        CimObject system = machine
            .Classes.Get(Names.Virtualization, className)
            .New(
                new Dictionary<string, object?>
                {
                    ["Caption"] = captions.VMCaption,
                    ["CreationClassName"] = className,
                    ["Description"] = "Microsoft Virtual Machine",
                    ["ElementName"] = name,
                    ["HealthState"] = 5,
                    ["InstallDate"] = s_made,
                    ["Name"] = guid,
                    ["OperationalStatus"] = 2,
                    ["RequestedState"] = 5,
                    ["ResetCapability"] = 1,
                    ["Status"] = "OK",
                    ["StatusDescriptions"] = captions.Operating,
                    ["TimeOfLastConfigurationChange"] = s_made,
                    ["TimeOfLastStateChange"] = CimTimes.Never,
                }
            );
        if (!options.IsPlanned)
        {
            system["EnhancedSessionModeState"] = 3;
            system["FailedOverReplicationType"] = 0;
            system["LastApplicationConsistentReplicationTime"] = CimTimes.Never;
            system["LastReplicationTime"] = CimTimes.Never;
            system["LastReplicationType"] = 0;
            system["NumberOfNumaNodes"] = 1;
            system["ReplicationHealth"] = 0;
            system["ReplicationMode"] = 0;
            system["ReplicationState"] = 0;
        }

        return system;
    }

    private static CimObject SettingsOf(HyperVMachine machine, string name, string guid, VMOptions options) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_VirtualSystemSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = $"Microsoft:{guid}",
                    ["Caption"] = "Virtual Machine Settings",
                    ["Description"] = "Active settings for the virtual machine.",
                    ["ElementName"] = name,
                    ["VirtualSystemIdentifier"] = guid,
                    ["VirtualSystemType"] = options.IsPlanned
                        ? "Microsoft:Hyper-V:System:Planned"
                        : "Microsoft:Hyper-V:System:Realized",
                    ["VirtualSystemSubType"] = $"Microsoft:Hyper-V:SubType:{options.Generation}",
                    ["Version"] = options.Version,
                    ["AutomaticShutdownAction"] = options.AutomaticShutdownAction,
                    ["AutomaticStartupAction"] = 2,
                    ["AutomaticStartupActionDelay"] = TimeSpan.Zero,
                    ["AutomaticRecoveryAction"] = 2,
                    ["ConfigurationDataRoot"] = @"C:\ProgramData\Microsoft\Windows\Hyper-V",
                    ["ConfigurationID"] = guid,
                    ["CreationTime"] = s_made,
                    ["GuestControlledCacheTypes"] = false,
                    ["HighMmioGapSize"] = 512,
                    ["LowMmioGapSize"] = 128,
                    ["IncrementalBackupEnabled"] = false,
                    ["IsSaved"] = false,
                    ["Notes"] = "",
                    ["SecureBootEnabled"] = options.Generation == 2,
                    ["UserSnapshotType"] = 3,
                    ["VirtualNumaEnabled"] = true,
                }
            );

    private static CimObject ProcessorOf(HyperVMachine machine, string prefix, VMOptions options) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_ProcessorSettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = $@"{prefix}\{Names.ProcessorSuffix}",
                    ["AllocationUnits"] = "percent / 1000",
                    ["AutomaticAllocation"] = true,
                    ["AutomaticDeallocation"] = true,
                    ["Caption"] = "Processor",
                    ["ConsumerVisibility"] = 3,
                    ["CpuGroupId"] = "00000000-0000-0000-0000-000000000000",
                    ["Description"] = "Settings for Microsoft Virtual Processor.",
                    ["ElementName"] = "Processor",
                    ["EnableHostResourceProtection"] = false,
                    ["ExposeVirtualizationExtensions"] = options.IsNested,
                    ["HideHypervisorPresent"] = false,
                    ["HwThreadsPerCore"] = 0,
                    ["Limit"] = 100_000,
                    ["LimitCPUID"] = false,
                    ["LimitProcessorFeatures"] = false,
                    ["MaxNumaNodesPerSocket"] = 1,
                    ["MaxProcessorsPerNumaNode"] = 32,
                    ["PoolID"] = "",
                    ["Reservation"] = 0,
                    ["ResourceSubType"] = "Microsoft:Hyper-V:Processor",
                    ["ResourceType"] = 3,
                    ["VirtualQuantity"] = options.Processors,
                    ["VirtualQuantityUnits"] = "count",
                    ["Weight"] = 100,
                }
            );

    private static CimObject MemoryOf(HyperVMachine machine, string prefix, VMOptions options) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_MemorySettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = $@"{prefix}\{Names.MemorySuffix}",
                    ["AllocationUnits"] = "byte * 2^20",
                    ["AutomaticAllocation"] = true,
                    ["AutomaticDeallocation"] = true,
                    ["Caption"] = "Memory",
                    ["ConsumerVisibility"] = 3,
                    ["Description"] = "Settings for Microsoft Virtual Machine Memory.",
                    ["DynamicMemoryEnabled"] = options.HasDynamicMemory,
                    ["ElementName"] = "Memory",
                    ["HugePagesEnabled"] = false,
                    ["IsVirtualized"] = true,
                    ["Limit"] = options.HasDynamicMemory ? 1_048_576UL : options.MemoryMegabytes,
                    ["MaxMemoryBlocksPerNumaNode"] = 65_536,
                    ["PoolID"] = "",
                    ["Reservation"] = options.HasDynamicMemory ? options.MinimumMegabytes : options.MemoryMegabytes,
                    ["ResourceSubType"] = "Microsoft:Hyper-V:Memory",
                    ["ResourceType"] = 4,
                    ["SgxEnabled"] = false,
                    ["SgxSize"] = 0,
                    ["SwapFilesInUse"] = false,
                    ["TargetMemoryBuffer"] = 20,
                    ["VirtualQuantity"] = options.MemoryMegabytes,
                    ["VirtualQuantityUnits"] = "byte * 2^20",
                    ["Weight"] = 5000,
                }
            );

    // The last part of the InstanceID is not recorded.
    private static CimObject SecurityOf(HyperVMachine machine, string prefix, VMOptions options) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_SecuritySettingData")
            .New(
                new Dictionary<string, object?>
                {
                    ["InstanceID"] = $@"{prefix}\Security",
                    ["DataProtectionRequested"] = false,
                    ["ElementName"] = "Security Settings",
                    ["EncryptStateAndVmMigrationTraffic"] = false,
                    ["KsdEnabled"] = false,
                    ["ShieldingRequested"] = false,
                    ["TpmEnabled"] = false,
                    ["VirtualizationBasedSecurityOptOut"] = options.IsVbsOptedOut,
                }
            );

    private static CimObject ShutdownOf(HyperVMachine machine, string guid) =>
        machine
            .Classes.Get(Names.Virtualization, "Msvm_ShutdownComponent")
            .New(
                new Dictionary<string, object?>
                {
                    ["CreationClassName"] = "Msvm_ShutdownComponent",
                    ["DeviceID"] = $@"Microsoft:{guid}\9F8233AC-BE49-4C79-8EE3-E7E1985B2077",
                    ["ElementName"] = "Shutdown",
                    ["EnabledState"] = 2,
                    ["OperationalStatus"] = 2,
                    ["SystemCreationClassName"] = "Msvm_ComputerSystem",
                    ["SystemName"] = guid,
                }
            );
}
