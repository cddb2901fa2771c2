using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Hosts;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.GuestPci;

/// <summary>What is said of the devices that guests own, of hosts and definitions that are written down here.</summary>
public sealed class GuestPciAssessorTests
{
    private const string Mdev = "53764d0e-85a0-42b4-af5c-2046b460b1dc";

    // Group 1: an adapter; 2: two functions, one in the hands of VFIO; 3: a disk that the host uses; 4: a physical function with virtual ones.
    private const string Host = """
        00:01.0 rp driver=pcieport group=9
        01:00.0 ep driver=e1000e group=1
        02:00.0 ep driver=vfio-pci group=2
        02:00.1 ep driver=snd_hda_intel group=2
        03:00.0 ep driver=nvme group=3
        04:00.0 ep driver=igb group=4
        04:10.0 ep driver=igbvf pf=04:00.0 group=5
        05:00.0 ep driver=vfio-pci group=6
        06:00.0 ep group=7
        """;

    private static readonly HostTarget s_target = new("kvm1", new SnapshotAddress("kvm1.json"));

    public static TheoryData<string, string> Off { get; } =
        new()
        {
            { Device("01:00.0"), "" },
            { Device("05:00.0", "no"), "" },
            { Device("02:00.0") + Device("02:00.1"), "|" },
            { Device("01:00.0", "no"), "Error VmDeviceMissing" },
            // No driver at all is no driver of VFIO's.
            { Device("06:00.0", "no"), "Error VmDeviceMissing" },
            { Device("06:00.0"), "" },
            { Device("02:00.0"), "Error GroupNotViable" },
            { Device("02:00.0") + Device("02:00.1", "no"), "Error GroupNotViable|Error VmDeviceMissing" },
            { Device("03:00.0"), "Error UsedByHost" },
            { Device("03:00.0", "no"), "Error VmDeviceMissing,Warning UsedByHost" },
            { Device("3b:00.0"), "Error VmDeviceMissing" },
            { Device("04:10.2"), "Error VmDeviceMissing" },
            { Device("04:00.0"), "Warning HasVirtualFunctions" },
            { Device("00:01.0"), "Error IsBridge" },
            { Device("01:00.0", parts: "<driver name='kvm'/>"), "Error VmDeviceLegacyDriver" },
            { Device("01:00.0", parts: "<driver name='vfio'/>"), "" },
            { Adapter("04:10.0"), "" },
            { Adapter("01:00.0"), "Error VmDeviceNotVirtual" },
            { Disk("05:00.0", "no"), "" },
            { Disk("03:00.0", "yes"), "Error UsedByHost" },
            { Words("vfio-pci,host=05:00.0"), "Warning VmDeviceCommandLine" },
            { Words("vfio-pci,host=01:00.0"), "Error VmDeviceMissing,Warning VmDeviceCommandLine" },
            { MediatedDevice(Mdev), "" },
            { MediatedDevice("00000000-0000-4000-8000-000000000000"), "Error VmDeviceMissing" },
            { Vdpa("/dev/vhost-vdpa-0"), "" },
            { Vdpa("/dev/vhost-vdpa-7"), "Error VmDeviceMissing" },
            // What an earlier release recorded does not say who manages a device.
            { Device("01:00.0").Replace(" managed='yes'", "", StringComparison.Ordinal), "" },
        };

    [Theory]
    [MemberData(nameof(Off))]
    public void What_keeps_a_guest_that_is_off_from_its_devices_is_said(string devices, string expected) =>
        Assert.Equal(expected, string.Join('|', Ask(Guest("a", devices)).Select(Codes)));

    [Fact]
    public void A_guest_that_runs_with_a_device_has_it_whatever_stands_against_it()
    {
        string[] devices = ["02:00.0", "03:00.0", "01:00.0"];

        IReadOnlyList<VmPciDevice> told = Ask(
            Guest("a", string.Concat(devices.Select(one => Device(one, "no"))), isRunning: true)
        );

        Assert.All(told, static one => Assert.Empty(one.Reasons));
        Assert.All(
            told,
            static one => Assert.Equal((true, true, false), (one.IsAttached, one.IsDefined, one.IsRestartPending))
        );
    }

