using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV;

/// <summary>The answers of a Windows host, from what it is. The defaults are those of Windows Server 2022 on Intel.</summary>
internal sealed record WindowsHost
{
    internal const string Denied = "The account may not query it: Access is denied (AccessDenied, 5).";
    internal const string Missing = "the host does not have it: The host cannot query it, since it does not have it.";

    /// <summary>Begins, behind <c>Microsoft:</c>, what names the devices that Hyper-V can give away (os-win has one such).</summary>
    internal const string HostId = "B6C1ED28-0000-4000-8000-0000000000B1";

    private static readonly int[] s_ok = [2];

    private static readonly string[] s_uses =
    [
        "hvcontrolled",
        "hvdisks",
        "hvadapters",
        "hvaddresses",
        "hvexternal",
        "hvteams",
        "hvswitchteams",
    ];

    internal int? Build { get; init; } = 20348;

    internal int ProductType { get; init; } = 3;

    internal int Sku { get; init; } = 7;

    internal string Vendor { get; init; } = "GenuineIntel";

    internal int Architecture { get; init; } = 9;

    internal string Maker { get; init; } = "Dell Inc.";

    internal string Model { get; init; } = "PowerEdge R750";

    internal bool? HasHypervisor { get; init; } = true;

    /// <summary>Gets the flags SLAT, firmware and monitor mode; all false under a hypervisor.</summary>
    internal (bool Slat, bool Firmware, bool Monitor) Flags { get; init; }

    internal int[] Guard { get; init; } = [1, 2, 3];

    internal int Vbs { get; init; }

    internal bool? Iov { get; init; } = true;

    internal string[] IovReasons { get; init; } = [];

    /// <summary>Gets the state of the feature: 1 enabled, 2 disabled, 3 absent; null for no such feature.</summary>
    internal int? Role { get; init; } = 1;

    /// <summary>Gets why the classes of Hyper-V do not answer; null where they do.</summary>
    internal string? HyperVReason { get; init; }

    /// <summary>Gets why the classes of Windows do not answer; null where they do.</summary>
    internal string? WindowsReason { get; init; }

    internal IReadOnlyList<WindowsVM> VMs { get; init; } = [];

    /// <summary>Gets the PCI devices; null for a host that does not tell of them.</summary>
    internal IReadOnlyList<WindowsDevice>? Devices { get; init; } = [];

    /// <summary>Gets the devices that Hyper-V can give away, by their path.</summary>
    internal IReadOnlyList<(string System, string Path, string Location)> Assignable { get; init; } = [];

    /// <summary>Gets the network adapters with SR-IOV.</summary>
    internal IReadOnlyList<WindowsAdapter> Adapters { get; init; } = [];

    /// <summary>Gets instances that belong to no VM: templates, checkpoints, jobs; by probe.</summary>
    internal IReadOnlyList<(string Probe, string Instance)> Others { get; init; } = [];

