using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.HyperV.Dda;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Dda;

public sealed class PciDeviceAssessorTests
{
    private const string Card = @"PCIP\VEN_144D&DEV_A80D&SUBSYS_A801144D&REV_00\4&447857B&0&00D0";
    private const string CardLocation = "PCIROOT(58)#PCI(0000)#PCI(0000)";

    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));

    private static readonly WindowsHost s_host = new()
    {
        Devices =
        [
            new WindowsDevice
            {
                Path = Card,
                Name = "NVMe Controller - Dismounted",
                Location = null,
                Bus = 0x5E,
                Place = 0,
            },
            new WindowsDevice(),
            new WindowsDevice
            {
                Path = @"PCI\VEN_8086&DEV_A116\3&11583659&0&E6",
                ClassCode = "060400",
                Type = 8,
                BaseClass = 6,
                Bus = 0,
                Place = 0x1C_0006,
                Service = "pci",
            },
            new WindowsDevice { Path = @"PCI\VEN_8086&DEV_0009\3&9", Bus = null },
        ],
        Assignable = [("HV1", Card, CardLocation)],
        VMs =
        [
            new WindowsVM
            {
                Name = "store",
                Devices =
                [
                    $@"\\HV1\root\virtualization\v2:Msvm_PciExpress.DeviceID=""Microsoft:{WindowsHost.HostId}\\{Escaped(Card)}""",
                    $@"\\HV1\root\virtualization\v2:Msvm_PciExpress.DeviceID=""Microsoft:{WindowsHost.HostId}\\PCIP\\VEN_10DE&DEV_1EB8\\6&1""",
                ],
            },
        ],
    };

    [Fact]
    public void Each_device_is_one_record_in_the_order_of_addresses()
    {
        IReadOnlyList<PciDevice> devices = PciDeviceAssessor.Assess(s_host.Answers(), s_target);

        Assert.Equal(
            ["0000:00:1c.6", "0000:3b:00.1", "0000:5e:00.0", @"PCI\VEN_8086&DEV_0009\3&9"],
            devices.Select(static device => device.Address)
        );
        Assert.Equal([false, true, true, true], devices.Select(static device => device.IsAssignable));
        Assert.Equal(
            [PciePortType.RootPort, PciePortType.Endpoint],
            devices.Take(2).Select(static device => device.PortType)
        );
        Assert.True(devices[0].IsBridge);
        Assert.Equal("Net: Intel(R) Ethernet Converged Network Adapter X710 [8086:1572]", devices[1].Description);
        Assert.Equal(
            (Card, CardLocation, "store", WindowsVM.FirstId),
            (devices[2].InstancePath, devices[2].LocationPath, devices[2].OwnerVm, devices[2].OwnerVmId)
        );
        Assert.Equal(
            [FindingCodes.DeviceDismounted, FindingCodes.DeviceInGuest],
            devices[2].Reasons.Select(static reason => reason.Code)
        );
        Assert.All(devices, static device => Assert.Null(device.IommuGroup));
    }

    [Theory]
    [InlineData("hvresources")]
    [InlineData("hvvms")]
    public void Where_it_was_not_told_what_machines_own_none_is_said_to_be_waited_for(string probe)
    {
        ProbeAnswers answers = s_host.Answers();
        answers.Set(probe, new ProbeAnswer(string.Empty, WindowsHost.Denied));

        Finding finding = PciDeviceAssessor.Assess(answers, s_target)[2].Reasons[0];

        Assert.Equal(FindingCodes.DeviceDismounted, finding.Code);
        Assert.EndsWith("was not told.", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_own_what_their_settings_name_though_the_host_has_it_not()
    {
        VmPciDevice[] devices = [.. VmPciDeviceAssessor.Assess(s_host.Answers(), s_target)];

        Assert.Equal(
            [
                ("store", "0000:5e:00.0", CardLocation, Card, true, false),
                ("store", null, null, @"PCIP\VEN_10DE&DEV_1EB8\6&1", false, false),
            ],
            devices.Select(static one =>
                (
                    one.VmName,
                    one.Address,
                    one.LocationPath,
                    one.InstancePath,
                    one.IsKnownToHost!.Value,
                    one.IsVirtualFunction!.Value
                )
            )
        );
        Assert.Equal("10de 1eb8", devices[1].Name);
        Assert.Empty(devices[0].Reasons);
        Assert.Equal(FindingCodes.VmDeviceMissing, Assert.Single(devices[1].Reasons).Code);
    }

    [Fact]
    public void Machines_are_told_of_though_the_host_does_not_tell_of_its_devices()
    {
        VmPciDevice[] devices =
        [
            .. VmPciDeviceAssessor.Assess((s_host with { Devices = null, Assignable = [] }).Answers(), s_target),
        ];

        Assert.Equal([null, null], devices.Select(static one => one.IsKnownToHost));
        Assert.All(devices, static one => Assert.Empty(one.Reasons));
        Assert.Equal(Card, devices[0].InstancePath);
    }

    [Fact]
    public void Nobody_is_told_that_machines_own_nothing_where_what_they_have_was_not_told()
    {
        ProbeAnswers answers = s_host.Answers();
        answers.Set("hvresources", new ProbeAnswer(string.Empty, "The host took too long to list them."));

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            VmPciDeviceAssessor.Assess(answers, s_target).ToArray()
        );
        PciDevice card = PciDeviceAssessor.Assess(answers, s_target).Single(static one => one.InstancePath == Card);

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains("took too long", error.Message, StringComparison.Ordinal);
        Assert.Contains("was not told", card.Reasons[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_were_not_told_are_a_matter_of_rights_only_where_the_host_says_so()
    {
        ProbeAnswers answers = s_host.Answers();
        answers.Set("hvpci", new ProbeAnswer(string.Empty, "The host took too long to list them."));

        NestVirtException error = Assert.Throws<NestVirtException>(() => PciDeviceAssessor.Assess(answers, s_target));

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains("winmgmt", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_the_list_of_the_machine_alone_has_is_owned_and_not_the_hosts()
    {
        WindowsHost host = s_host with { Assignable = [(WindowsVM.FirstId, Card, CardLocation)], VMs = [] };

        PciDevice card = PciDeviceAssessor
            .Assess(host.Answers(), s_target)
            .Single(static one => one.InstancePath == Card);
        WindowsHost gone = host with { Devices = [new WindowsDevice()] };

        Assert.NotEqual(FindingCodes.DeviceDismounted, card.Reasons[0].Code);
        Assert.DoesNotContain(
            PciDeviceAssessor.Assess(gone.Answers(), s_target),
            static one => one.InstancePath == Card
        );
    }

    [Fact]
    public void A_device_that_Windows_has_not_started_has_no_memory_and_no_interrupts_that_were_told()
    {
        WindowsHost host = s_host with
        {
            Devices =
            [
                new WindowsDevice
                {
                    Problem = 28,
                    Interrupts = [],
                    Ranges = [],
                },
            ],
            Assignable = [],
            VMs = [],
        };

        PciDevice device = Assert.Single(PciDeviceAssessor.Assess(host.Answers(), s_target));

        Assert.Null(device.IsAssignable);
        Assert.Equal(
            (FindingCodes.DeviceNotTold, "Win32_PnPEntity.ConfigManagerErrorCode: 28"),
            (device.Reasons[0].Code, device.Reasons[0].Evidence)
        );
    }

    [Fact]
    public void A_device_that_the_host_has_taken_back_is_an_error_of_the_machine()
    {
        WindowsHost host = s_host with
        {
            Devices = [new WindowsDevice { Path = Card.Replace("PCIP", "PCI", StringComparison.Ordinal) }],
            Assignable = [],
        };

        VmPciDevice device = VmPciDeviceAssessor.Assess(host.Answers(), s_target).First();

        Assert.True(device.IsKnownToHost);
        Assert.Equal(FindingCodes.VmDeviceMissing, Assert.Single(device.Reasons).Code);
    }

    [Fact]
    public void Every_question_about_devices_is_answered_over_a_snapshot_and_alike_when_it_is_redacted()
    {
        HyperVPlatform platform = new();
        WindowsHost host = s_host with { Adapters = [new WindowsAdapter()] };
        HostSnapshot snapshot = new("hv1", DateTimeOffset.UnixEpoch, host.Answers().All);
        HostSnapshot again = HostSnapshot.Parse(snapshot.ToUtf8());
        HostSnapshot redacted = HostSnapshot.Parse(SnapshotRedactor.Redact(again).ToUtf8());

        ProbeAnswers whole = new(again.Answers);
        ProbeAnswers hidden = new(redacted.Answers);
        string text = System.Text.Encoding.UTF8.GetString(redacted.ToUtf8().Span);

        Assert.Equal(Texts(platform, host.Answers()), Texts(platform, whole));
        Assert.Equal(Plain(Texts(platform, whole)), Plain(Texts(platform, hidden)));
        Assert.All(
            new[] { "4&amp;447857B", "4&amp;2A61D5DA", "store", "HV1", WindowsVM.FirstId, "8B6A2D3C" },
            secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase)
        );
        Assert.Contains("3AB22E31-8264-4B4E-9AF5-A8D2D8E33E62", text, StringComparison.Ordinal);
    }

    private static string Escaped(string path) => path.Replace(@"\", @"\\", StringComparison.Ordinal);

    private static List<string> Texts(HyperVPlatform platform, ProbeAnswers answers) =>
        [
            .. Answer(platform, HostQuestions.PciDevices, answers)
                .Select(static one =>
                    $"{one.Address}|{one.Name}|{one.LocationPath}|{one.IsAssignable}|{one.OwnerVm}|{string.Join(',', one.Reasons.Select(static reason => reason.Code))}"
                ),
            .. Answer(platform, HostQuestions.VmPciDevices, answers)
                .Select(static one => $"{one.VmName}|{one.Place}|{one.IsKnownToHost}|{one.Name}"),
            .. Answer(platform, HostQuestions.SriovDevices, answers)
                .Select(static one => $"{one.Address}|{one.State}|{one.Device.Name}"),
        ];

    private static IEnumerable<T> Answer<T>(HyperVPlatform platform, Question<T> question, ProbeAnswers answers) =>
        platform.Find(question)!.Read(answers.Only(platform.Find(question)!.Probes), s_target);

    // Names of machines and the last part of paths have stand-ins.
    private static IEnumerable<string> Plain(IEnumerable<string> texts) =>
        texts.Select(static text =>
            System
                .Text.RegularExpressions.Regex.Replace(text, @"(VEN_[0-9A-F]{4}&DEV_[0-9A-F]{4}[^\\|]*\\)[^|]+", "$1x")
                .Replace("store", "vm1", StringComparison.Ordinal)
        );
}