    [Fact]
    public void What_was_plugged_in_or_defined_while_it_ran_waits_for_the_next_start()
    {
        LibvirtGuest guest = Guest("a", Device("01:00.0"), isRunning: true) with { Running = Parse(Device("05:00.0")) };

        IReadOnlyList<VmPciDevice> told = Ask(guest);

        Assert.Equal(["0000:01:00.0", "0000:05:00.0"], told.Select(static one => one.Address));
        Assert.Equal(
            [(false, true, true), (true, false, true)],
            told.Select(static one => (one.IsAttached, one.IsDefined, one.IsRestartPending))
        );
        Assert.All(told, static one => Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(one.Reasons).Code));
        Assert.NotEqual(told[0].Reasons[0].Message, told[1].Reasons[0].Message);
    }

    [Fact]
    public void A_transient_guest_has_no_next_start()
    {
        VmPciDevice told = Assert.Single(
            Ask(Guest("a", Device("05:00.0"), isRunning: true) with { IsPersistent = false, Saved = null })
        );

        Assert.Equal((true, false, null), (told.IsAttached, told.IsDefined, told.IsRestartPending));
        Assert.Empty(told.Reasons);
    }

    [Fact]
    public void A_definition_that_could_not_be_read_leaves_open_what_it_says()
    {
        VmPciDevice told = Assert.Single(Ask(Guest("a", Device("05:00.0"), isRunning: true) with { Saved = null }));

        Assert.Equal((true, null, null), (told.IsAttached, told.IsDefined, told.IsRestartPending));
    }

    [Theory]
    [InlineData("52:54:00:00:00:01", true)]
    [InlineData("52:54:00:00:00:02", false)]
    public void What_a_network_gave_is_not_what_it_gives_the_next_time(string mac, bool isOfPool)
    {
        LibvirtGuest guest = Guest(
            "a",
            $"<interface type='network'><mac address='{mac}'/><source network='pool' portgroup='gold'/></interface>",
            isRunning: true
        ) with
        {
            Running = Parse(Adapter("04:10.0")),
        };

        VmPciDevice told = Assert.Single(Ask(guest));

        Assert.Equal(isOfPool ? ("pool", "gold") : (null, null), (told.Network, told.PortGroup));
        Assert.Equal((true, isOfPool ? null : false), (told.IsAttached, told.IsDefined));
        Assert.Equal(isOfPool ? null : true, told.IsRestartPending);
        Assert.Equal(isOfPool ? 0 : 1, told.Reasons.Count);
    }

    [Fact]
    public void One_device_of_several_guests_is_a_warning_and_an_error_while_one_runs_with_it()
    {
        LibvirtGuest[] off = [Guest("a", Device("05:00.0")), Guest("b", Device("05:00.0"))];
        LibvirtGuest[] one = [off[0], Guest("b", Device("05:00.0"), isRunning: true)];

        Assert.All(Ask(off), static told => Assert.Equal("Warning VmDeviceShared", Codes(told)));
        IReadOnlyList<VmPciDevice> running = Ask(one);
        Assert.Equal(["Error VmDeviceShared", "Warning VmDeviceShared"], running.Select(Codes));
        Assert.Equal("b", running[0].Reasons[0].Evidence);
    }

    [Fact]
    public void Guests_may_have_parts_of_one_device_and_not_the_same_part()
    {
        string other = "11111111-0000-4000-8000-000000000001";
        Dictionary<string, string> made = new()
        {
            [Mdev] = $"/sys/devices/pci0000:00/0000:00:01.0/0000:05:00.0/{Mdev}",
            [other] = $"/sys/devices/pci0000:00/0000:00:01.0/0000:05:00.0/{other}",
        };

        IReadOnlyList<VmPciDevice> apart = Ask(
            HostOf(made: made),
            Guest("a", MediatedDevice(Mdev), isRunning: true),
            Guest("b", MediatedDevice(other))
        );
        IReadOnlyList<VmPciDevice> same = Ask(
            HostOf(made: made),
            Guest("a", MediatedDevice(Mdev), isRunning: true),
            Guest("b", MediatedDevice(Mdev))
        );

        Assert.All(apart, static told => Assert.Equal(("0000:05:00.0", ""), (told.Address, Codes(told))));
        Assert.Equal(["Warning VmDeviceShared", "Error VmDeviceShared"], same.Select(Codes));
        // Who has the whole device would have no part of it left.
        Assert.Equal(
            ["", "Error VmDeviceShared"],
            Ask(HostOf(made: made), Guest("a", MediatedDevice(Mdev), isRunning: true), Guest("b", Device("05:00.0")))
                .Select(Codes)
        );
    }

    [Fact]
    public void Another_guest_that_runs_with_a_part_of_the_group_has_the_group()
    {
        IReadOnlyList<VmPciDevice> told = Ask(
            Guest("a", Device("02:00.0"), isRunning: true),
            Guest("b", Device("02:00.1"))
        );

        Assert.Equal(["", "Error VmDeviceShared"], told.Select(Codes));
        Assert.Contains("0000:02:00.0 of the same IOMMU group", told[1].Reasons[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_physical_function_takes_away_what_others_run_with()
    {
        VmPciDevice told = Ask(Guest("a", Device("04:00.0")), Guest("b", Adapter("04:10.0"), isRunning: true))[0];

        Assert.Equal("Error HasVirtualFunctions", Codes(told));
        Assert.EndsWith("run with: b.", told.Reasons[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_virtual_function_that_is_not_made_yet_is_told_by_its_number()
    {
        VmPciDevice told = Assert.Single(Ask(Guest("a", Device("04:10.2"))));

        Assert.Equal((true, false), (told.IsVirtualFunction, told.IsKnownToHost));
        Assert.Contains(
            "virtual function 2 of 0000:04:00.0, which has 1 of 7",
            told.Reasons[0].Message,
            StringComparison.Ordinal
        );
        Assert.Contains("2 virtual functions of 0000:04:00.0", told.Reasons[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_IOMMU_nothing_starts()
    {
        VmPciDevice off = Assert.Single(Ask(HostOf(state: IommuState.Off), Guest("a", Device("01:00.0"))));
        VmPciDevice unknown = Assert.Single(Ask(HostOf(state: IommuState.Unknown), Guest("a", Device("01:00.0"))));

        Assert.Equal("Error NoIommuGroup", Codes(off));
        Assert.Equal("", Codes(unknown));
    }

    [Fact]
    public void What_is_started_with_the_host_takes_it_then()
    {
        string Message(bool autoStart) =>
            Assert.Single(Ask(Guest("a", Device("03:00.0")) with { AutoStart = autoStart })).Reasons[0].Message;

        Assert.Contains("which it does with the host", Message(true), StringComparison.Ordinal);
        Assert.Contains("do not start it", Message(false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_whose_functions_are_not_known_is_not_said_to_lack_any()
    {
        VmPciDevice told = Assert.Single(
            Ask(
                new GuestPciHost(null, new IommuFacts(), IommuState.Unknown, null),
                Guest("a", Device("01:00.0", "no")),
                Guest("b", "")
            )
        );

        Assert.Null(told.IsKnownToHost);
        Assert.Empty(told.Reasons);
    }

    [Fact]
    public void A_device_that_cannot_be_reset_is_named_whether_it_runs_or_not()
    {
        PciDevice[] devices =
        [
            .. PciTopologyText
                .Read("01:00.0 ep driver=vfio-pci group=1\n01:00.1 ep driver=vfio-pci group=2")
                .Select(static device => device with { ResetMethods = [] }),
        ];
        GuestPciHost host = new(devices, FactsOf(devices) with { HasResetFiles = true }, IommuState.On, null);

        foreach (bool isRunning in new[] { true, false })
        {
            Assert.Equal(
                "Warning NoReset",
                Codes(Assert.Single(Ask(host, Guest("a", Device("01:00.0"), isRunning: isRunning))))
            );
        }
    }

    [Fact]
    public void What_the_kernel_refuses_to_VFIO_does_not_start()
    {
        PciDevice[] devices = PciTopologyText.Read("01:00.0 ep driver=vfio-pci group=1");
        IommuFacts facts = FactsOf(devices) with { InterruptChip = "IO-APIC", IsLive = false };

        Assert.Equal(
            "Error InterruptRemappingOff",
            Codes(
                Assert.Single(Ask(new GuestPciHost(devices, facts, IommuState.On, null), Guest("a", Device("01:00.0"))))
            )
        );
    }

    [Theory]
    [InlineData("nvme", "")]
    [InlineData("BOOTFB", "Warning FirmwareFramebuffer")]
    public void What_holds_memory_of_a_device_and_does_not_let_go_of_it_with_its_driver_is_named(
        string holder,
        string expected
    )
    {
        PciDevice[] devices = PciTopologyText.Read("01:00.0 ep driver=nvme group=1");
        IommuFacts facts = FactsOf(devices) with
        {
            Memory = new[] { new MemoryInside("0000:01:00.0", 7, $"00000000-00000000 : {holder}") }.ToLookup(
                static line => line.Address
            ),
        };

        Assert.Equal(
            expected,
            Codes(
                Assert.Single(Ask(new GuestPciHost(devices, facts, IommuState.On, null), Guest("a", Device("01:00.0"))))
            )
        );
    }

    [Fact]
    public void A_guest_whose_present_devices_are_not_known_is_not_said_to_wait()
    {
        VmPciDevice told = Assert.Single(
            Ask(Guest("a", Device("01:00.0", "no"), isRunning: true) with { Running = null })
        );

        Assert.Equal((null, true, null), (told.IsAttached, told.IsDefined, told.IsRestartPending));
        Assert.Empty(told.Reasons);
    }

    [Fact]
    public void What_the_host_has_of_a_device_is_told_with_it()
    {
        VmPciDevice told = Assert.Single(Ask(Guest("a", Adapter("04:10.0"))));

        Assert.Equal(
            ("igbvf", 5, "0000:04:00.0", true, true),
            (told.Driver, told.IommuGroup, told.PhysicalFunction, told.IsVirtualFunction, told.IsKnownToHost)
        );
        Assert.Equal((VmPciKind.NetworkAdapter, VmState.Off), (told.Kind, told.State));
        Assert.Equal(("52:54:00:00:00:01", 42), (told.MacAddress, Assert.Single(told.Vlans)));
    }

    private static string Codes(VmPciDevice device) =>
        string.Join(',', device.Reasons.Select(static reason => $"{reason.Severity} {reason.Code}"));

    private static IReadOnlyList<VmPciDevice> Ask(params LibvirtGuest[] guests) => Ask(HostOf(), guests);

    private static IReadOnlyList<VmPciDevice> Ask(GuestPciHost host, params LibvirtGuest[] guests) =>
        GuestPciAssessor.Assess(guests, host, s_target);

    private static GuestPciHost HostOf(
        IommuState state = IommuState.On,
        IReadOnlyDictionary<string, string>? made = null
    )
    {
        PciDevice[] devices =
        [
            .. PciTopologyText
                .Read(Host)
                .Select(static device =>
                    device.Address switch
                    {
                        "0000:03:00.0" => device with { HostUses = [new HostUse("RootFileSystem", "/ on nvme0n1p2")] },
                        "0000:04:00.0" => device with
                        {
                            Sriov = new SriovState(7, 1)
                            {
                                Offset = 128,
                                Stride = 2,
                                VirtualFunctions = ["0000:04:10.0"],
                            },
                        },
                        _ => device,
                    }
                ),
        ];
        return new GuestPciHost(
            devices,
            FactsOf(devices),
            state,
            made
                ?? new Dictionary<string, string>
                {
                    [Mdev] = $"/sys/devices/pci0000:00/0000:00:01.0/0000:05:00.0/{Mdev}",
                    ["vhost-vdpa-0"] = "/sys/devices/pci0000:00/0000:04:10.0/vdpa0/vhost-vdpa-0",
                }
        );
    }

    private static IommuFacts FactsOf(PciDevice[] devices) =>
        new()
        {
            Groups =
            [
                .. devices
                    .GroupBy(static device => device.IommuGroup!.Value)
                    .Select(static group => new IommuGroupFacts(group.Key)
                    {
                        Members = [.. group.Select(static device => new IommuMember(device.Address, null))],
                    }),
            ],
        };

    private static LibvirtGuest Guest(string name, string devices, bool isRunning = false) =>
        new($"00000000-0000-4000-8000-{name.GetHashCode(StringComparison.Ordinal):x12}")
        {
            State = isRunning ? VmState.Running : VmState.Off,
            IsActive = isRunning,
            IsPersistent = true,
            Running = isRunning ? Parse(devices, name) : null,
            Saved = Parse(devices, name),
        };

    private static DomainDefinition Parse(string devices, string name = "a") =>
        DomainDefinition.Parse(
            devices.StartsWith("<arg", StringComparison.Ordinal)
                ? $"<domain type='kvm'><name>{name}</name><commandline>{devices}</commandline></domain>"
                : $"<domain type='kvm'><name>{name}</name><devices>{devices}</devices></domain>"
        );

    private static string Device(string address, string managed = "yes", string parts = "") =>
        $"<hostdev mode='subsystem' type='pci' managed='{managed}'>{parts}<source>{Source(address)}</source></hostdev>";

    private static string Adapter(string address) =>
        $"<interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:01'/><source>{Source(address)}</source><vlan><tag id='42'/></vlan></interface>";

    private static string Disk(string address, string managed) =>
        $"<disk type='nvme'><source type='pci' managed='{managed}' namespace='1'>{Source(address)}</source></disk>";

    private static string MediatedDevice(string id) =>
        $"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='{id}'/></source></hostdev>";

    private static string Vdpa(string file) =>
        $"<interface type='vdpa'><mac address='52:54:00:00:00:09'/><source dev='{file}'/></interface>";

    private static string Words(string word) => $"<arg value='-device'/><arg value='{word}'/>";

    private static string Source(string address)
    {
        string[] parts = address.Split(':', '.');
        return $"<address domain='0x0000' bus='0x{parts[0]}' slot='0x{parts[1]}' function='0x{parts[2]}'/>";
    }
}
