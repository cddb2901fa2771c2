using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.GuestDevices;
using NestVirt.Model;
using NestVirt.Testing;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.GuestDevices;

/// <summary>What is planned for guests of a recorded host: virtual functions, groups of several, the disk and the interface that it lives by.</summary>
public sealed class GuestDevicePlannerTests : IDisposable
{
    private const string Web = "11111111-2222-4333-8444-555555555551";
    private const string Db = "11111111-2222-4333-8444-555555555552";
    private const string Virtual = "0000:01:10.0";
    private const string Mac = "52:54:00:6d:90:02";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string, string, bool, bool> Refused { get; } =
        new()
        {
            { "0000:00:01.0", FindingCodes.UsedByHost, true, false },
            { "0000:00:02.0", FindingCodes.UsedByHost, true, false },
            { "0000:00:03.0", FindingCodes.IsBridge, true, false },
            { "0000:3b:00.0", FindingCodes.DeviceMissing, true, false },
            { "0000:01:10.6", FindingCodes.DeviceMissing, true, false },
            { "PCIROOT(0)#PCI(0100)", FindingCodes.AddressInvalid, true, false },
            { "0000:01:00.0", FindingCodes.HasVirtualFunctions, false, false },
            { "0000:03:00.0", FindingCodes.GroupNotViable, false, true },
        };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_virtual_function_of_a_network_card_comes_as_an_adapter()
    {
        string before = Define("web", Web);

        ChangePlan plan = await PlanAsync(
            Add(Virtual) with
            {
                MacAddress = Mac.ToUpperInvariant(),
                VlanId = 42,
                GuestAddress = "07:00.0",
            },
            (Web, before, null)
        );

        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(
            ($"web: {Virtual}", null, $"network adapter, MAC address {Mac}, VLAN 42, 0000:07:00.0 in it"),
            (change.Setting, change.From, change.To)
        );
        Assert.Equal(GuestDeviceAction.Name, change.Step.Action);
        Assert.Equal([Web, "stay", string.Empty, Virtual], change.Step.Arguments);
        Assert.Equal(Sha256.Hex(Encoding.UTF8.GetBytes(before)), change.Step.Expected);
        Assert.Equal(
            """
            +    <interface type='hostdev' managed='yes'>
                  <mac address='52:54:00:6d:90:02'/>
                  <source>
                    <address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x0'/>
                  </source>
                  <vlan>
                    <tag id='42'/>
                  </vlan>
                  <driver name='vfio'/>
                  <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
                </interface>

            """.ReplaceLineEndings("\n"),
            ContentOf(change)
        );
        Assert.Equal((ChangeTiming.Now, null), (change.TakesEffect, change.Disrupts));
        Assert.Equal([FindingCodes.VmMemoryPinned], plan.Findings.Select(static finding => finding.Code));
        Assert.Equal(plan.Fingerprint, PlanDocument.Read(PlanDocument.Write(plan), "plan").Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_a_guest_cannot_have_is_refused(string device, string code, bool isFinal, bool isWholeGroup)
    {
        IReadOnlyList<Finding> reasons = await RefusalAsync(Add(device), (Web, Define("web", Web), null));

        Finding reason = reasons.First(finding => finding.Code == code);
        Assert.StartsWith("web: ", reason.Message, StringComparison.Ordinal);
        VmPciDeviceRequest again = Add(device) with { Force = !isWholeGroup, WholeGroup = isWholeGroup };
        if (isFinal)
        {
            Assert.Contains(
                await RefusalAsync(again, (Web, Define("web", Web), null)),
                finding => finding.Code == code
            );
        }
        else
        {
            Assert.Single((await PlanAsync(again, (Web, Define("web", Web), null))).Changes);
        }
    }

    [Fact]
    public async Task A_virtual_function_that_is_not_made_yet_has_its_own_way()
    {
        Finding reason = Assert.Single(await RefusalAsync(Add("01:10.6"), (Web, Define("web", Web), null)));

        Assert.StartsWith("Have 4 virtual functions of 0000:01:00.0", reason.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_its_group_come_all_but_bridges()
    {
        ChangePlan plan = await PlanAsync(
            Add("0000:03:00.0") with
            {
                WholeGroup = true,
            },
            (Web, Define("web", Web), null)
        );

        Assert.Equal("web: 0000:03:00.0, 0000:03:00.1", Assert.Single(plan.Changes).Setting);
        Assert.Equal(
            "web: 0000:07:00.0, 0000:08:00.0",
            Assert
                .Single(
                    (
                        await PlanAsync(Add("0000:07:00.0") with { WholeGroup = true }, (Web, Define("web", Web), null))
                    ).Changes
                )
                .Setting
        );
    }

    [Fact]
    public async Task Functions_of_one_card_can_be_functions_of_one_device()
    {
        ChangePlan plan = await PlanAsync(
            Add("0000:03:00.0", "0000:03:00.1") with
            {
                Multifunction = true,
                GuestAddress = "00:09.0",
            },
            (Web, Define("web", Web), null)
        );

        string text = ContentOf(Assert.Single(plan.Changes));
        Assert.Contains(
            "<address type='pci' domain='0x0000' bus='0x00' slot='0x09' function='0x0' multifunction='on'/>",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<address type='pci' domain='0x0000' bus='0x00' slot='0x09' function='0x1'/>",
            text,
            StringComparison.Ordinal
        );
        Finding reason = Assert.Single(
            await RefusalAsync(
                Add("0000:03:00.1") with
                {
                    Multifunction = true,
                    GuestAddress = "00:09.0",
                },
                (Web, Define("web", Web), null)
            )
        );
        Assert.Equal(FindingCodes.SettingInvalid, reason.Code);
    }

    [Fact]
    public async Task What_it_has_as_asked_for_is_left_and_what_it_has_otherwise_is_refused()
    {
        (string, string?, string?) web = (Web, Define("web", Web, GuestSnapshot.Adapter(Virtual, Mac)), null);

        Assert.Empty((await PlanAsync(Add(Virtual), web)).Changes);
        Assert.Empty((await PlanAsync(Add(Virtual) with { MacAddress = Mac, VlanId = 42 }, web)).Changes);
        foreach (
            VmPciDeviceRequest other in (VmPciDeviceRequest[])
                [
                    Add(Virtual) with
                    {
                        MacAddress = "52:54:00:6d:90:03",
                    },
                    Add(Virtual) with
                    {
                        VlanId = 43,
                    },
                    Add(Virtual) with
                    {
                        Unmanaged = true,
                    },
                    Add(Virtual) with
                    {
                        GuestAddress = "08:00.0",
                    },
                    Add(Virtual) with
                    {
                        NoRom = true,
                    },
                    Add(Virtual) with
                    {
                        RomFile = "/srv/a.rom",
                    },
                ]
        )
        {
            Assert.Equal(FindingCodes.VmDeviceDiffers, Assert.Single(await RefusalAsync(other, web)).Code);
        }
    }

    [Fact]
    public async Task What_its_command_line_gives_it_is_neither_given_nor_taken()
    {
        string web = GuestSnapshot.Define("web", Web, string.Empty, words: ["-device", "vfio-pci,host=04:00.0"]);

        Assert.Equal(
            FindingCodes.VmDeviceDiffers,
            Assert.Single(await RefusalAsync(Add("0000:04:00.0"), (Web, web, null))).Code
        );
        Assert.Equal(
            FindingCodes.VmDeviceDiffers,
            Assert.Single(await RefusalAsync(Remove("0000:04:00.0"), (Web, web, null))).Code
        );
    }

    [Fact]
    public async Task Another_guest_keeps_what_it_runs_with()
    {
        string adapter = GuestSnapshot.Adapter(Virtual, Mac);
        (string, string?, string?)[] guests =
        [
            (Web, Define("web", Web), null),
            (Db, Define("db", Db, adapter), Define("db", Db, adapter)),
        ];

        Finding reason = Assert.Single(await RefusalAsync(Add(Virtual), guests));

        Assert.Equal(FindingCodes.VmDeviceShared, reason.Code);
        Assert.Contains("db", reason.Message, StringComparison.Ordinal);
        Assert.Contains(
            (await PlanAsync(Add(Virtual) with { Force = true }, guests)).Findings,
            static finding => finding is { Code: FindingCodes.VmDeviceShared, Severity: Severity.Warning }
        );
        guests[1].Item3 = null;
        Assert.Contains(
            (await PlanAsync(Add(Virtual), guests)).Findings,
            static finding => finding is { Code: FindingCodes.VmDeviceShared, Severity: Severity.Warning }
        );
        Assert.Equal(
            FindingCodes.VmMacShared,
            Assert.Single(await RefusalAsync(Add("0000:01:10.2") with { MacAddress = Mac }, guests)).Code
        );
    }

    // They would go with the driver of the host, whoever runs with them.
    [Fact]
    public async Task Force_does_not_take_from_others_what_they_run_with()
    {
        string adapter = GuestSnapshot.Adapter(Virtual, Mac);

        Assert.Contains(
            await RefusalAsync(
                Add("0000:01:00.0") with
                {
                    Force = true,
                },
                (Web, Define("web", Web), null),
                (Db, Define("db", Db, adapter), Define("db", Db, adapter))
            ),
            static finding => finding.Code == FindingCodes.HasVirtualFunctions
        );
    }

    [Fact]
    public async Task What_a_guest_keeps_has_to_be_of_use_to_it()
    {
        string pair = Define("web", Web, GuestSnapshot.Device("0000:03:00.0") + GuestSnapshot.Device("0000:03:00.1"));

        Assert.Equal(
            FindingCodes.GroupNotViable,
            Assert.Single(await RefusalAsync(Remove("0000:03:00.1"), (Web, pair, null))).Code
        );
        Assert.Single((await PlanAsync(Remove("0000:03:00.1") with { WholeGroup = true }, (Web, pair, null))).Changes);
        ChangePlan forced = await PlanAsync(Remove("0000:03:00.1") with { Force = true }, (Web, pair, null));
        Assert.Equal(Severity.Warning, Assert.Single(forced.Findings).Severity);
        string functions = Define(
            "web",
            Web,
            GuestSnapshot.Device(
                "0000:04:00.0",
                parts: "      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0' multifunction='on'/>"
            )
                + GuestSnapshot.Device(
                    "0000:01:10.2",
                    parts: "      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x1'/>"
                )
        );
        Assert.Contains(
            "0000:05:00.1",
            Assert.Single(await RefusalAsync(Remove("0000:04:00.0"), (Web, functions, null))).Message,
            StringComparison.Ordinal
        );
        Assert.Single(await RefusalAsync(Remove("0000:04:00.0"), (Web, functions, functions)));
        Assert.Single((await PlanAsync(Remove("0000:01:10.2"), (Web, functions, null))).Changes);
    }

    [Fact]
    public async Task A_program_keeps_what_it_holds_open()
    {
        Finding reason = Assert.Single(
            await RefusalAsync(
                Add(Virtual) with
                {
                    Unmanaged = true,
                },
                ["node\t0000:01:10.0\t/dev/vfio/devices/vfio0", "holder\t77\t/dev/vfio/devices/vfio0\tdpdk-testpmd"],
                (Web, Define("web", Web), null)
            ),
            static finding => finding.Code == FindingCodes.DeviceInGuest
        );

        Assert.Contains("dpdk-testpmd", reason.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_another_device_has_in_the_guest_is_refused()
    {
        Finding reason = Assert.Single(
            await RefusalAsync(
                Add("0000:04:00.0") with
                {
                    GuestAddress = "07:00.0",
                },
                (Web, Define("web", Web, GuestSnapshot.Adapter(Virtual, Mac)), null)
            )
        );

        Assert.Contains("0000:07:00.0", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_comes_beside_no_device_of_another_kind()
    {
        string disk = Define(
            "web",
            Web,
            "    <disk type='file' device='disk'>\n      <source file='/a'/>\n      <target dev='vda' bus='virtio'/>\n      <address type='pci' domain='0x0000' bus='0x00' slot='0x09' function='0x0'/>\n    </disk>\n"
        );

        Finding reason = Assert.Single(
            await RefusalAsync(Add("0000:04:00.0") with { GuestAddress = "00:09.1" }, (Web, disk, null))
        );

        Assert.Equal(FindingCodes.SettingInvalid, reason.Code);
        Assert.Single(
            (await PlanAsync(Add("0000:04:00.0") with { GuestAddress = "00:0a.1" }, (Web, disk, null))).Changes
        );
    }

    [Fact]
    public async Task A_network_card_itself_gets_no_MAC_address()
    {
        Finding reason = Assert.Single(
            await RefusalAsync(Add("0000:04:00.0") with { MacAddress = Mac }, (Web, Define("web", Web), null))
        );

        Assert.Equal(FindingCodes.VmDeviceNotVirtual, reason.Code);
    }

    [Fact]
    public async Task What_is_left_to_others_has_to_be_with_vfio()
    {
        Finding reason = Assert.Single(
            await RefusalAsync(Add("0000:04:00.0") with { Unmanaged = true }, (Web, Define("web", Web), null))
        );

        Assert.Equal(FindingCodes.VmDeviceMissing, reason.Code);
        Assert.Single(
            (
                await PlanAsync(
                    Add("0000:04:00.0") with
                    {
                        Unmanaged = true,
                        Force = true,
                    },
                    (Web, Define("web", Web), null)
                )
            ).Changes
        );
    }

    [Fact]
    public async Task A_device_is_taken_out_with_all_its_lines_and_no_others()
    {
        string before = Define(
            "web",
            Web,
            GuestSnapshot.Device("0000:04:00.0")
                + GuestSnapshot.Adapter(Virtual, Mac)
                + GuestSnapshot.Device("0000:03:00.1")
        );

        ChangePlan plan = await PlanAsync(Remove(Virtual), (Web, before, null));

        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(
            ($"network adapter, MAC address {Mac}, VLAN 42, 0000:07:00.0 in it", null),
            (change.From, change.To)
        );
        Assert.Equal($"-{GuestSnapshot.Adapter(Virtual, Mac)}", ContentOf(change));
        Assert.Equal(
            "web: 0000:04:00.0, 0000:03:00.1",
            Assert.Single((await PlanAsync(Remove("04:00.0", "03:00.1"), (Web, before, null))).Changes).Setting
        );
        Assert.Empty((await PlanAsync(Remove("0000:07:00.0"), (Web, before, null))).Changes);
        ChangePlan nowhere = await PlanAsync(Remove("0000:3b:00.0"), (Web, before, null));
        Assert.Empty(nowhere.Changes);
        Assert.Equal(
            (FindingCodes.DeviceMissing, Severity.Warning),
            (nowhere.Findings[0].Code, nowhere.Findings[0].Severity)
        );
    }

    [Fact]
    public async Task What_a_network_gives_a_guest_at_each_start_is_not_taken_from_it()
    {
        const string Pool =
            "    <interface type='network'>\n      <mac address='"
            + Mac
            + "'/>\n      <source network='pool'/>\n    </interface>\n";

        Finding reason = Assert.Single(
            await RefusalAsync(
                Remove(Virtual),
                (Web, Define("web", Web, Pool), Define("web", Web, GuestSnapshot.Adapter(Virtual, Mac)))
            )
        );

        Assert.Equal((FindingCodes.VmDeviceDiffers, "<source network='pool'/>"), (reason.Code, reason.Evidence));
    }

    [Fact]
    public async Task With_its_group_go_the_others_of_that_guest()
    {
        string web = Define("web", Web, GuestSnapshot.Device("0000:03:00.0") + GuestSnapshot.Device("0000:03:00.1"));

        Assert.Equal(
            "web: 0000:03:00.0, 0000:03:00.1",
            Assert
                .Single((await PlanAsync(Remove("0000:03:00.0") with { WholeGroup = true }, (Web, web, null))).Changes)
                .Setting
        );
    }

    [Fact]
    public async Task A_guest_that_runs_waits_unless_it_may_be_stopped()
    {
        (string, string?, string?) web = (Web, Define("web", Web), Define("web", Web));

        ChangePlan waits = await PlanAsync(Add("0000:04:00.0"), web);
        ChangePlan stops = await PlanAsync(Add("0000:04:00.0") with { StopGuests = true }, web);

        Assert.Equal(ChangeTiming.GuestRestart, Assert.Single(waits.Changes).TakesEffect);
        Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(waits.Pending).Code);
        HostChange change = Assert.Single(stops.Changes);
        Assert.Equal("restart", change.Step.Arguments[1]);
        Assert.NotNull(change.Disrupts);
        Assert.Empty(stops.Pending);
        string given = Define("web", Web, GuestSnapshot.Device("0000:04:00.0"));
        Assert.Equal(
            "web: devices that it runs with",
            Assert
                .Single(
                    (
                        await PlanAsync(
                            Add("0000:04:00.0") with
                            {
                                StopGuests = true,
                            },
                            (Web, given, Define("web", Web))
                        )
                    ).Changes
                )
                .Setting
        );
        Assert.Empty((await PlanAsync(Add("0000:04:00.0") with { StopGuests = true }, (Web, given, given))).Changes);
    }

    [Fact]
    public async Task What_is_of_Hyper_V_alone_is_said_to_be()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            PlanAsync(Add("0000:04:00.0") with { LowMmioMebibytes = 512 }, (Web, Define("web", Web), null))
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
    }

    // What libvirt's own tests define: a device comes in and goes again, and no other byte is another.
    [Fact]
    public async Task Of_libvirts_own_definitions_each_gets_a_device_and_loses_it_or_is_refused_in_a_sentence()
    {
        int planned = 0;
        (string Name, string Text)[] corpus = [.. DomainXml.DomainCorpus.Read()];
        foreach ((string name, string text) in corpus)
        {
            string before = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
            try
            {
                ChangePlan plan = await PlanAsync(
                    Add("0000:04:00.0") with
                    {
                        VmName = Web,
                        Force = true,
                    },
                    (Web, before, null)
                );
                string added = ContentOf(Assert.Single(plan.Changes))[1..^1];
                DomainDocument after = new GuestDeviceEdit([], [added]).Apply(DomainDocument.Parse(before))!;
                Assert.True(after.Text.Length == before.Length + added.Length + 1, name);
                DefinedDevice ours = Assert.Single(
                    DefinedDevice.Of(after),
                    static one => one.Device.Address?.ToString() == "0000:04:00.0"
                );
                Assert.Equal(added, ours.Lines);
                Assert.Equal(before, new GuestDeviceEdit([added], []).Apply(after)!.Text);
                planned++;
            }
            catch (ChangeRefusedException refusal)
            {
                Assert.All(
                    refusal.Reasons,
                    static reason => Assert.EndsWith(".", reason.Message, StringComparison.Ordinal)
                );
            }
        }

        Assert.True(planned > corpus.Length / 2, $"{planned} of {corpus.Length}");
    }

    private static VmPciDeviceRequest Add(params string[] devices) => new("web", devices, Add: true);

    private static VmPciDeviceRequest Remove(params string[] devices) => new("web", devices, Add: false);

    private static string Define(string name, string id, string devices = "") =>
        GuestSnapshot.Define(name, id, string.Empty, devices: devices);

    private static string ContentOf(HostChange change) =>
        Encoding.UTF8.GetString(change.Step.Content!.Value.Span).Replace('\u0001', '\n');

    private Task<IReadOnlyList<Finding>> RefusalAsync(
        ChangeRequest request,
        params (string, string?, string?)[] guests
    ) => RefusalAsync(request, [], guests);

    private async Task<IReadOnlyList<Finding>> RefusalAsync(
        ChangeRequest request,
        string[] holders,
        params (string, string?, string?)[] guests
    ) => (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(request, holders, guests))).Reasons;

    private Task<ChangePlan> PlanAsync(ChangeRequest request, params (string, string?, string?)[] guests) =>
        PlanAsync(request, [], guests);

    private async Task<ChangePlan> PlanAsync(
        ChangeRequest request,
        string[] holders,
        params (string, string?, string?)[] guests
    )
    {
        string file = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.Write(
            Path.Combine(Repository.Folder, "tests", "recordings", "amd-epyc-vfs.json"),
            file,
            guests,
            holders
        );
        if (
            guests.Any(static guest =>
                guest.Item3?.Contains("slot='0x10' function='0x0'", StringComparison.Ordinal) == true
            )
        )
        {
            // The first virtual function is with VFIO where a guest runs with it.
            string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            int at = text.IndexOf("d\\tigbvf", StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                file,
                $"{text[..at]}d\\tvfio-pci{text[(at + "d\\tigbvf".Length)..]}",
                TestContext.Current.CancellationToken
            );
        }

        using HostChanger changer = HostChangers.Create(false);
        return await changer.PlanAsync(
            new HostTarget("kvm1", new SnapshotAddress(file)),
            request,
            TestContext.Current.CancellationToken
        );
    }
}
