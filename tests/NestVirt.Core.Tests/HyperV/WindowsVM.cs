namespace NestVirt.Core.Tests.HyperV;

/// <summary>The instances of a VM. The defaults are those of one that is off, of the version of Windows Server 2022.</summary>
internal sealed record WindowsVM
{
    internal const string FirstId = "5D1B6E00-0000-4000-8000-000000000001";

    internal string Id { get; init; } = FirstId;

    internal string Name { get; init; } = "lab";

    internal int State { get; init; } = 3;

    internal int[] Status { get; init; } = [2];

    internal string? Version { get; init; } = "10.0";

    internal bool IsSaved { get; init; }

    internal bool? IsExposed { get; init; }

    internal bool HasSetting { get; init; } = true;

    internal bool IsDynamic { get; init; }

    internal int StartupMegabytes { get; init; } = 4096;

    internal int? MinimumMegabytes { get; init; } = 512;

    internal bool? AllowsMacSpoofing { get; init; }

    /// <summary>Gets the weight of its adapter; null for an instance that does not tell it.</summary>
    internal int? IovWeight { get; init; } = 0;

    internal bool HasAdapter { get; init; } = true;

    internal string[] Devices { get; init; } = [];

    internal int? LowMmio { get; init; } = 128;

    internal int HighMmio { get; init; } = 512;

    /// <summary>Gets what becomes of it when the host shuts down: 2 turns it off, 3 saves it.</summary>
    internal int ShutdownAction { get; init; } = 3;

    /// <summary>Gets the number of the function of its devices: 0 for the device itself.</summary>
    internal int VirtualFunction { get; init; }

    internal string System =>
        CimInstanceText.Of(
            "Msvm_ComputerSystem",
            ("Name", Id),
            ("ElementName", Name),
            ("EnabledState", State),
            ("OperationalStatus", Status)
        );

    internal string Settings =>
        CimInstanceText.Of(
            "Msvm_VirtualSystemSettingData",
            ("InstanceID", $"Microsoft:{Id}"),
            ("VirtualSystemType", "Microsoft:Hyper-V:System:Realized"),
            ("VirtualSystemSubType", "Microsoft:Hyper-V:SubType:2"),
            ("Version", Version),
            ("IsSaved", IsSaved),
            ("AutomaticShutdownAction", ShutdownAction),
            ("GuestControlledCacheTypes", false),
            ("LowMmioGapSize", LowMmio),
            ("HighMmioGapSize", HighMmio)
        );

    internal string Resources =>
        CimInstanceText.Of(
            "Msvm_ProcessorSettingData",
            [
                ("InstanceID", $@"Microsoft:{Id}\b637f346-6a0e-4dec-af52-bd70cb80a21d\0"),
                ("ResourceType", 3),
                ("ResourceSubType", "Microsoft:Hyper-V:Processor"),
                ("VirtualQuantity", 4),
                ("HwThreadsPerCore", 0),
                .. HasSetting
                    ? [("ExposeVirtualizationExtensions", IsExposed ?? false)]
                    : Array.Empty<(string, object?)>(),
            ]
        )
        + CimInstanceText.Of(
            "Msvm_MemorySettingData",
            ("InstanceID", $@"Microsoft:{Id}\4764334d-e001-4176-82ee-5594ec9b530e"),
            ("ResourceType", 4),
            ("VirtualQuantity", StartupMegabytes),
            ("Reservation", MinimumMegabytes),
            ("Limit", 1048576),
            ("DynamicMemoryEnabled", IsDynamic)
        )
        + (
            HasAdapter
                ? CimInstanceText.Of(
                    "Msvm_SyntheticEthernetPortSettingData",
                    ("InstanceID", $@"Microsoft:{Id}\7E1A0000-0000-4000-8000-000000000001"),
                    ("ResourceType", 10),
                    ("ResourceSubType", "Microsoft:Hyper-V:Synthetic Ethernet Port")
                )
                : string.Empty
        )
        + string.Concat(
            Devices.Select(
                (device, place) =>
                    CimInstanceText.Of(
                        "Msvm_PciExpressSettingData",
                        ("InstanceID", $@"Microsoft:{Id}\A0B1C2D3-0000-4000-8000-{place:D12}"),
                        ("ResourceType", 32769),
                        ("ResourceSubType", "Microsoft:Hyper-V:Virtual Pci Express Port"),
                        ("HostResource", new[] { device }),
                        ("VirtualFunctions", new[] { VirtualFunction })
                    )
            )
        );

    internal string Ports => HasAdapter ? PortsOfAdapter : string.Empty;

    private string PortsOfAdapter =>
        CimInstanceText.Of(
            "Msvm_EthernetSwitchPortOffloadSettingData",
            (
                "InstanceID",
                $@"Microsoft:{Id}\7E1A0000-0000-4000-8000-000000000001\C\C885BFD1-ABB7-418F-8163-9F379C9F7166"
            ),
            ("IOVOffloadWeight", IovWeight)
        )
        + (
            AllowsMacSpoofing is { } allows
                ? CimInstanceText.Of(
                    "Msvm_EthernetSwitchPortSecuritySettingData",
                    (
                        "InstanceID",
                        $@"Microsoft:{Id}\7E1A0000-0000-4000-8000-000000000001\C\776E0BA7-94A1-41C8-8F28-951F524251B5"
                    ),
                    ("AllowMacSpoofing", allows)
                )
                : string.Empty
        );

    internal string Security =>
        CimInstanceText.Of(
            "Msvm_SecuritySettingData",
            ("InstanceID", $@"Microsoft:{Id}\Security"),
            ("VirtualizationBasedSecurityOptOut", false)
        );
}
