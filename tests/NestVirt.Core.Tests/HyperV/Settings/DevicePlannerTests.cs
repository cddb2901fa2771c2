using System.Net;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Settings;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Settings;

/// <summary>The way of devices to a virtual machine and back, planned over recorded answers.</summary>
public sealed class DevicePlannerTests
{
    private const string Card = @"PCI\VEN_8086&DEV_1572&SUBSYS_00078086&REV_01\4&2A61D5DA&0&0018";
    private const string FreeCard = @"PCIP\VEN_8086&DEV_1572&SUBSYS_00078086&REV_01\4&2A61D5DA&0&0018";
    private const string Place = "PCIROOT(0)#PCI(0300)#PCI(0000)";
    private const string Adapter = "{0F0E0D0C-0000-4000-8000-000000000001}";
    private const string OtherAdapterId = "{0F0E0D0C-0000-4000-8000-000000000002}";
    private const string OtherId = "5D1B6E00-0000-4000-8000-000000000002";

    private static readonly HostTarget s_host = new("hv1", new WsManAddress("192.0.2.7"));

    [Theory]
    [InlineData("0000:3b:00.1")]
    [InlineData("3B:00.1")]
    [InlineData("pciroot(0)#pci(0300)#pci(0000)")]
    [InlineData(Card)]
    [InlineData(FreeCard)]
    public void A_device_has_several_names_and_one_way(string word)
    {
        ChangePlan plan = Plan(Host(), Add(word));

        Assert.Equal(
            [
                "lab: driver of 0000:3b:00.1: enabled -> disabled",
                "lab: mount of 0000:3b:00.1: mounted -> dismounted",
                "lab: AutomaticShutdownAction: 3 -> 2",
                "lab: LowMmioGapSize: 128 -> 145",
                "lab: HighMmioGapSize: 512 -> 529",
                "lab: assignment of 0000:3b:00.1: unassigned -> assigned",
            ],
            plan.Changes.Select(static change => change.ToString())
        );
        Assert.Equal(
            plan.Changes.Select(static change => change.Step),
            PlanDocument.Read(PlanDocument.Write(plan), "plan.json").Plan.Changes.Select(static change => change.Step)
        );
    }

    [Fact]
    public void Ranges_count_together_and_are_rounded_for_each_device()
    {
        WindowsDevice first = Device() with { Ranges = [(0xC000_0000, 0xC00F_FFFF), (0x380000000000, 0x3800FFFFFFFF)] };
        WindowsDevice second = Device() with
        {
            Path = Card.Replace("0018", "0019", StringComparison.Ordinal),
            Place = 2,
            Location = "PCIROOT(0)#PCI(0300)#PCI(0001)",
            Ranges = [(0xC100_0000, 0xC100_0FFF)],
        };

        ChangePlan plan = Plan(Host(first, second), Add("3b:00.1", "3b:00.2"));

        // 1 and 1 below; 4097 and 1 above, on top of 128 and 512.
        Assert.Contains("lab: LowMmioGapSize: 128 -> 130", plan.Changes.Select(static change => change.ToString()));
        Assert.Contains("lab: HighMmioGapSize: 512 -> 4610", plan.Changes.Select(static change => change.ToString()));
    }

    [Fact]
    public void Space_is_raised_alone()
    {
        WindowsHost host = Host() with { VMs = [new WindowsVM { LowMmio = 3072 }] };

        Assert.DoesNotContain(
            Plan(host, Add(Place)).Changes,
            static change => change.Setting.Contains("LowMmio", StringComparison.Ordinal)
        );
        Assert.Contains(
            "lab: HighMmioGapSize: 512 -> 33280",
            Plan(host, Add(Place) with { HighMmioMebibytes = 33280 }).Changes.Select(static change => change.ToString())
        );
    }

    [Fact]
    public void What_shows_pictures_or_computes_has_its_memory_cached_by_the_guest()
    {
        WindowsDevice gpu = Device() with { ClassCode = "030200", BaseClass = 3 };

        Assert.Contains(
            "lab: GuestControlledCacheTypes: false -> true",
            Plan(Host(gpu), Add(Place)).Changes.Select(static change => change.ToString())
        );
    }

