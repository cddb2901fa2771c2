using System.Runtime.Versioning;
using System.Text;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Drivers;

[UnsupportedOSPlatform("windows")]
public sealed class PciDriverPlannerTests : IDisposable
{
    private const string Rules = "/etc/udev/rules.d/70-nestvirt-driver.rules";
    private const string Rule = """
        ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:02:00.0", ATTR{vendor}=="0x8086", ATTR{device}=="0x10d3", ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio-pci", RUN+="/bin/sh -c '[ -e /sys/bus/pci/drivers/vfio-pci/%k ] || { [ ! -e /sys/bus/pci/devices/%k/driver ] || echo %k >/sys/bus/pci/devices/%k/driver/unbind; echo %k >/sys/bus/pci/drivers_probe; }'"

        """;

    private readonly PciDriverTree _host = new();

    private static PciDriverRequest ToVfio(string address) => new(address, "vfio-pci");

    [Fact]
    public async Task A_device_is_bound_now_and_by_a_rule_at_each_boot()
    {
        ChangePlan plan = await _host.PlanAsync("02:00.0", "vfio_pci");

        Assert.Equal([Rules, "PCI device 0000:02:00.0"], plan.Changes.Select(static change => change.Setting));
        Assert.EndsWith("\n" + Rule, Text(plan.Changes[0]), StringComparison.Ordinal);
        Assert.Equal(ChangeTiming.NextBoot, plan.Changes[0].TakesEffect);
        Assert.Equal("driver=e1000e driver_override=(null)", plan.Changes[1].Step.Expected);
        Assert.Equal(["0000:02:00.0", "vfio-pci", "rebind"], plan.Changes[1].Step.Arguments);
        Assert.Equal("takes from the host: network interface eth1", plan.Changes[1].Disrupts);
        Assert.Contains(
            "0000:02:00.1 (e1000e)",
            Assert.Single(plan.Findings, static finding => finding.Code == "GroupNotViable").Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_is_bound_and_written_needs_no_change()
    {
        _host
            .Bind(PciDriverTree.Card, "vfio-pci")
            .Set(PciDriverTree.Card, "driver_override", "vfio-pci\n")
            .Tree.Write(Rules[1..], Rule);

        Assert.Empty((await _host.PlanAsync(ToVfio(PciDriverTree.Card))).Changes);
    }

    [Theory]
    [InlineData("options vfio-pci disable_idle_d3=maybe", "ModuleValueInvalid")]
    [InlineData("options vfio_pci ids", "ModuleValueInvalid")]
    [InlineData("options vfio enable_unsafe_noiommu_mode=", "ModuleValueInvalid")]
    [InlineData("options vfio_iommu_type1 allow_unsafe_interrupts=2", "ModuleValueInvalid")]
    [InlineData("install vfio-pci /bin/false", "ModuleInstallReplaced")]
    [InlineData("install vfio /bin/true", "ModuleInstallReplaced")]
    public async Task A_driver_that_could_not_be_loaded_at_the_next_boot_is_refused(string line, string code)
    {
        _host.WithVfioModules().Tree.Write("etc/modprobe.d/site.conf", $"# ours\n{line}\n");

        Finding refusal = Assert.Single(
            (
                await Assert.ThrowsAsync<ChangeRefusedException>(() => _host.PlanAsync(ToVfio(PciDriverTree.Card)))
            ).Reasons
        );
        _host.Tree.Write("sys/bus/pci/drivers/vfio-pci/bind", "");
        ChangePlan temporary = await _host.PlanAsync(ToVfio(PciDriverTree.Card) with { IsTemporary = true });

        Assert.Equal((code, $"/etc/modprobe.d/site.conf:2: {line}"), (refusal.Code, refusal.Evidence));
        Assert.Equal([code], await _host.RefusedAsync(ToVfio(PciDriverTree.Card)));
        Assert.NotEmpty(temporary.Changes);
    }

    [Fact]
    public async Task A_list_of_ids_that_is_too_long_ends_the_load_and_one_with_a_mistake_does_not()
    {
        _host.WithVfioModules().Tree.Write("etc/modprobe.d/site.conf", "options vfio-pci ids=10de:xyz,?\n");
        ChangePlan plan = await _host.PlanAsync(ToVfio(PciDriverTree.Card));
        _host.Tree.Write("etc/modprobe.d/site.conf", $"options vfio-pci ids={new string('a', 1024)}\n");

        Assert.NotEmpty(plan.Changes);
        Assert.Equal(["ModuleValueInvalid"], await _host.RefusedAsync(ToVfio(PciDriverTree.Card)));
    }

    [Fact]
    public async Task A_word_of_the_command_line_ends_the_load_too_and_nothing_does_where_vfio_is_part_of_the_kernel()
    {
        _host
            .WithVfioModules()
            .Tree.Write("proc/cmdline", "quiet vfio-pci.nointxmask=maybe module_blacklist=vfio\n")
            .Write("etc/modprobe.d/site.conf", "options vfio-pci disable_vga=maybe\n");

        Assert.Equal(
            ["ModuleValueInvalid", "ModuleValueInvalid", "ModuleBlacklisted"],
            await _host.RefusedAsync(ToVfio(PciDriverTree.Card))
        );
        _host
            .Tree.Write("lib/modules/6.1.0/modules.dep", "kernel/drivers/net/e1000e.ko:\n")
            .Write("sys/bus/pci/drivers/vfio-pci/bind", "");
        Assert.NotEmpty((await _host.PlanAsync(ToVfio(PciDriverTree.Card))).Changes);
    }

    [Fact]
    public async Task The_rest_of_the_group_is_bound_where_that_is_asked_for_and_bridges_are_not()
    {
        _host.Add("0000:02:01.0", "0x060400", "0x1022", "0x1", "pcieport", 3);

        ChangePlan plan = await _host.PlanAsync(
            ToVfio(PciDriverTree.Card) with
            {
                WholeGroup = true,
                IsTemporary = true,
            }
        );

        Assert.Equal(
            ["PCI device 0000:02:00.0", "PCI device 0000:02:00.1"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.DoesNotContain(plan.Findings, static finding => finding.Code == "GroupNotViable");
    }

    /// <summary>Linux 6.8: NVIDIA's driver itself gives virtual functions to guests.</summary>
    [Theory]
    [InlineData("vfio-pci", true, true)]
    [InlineData("vfio-pci", false, false)]
    [InlineData("nvidia", true, false)]
    public async Task A_vGPU_is_none_with_another_driver(string driver, bool isVgpu, bool expected)
    {
        const string Virtual = "0000:02:10.0";
        _host.Add(Virtual, "0x030200", "0x10de", "0x20b5", "nvidia", 7);
        _host.Tree.Link($"sys/devices/pci0000:00/{Virtual}/physfn", $"../{PciDriverTree.Card}");
        if (isVgpu)
        {
            _host.Tree.Write($"sys/devices/pci0000:00/{Virtual}/vfio-dev/vfio0/dev", "511:0\n");
        }

        ChangePlan plan = await _host.PlanAsync(new PciDriverRequest(Virtual, driver) { IsTemporary = true });

        Assert.Equal(expected, plan.Findings.Any(static found => found.Code == "VgpuLost"));
    }

    [Fact]
    public async Task The_whole_group_of_a_virtual_function_leaves_out_the_physical_one()
    {
        const string Virtual = "0000:02:10.0";
        _host
            .Add(Virtual, "0x020000", "0x8086", "0x10ed", "ixgbevf", 3)
            .Set(PciDriverTree.Card, "sriov_totalvfs", "8\n")
            .Set(PciDriverTree.Card, "sriov_numvfs", "1\n")
            .Tree.Link($"sys/devices/pci0000:00/{Virtual}/physfn", $"../{PciDriverTree.Card}");

        ChangePlan plan = await _host.PlanAsync(ToVfio(Virtual) with { WholeGroup = true, IsTemporary = true });

        Assert.Equal(
            [$"PCI device {Virtual}", "PCI device 0000:02:00.1"],
            plan.Changes.Select(static change => change.Setting)
        );
        Finding finding = Assert.Single(plan.Findings, static found => found.Code == "PhysicalFunctionInGroup");
        Assert.Equal($"/sys/bus/pci/devices/{Virtual}/physfn: 0000:02:00.0", finding.Evidence);
        Assert.Contains("slot whose port has ACS", finding.Remedy, StringComparison.Ordinal);
        Finding group = Assert.Single(plan.Findings, static found => found.Code == "GroupNotViable");
        Assert.Contains("0000:02:00.0 (e1000e)", group.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Repeat", group.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Giving_back_clears_the_override_and_the_rule_and_keeps_other_lines()
    {
        _host
            .Bind(PciDriverTree.Card, "vfio-pci")
            .Set(PciDriverTree.Card, "driver_override", "vfio-pci\n")
            .Tree.Write(Rules[1..], "# mine\r\n" + Rule + "KERNEL==\"x\"");

        ChangePlan plan = await _host.PlanAsync(PciDriverTree.Card, null);

        Assert.Equal("# mine\r\nKERNEL==\"x\"", Text(plan.Changes[0]));
        Assert.Equal(["0000:02:00.0", "", "rebind"], plan.Changes[1].Step.Arguments);
    }

    [Fact]
    public async Task A_host_driver_keeps_its_device_when_only_the_override_goes()
    {
        _host.Set(PciDriverTree.Disk, "driver_override", "nvme\n");

        HostChange change = Assert.Single((await _host.PlanAsync(PciDriverTree.Disk, null)).Changes);

        Assert.Equal([PciDriverTree.Disk, "", "keep"], change.Step.Arguments);
        Assert.Null(change.Disrupts);
    }

    [Fact]
    public async Task Driverctl_keeps_the_driver_where_it_is_installed()
    {
        _host
            .Tree.Write(
                "lib/udev/rules.d/05-driverctl.rules",
                "ACTION==\"add\", TEST==\"/etc/driverctl.d/$env{SUBSYSTEM}-$kernel\"\n"
            )
            .Write("usr/sbin/driverctl", "");
        File.SetUnixFileMode(_host.Tree.Path + "/usr/sbin/driverctl", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        ChangePlan plan = await _host.PlanAsync(ToVfio(PciDriverTree.Card));

        Assert.Equal("/etc/driverctl.d/pci-0000:02:00.0", plan.Changes[0].Setting);
        Assert.Equal("vfio-pci\n", Text(plan.Changes[0]));
        Assert.Equal(2, plan.Changes.Count);
    }

    [Theory]
    [InlineData("0000:01:00.0", "UsedByHost")]
    [InlineData("0000:00:01.0", "IsBridge")]
    [InlineData("0000:02:00.7", "DeviceMissing")]
    [InlineData("$(touch pwned)", "AddressInvalid")]
    public async Task Some_devices_are_refused_whatever_is_allowed(string address, string code) =>
        Assert.Equal(
            [code],
            await _host.RefusedAsync(ToVfio(address) with { Force = true, StopGuests = true, WholeGroup = true })
        );

    [Theory]
    [InlineData("vfio-pci; reboot", "DriverInvalid")]
    [InlineData("../nvme", "DriverInvalid")]
    [InlineData("-r", "DriverInvalid")]
    [InlineData("", "DriverInvalid")]
    [InlineData("vfoi-pci", "DriverMissing")]
    [InlineData("xhci_hcd", "DriverForeign")]
    public async Task Some_drivers_are_refused(string driver, string code) =>
        Assert.Equal([code], await _host.RefusedAsync(new PciDriverRequest(PciDriverTree.Card, driver)));

    [Fact]
    public async Task A_foreign_driver_is_refused_with_how_to_have_the_host_choose()
    {
        PciDriverRequest request = new(PciDriverTree.Card, "xhci_hcd");

        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            _host.PlanAsync(request)
        );

        Assert.StartsWith("Have the host choose with <HostDriver>;", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_group_or_with_one_that_vfio_made_up_vfio_is_refused()
    {
        _host.Add("0000:04:00.0", "0x020000", "0x8086", "0x10d3", "e1000e", null);
        _host
            .Tree.Write("sys/kernel/iommu_groups/3/name", "vfio-noiommu\n")
            .Write("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");

        Assert.Equal(["NoIommuGroup"], await _host.RefusedAsync(ToVfio("0000:04:00.0") with { Force = true }));
        Assert.Equal(["NoIommuGroup"], await _host.RefusedAsync(ToVfio(PciDriverTree.Card) with { Force = true }));
    }

    [Fact]
    public async Task An_interface_that_is_up_and_has_a_route_needs_force()
    {
        _host
            .Set(PciDriverTree.Card, "net/eth1/flags", "0x1003\n")
            .Tree.Write(
                "proc/net/route",
                "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\neth1\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
            );

        Assert.Equal(["InterfaceInUse"], await _host.RefusedAsync(ToVfio(PciDriverTree.Card)));
        ChangePlan plan = await _host.PlanAsync(ToVfio(PciDriverTree.Card) with { Force = true });
        Assert.Contains("has the route 10.0.2.0/24", plan.Changes[^1].Disrupts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_roots_device_is_not_known_no_disk_is_given_away()
    {
        _host.Tree.Write("proc/self/mountinfo", "24 1 0:30 / / rw - nfs4 filer:/root rw\n");

        Assert.Equal(["RootUnknown"], await _host.RefusedAsync(ToVfio(PciDriverTree.Disk) with { Force = true }));
        Assert.NotEmpty((await _host.PlanAsync(ToVfio(PciDriverTree.Card))).Changes);
    }

    [Fact]
    public async Task Virtual_functions_keep_their_physical_one_unless_forced()
    {
        _host.Set(PciDriverTree.Card, "sriov_totalvfs", "7\n").Set(PciDriverTree.Card, "sriov_numvfs", "2\n");

        Assert.Equal(["HasVirtualFunctions"], await _host.RefusedAsync(ToVfio(PciDriverTree.Card)));
        Assert.NotEmpty((await _host.PlanAsync(ToVfio(PciDriverTree.Card) with { Force = true })).Changes);
    }

    [Fact]
    public async Task What_may_surprise_is_said()
    {
        _host
            .Set(PciDriverTree.Card, "reset_method", "")
            .Tree.Write("proc/cmdline", "vfio-pci.ids=10de:1b06,8086:10d3\n")
            .Write("etc/udev/rules.d/99-mine.rules", "KERNEL==\"0000:02:00.0\", ATTR{driver_override}=\"none\"\n");

        ChangePlan plan = await _host.PlanAsync(ToVfio(PciDriverTree.Card));

        Assert.Contains(plan.Findings, static finding => finding.Code == "NoReset");
        Assert.Contains(
            plan.Findings,
            static finding =>
                finding.Code == "IdsNameDevice"
                && finding.Evidence!.StartsWith("/proc/cmdline", StringComparison.Ordinal)
        );
        Assert.Contains(plan.Findings, static finding => finding.Code == "OtherRule");
    }

    [Fact]
    public async Task A_kernel_without_driver_override_is_refused()
    {
        foreach (
            string address in new[] { PciDriverTree.Bridge, PciDriverTree.Disk, PciDriverTree.Card, PciDriverTree.Twin }
        )
        {
            File.Delete($"{_host.Tree.Path}/sys/devices/pci0000:00/{address}/driver_override");
        }

        Assert.Equal(["OverrideMissing"], await _host.RefusedAsync(ToVfio(PciDriverTree.Card) with { Force = true }));
    }

    public void Dispose() => _host.Dispose();

    private static string Text(HostChange change) => Encoding.Latin1.GetString(change.Step.Content!.Value.Span);
}
