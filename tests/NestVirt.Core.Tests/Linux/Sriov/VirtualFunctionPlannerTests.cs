using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Sriov;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Sriov;

[UnsupportedOSPlatform("windows")]
public sealed class VirtualFunctionPlannerTests : IDisposable
{
    private const string Physical = "0000:01:00.0";
    private const string First = "0000:01:10.0";
    private const string Second = "0000:01:10.2";
    private const string Settings = "/etc/nestvirt/sriov.conf";
    private readonly TreeChange _host = new();
    private string _more = string.Empty;

    public VirtualFunctionPlannerTests()
    {
        Function(Physical, driver: "igb", network: "eth4")
            .Write($"sys/devices/pci0000:00/{Physical}/sriov_totalvfs", "7\n")
            .Write($"sys/devices/pci0000:00/{Physical}/sriov_numvfs", "0\n")
            .Write($"sys/devices/pci0000:00/{Physical}/sriov_drivers_autoprobe", "1\n")
            .Write("run/systemd/system/x", "");
    }

    [Fact]
    public async Task Functions_are_made_now_and_at_each_boot_and_undone()
    {
        ChangePlan plan = await PlanAsync(new VirtualFunctionRequest(Physical, 3));

        Assert.Equal(
            [
                $"/sys/bus/pci/devices/{Physical}/sriov_numvfs",
                Settings,
                "/etc/nestvirt/sriov.sh",
                "/etc/systemd/system/nestvirt-sriov.service",
                "/etc/systemd/system/multi-user.target.wants/nestvirt-sriov.service",
            ],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal("applied", (await _host.ApplyAsync(plan)).State);
        Assert.Equal("3\n", _host.Text($"/sys/bus/pci/devices/{Physical}/sriov_numvfs"));
        Assert.EndsWith($"\n{Physical} count 3\n", _host.Text(Settings), StringComparison.Ordinal);
        Assert.Empty((await PlanAsync(new VirtualFunctionRequest("01:00.0", 3))).Changes);

        Assert.Equal("undone", (await _host.UndoAsync(plan, 1)).State);

        Assert.Equal("0\n", _host.Text($"/sys/bus/pci/devices/{Physical}/sriov_numvfs"));
        Assert.False(Directory.Exists(_host.Tree.Path + "/etc/nestvirt"));
        Assert.False(Directory.Exists(_host.Tree.Path + "/etc/systemd"));
    }

    [Fact]
    public async Task One_file_holds_several_devices_and_zero_takes_its_own_lines_away()
    {
        _host.Tree.Write(
            Settings[1..],
            $"# mine\n0000:09:00.0 count 2\n{Physical} autoprobe 0\n{Physical} count 5\n{Physical} vf 4 trust on\n"
        );

        ChangePlan fewer = await PlanAsync(new VirtualFunctionRequest(Physical, 4));
        ChangePlan none = await PlanAsync(new VirtualFunctionRequest(Physical, 0) { BindDrivers = true });

        Assert.Equal(
            [
                " 0000:09:00.0 count 2",
                $" {Physical} autoprobe 0",
                $"-{Physical} count 5",
                $"-{Physical} vf 4 trust on",
                $"+{Physical} count 4",
            ],
            fewer.Changes.First(static change => change.Setting == Settings).Diff
        );
        Assert.Equal(
            $"{Physical} autoprobe 0\n{Physical} count 5\n{Physical} vf 4 trust on",
            none.Changes.First(static change => change.Setting == Settings).From
        );
    }

    [Fact]
    public async Task A_change_from_one_number_to_another_says_what_goes()
    {
        MakeFunctions();

        HostChange change = (
            await PlanAsync(new VirtualFunctionRequest(Physical, 3) { IsTemporary = true, BindDrivers = false })
        ).Changes[0];

        Assert.Equal(("2 (drivers bound)", "3 (no drivers bound)"), (change.From, change.To));
        Assert.Equal($"takes away the 2 virtual functions of {Physical}", change.Disrupts);
        Assert.Contains("MAC", change.Undo, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user\t77\t/dev/vfio/14\tqemu\nguest\t77\tweb", "VirtualFunctionInUse", "/dev/vfio/14 is open", true)]
    [InlineData("user\t77\t/dev/vfio/14\tdpdk", "VirtualFunctionHeld", "/dev/vfio/14 is open", false)]
    [InlineData(
        "user\t77\t/dev/vfio/devices/vfio0\tdpdk\nnode\t0000:01:10.0\t/dev/vfio/devices/vfio0",
        "VirtualFunctionHeld",
        "/dev/vfio/devices/vfio0 is open",
        false
    )]
    [InlineData("net\teth8\t9\nupper\teth8\tbr0", "VirtualFunctionInUse", "eth8 is part of br0", true)]
    [InlineData(
        "net\teth8\t9\naddress\teth8\t192.0.2.1/24",
        "VirtualFunctionInUse",
        "eth8 has the address 192.0.2.1/24",
        true
    )]
    public async Task Functions_in_use_are_not_taken_away(string facts, string code, string evidence, bool canForce)
    {
        MakeFunctions();
        _more = facts;

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new VirtualFunctionRequest(Physical, 3))
        );

        Assert.Equal((code, evidence), (error.Reasons[0].Code, error.Reasons[0].Evidence));
        Assert.Empty((await PlanAsync(new VirtualFunctionRequest(Physical, 2) { IsTemporary = true })).Changes);
        VirtualFunctionRequest forced = new(Physical, 0) { Force = true };
        if (canForce)
        {
            Assert.NotEmpty((await PlanAsync(forced)).Changes);
        }
        else
        {
            await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(forced));
        }
    }

