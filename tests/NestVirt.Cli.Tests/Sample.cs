using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tests;

/// <summary>Results with every property filled, and every text of a host as bad as it can be.</summary>
internal static class Sample
{
    /// <summary>A name with a control sequence, markup, a right-to-left override, quotes, separators and line breaks.</summary>
    internal const string Hostile = "e\u001b[31mvil[/red]\u202Etxt.exe\u2066\",;'\r\nnext\u2028$(reboot) [bold]x[[";

    /// <summary>What is left of it in a record.</summary>
    internal const string Shown =
        "e\uFFFD[31mvil[/red]\uFFFDtxt.exe\uFFFD\",;'\uFFFD\uFFFDnext\uFFFD$(reboot) [bold]x[[";

    internal static HostTarget Host { get; } = new("kvm1", new SshAddress("kvm1"));

    internal static Finding Finding { get; } =
        new("NestedOff", Severity.Error, $"Nesting is off in {Hostile}.")
        {
            Evidence = $"/sys/module/kvm_intel/parameters/nested: {Hostile}",
            Remedy =
                $"Write 'options kvm_intel nested=1' to /etc/modprobe.d/nestvirt.conf and load the module again {Hostile}.",
        };

    internal static NestedSupport Support { get; } =
        new(Host)
        {
            Platform = HostPlatform.Kvm,
            Cpu = new CpuFacts("GenuineIntel", $"Intel(R) Xeon(R) {Hostile}"),
            Virtualization = new VirtualizationFacts(
                "VT-x",
                VirtualizationState.Available,
                ["ept", "vpid", "unrestricted_guest", Hostile]
            ),
            Hypervisor = new HypervisorFacts(Hostile, "full"),
            Layer = HostLayer.L1,
            Nested = new NestedFacts("kvm_intel", NestedState.Off, NestedState.On, NestedState.On),
            Iommu = new IommuSummary(IommuState.On, 14)
            {
                DefaultDomainType = "DMA-FQ",
                HasInterruptRemapping = true,
                FirmwareTable = "DMAR",
            },
            Verdict = Verdict.Configurable,
            Reasons = [Finding, new Finding("Note", Severity.Information, "A note.")],
            System = new SystemFacts
            {
                Architecture = "x86_64",
                Distribution = Hostile,
                KernelRelease = "6.1.0",
                Uptime = TimeSpan.FromDays(3),
                UserId = 0,
            },
        };

    internal static PciDevice Device { get; } =
        new("10000:03:00.0", 0x030000, 0x10DE, 0x1EB8)
        {
            Target = Host,
            Vendor = Hostile,
            Device = Hostile,
            Class = "VGA compatible controller",
            Driver = Hostile,
            IommuGroup = 12,
            Acs = new AcsCapability(true, ["SrcValid"], []),
            NetworkInterfaces = [Hostile],
            HostUses = [new HostUse("RootFileSystem", Hostile)],
            Sriov = new SriovState(64, 1) { VirtualFunctions = ["10000:03:00.1"] },
        };

    internal static IommuGroup Group { get; } =
        new(
            12,
            [
                Device,
                Device with
                {
                    Address = "0000:00:01.0",
                    ClassCode = 0x060400,
                    Driver = null,
                    Acs = null,
                    AcsUnknownReason = "no root",
                },
            ]
        )
        {
            Target = Host,
            Type = Hostile,
            IsViable = false,
            Reasons = [Finding],
            OtherDevices = [Hostile],
            ReservedRegions = [new ReservedRegion(0xFEE00000, ulong.MaxValue, "msi")],
        };

    internal static IommuDifference Difference { get; } =
        new(IommuChange.Moved, "0000:03:00.0")
        {
            Target = Host,
            ReferenceName = "before",
            PreviousAddress = "0000:02:00.0",
            PreviousGroup = 3,
            Group = 12,
            Gained = ["0000:03:00.1"],
            Lost = [Hostile],
            Description = Hostile,
        };

    internal static SriovDevice Sriov { get; } =
        new("10000:03:00.0", Device.Sriov!)
        {
            Target = Host,
            Device = Device,
            VirtualFunctions = [Device],
        };

    internal static VmNestedCpu Guest { get; } =
        new(Host)
        {
            VmName = Hostile,
            Id = "0A1B2C3D-0000-4000-8000-00000000000E",
            State = VmState.Running,
            Nesting = VmNesting.NextStart,
            Verdict = Verdict.Configurable,
            IsExposed = true,
            IsExposedNow = false,
            IsRestartPending = true,
            IsInUse = false,
            WasUsed = true,
            NestedRunCount = 1L << 40,
            CpuMode = Hostile,
            CpuModel = Hostile,
            CpuFeatures = [Hostile],
            Enlightenments = [Hostile],
            IsMigratable = true,
            IsPersistent = true,
            IsStartedWithHost = false,
            CpuCount = 4,
            ThreadsPerCore = 2,
            ConfigurationVersion = Hostile,
            Generation = 2,
            MemoryBytes = 1 << 30,
            MinimumMemoryBytes = 1 << 29,
            MaximumMemoryBytes = 1L << 40,
            HasDynamicMemory = true,
            AdapterCount = 1,
            AllowsMacSpoofing = false,
            SriovAdapterCount = 0,
            AssignedDevices = [Hostile],
            IsVbsOptedOut = false,
            Reasons = [Finding],
        };

    internal static VmPciDevice GuestDevice { get; } =
        new(Host)
        {
            VmName = Hostile,
            VmId = "0A1B2C3D-0000-4000-8000-00000000000E",
            State = VmState.Running,
            Kind = VmPciKind.Disk,
            IsAttached = true,
            IsDefined = false,
            IsRestartPending = true,
            IsManaged = true,
            Address = "0000:3b:00.0",
            Part = Hostile,
            Driver = Hostile,
            RequestedDriver = Hostile,
            IommuGroup = 14,
            PhysicalFunction = Hostile,
            MacAddress = Hostile,
            Vlans = [1, 4094],
            Network = Hostile,
            PortGroup = Hostile,
            GuestAddress = Hostile,
            IsMultifunction = true,
            BootOrder = 1,
            IsRomShown = false,
            RomFile = Hostile,
            LocationPath = $"PCIROOT(3A)#PCI(0000)#{Hostile}",
            InstancePath = $@"PCIP\VEN_144D&DEV_A80D\{Hostile}",
            Vendor = Hostile,
            Device = Hostile,
            VendorId = 0x144D,
            DeviceId = 0xA80D,
            IsVirtualFunction = true,
            IsKnownToHost = false,
            Reasons = [Finding],
        };

    internal static KvmModule Module { get; } =
        new("kvm_intel", ModuleState.Loaded)
        {
            Target = Host,
            UseCount = 2,
            UsedBy = [Hostile],
            Nested = NestedState.Off,
            Parameters =
            [
                new ModuleParameter("nested", "N")
                {
                    Configured = "1",
                    ConfiguredBy = $"/etc/modprobe.d/{Hostile}.conf:3",
                    IsWritable = false,
                },
            ],
            Findings = [Finding],
        };
}