    internal ProbeAnswers Answers()
    {
        ProbeAnswers answers = new();
        Set(
            answers,
            "hvwindows",
            WindowsReason,
            CimInstanceText.Of(
                "Win32_OperatingSystem",
                ("BuildNumber", Build),
                ("Version", $"10.0.{Build}"),
                ("Caption", "Microsoft Windows Server 2022 Datacenter"),
                ("ProductType", ProductType),
                ("OperatingSystemSKU", Sku),
                ("CSName", "HV1"),
                ("FreePhysicalMemory", 1048576),
                ("LastBootUpTime", "2026-10-01T06:00:00Z"),
                ("LocalDateTime", "20261002070000.000000+060")
            )
        );
        Set(
            answers,
            "hvproduct",
            WindowsReason,
            CimInstanceText.Of("Win32_ComputerSystemProduct", ("UUID", "4C4C4544-0043-3510-8052-B4C04F564231"))
        );
        Set(
            answers,
            "hvcomputer",
            WindowsReason,
            CimInstanceText.Of(
                "Win32_ComputerSystem",
                ("Manufacturer", Maker),
                ("Model", Model),
                ("HypervisorPresent", HasHypervisor),
                ("TotalPhysicalMemory", 274877906944)
            )
        );
        Set(answers, "hvprocessor", WindowsReason, Socket() + Socket());
        Set(
            answers,
            "hvguard",
            WindowsReason,
            CimInstanceText.Of(
                "Win32_DeviceGuard",
                ("AvailableSecurityProperties", Guard),
                ("VirtualizationBasedSecurityStatus", Vbs)
            )
        );
        Set(
            answers,
            "hvrole",
            WindowsReason,
            Role is { } role
                ? CimInstanceText.Of("Win32_OptionalFeature", ("Name", "Microsoft-Hyper-V"), ("InstallState", role))
                : string.Empty
        );
        Set(
            answers,
            "hviov",
            HyperVReason,
            CimInstanceText.Of(
                "Msvm_VirtualEthernetSwitchManagementCapabilities",
                ("IOVSupport", Iov),
                ("IOVSupportReasons", IovReasons.Length == 0 ? null : IovReasons)
            )
        );
        Set(
            answers,
            "hvvms",
            HyperVReason,
            CimInstanceText.Of(
                "Msvm_ComputerSystem",
                ("Name", "HV1"),
                ("ElementName", "HV1"),
                ("EnabledState", 2),
                ("OperationalStatus", s_ok)
            ) + string.Concat(VMs.Select(static vm => vm.System))
        );
        Set(answers, "hvsettings", HyperVReason, string.Concat(VMs.Select(static vm => vm.Settings)));
        Set(answers, "hvresources", HyperVReason, string.Concat(VMs.Select(static vm => vm.Resources)));
        Set(answers, "hvports", HyperVReason, string.Concat(VMs.Select(static vm => vm.Ports)));
        Set(answers, "hvsecurity", HyperVReason, string.Concat(VMs.Select(static vm => vm.Security)));
        Set(answers, "hvjobs", HyperVReason, string.Empty);
        string? pci = Devices is null ? Denied : null;
        Set(
            answers,
            "hvpci",
            pci,
            string.Concat((Devices ?? []).Select(static one => one.Entity))
                + string.Concat((Devices ?? []).Select(static one => one.Properties))
        );
        Set(answers, "hvpciresources", pci, string.Concat((Devices ?? []).Select(static one => one.Resources)));
        Set(answers, "hvpcimemory", pci, string.Concat((Devices ?? []).Select(static one => one.Memory)));
        Set(
            answers,
            "hvpciexpress",
            HyperVReason,
            string.Concat(
                Assignable.Select(static one =>
                    CimInstanceText.Of(
                        "Msvm_PciExpress",
                        ("CreationClassName", "Msvm_PciExpress"),
                        (
                            "DeviceID",
                            $@"Microsoft:{(Guid.TryParse(one.System, out _) ? one.System : HostId)}\{one.Path}"
                        ),
                        ("SystemCreationClassName", "Msvm_ComputerSystem"),
                        ("SystemName", one.System),
                        ("DeviceInstancePath", one.Path),
                        ("LocationPath", one.Location)
                    )
                )
            )
        );
        Set(answers, "hvnicsriov", null, string.Concat(Adapters.Select(static one => one.Settings)));
        Set(answers, "hvnichardware", null, string.Concat(Adapters.Select(static one => one.Hardware)));
        foreach (string probe in s_uses)
        {
            Set(answers, probe, WindowsReason, string.Empty);
        }

        foreach ((string probe, string instance) in Others)
        {
            answers.Set(probe, new ProbeAnswer(answers.All[probe].Text + instance));
        }

        return answers;
    }

    private static void Set(ProbeAnswers answers, string probe, string? reason, string text) =>
        answers.Set(probe, reason is null ? new ProbeAnswer(text) : new ProbeAnswer(string.Empty, reason));

    private string Socket() =>
        CimInstanceText.Of(
            "Win32_Processor",
            ("Manufacturer", Vendor),
            ("Name", "Some CPU @ 2.00GHz"),
            ("Architecture", Architecture),
            ("NumberOfCores", 32),
            ("NumberOfLogicalProcessors", 64),
            ("SecondLevelAddressTranslationExtensions", Flags.Slat),
            ("VirtualizationFirmwareEnabled", Flags.Firmware),
            ("VMMonitorModeExtensions", Flags.Monitor)
        );
}