    [Fact]
    public async Task A_function_that_carries_the_root_file_system_stays_whatever_is_said()
    {
        MakeFunctions();
        _host
            .Tree.Write($"sys/devices/pci0000:00/{Second}/nvme/nvme0/nvme0n1/dev", "259:1\n")
            .Link("sys/class/block/nvme0n1", $"../../devices/pci0000:00/{Second}/nvme/nvme0/nvme0n1")
            .Write("proc/self/mountinfo", "21 1 259:1 / / rw - ext4 /dev/nvme0n1 rw\n");

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new VirtualFunctionRequest(Physical, 0) { Force = true })
        );

        Assert.Equal(("DeviceNeededByHost", "/ on nvme0n1"), (error.Reasons[0].Code, error.Reasons[0].Evidence));
    }

    [Theory]
    [InlineData(Physical, 8, "VirtualFunctionsTooMany", $"{Physical} 7")]
    [InlineData(Physical, -1, "VirtualFunctionsTooMany", $"{Physical} 7")]
    [InlineData(First, 1, "DeviceIsVirtual", $"{Physical} 1")]
    [InlineData("0000:0a:00.0", 1, "DeviceUnknown", null)]
    [InlineData("0000:00:02.0", 1, "SriovMissing", null)]
    public async Task What_cannot_be_is_refused(string address, int count, string code, string? instead)
    {
        MakeFunctions();
        Function("0000:00:02.0", driver: null, network: null);

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new VirtualFunctionRequest(address, count) { Force = true })
        );

        Assert.Equal(code, error.Reasons[0].Code);
        Assert.Equal(
            instead,
            error.Reasons[0].Mend is { } mend
                ? string.Join(' ', mend.Arguments.Select(static argument => argument.Value))
                : null
        );
    }

    [Fact]
    public async Task A_device_without_a_driver_is_refused()
    {
        File.Delete($"{_host.Tree.Path}/sys/devices/pci0000:00/{Physical}/driver");

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            PlanAsync(new VirtualFunctionRequest(Physical, 1))
        );

        Assert.Equal("DriverMissing", error.Reasons[0].Code);
        Assert.Equal(OwnCommand.SetDriver, error.Reasons[0].Mend?.Command);
    }

    [Fact]
    public async Task Settings_are_compared_with_what_ip_shows_and_kept_for_the_boot()
    {
        MakeFunctions();
        _more = "setting\teth4\t1\tmac=02:00:00:00:00:01 vlan=5 qos=0 spoofchk=on state=auto trust=off";
        VirtualFunctionRequest request = new(Physical, null)
        {
            Index = 1,
            Settings = new Dictionary<string, string> { ["qos"] = "3", ["mac"] = "02:00:00:00:00:AA" },
        };

        ChangePlan plan = await PlanAsync(request);

        Assert.Equal(
            "eth4 vf 1: mac 02:00:00:00:00:01 vlan 5 qos 0 -> mac 02:00:00:00:00:aa vlan 5 qos 3",
            plan.Changes[0].ToString()
        );
        Assert.Equal(
            [Physical, "1", "mac", "02:00:00:00:00:aa", "vlan", "5", "qos", "3"],
            plan.Changes[0].Step.Arguments
        );
        Assert.EndsWith(
            $"\n{Physical} count 2\n{Physical} vf 1 mac 02:00:00:00:00:aa vlan 5 qos 3",
            plan.Changes.First(static change => change.Setting == Settings).To,
            StringComparison.Ordinal
        );
        _more = "setting\teth4\t1\tmac=02:00:00:00:00:aa vlan=5 qos=3 spoofchk=on state=auto trust=off";
        Assert.Empty((await PlanAsync(request with { IsTemporary = true })).Changes);
    }

    [Theory]
    [InlineData("mac", "01:00:00:00:00:01", "SettingInvalid")]
    [InlineData("vlan", "5000", "SettingInvalid")]
    [InlineData("trust", "on; reboot", "SettingInvalid")]
    [InlineData("rate", "1", "SettingUnknown")]
    public async Task Settings_that_ip_would_not_take_are_refused(string key, string value, string code)
    {
        MakeFunctions();
        VirtualFunctionRequest request = new(Physical, null)
        {
            Index = 0,
            Settings = new Dictionary<string, string> { [key] = value },
        };

        Assert.Equal(
            code,
            (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(request))).Reasons[0].Code
        );
        Assert.Equal("VirtualFunctionUnknown", (
                await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                    PlanAsync(
                        request with
                        {
                            Index = 2,
                            Settings = new Dictionary<string, string> { ["vlan"] = "1" },
                        }
                    )
                )
            ).Reasons[0].Code);
    }

    [Fact]
    public async Task Lines_of_others_that_set_numbers_are_named()
    {
        _host
            .Tree.Write(
                "etc/udev/rules.d/70-vf.rules",
                $"# sriov_numvfs\nACTION==\"add\", KERNEL==\"{Physical}\", ATTR{{sriov_numvfs}}=\"4\"\nKERNEL==\"0000:05:00.0\", ATTR{{sriov_numvfs}}=\"4\"\n"
            )
            .Write(
                "etc/rc.local",
                "echo 2 > /sys/class/net/eth4/device/sriov_numvfs\necho 2 > /sys/class/net/ens9/device/sriov_numvfs\n"
            );

        IReadOnlyList<Finding> findings = (await PlanAsync(new VirtualFunctionRequest(Physical, 3))).Findings;

        Assert.All(findings, static finding => Assert.Equal("LineConflicts", finding.Code));
        Assert.Equal(
            ["/etc/udev/rules.d/70-vf.rules:2", "/etc/rc.local:1"],
            findings.Select(static finding => string.Join(':', finding.Evidence!.Split(':')[..2]))
        );
    }

    [Fact]
    public async Task A_profile_that_is_no_file_is_left_to_networkmanager()
    {
        _host
            .Tree.Write("run/NetworkManager/devices/6", "[device]\nmanaged=true\nconnection-uuid=1234-5678\n")
            .Write("etc/NetworkManager/system-connections/other.nmconnection", "[connection]\nuuid=1234-5679\n");

        ChangePlan plan = await PlanAsync(new VirtualFunctionRequest(Physical, 3));

        Assert.Single(plan.Changes);
        Assert.Equal(
            "Run on the host: nmcli connection modify 1234-5678 sriov.total-vfs 3",
            Assert.Single(plan.Findings).Remedy
        );
    }

    [Fact]
    public async Task An_interface_of_networkmanager_has_its_functions_from_its_profile()
    {
        const string Profile = "/etc/NetworkManager/system-connections/Wired connection 1.nmconnection";
        const string Text = "[connection]\nid=Wired connection 1\nuuid=1234-5678\n\n[802-1x]\npassword=hidden\n";
        _host
            .Tree.Write("run/NetworkManager/devices/6", "[device]\nmanaged=true\nconnection-uuid=1234-5678\n")
            .Write(Profile[1..], Text);
        _host.Tree.Write(Settings[1..], $"{Physical} count 2\n0000:09:00.0 count 2\n");

        ChangePlan plan = await PlanAsync(
            new VirtualFunctionRequest(Physical, 3)
            {
                Index = 2,
                Settings = new Dictionary<string, string>
                {
                    ["vlan"] = "7",
                    ["trust"] = "on",
                    ["state"] = "enable",
                },
            }
        );

        Assert.Equal(
            [
                $"/sys/bus/pci/devices/{Physical}/sriov_numvfs",
                "eth4 vf 2",
                Profile,
                $"{Profile} in NetworkManager",
                Settings,
            ],
            plan.Changes.Where(static change =>
                    !change.Setting.Contains("nestvirt-sriov", StringComparison.Ordinal)
                    && !change.Setting.EndsWith(".sh", StringComparison.Ordinal)
                )
                .Select(static change => change.Setting)
        );
        Assert.Equal("[sriov]\ntotal-vfs=3\nvf.2=trust=true vlans=7", plan.Changes[2].To!.Trim());
        Assert.DoesNotContain(plan.Changes[2].Diff, static line => line.Contains("password", StringComparison.Ordinal));
        Assert.DoesNotContain(
            $"{Physical} ",
            plan.Changes.Single(static change => change.Setting == Settings).To ?? string.Empty,
            StringComparison.Ordinal
        );
        Assert.Equal(["OwnedByNetworkManager", "NotPersistent"], plan.Findings.Select(static finding => finding.Code));

        _host
            .Tree.Write(Profile[1..], Text + "\n[sriov]\ntotal-vfs=3\nvf.2=trust=true vlans=7\n")
            .Write(Settings[1..], "0000:09:00.0 count 2\n");
        MakeFunctions(3);
        Assert.DoesNotContain(
            (await PlanAsync(new VirtualFunctionRequest(Physical, 3))).Changes,
            static change => change.Setting.StartsWith(Profile, StringComparison.Ordinal)
        );
        Assert.Empty((await PlanAsync(new VirtualFunctionRequest(Physical, 3))).Findings);
    }

    [Theory]
    [InlineData(
        "[Match]\nName=eth4\n\n[SR-IOV]\nVirtualFunction=0\nVLANId=9\n\n[SR-IOV]\nVirtualFunction=1\nVLANId=9\nTrust=true\n\n[Network]\n",
        "[Match]\nName=eth4\n\n[SR-IOV]\nVirtualFunction=0\nVLANId=9\n\n[SR-IOV]\nVirtualFunction=1\nVLANId=5\nTrust=true\nMACSpoofCheck=no\n\n[Network]\n"
    )]
    [InlineData(
        "[SR-IOV]\r\nVirtualFunction=1\r\n",
        "[SR-IOV]\r\nVirtualFunction=1\r\nVLANId=5\r\nMACSpoofCheck=no\r\nTrust=yes\r\n"
    )]
    [InlineData(
        "[SR-IOV]\nTrust=0\nTrust=0\nVirtualFunction=1",
        "[SR-IOV]\nTrust=yes\nVirtualFunction=1\nVLANId=5\nMACSpoofCheck=no\n"
    )]
    [InlineData(
        "[SR-IOV]\nVirtualFunction=1\nVLANId=5\nQualityOfService=3\nMACSpoofCheck=no\nTrust=yes\n",
        "[SR-IOV]\nVirtualFunction=1\nVLANId=5\nMACSpoofCheck=no\nTrust=yes\n"
    )]
    [InlineData("[SR-IOV]\nVirtualFunction=1\nVLANId=5\nMACSpoofCheck=off\nTrust=1\n", null)]
    public async Task A_section_of_networkd_for_the_function_says_what_is_asked_for(string text, string? expected)
    {
        const string File = "/etc/systemd/network/50-pf.network";
        _host
            .Tree.Write("run/systemd/netif/links/6", $"ADMIN_STATE=configured\nNETWORK_FILE={File}\n")
            .Write(File[1..], text);
        MakeFunctions();
        VirtualFunctionRequest request = new(Physical, 2)
        {
            Index = 1,
            Settings = new Dictionary<string, string>
            {
                ["vlan"] = "5",
                ["spoofchk"] = "off",
                ["trust"] = "on",
            },
        };

        ChangePlan plan = await PlanAsync(request);

        HostChange? edit = plan.Changes.FirstOrDefault(static change => change.Setting == File);
        Assert.Equal(
            expected,
            edit is null ? null : System.Text.Encoding.Latin1.GetString(edit.Step.Content!.Value.Span)
        );
        Assert.EndsWith(
            $"{Physical} count 2",
            plan.Changes.Single(static change => change.Setting == Settings).To,
            StringComparison.Ordinal
        );
        _host.Tree.Write(File[1..], expected ?? text);
        Assert.DoesNotContain((await PlanAsync(request)).Changes, static change => change.Setting == File);
    }

    [Fact]
    public async Task A_section_of_networkd_that_a_program_wrote_is_named()
    {
        _host
            .Tree.Write("run/systemd/netif/links/6", "NETWORK_FILE=/run/systemd/network/10-netplan.network\n")
            .Write("run/systemd/network/10-netplan.network", "[Match]\n")
            .Write("run/systemd/network/10-netplan.network.d/vf.conf", "[SR-IOV]\nVirtualFunction=1\nVLANId=9\n");
        MakeFunctions();
        VirtualFunctionRequest request = new(Physical, 2)
        {
            Index = 1,
            Settings = new Dictionary<string, string> { ["vlan"] = "5" },
        };

        ChangePlan plan = await PlanAsync(request);

        Assert.Equal(
            "/run/systemd/network/10-netplan.network.d/vf.conf: [SR-IOV]",
            Assert.Single(plan.Findings).Evidence
        );
        Assert.EndsWith(
            $"{Physical} vf 1 vlan 5",
            plan.Changes.Single(static change => change.Setting == Settings).To,
            StringComparison.Ordinal
        );
        Assert.Empty((await PlanAsync(request with { Index = 0 })).Findings);
    }

    [Fact]
    public async Task Without_systemd_the_number_holds_until_the_next_boot_and_that_is_said()
    {
        Directory.Delete(_host.Tree.Path + "/run/systemd", recursive: true);

        ChangePlan plan = await PlanAsync(new VirtualFunctionRequest(Physical, 3));

        Assert.Single(plan.Changes);
        Assert.Equal("NotPersistent", Assert.Single(plan.Findings).Code);
    }

    public void Dispose() => _host.Dispose();

    private void MakeFunctions(int count = 2)
    {
        Function(First, driver: "igbvf", network: "eth8")
            .Link($"sys/devices/pci0000:00/{First}/physfn", $"../{Physical}")
            .Link($"sys/devices/pci0000:00/{First}/iommu_group", "../../../kernel/iommu_groups/14")
            .Write("sys/kernel/iommu_groups/14/type", "DMA\n");
        Function(Second, driver: "igbvf", network: "eth9")
            .Link($"sys/devices/pci0000:00/{Second}/physfn", $"../{Physical}");
        _host.Tree.Write($"sys/devices/pci0000:00/{Physical}/sriov_numvfs", $"{count}\n");
    }

    private HostTree Function(string address, string? driver, string? network)
    {
        string folder = $"sys/devices/pci0000:00/{address}";
        _host
            .Tree.Write($"{folder}/class", "0x020000\n")
            .Write($"{folder}/vendor", "0x8086\n")
            .Write($"{folder}/device", "0x10c9\n")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{address}");
        if (driver is not null)
        {
            _host
                .Tree.Write($"sys/bus/pci/drivers/{driver}/bind", "")
                .Link($"{folder}/driver", $"../../../bus/pci/drivers/{driver}");
        }

        if (network is not null)
        {
            _host
                .Tree.Write($"{folder}/net/{network}/ifindex", "6\n")
                .Link($"{folder}/net/{network}/device", "../..")
                .Link($"sys/class/net/{network}", $"../../devices/pci0000:00/{address}/net/{network}");
        }

        return _host.Tree;
    }

    private async Task<ChangePlan> PlanAsync(VirtualFunctionRequest request)
    {
        ProbeAnswers answers = await _host.Tree.ReadAsync([.. VirtualFunctionPlanner.Probes]);
        answers.Set("vf", new ProbeAnswer($"{answers[VirtualFunctionProbe.Probe].Text}\n{_more}\n"));
        return VirtualFunctionPlanner.Plan(_host.Target, request, answers);
    }
}