    public static TheoryData<string, string> Refusals =>
        new()
        {
            { "client", FindingCodes.HyperVClientLimits },
            { "iov", FindingCodes.HyperVIovUnsupported },
            { "reserved", FindingCodes.DeviceReservedMemory },
            { "untold", FindingCodes.DeviceNotTold },
            { "used", FindingCodes.DeviceUsedByHost },
            { "missing", FindingCodes.DeviceMissing },
            { "twice", FindingCodes.DeviceAmbiguous },
            { "unplaced", FindingCodes.DeviceAmbiguous },
            { "other", FindingCodes.DeviceInGuest },
            { "memory", FindingCodes.VmMemoryNotFixed },
            { "running", FindingCodes.VmNotOff },
            { "saved", FindingCodes.VmSaved },
            { "busy", FindingCodes.VmBusy },
            { "unread", FindingCodes.VmUnknown },
            { "vm", FindingCodes.VmNotFound },
            { "vms", FindingCodes.VmNameAmbiguous },
            { "disk", FindingCodes.DiskInUse },
            { "switch", FindingCodes.InterfaceInUse },
            { "way", FindingCodes.InterfaceInUse },
            { "name", FindingCodes.InterfaceInUse },
            { "mapped", FindingCodes.InterfaceInUse },
            { "unresolved", FindingCodes.HostUseUnknown },
            { "elsewhere", FindingCodes.HostUseUnknown },
            { "part", FindingCodes.HostUseUnknown },
            { "below", FindingCodes.HostUseUnknown },
            { "team", FindingCodes.InterfaceInUse },
            { "switchteam", FindingCodes.InterfaceInUse },
            { "memory half told", FindingCodes.VmUnknown },
            { "nonet", FindingCodes.HostUseUnknown },
            { "bus", FindingCodes.HostUseUnknown },
            { "local", FindingCodes.HostUseUnknown },
            { "set", FindingCodes.HostUseUnknown },
            { "several", FindingCodes.HostUseUnknown },
            { "owner", FindingCodes.VmUnknown },
            { "nodisk", FindingCodes.HostUseUnknown },
            { "fibre", FindingCodes.HostUseUnknown },
            { "pool", FindingCodes.HostUseUnknown },
            { "uncounted", FindingCodes.HostUseUnknown },
            { "waits", FindingCodes.HostUseUnknown },
            { "function", FindingCodes.DeviceIsVirtual },
            { "room", FindingCodes.VmMmioTooMuch },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_given_is_refused_with_the_reason(string which, string code)
    {
        WindowsHost host = Host();
        VmPciDeviceRequest request = Add(Place);
        (host, request) = which switch
        {
            "client" => (host with { ProductType = 1 }, request),
            "iov" => (host with { Iov = false, IovReasons = ["No IOMMU."] }, request),
            "reserved" => (Host(Device() with { Reserved = 1 }), request),
            "untold" => (Host(Device() with { Acs = null, Problem = 28 }), request with { Force = false }),
            "used" => (host, request with { Force = false }),
            "missing" => (host, Add("0000:ff:00.0")),
            "twice" => (Host(Device(), Device() with { Path = Card + "1", Location = "PCIROOT(1)" }), Add("3b:00.1")),
            "unplaced" => (Host(Device() with { Location = null }), Add("3b:00.1")),
            "other" => (Owned(OtherId), request),
            "memory" => (host with { VMs = [new WindowsVM { IsDynamic = true }] }, request),
            "memory half told" => (
                host with
                {
                    VMs = [new WindowsVM { IsDynamic = true, MinimumMegabytes = null }],
                    Devices = [Device() with { Problem = 22 }],
                },
                request with
                {
                    Force = false,
                }
            ),
            "running" => (host with { VMs = [new WindowsVM { State = 2 }] }, request),
            "saved" => (host with { VMs = [new WindowsVM { State = 6 }] }, request with { StopGuests = true }),
            "busy" => (host with { VMs = [new WindowsVM { Status = [2, 32768] }] }, request),
            "unread" => (host with { VMs = [new WindowsVM { LowMmio = null }] }, request),
            "vm" => (host, request with { VmName = "web" }),
            "vms" => (host with { VMs = [new WindowsVM(), new WindowsVM { Id = OtherId }] }, request),
            "disk" => (host with { Others = [Controlled, ("hvdisks", Disk(partitions: 2))] }, request),
            "switch" => (host with { Others = [Net, ("hvexternal", Port(isBound: true))] }, request),
            "way" => (host with { Others = [Net, ("hvaddresses", Addresses("192.0.2.7"))] }, request),
            // 192.0.2.9 is what the name of the host stands for.
            "name" => (host with { Others = [Net, ("hvaddresses", Addresses("192.0.2.9"))] }, request),
            "mapped" => (host with { Others = [Net, ("hvaddresses", Addresses("::ffff:192.0.2.9"))] }, request),
            "unresolved" => (host with { Others = [Net, ("hvaddresses", Addresses("192.0.2.8"))] }, request),
            "elsewhere" => (host with { Others = [Net, ("hvaddresses", Addresses("192.0.2.8"))] }, request),
            "part" => (host with { Others = [Net] }, request),
            "below" => (host with { Others = [Net, .. OfSwitch("192.0.2.9")] }, request),
            "team" => (host with { Others = [Net, ("hvteams", Member("MSFT_NetLbfoTeamMember"))] }, request),
            "switchteam" => (
                host with
                {
                    Others = [Net, ("hvswitchteams", Member("MSFT_NetSwitchTeamMember"))],
                },
                request
            ),
            // Broadcom's driver is a bus, on which the network adapter hangs.
            "nonet" or "bus" => (Host(NetworkCard()), request),
            "local" => (host with { Others = [Net, ("hvaddresses", Addresses("192.0.2.8"))] }, request),
            "set" => (
                host with
                {
                    Others = [Net, .. OtherAdapter(@"PCI\VEN_15B3&DEV_1015\1", "192.0.2.7"), ("hvexternal", OtherPort)],
                },
                request
            ),
            "several" => (
                host with
                {
                    Others =
                    [
                        Net,
                        .. OtherAdapter(@"PCI\VEN_15B3&DEV_1015\1", "192.0.2.7"),
                        ("hvaddresses", OfSwitch("192.0.2.9", "{0}")),
                    ],
                },
                request
            ),
            "owner" => (Owned(null), request),
            "nodisk" => (Host(Storage()), request),
            "fibre" => (Host(Storage() with { ClassCode = "0C0400", BaseClass = 12 }), request),
            "pool" => (Host(Storage()) with { Others = [Controlled] }, request),
            "uncounted" => (
                Host(Storage()) with
                {
                    Others = [Controlled, ("hvdisks", Disk(partitions: null))],
                },
                request
            ),
            "waits" => (Host(Device() with { Problem = 14 }), request),
            "function" => (
                Owned(OtherId) with
                {
                    VMs =
                    [
                        new WindowsVM(),
                        .. Owned(OtherId).VMs.Skip(1).Select(static vm => vm with { VirtualFunction = 1 }),
                    ],
                },
                request
            ),
            "room" => (Host(Device() with { Ranges = [(1UL << 40, (1UL << 40) + (1UL << 48))] }), request),
            _ => throw new ArgumentOutOfRangeException(nameof(which)),
        };
        IPAddress[] ways = which switch
        {
            "unresolved" or "part" => [],
            "several" => [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("192.0.2.9")],
            "name" or "mapped" or "elsewhere" or "below" => [IPAddress.Parse("192.0.2.9")],
            _ => [IPAddress.Parse("192.0.2.7")],
        };

        ProbeAnswers answers = host.Answers();
        if (which == "nonet")
        {
            answers.Set("hvadapters", new ProbeAnswer(string.Empty, WindowsHost.Denied));
        }

        if (which == "owner")
        {
            answers.Set("hvresources", new ProbeAnswer(string.Empty, WindowsHost.Denied));
        }

        ChangeRefusedException refused = Assert.Throws<ChangeRefusedException>(() =>
            DevicePlanner.Plan(s_host, request, answers, _ => which == "local" ? null : ways)
        );

        Finding reason = Assert.Single(refused.Reasons);
        Assert.Equal(code, reason.Code);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("network")]
    [InlineData("unplugged")]
    [InlineData("disabled")]
    [InlineData("local")]
    public void What_was_looked_at_and_is_free_is_given(string which)
    {
        (string, string)[] ofOther = OtherAdapter(@"PCI\VEN_15B3&DEV_1015\1", "192.0.2.7");
        WindowsHost host = which switch
        {
            "storage" => Host(Storage()) with { Others = [Controlled, ("hvdisks", Disk(partitions: 0))] },
            "network" => Host() with
            {
                Others =
                [
                    Net,
                    .. ofOther,
                    ("hvexternal", Port(isBound: false)),
                    ("hvaddresses", Addresses("192.0.2.8")),
                ],
            },
            "unplugged" => Host() with { Others = [Unplugged, .. OfSwitch("192.0.2.7")] },
            "disabled" => Host(Device() with { Problem = 22 }) with { Others = [Net] },
            _ => Host() with { Others = [Unplugged, .. OfSwitch("192.0.2.7")] },
        };

        ChangePlan plan = Plan(host, Add(Place), which == "local" ? null : [IPAddress.Parse("192.0.2.7")]);

        Assert.NotEmpty(plan.Changes);
        Assert.DoesNotContain(plan.Findings, static finding => finding.Code == FindingCodes.HostUseUnknown);
    }

    [Fact]
    public void What_Hyper_V_is_not_made_to_insist_on_is_said()
    {
        ChangePlan full = Plan(Host(Device() with { Problem = 22 }), Add(Place) with { Force = false });
        ChangePlan trusted = Plan(Host(), Add(Place));
        ChangePlan isolated = Plan(Host(Device() with { Acs = null }), Add(Place));

        Assert.DoesNotContain(full.Findings, static finding => finding.Code == FindingCodes.DeviceNotSecured);
        Assert.Equal(
            [(Severity.Information, "trusted"), (Severity.Warning, "unchecked")],
            new[] { trusted, isolated }.Select(static plan =>
                (
                    Assert.Single(plan.Findings, static one => one.Code == FindingCodes.DeviceNotSecured).Severity,
                    plan.Changes[1].Step.Arguments[5]
                )
            )
        );
        Assert.Equal("checked", full.Changes[0].Step.Arguments[5]);
    }

    [Fact]
    public void What_becomes_of_it_with_its_host_is_said_there_and_back()
    {
        WindowsHost host = Owned(WindowsVM.FirstId);

        Assert.Equal(
            "AutomaticShutdownAction: 3",
            Assert.Single(Plan(Host(), Add(Place)).Findings, IsTurnedOff).Evidence
        );
        Assert.Equal("AutomaticShutdownAction: 2", Assert.Single(Plan(host, Remove(Place)).Findings).Evidence);
        Assert.DoesNotContain(Plan(Owned(null), Remove(Place)).Findings, IsTurnedOff);

        static bool IsTurnedOff(Finding finding) => finding.Code == FindingCodes.VmTurnedOff;
    }

    [Fact]
    public void Numbers_that_are_given_count_for_a_device_that_it_has()
    {
        ChangePlan plan = Plan(Owned(WindowsVM.FirstId), Add(Place) with { HighMmioMebibytes = 33280 });

        Assert.Equal(["lab: HighMmioGapSize: 512 -> 33280"], Texts(plan));
    }

    [Fact]
    public void Room_that_is_there_is_counted_once_where_all_of_it_is_known()
    {
        WindowsHost owned = Owned(WindowsVM.FirstId);
        WindowsHost host = owned with
        {
            VMs = [.. owned.VMs.Select(static vm => vm with { LowMmio = 162, HighMmio = 546 })],
            Devices = [Device() with { Path = Card + "8", Location = "PCIROOT(1)#PCI(0000)" }],
        };

        // Its own is of the same kind: 17 and 17 on top of 128 and 512 are there already, from a device that it had before.
        Assert.Equal(
            [true, false],
            new[] { host, host with { VMs = [.. owned.VMs] } }.Select(static one =>
                Plan(one, Add("PCIROOT(1)#PCI(0000)"))
                    .Changes.All(static change => !change.Setting.Contains("Mmio", StringComparison.Ordinal))
            )
        );
    }

    [Fact]
    public void What_a_bridge_lets_through_from_the_same_address_on_needs_no_space()
    {
        WindowsHost host = Host(Device() with { Ranges = [(0xC000_0000, 0xC07F_FFFF)] }) with
        {
            Others =
            [
                (
                    "hvpcimemory",
                    CimInstanceText.Of(
                        "Win32_DeviceMemoryAddress",
                        ("StartingAddress", 0xC000_0000UL),
                        ("EndingAddress", 0xC0FF_FFFFUL)
                    )
                ),
            ],
        };

        Assert.Contains("lab: LowMmioGapSize: 128 -> 136", Texts(Plan(host, Add(Place))));
    }

    [Fact]
    public void What_was_dismounted_is_looked_for_where_it_is_plugged_in()
    {
        Assert.Equal(
            Place,
            Assert.Single(Assert.IsType<VmPciDeviceRequest>(Plan(Host(), Add("3b:00.1")).Again).Devices)
        );

        Finding missing = Assert.Single(
            Assert.Throws<ChangeRefusedException>(() => Plan(Owned(WindowsVM.FirstId), Add("3b:00.1"))).Reasons
        );
        Assert.Contains(Place, missing.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_is_not_told_is_taken_for_what_may_change_unless_that_is_said()
    {
        ProbeAnswers answers = Host().Answers();
        answers.Set("hvresources", new ProbeAnswer(string.Empty));

        Finding reason = Assert.Single(
            Assert
                .Throws<ChangeRefusedException>(() =>
                    DevicePlanner.Plan(s_host, Add(Place) with { Force = false }, answers)
                )
                .Reasons,
            static one => one.Code == FindingCodes.VmUnknown
        );
        Assert.Equal(Severity.Error, reason.Severity);
        Assert.Contains(
            DevicePlanner.Plan(s_host, Add(Place), answers).Findings,
            static one => one.Code == FindingCodes.VmUnknown
        );
    }

    [Fact]
    public void What_may_surprise_is_told()
    {
        WindowsHost host = Host(Device() with { Problem = 22, Interrupts = [], Ranges = [] }) with
        {
            VMs =
            [
                new WindowsVM
                {
                    IsDynamic = true,
                    StartupMegabytes = 512,
                    IsExposed = true,
                },
            ],
        };

        ChangePlan plan = Plan(host, Add(Place) with { Force = false });

        Assert.Equal(
            [
                FindingCodes.DeviceDisabled,
                FindingCodes.VmMmioUnknown,
                FindingCodes.VmTurnedOff,
                FindingCodes.VmDeviceAndNesting,
                FindingCodes.VmDeviceDynamicMemory,
            ],
            plan.Findings.Select(static finding => finding.Code)
        );
        Assert.All(
            plan.Findings.Where(static finding => finding.Code != FindingCodes.VmTurnedOff),
            static finding => Assert.Equal(Severity.Warning, finding.Severity)
        );
        Assert.DoesNotContain(
            plan.Changes,
            static change => change.Setting.Contains("driver", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_way_back_is_of_what_it_owns_and_of_what_nobody_has()
    {
        string[] back =
        [
            "lab: assignment of PCIROOT(0)#PCI(0300)#PCI(0000): assigned -> unassigned",
            "lab: mount of PCIROOT(0)#PCI(0300)#PCI(0000): dismounted -> mounted",
            "lab: driver of PCIROOT(0)#PCI(0300)#PCI(0000): disabled -> enabled",
        ];

        Assert.Equal(back, Texts(Plan(Owned(WindowsVM.FirstId), Remove(Place))));
        Assert.Equal(back[1..], Texts(Plan(Owned(null), Remove(Place))));
        Assert.Empty(Plan(Host(), Remove(Place)).Changes);
        Assert.Empty(Plan(Owned(WindowsVM.FirstId), Add(Place)).Changes);
        Assert.Equal(
            FindingCodes.DeviceInGuest,
            Assert.Single(Assert.Throws<ChangeRefusedException>(() => Plan(Owned(OtherId), Remove(Place))).Reasons).Code
        );
    }

    public static TheoryData<string> KvmWishes => ["group", "driver", "mac", "vlan", "address", "no ROM", "ROM"];

    [Theory]
    [MemberData(nameof(KvmWishes))]
    public void What_KVM_hosts_alone_have_is_refused_in_one_sentence(string which)
    {
        VmPciDeviceRequest request = which switch
        {
            "group" => Remove(Place) with { WholeGroup = true },
            "driver" => Add(Place) with { Unmanaged = true },
            "mac" => Add(Place) with { MacAddress = "52:54:00:12:34:56" },
            "vlan" => Add(Place) with { VlanId = 1 },
            "address" => Add(Place) with { GuestAddress = "0000:05:00.0" },
            "no ROM" => Add(Place) with { NoRom = true },
            _ => Add(Place) with { RomFile = "/srv/card.rom" },
        };

        NestVirtException error = Assert.Throws<NestVirtException>(() => Plan(Host(), request));

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.EndsWith($"not: {Assert.Single(request.KvmWishes)}.", error.Message, StringComparison.Ordinal);
    }

    private static (string, string) Controlled =>
        (
            "hvcontrolled",
            CimInstanceText.Of(
                "Win32_SCSIControllerDevice",
                ("Antecedent", new CimReferenceText("Win32_SCSIController", "DeviceID", Card)),
                ("Dependent", new CimReferenceText("Win32_PnPEntity", "DeviceID", @"SCSI\DISK&VEN_NVME\5&1&0&000000"))
            )
        );

    private static (string, string) Net =>
        (
            "hvadapters",
            CimInstanceText.Of(
                "Win32_NetworkAdapter",
                ("PNPDeviceID", Card),
                ("GUID", Adapter),
                ("NetConnectionID", "SLOT 3")
            )
        );

    private static (string, string) Unplugged =>
        (
            "hvadapters",
            CimInstanceText.Of(
                "Win32_NetworkAdapter",
                ("PNPDeviceID", Card),
                ("GUID", Adapter),
                ("NetConnectionStatus", 7)
            )
        );

    private static string OfSwitch(string address, string id) =>
        CimInstanceText.Of("Win32_NetworkAdapterConfiguration", ("SettingID", id), ("IPAddress", new[] { address }));

    private static string OtherPort =>
        CimInstanceText.Of("Msvm_ExternalEthernetPort", ("DeviceID", "Microsoft:{0}"), ("IsBound", true));

    private static (string, string)[] OfSwitch(string address) => OtherAdapter(@"ROOT\VMS_MP\0000", address);

    private static (string, string)[] OtherAdapter(string path, string address) =>
        [
            ("hvadapters", CimInstanceText.Of("Win32_NetworkAdapter", ("PNPDeviceID", path), ("GUID", OtherAdapterId))),
            (
                "hvaddresses",
                CimInstanceText.Of(
                    "Win32_NetworkAdapterConfiguration",
                    ("SettingID", OtherAdapterId),
                    ("IPAddress", new[] { address })
                )
            ),
        ];

    private static string Member(string className) =>
        CimInstanceText.Of(className, ("InstanceID", Adapter.Trim('{', '}')), ("Team", "Team 1"));

    private static WindowsDevice Storage() => Device() with { ClassCode = "010802", BaseClass = 1 };

    private static string Disk(int? partitions) =>
        CimInstanceText.Of(
            "Win32_DiskDrive",
            ("PNPDeviceID", @"SCSI\DISK&VEN_NVME\5&1&0&000000"),
            ("DeviceID", @"\\.\PHYSICALDRIVE1"),
            ("Partitions", partitions)
        );

    private static string Port(bool isBound) =>
        CimInstanceText.Of("Msvm_ExternalEthernetPort", ("DeviceID", $"Microsoft:{Adapter}"), ("IsBound", isBound));

    private static string Addresses(string address) =>
        CimInstanceText.Of(
            "Win32_NetworkAdapterConfiguration",
            ("SettingID", Adapter),
            ("IPAddress", new[] { address, "fe80::1" })
        );

    // An accelerator: what is asked of network adapters and of controllers of disks is asked where one is.
    private static WindowsDevice Device() => new() { ClassCode = "120000", BaseClass = 18 };

    private static WindowsDevice NetworkCard() => new();

    private static WindowsHost Host(params WindowsDevice[] devices) =>
        new() { VMs = [new WindowsVM()], Devices = devices.Length == 0 ? [Device()] : devices };

    // A dismounted device tells nothing of its bus here.
    private static WindowsHost Owned(string? owner)
    {
        string resource =
            $@"\\HV1\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""Microsoft:{WindowsHost.HostId}\\{FreeCard.Replace(@"\", @"\\", StringComparison.Ordinal)}"",SystemCreationClassName=""Msvm_ComputerSystem"",SystemName=""HV1""";
        return new WindowsHost
        {
            VMs =
            [
                new WindowsVM
                {
                    Devices = owner == WindowsVM.FirstId ? [resource] : [],
                    ShutdownAction = owner == WindowsVM.FirstId ? 2 : 3,
                },
                new WindowsVM
                {
                    Id = OtherId,
                    Name = "other",
                    Devices = owner == OtherId ? [resource] : [],
                },
            ],
            Assignable = [("HV1", FreeCard, Place)],
        };
    }

    private static VmPciDeviceRequest Add(params string[] devices) => new("lab", devices, Add: true) { Force = true };

    private static VmPciDeviceRequest Remove(params string[] devices) => new("lab", devices, Add: false);

    private static IEnumerable<string> Texts(ChangePlan plan) =>
        plan.Changes.Select(static change => change.ToString());

    private static ChangePlan Plan(WindowsHost host, VmPciDeviceRequest request) =>
        DevicePlanner.Plan(s_host, request, host.Answers());

    private static ChangePlan Plan(WindowsHost host, VmPciDeviceRequest request, IPAddress[]? ways) =>
        DevicePlanner.Plan(s_host, request, host.Answers(), _ => ways);
}
