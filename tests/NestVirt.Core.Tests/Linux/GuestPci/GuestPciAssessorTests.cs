using System.Diagnostics;
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

        Assert.Equal(["Warning VmDeviceShared", "Error VmDeviceShared"], told.Select(Codes));
        Assert.Contains("0000:02:00.0 of the same IOMMU group", told[1].Reasons[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Guests_that_are_off_are_told_of_each_other_s_parts_of_a_group()
    {
        GuestPciHost host = HostFrom("02:00.0 ep driver=vfio-pci group=2\n02:00.1 ep driver=vfio-pci group=2");

        IReadOnlyList<VmPciDevice> told = Ask(host, Guest("a", Device("02:00.0")), Guest("b", Device("02:00.1")));

        Assert.Equal(["Warning VmDeviceShared", "Warning VmDeviceShared"], told.Select(Codes));
        Assert.Contains("0000:02:00.1 of the same IOMMU group", told[0].Reasons[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_of_a_device_and_a_part_of_it_do_not_run_together()
    {
        IReadOnlyList<VmPciDevice> told = Ask(Guest("a", MediatedDevice(Mdev)), Guest("b", Device("05:00.0")));

        Assert.Equal(["", "Warning VmDeviceShared"], told.Select(Codes));
        Assert.DoesNotContain("only one of them", told[1].Reasons[0].Message, StringComparison.Ordinal);
    }

    /// <summary>QEMU's util/vfio-helpers.c opens the group for each disk, and the kernel lets it be opened once.</summary>
    [Theory]
    [InlineData("disk disk", true)]
    [InlineData("disk device", true)]
    [InlineData("disk neighbour", true)]
    [InlineData("disk", false)]
    [InlineData("device neighbour", false)]
    [InlineData("disk other", false)]
    public void The_group_of_an_NVMe_disk_is_opened_once(string parts, bool isRefused)
    {
        GuestPciHost host = HostFrom(
            "04:00.0 ep driver=vfio-pci group=2\n04:00.1 ep driver=vfio-pci group=2\n05:00.0 ep driver=vfio-pci group=3"
        );
        int number = 0;
        string[] devices =
        [
            .. parts
                .Split(' ')
                .Select(part =>
                    part switch
                    {
                        "disk" => Disk("04:00.0", "yes")
                            .Replace("namespace='1'", $"namespace='{++number}'", StringComparison.Ordinal),
                        "device" => Device("04:00.0"),
                        "neighbour" => Device("04:00.1"),
                        _ => Disk("05:00.0", "yes"),
                    }
                ),
        ];

        IReadOnlyList<VmPciDevice> told = Ask(host, Guest("a", string.Concat(devices)));

        Assert.Equal(devices.Length, told.Count);
        Assert.All(told, one => Assert.Equal(isRefused ? "Error GroupOpenedTwice" : "", Codes(one)));
        Assert.All(
            Ask(host, Guest("a", string.Concat(devices), isRunning: true)),
            static one => Assert.Equal("", Codes(one))
        );
    }

    /// <summary>A card that was not reset: libvirt reads a header of the type 127, and refuses it.</summary>
    [Theory]
    [InlineData(false, "Error DeviceLost")]
    [InlineData(true, "")]
    public void A_device_that_does_not_answer_is_not_given(bool isRunning, string expected)
    {
        GuestPciHost host = HostFrom(
            "05:00.0 ep driver=vfio-pci group=1",
            static device => device with { IsLost = true }
        );

        Assert.Equal(expected, Codes(Assert.Single(Ask(host, Guest("a", Device("05:00.0"), isRunning)))));
    }

    [Fact]
    public void A_guest_whose_definition_is_not_read_has_a_row()
    {
        LibvirtGuest unread = Guest("b", Device("05:00.0")) with { Saved = null, Unread = "it is too long" };

        IReadOnlyList<VmPciDevice> told = Ask(Guest("a", Device("01:00.0", "no")), unread);

        Assert.Equal([VmPciKind.Device, VmPciKind.Unknown], told.Select(static one => one.Kind));
        Assert.Equal((unread.Id, "Warning VmUnknown"), (told[1].VmId, Codes(told[1])));
        Assert.Equal("it is too long", told[1].Reasons[0].Evidence);
        Assert.Equal((null, null, null), (told[1].Address, told[1].IsKnownToHost, told[1].IsDefined));
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
        IommuFacts facts = FactsOf(devices) with
        {
            InterruptChip = "IO-APIC",
            IsLive = false,
            VfioParameters = new Dictionary<string, string> { ["vfio_iommu_type1.allow_unsafe_interrupts"] = "N" },
        };

        Assert.Equal(
            "Error InterruptRemappingOff",
            Codes(
                Assert.Single(Ask(new GuestPciHost(devices, facts, IommuState.On, null), Guest("a", Device("01:00.0"))))
            )
        );
        // A module that is not loaded yet may be loaded with what allows it.
        VmPciDevice open = Assert.Single(
            Ask(
                new GuestPciHost(
                    devices,
                    facts with
                    {
                        VfioParameters = new Dictionary<string, string>(),
                    },
                    IommuState.On,
                    null
                ),
                Guest("a", Device("01:00.0"))
            )
        );
        Assert.Equal("Warning InterruptRemappingOff", Codes(open));
        Assert.Contains("VFIO may refuse", open.Reasons[0].Message, StringComparison.Ordinal);
        Assert.Contains("allow_unsafe_interrupts", open.Reasons[0].Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("igb", null, "Warning VfioDenylist")]
    [InlineData("igb", "N", "Error VfioDenylist")]
    [InlineData("igb", "Y", "")]
    // The driver looked at its list when it took the device.
    [InlineData("vfio-pci", null, "")]
    [InlineData("vfio-pci", "N", "")]
    public void A_device_on_the_list_of_vfio_pci_is_refused_where_its_parameter_is_known(
        string driver,
        string? parameter,
        string expected
    )
    {
        PciDevice[] devices = PciTopologyText.Read($"01:00.0 ep driver={driver} id=8086:37c8 group=1");
        IommuFacts facts = FactsOf(devices) with
        {
            KernelRelease = "6.1.0",
            VfioParameters = parameter is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["vfio_pci.disable_denylist"] = parameter },
        };

        VmPciDevice told = Assert.Single(
            Ask(new GuestPciHost(devices, facts, IommuState.On, null), Guest("a", Device("01:00.0")))
        );

        Assert.Equal(expected, Codes(told));
        if (expected.StartsWith("Warning", StringComparison.Ordinal))
        {
            Assert.Contains("may refuse", told.Reasons[0].Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Linux 6.8: a vGPU on a virtual function keeps the driver nvidia, and has the directory vfio-dev.</summary>
    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "Error VmDeviceMissing")]
    [InlineData(null, "Warning VmDeviceMissing")]
    public void A_vGPU_on_a_virtual_function_is_ready_as_it_is(bool? hasVfioDevice, string expected)
    {
        VmPciDevice told = Assert.Single(
            AskLive(
                HostFrom(
                    "05:00.0 ep driver=nvidia group=1\n05:00.4 ep driver=nvidia pf=05:00.0 group=2",
                    device => device with { HasVfioDevice = hasVfioDevice }
                ),
                Guest("a", Device("05:00.4", "no"))
            )
        );

        Assert.Equal(expected, Codes(told));
        // With another driver it would never be one.
        Assert.DoesNotContain(told.Reasons, static reason => reason.Command is not null);
    }

    [Theory]
    [InlineData("yes", true, "", "Error VgpuLost")]
    [InlineData("yes", true, "<driver name='vfio'/>", "Error VgpuLost")]
    [InlineData("yes", true, "<driver name='vfio' model='nvidia'/>", "")]
    [InlineData("yes", false, "", "")]
    [InlineData("yes", null, "", "")]
    [InlineData("no", true, "", "")]
    public void A_vGPU_that_libvirt_takes_from_its_driver_is_lost(
        string managed,
        bool? hasVfioDevice,
        string driver,
        string expected
    )
    {
        VmPciDevice told = Assert.Single(
            AskLive(
                HostFrom(
                    "05:00.0 ep driver=nvidia group=1\n05:00.4 ep driver=nvidia pf=05:00.0 group=2",
                    device => device with { HasVfioDevice = hasVfioDevice }
                ),
                Guest("a", Device("05:00.4", managed, driver))
            )
        );

        Assert.Equal(expected, Codes(told));
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "Error GroupNotViable")]
    [InlineData(null, "Warning GroupNotViable")]
    public void A_vGPU_in_the_group_is_ready_as_it_is(bool? hasVfioDevice, string expected)
    {
        VmPciDevice told = Assert.Single(
            AskLive(
                HostFrom(
                    "05:00.4 ep driver=vfio-pci group=2\n05:00.5 ep driver=nvidia pf=05:00.0 group=2",
                    device => device with { HasVfioDevice = hasVfioDevice }
                ),
                Guest("a", Device("05:00.4"))
            )
        );

        Assert.Equal(expected, Codes(told));
    }

    /// <summary>An NVSwitch (10de:22a3) is of the class 0680, and its header is that of an endpoint.</summary>
    [Theory]
    [InlineData(0x068000, 0, "")]
    [InlineData(0x068000, null, "")]
    [InlineData(0x060100, null, "")]
    [InlineData(0x068000, 1, "Error IsBridge")]
    [InlineData(0x060000, null, "Error IsBridge")]
    [InlineData(0x060401, null, "Error IsBridge")]
    [InlineData(0x060940, null, "Error IsBridge")]
    [InlineData(0x020000, 1, "Error IsBridge")]
    public void What_is_a_bridge_is_told_by_the_header(int classCode, int? header, string expected)
    {
        GuestPciHost host = HostFrom(
            "05:00.0 ep driver=vfio-pci id=10de:22a3 group=1",
            device => device with { ClassCode = classCode, HeaderType = header }
        );

        Assert.Equal(expected, Codes(Assert.Single(Ask(host, Guest("a", Device("05:00.0"))))));
    }

    [Theory]
    [InlineData("yes", "igb", "Warning HasVirtualFunctions")]
    [InlineData("no", "vfio-pci", "Error GroupNotViable,Error PhysicalFunctionInGroup")]
    public void Virtual_functions_in_the_group_of_a_device_that_is_given_whole_go_with_its_driver(
        string managed,
        string driver,
        string expected
    )
    {
        GuestPciHost host = HostFrom(
            $"04:00.0 ep driver={driver} group=4\n04:10.0 ep driver=igbvf pf=04:00.0 group=4",
            static device =>
                device.PhysicalFunction is null
                    ? device with
                    {
                        Sriov = new SriovState(7, 1) { VirtualFunctions = ["0000:04:10.0"] },
                    }
                    : device
        );

        Assert.Equal(expected, Codes(Assert.Single(Ask(host, Guest("a", Device("04:00.0", managed))))));
    }

    [Theory]
    [InlineData("02:00.1 ep driver=snd_hda_intel group=2", "bind them to vfio-pci", true)]
    [InlineData("02:00.1 rp driver=shpchp group=2", "Unbind 0000:02:00.1, if the host can do without it.", false)]
    [InlineData(
        "02:01.0 ep driver=igb group=2\n02:10.0 ep driver=vfio-pci pf=02:01.0 group=2",
        "0000:02:01.0 has to stay",
        false
    )]
    public void What_to_do_with_the_rest_of_a_group_is_what_the_group_itself_is_told(
        string rest,
        string remedy,
        bool hasCommand
    )
    {
        Finding reason = Assert
            .Single(AskLive(HostFrom($"02:00.0 ep driver=vfio-pci group=2\n{rest}"), Guest("a", Device("02:00.0"))))
            .Reasons.Single(static one => one.Code == FindingCodes.GroupNotViable);

        Assert.Contains(remedy, reason.Remedy, StringComparison.Ordinal);
        Assert.Equal(hasCommand, reason.Command is not null);
    }

    [Theory]
    [InlineData("Unknown", "Look first whether the host can do without", false)]
    [InlineData("BootVga", "Look first whether the host can do without", false)]
    [InlineData("Swap", "the host itself uses", false)]
    [InlineData(null, "bind", true)]
    public void What_is_not_known_to_be_used_is_not_said_to_be(string? kind, string remedy, bool hasCommand)
    {
        PciDevice Used(PciDevice device) =>
            kind is null || device.Driver == "vfio-pci" ? device : device with { HostUses = [new HostUse(kind, "x")] };

        Finding own = Assert
            .Single(AskLive(HostFrom("01:00.0 ep driver=igb group=1", Used), Guest("a", Device("01:00.0", "no"))))
            .Reasons.Single(static one => one.Code == FindingCodes.VmDeviceMissing);
        Finding group = Assert
            .Single(
                AskLive(
                    HostFrom("01:00.0 ep driver=vfio-pci group=1\n01:00.1 ep driver=igb group=1", Used),
                    Guest("a", Device("01:00.0"))
                )
            )
            .Reasons.Single(static one => one.Code == FindingCodes.GroupNotViable);

        Assert.All(
            new[] { own, group },
            reason =>
            {
                Assert.Contains(remedy, reason.Remedy, StringComparison.OrdinalIgnoreCase);
                Assert.Equal(hasCommand, reason.Command is not null);
            }
        );
    }

    [Theory]
    [InlineData("BootVga", "Warning UsedByHost")]
    [InlineData("BootVga RootFileSystem", "Error UsedByHost")]
    [InlineData("Unknown", "Warning HostUseUnknown")]
    public void A_screen_that_goes_dark_is_less_than_a_host_that_goes_down(string kinds, string expected)
    {
        GuestPciHost host = HostFrom(
            "01:00.0 ep driver=amdgpu group=1",
            device => device with { HostUses = [.. kinds.Split(' ').Select(static kind => new HostUse(kind, "x"))] }
        );

        VmPciDevice told = Assert.Single(Ask(host, Guest("a", Device("01:00.0"))));

        Assert.Equal(expected, Codes(told));
        Assert.Equal(kinds == "BootVga", told.Reasons[0].Message.Contains("goes dark", StringComparison.Ordinal));
    }

    [Fact]
    public void An_adapter_whose_physical_function_has_no_interface_does_not_start()
    {
        const string Text = "04:00.0 ep driver=vfio-pci group=4\n04:10.0 ep driver=igbvf pf=04:00.0 group=5";

        VmPciDevice adapter = Assert.Single(Ask(HostFrom(Text), Guest("a", Adapter("04:10.0"))));

        Assert.Equal("Error VmDeviceNotVirtual", Codes(adapter));
        Assert.Contains("0000:04:00.0/net", adapter.Reasons[0].Evidence, StringComparison.Ordinal);
        Assert.Equal("", Codes(Assert.Single(Ask(HostFrom(Text), Guest("a", Device("04:10.0"))))));
    }

    [Fact]
    public void Virtual_functions_that_their_physical_one_cannot_make_are_told_without_a_command()
    {
        PciDevice Physical(PciDevice device) =>
            device with
            {
                Sriov = new SriovState(7, 0) { Offset = 128, Stride = 2 },
            };

        VmPciDevice ready = Assert.Single(
            AskLive(HostFrom("04:00.0 ep driver=vfio-pci group=4", Physical), Guest("a", Device("04:10.0")))
        );
        VmPciDevice held = AskLive(
            HostFrom("04:00.0 ep driver=other group=4", Physical),
            Guest("a", Device("04:10.0")),
            Guest("b", Device("04:00.0"), isRunning: true)
        )[0];
        VmPciDevice free = Assert.Single(
            AskLive(HostFrom("04:00.0 ep driver=igb group=4", Physical), Guest("a", Device("04:10.0")))
        );

        Assert.All(
            new[] { ready, held },
            static told =>
            {
                Assert.Equal("Error VmDeviceMissing", Codes(told));
                Assert.Null(told.Reasons[0].Command);
            }
        );
        Assert.Contains("vfio-pci has it", ready.Reasons[0].Evidence, StringComparison.Ordinal);
        Assert.Contains("runs with it: b", held.Reasons[0].Evidence, StringComparison.Ordinal);
        Assert.NotNull(free.Reasons[0].Command);
    }

    [Fact]
    public void What_runs_with_a_part_loses_it_and_does_not_keep_the_whole_from_starting()
    {
        Finding reason = Ask(
            HostOf(),
            Guest("a", Vdpa("/dev/vhost-vdpa-0"), isRunning: true),
            Guest("b", Device("04:10.0"))
        )[1].Reasons[0];

        Assert.Equal((FindingCodes.VmDeviceShared, Severity.Error), (reason.Code, reason.Severity));
        Assert.Contains("which goes when this virtual machine starts: a.", reason.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("does not start", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_thousand_guests_with_one_device_do_not_take_minutes()
    {
        LibvirtGuest one = Guest("a", Device("05:00.0"), isRunning: true);
        LibvirtGuest[] guests =
        [
            .. Enumerable.Range(0, 2000).Select(number => one with { Id = $"00000000-0000-4000-8000-{number:x12}" }),
        ];
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan before = Environment.CpuUsage.TotalTime;

        Assert.Equal(2000, Ask(guests).Count);
        // A machine that has other work to do takes longer without working longer.
        TimeSpan worked = Environment.CpuUsage.TotalTime - before;
        Assert.InRange(worked < watch.Elapsed ? worked : watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    [Theory]
    [InlineData("<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x999'/></source></hostdev>")]
    [InlineData("<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source/></hostdev>")]
    [InlineData("<interface type='vdpa'><source dev='/dev/other'/></interface>")]
    [InlineData("<disk type='vhostvdpa'><source/></disk>")]
    [InlineData("<disk type='nvme'><source type='pci' namespace='1'/></disk>")]
    public void A_device_that_nothing_names_has_a_row_and_a_reason_of_its_own(string device)
    {
        IReadOnlyList<VmPciDevice> told = Ask(Guest("a", device + device), Guest("b", device));

        Assert.Equal(3, told.Count);
        Assert.All(
            told,
            static one =>
            {
                Assert.Equal("Warning VmUnknown", Codes(one));
                Assert.Null(one.Address);
                Assert.Null(one.IsKnownToHost);
                Assert.DoesNotContain("unknown", one.Part ?? string.Empty, StringComparison.Ordinal);
            }
        );
    }

    [Theory]
    [InlineData("3b:00.0", null)]
    [InlineData("04:10.2", true)]
    [InlineData("04:10.0", true)]
    [InlineData("01:00.0", false)]
    public void Whether_it_is_a_virtual_function_is_not_known_of_what_is_gone(string address, bool? expected) =>
        Assert.Equal(expected, Assert.Single(Ask(Guest("a", Device(address)))).IsVirtualFunction);

    [Fact]
    public void Groups_that_VFIO_made_up_are_the_evidence_where_the_IOMMU_is_off()
    {
        PciDevice[] devices = PciTopologyText.Read("01:00.0 ep driver=vfio-pci group=0");
        IommuFacts facts = new()
        {
            Groups =
            [
                new IommuGroupFacts(0) { Name = "vfio-noiommu", Members = [new IommuMember("0000:01:00.0", null)] },
            ],
        };

        VmPciDevice told = Assert.Single(
            Ask(new GuestPciHost(devices, facts, IommuState.Off, null), Guest("a", Device("01:00.0")))
        );

        Assert.Equal("/sys/kernel/iommu_groups/0/name: vfio-noiommu", told.Reasons[0].Evidence);
    }

    [Fact]
    public void Commands_are_written_so_that_they_run()
    {
        const string Gone = "00000000-0000-4000-8000-000000000000";
        LibvirtGuest attached = Guest("a", Device("05:00.0"), isRunning: true) with { Saved = Parse("") };

        Assert.Contains(
            "virsh attach-device NAME FILE --config",
            Assert.Single(Ask(attached)).Reasons[0].Remedy,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"mdevctl modify --uuid {Gone} --auto",
            Assert.Single(Ask(Guest("a", MediatedDevice(Gone)))).Reasons[0].Remedy,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "vdpa dev add name NAME mgmtdev pci/ADDRESS",
            Assert.Single(Ask(Guest("a", Vdpa("/dev/vhost-vdpa-7")))).Reasons[0].Remedy,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "at another address",
            Assert.Single(Ask(Guest("a", Device("3b:00.0")))).Reasons[0].Remedy,
            StringComparison.Ordinal
        );
        // What a definition has in the place of a UUID is no part of a command.
        Assert.Contains(
            "--uuid UUID --auto",
            Assert.Single(Ask(Guest("a", MediatedDevice("$(id)")))).Reasons[0].Remedy,
            StringComparison.Ordinal
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

    // Of a recording no command is told.
    private static IReadOnlyList<VmPciDevice> AskLive(GuestPciHost host, params LibvirtGuest[] guests) =>
        GuestPciAssessor.Assess(guests, host, HostTarget.Local);

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
                            NetworkInterfaces = ["enp4s0"],
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

    private static GuestPciHost HostFrom(string topology, Func<PciDevice, PciDevice>? change = null)
    {
        PciDevice[] devices = [.. PciTopologyText.Read(topology).Select(change ?? (static device => device))];
        return new GuestPciHost(devices, FactsOf(devices), IommuState.On, new Dictionary<string, string>());
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
