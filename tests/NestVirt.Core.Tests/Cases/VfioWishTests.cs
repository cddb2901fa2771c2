using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Machines that gave devices to vfio-pci by a setting, and did not get what was meant.</summary>
public sealed class VfioWishTests
{
    private static readonly string[] s_codes =
    [
        "IdsInvalid",
        "IdsOverridden",
        "IdsNameDevice",
        "IdsNameHostDevice",
        "IdsNameSeveral",
        "IdsNotBooted",
        "VfioNotBound",
    ];

    [Fact]
    public async Task An_entry_that_is_no_id_is_named_with_the_word_as_it_stands()
    {
        using ReportedMachine machine = ReportedMachine.Build("04-garbled-ids");
        const string Evidence = "/proc/cmdline: vfio-pci.ids=8086:5917,1=8086:9d71";

        Finding inSupport = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IdsInvalid");
        Finding inGroup = ReportedMachine.One((await ViabilityTests.GroupAsync(machine, 6)).Reasons, "IdsInvalid");
        Finding onDevice = ReportedMachine.One((await DeviceAsync(machine, "0000:00:1f.3")).Reasons, "IdsInvalid");

        Assert.Equal(Evidence, inSupport.Evidence);
        Assert.Contains("'1=8086:9d71'", inSupport.Message, StringComparison.Ordinal);
        Assert.Equal("Write 8086:9d71 for it, if that is meant.", inSupport.Remedy);
        Assert.Equal(inSupport, inGroup);
        Assert.Equal(inSupport, onDevice);
    }

    [Fact]
    public async Task A_list_that_names_the_only_graphics_of_the_console_is_a_trap()
    {
        using ReportedMachine machine = ReportedMachine.Build("04-garbled-ids");

        Finding finding = ReportedMachine.One(
            (await DeviceAsync(machine, "0000:00:02.0")).Reasons,
            "IdsNameHostDevice"
        );

        Assert.Contains("the console's only graphics", finding.Message, StringComparison.Ordinal);
        Assert.Equal("/proc/cmdline: vfio-pci.ids=8086:5917,1=8086:9d71", finding.Evidence);
        Assert.Null(finding.Command);
        Assert.DoesNotContain(
            (await ViabilityTests.GroupAsync(machine, 0)).Reasons,
            static reason => reason.Code == "VfioNotBound"
        );
    }

    [Theory]
    [InlineData("vfio-pci.ids=10de:zz", "'10de:zz'")]
    [InlineData("vfio_pci.ids=8086:9d71;8086:9d4e", "'8086:9d71;8086:9d4e'")]
    [InlineData("vfio-pci.ids=8086-9d71", "'8086-9d71'")]
    [InlineData("vfio-pci.ids=80869d71", "'80869d71'")]
    [InlineData("vfio-pci.ids=10de:1c03, 8086:9d71", "'8086:9d71' stands behind a blank")]
    public async Task Every_way_to_garble_a_list_is_named(string word, string part)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("04-garbled-ids")
            .With("proc/cmdline", $"quiet intel_iommu=on {word} splash\n");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IdsInvalid");

        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
        Assert.StartsWith($"/proc/cmdline: {word.Split(' ')[0]}", finding.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vfio-pci.ids=10DE:1C03,0x8086:0x9d71")]
    [InlineData("\"vfio-pci.ids=10de:1c03,8086:9d71\"")]
    [InlineData("vfio-pci.ids=\"10de:1c03\"")]
    [InlineData("vfio_pci.ids=10de:ffffffff:1043:8746:030000:ff0000,")]
    [InlineData("vfio-pci.ids=,10de:1c03")]
    public async Task What_the_kernel_understands_is_not_called_wrong(string word)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("04-garbled-ids")
            .With("proc/cmdline", $"quiet intel_iommu=on {word} splash\n");

        Assert.DoesNotContain((await machine.SupportAsync()).Reasons, static reason => reason.Code == "IdsInvalid");
    }

    [Fact]
    public async Task A_driver_that_came_before_vfio_is_named_with_why()
    {
        using ReportedMachine machine = ReportedMachine.Build("11-vfio-nvidia-first");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "VfioNotBound");
        IommuGroup group = await ViabilityTests.GroupAsync(machine, 1);

        Assert.Equal(
            "/etc/modprobe.d/vfio.conf:1: options vfio-pci ids=10de:1187,10de:0e0a; /sys/bus/pci/devices/0000:01:00.0/driver: nvidia",
            finding.Evidence
        );
        Assert.Contains("nvidia has it: nvidia came first", finding.Message, StringComparison.Ordinal);
        Assert.Contains("\"softdep nvidia pre: vfio-pci\"", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("initramfs", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains(finding, group.Reasons);
        Assert.Equal(2, group.Reasons.Count(static reason => reason.Code == "VfioNotBound"));
        Assert.Empty((await DeviceAsync(machine, "0000:00:02.0")).Reasons);
    }

    [Fact]
    public async Task With_a_soft_dependency_it_is_the_initramfs()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("11-vfio-nvidia-first")
            .With("etc/modprobe.d/nvidia.conf", "softdep nvidia pre: vfio-pci\n");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "VfioNotBound");

        Assert.Contains("initramfs that does not know of it", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "/etc/modprobe.d/nvidia.conf:1: softdep nvidia pre: vfio-pci",
            finding.Evidence,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("Write", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_part_of_the_kernel_comes_first_whatever_modprobe_is_told()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("11-vfio-nvidia-first")
            .Without("sys/module/nvidia/initstate")
            .With("sys/module/nvidia/parameters/x", "1\n")
            .With("etc/modprobe.d/nvidia.conf", "softdep nvidia pre: vfio-pci\n");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "VfioNotBound");

        Assert.Contains("nvidia is part of the kernel", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("/sys/module/nvidia/initstate is not there", finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_loads_no_module()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("11-vfio-nvidia-first")
            .Without("sys/bus/pci/drivers/vfio-pci");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.1")).Reasons, "VfioNotBound");

        Assert.Contains("vfio-pci is not loaded", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/driverctl.d/pci-0000:01:00.0", "vfio-pci\n", "/etc/driverctl.d/pci-0000:01:00.0: vfio-pci; ")]
    [InlineData(
        "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver_override",
        "vfio-pci\n",
        "/sys/bus/pci/devices/0000:01:00.0/driver_override: vfio-pci; "
    )]
    [InlineData(
        "boot/config/vfio-pci.cfg",
        "# by hand\nBIND=0000:02:00.0|8086:1521 0000:01:00.0|10de:1187\r\n",
        "/boot/config/vfio-pci.cfg:2: BIND=0000:02:00.0|8086:1521 0000:01:00.0|10de:1187; "
    )]
    [InlineData(
        "boot/config/vfio-pci.cfg",
        "BIND=\"0000:01:00.0\"",
        "/boot/config/vfio-pci.cfg:1: BIND=\"0000:01:00.0\"; "
    )]
    public async Task An_override_is_a_wish_as_a_list_is(string path, string text, string evidence)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("11-vfio-nvidia-first")
            .Without("etc/modprobe.d/vfio.conf")
            .With(path, text);

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "VfioNotBound");

        Assert.StartsWith(evidence, finding.Evidence, StringComparison.Ordinal);
        Assert.Empty((await DeviceAsync(machine, "0000:01:00.1")).Reasons);
    }

    [Fact]
    public async Task The_list_of_the_command_line_replaces_that_of_modprobe()
    {
        using ReportedMachine machine = ReportedMachine.Build("34-ids-twice-set");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:03:00.0")).Reasons, "IdsOverridden");
        ChangePlan plan = await machine.PlanAsync(
            new PciDriverRequest("0000:03:00.0", "vfio-pci") { IsTemporary = true }
        );

        Assert.Equal(
            "/etc/modprobe.d/00-netextreme-vfio.conf:2: options vfio-pci ids=14e4:168e; /proc/cmdline: vfio_pci.ids=15b3:1003",
            finding.Evidence
        );
        Assert.Equal(finding, ReportedMachine.One((await machine.SupportAsync()).Reasons, "IdsOverridden"));
        Assert.Equal(finding, ReportedMachine.One(plan.Findings, "IdsOverridden"));
        Assert.DoesNotContain(plan.Findings, static found => found.Code == "IdsNameDevice");
        Assert.Empty((await DeviceAsync(machine, "0000:04:00.0")).Reasons);
    }

    [Theory]
    [InlineData("quiet vfio-pci.ids=14e4:168e,15b3:1003", "")]
    [InlineData("quiet", "options vfio-pci ids=14e4:168e,15b3:1003\n")]
    public async Task A_list_that_holds_all_loses_nothing(string line, string more)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("34-ids-twice-set")
            .With("proc/cmdline", line + "\n")
            .With("etc/modprobe.d/99-more.conf", more);

        Assert.DoesNotContain((await machine.SupportAsync()).Reasons, static reason => reason.Code == "IdsOverridden");
        Assert.DoesNotContain(
            (await DeviceAsync(machine, "0000:04:00.0")).Reasons,
            static reason => reason.Code == "IdsOverridden"
        );
    }

    [Fact]
    public async Task Of_two_lists_in_files_the_last_counts()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("34-ids-twice-set")
            .With("proc/cmdline", "quiet\n")
            .With("etc/modprobe.d/99-more.conf", "options vfio_pci ids=15b3:1003\n");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IdsOverridden");

        Assert.Contains(
            "that in /etc/modprobe.d/99-more.conf:1 replaces it",
            finding.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_built_in_vfio_reads_no_file()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("34-ids-twice-set")
            .With("proc/cmdline", "quiet\n")
            .Without("sys/module/vfio_pci/initstate");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IdsOverridden");

        Assert.Contains("vfio-pci is part of the kernel", finding.Message, StringComparison.Ordinal);
        Assert.Equal("/etc/modprobe.d/00-netextreme-vfio.conf:2: options vfio-pci ids=14e4:168e", finding.Evidence);
    }

    [Fact]
    public async Task An_id_of_two_devices_gives_both_away()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("34-ids-twice-set")
            .With("sys/devices/pci0000:00/0000:03:00.0/vendor", "0x15b3\n")
            .With("sys/devices/pci0000:00/0000:03:00.0/device", "0x1003\n");

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:04:00.0")).Reasons, "IdsNameSeveral");

        Assert.Equal(Severity.Information, finding.Severity);
        Assert.Contains("0000:03:00.0, 0000:04:00.0", finding.Message, StringComparison.Ordinal);
        Assert.Contains(finding, (await DeviceAsync(machine, "0000:03:00.0")).Reasons);
    }

    [Theory]
    [InlineData(
        "etc/modprobe.d/stub.conf",
        "options pci-stub ids=10de:1187\n",
        "/etc/modprobe.d/stub.conf:1: options pci-stub ids=10de:1187"
    )]
    [InlineData(
        "proc/cmdline",
        "quiet pci-stub.ids=8086:1521,10de:1187\n",
        "/proc/cmdline: pci-stub.ids=8086:1521,10de:1187"
    )]
    [InlineData("proc/cmdline", "quiet pci_stub.ids=10de:1187\n", "/proc/cmdline: pci_stub.ids=10de:1187")]
    public async Task A_list_for_pci_stub_that_came_first_is_named(string path, string text, string evidence)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("11-vfio-nvidia-first")
            .Without("sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver")
            .With("sys/bus/pci/drivers/pci-stub/uevent", "")
            .With(path, text);
        machine.Tree.Link(
            "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/driver",
            "../../../../bus/pci/drivers/pci-stub"
        );

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "VfioNotBound");

        Assert.Contains("gives it to pci-stub as well", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith(evidence, finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_another_loaders_file_is_not_on_the_command_line()
    {
        using ReportedMachine machine = ReportedMachine.Build("19-unraid-limine");

        IommuGroup group = await ViabilityTests.GroupAsync(machine, 14);
        Finding finding = ReportedMachine.One(group.Reasons, "IdsNotBooted");

        Assert.StartsWith(
            "/boot/syslinux/syslinux.cfg:5: append vfio-pci.ids=10de:2805,10de:22bd amd_iommu=on",
            finding.Evidence,
            StringComparison.Ordinal
        );
        Assert.EndsWith("; /proc/cmdline: BOOT_IMAGE=/bzimage", finding.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(group.Reasons, static reason => reason.Code == "VfioNotBound");
    }

    [Theory]
    [InlineData("etc/default/grub", "# none\nGRUB_CMDLINE_LINUX=\"quiet vfio-pci.ids=10de:2805\"\n", 2)]
    [InlineData("etc/kernel/cmdline", "root=x vfio_pci.ids=10de:2805,10de:22bd\n", 1)]
    [InlineData("boot/limine.conf", "/Linux\n    cmdline: quiet vfio-pci.ids=10de:2805\n", 2)]
    [InlineData("etc/default/grub.d/zz.cfg", "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX vfio-pci.ids=10de:2805\"\n", 1)]
    [InlineData("boot/loader/entries/a.conf", "title x\nlinux /v\noptions root=x vfio-pci.ids=10de:2805\n", 3)]
    [InlineData("boot/efi/loader/entries/a-1.conf", "options vfio-pci.ids=10de:2805", 1)]
    public async Task Any_loaders_file_is_looked_at(string path, string text, int line)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("19-unraid-limine")
            .Without("boot/syslinux/syslinux.cfg")
            .With(path, text);

        Finding finding = ReportedMachine.One((await DeviceAsync(machine, "0000:01:00.0")).Reasons, "IdsNotBooted");

        Assert.StartsWith($"/{path}:{line}: ", finding.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BOOT_IMAGE=/bzimage vfio-pci.ids=10de:2805,10de:22bd\n", "append vfio-pci.ids=10de:2805,10de:22bd\n")]
    [InlineData("BOOT_IMAGE=/bzimage\n", "# append vfio-pci.ids=10de:2805,10de:22bd\n")]
    [InlineData("BOOT_IMAGE=/bzimage\n", "append vfio-pci.ids=10de:ffff\n")]
    public async Task A_list_that_was_booted_or_is_a_comment_or_another_ones_is_not(string line, string file)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("19-unraid-limine")
            .With("proc/cmdline", line)
            .With("boot/syslinux/syslinux.cfg", file);

        Assert.DoesNotContain(
            (await ViabilityTests.GroupAsync(machine, 14)).Reasons,
            static reason => reason.Code == "IdsNotBooted"
        );
    }

    [Fact]
    public async Task A_machine_without_such_settings_hears_nothing_of_them()
    {
        using ReportedMachine machine = ReportedMachine.Build("20-bootfb");

        Assert.DoesNotContain(
            (await machine.AskAsync(HostQuestions.PciDevices)).SelectMany(static device => device.Reasons),
            static reason => s_codes.Contains(reason.Code)
        );
        Assert.DoesNotContain((await machine.SupportAsync()).Reasons, static reason => s_codes.Contains(reason.Code));
    }

    private static async Task<PciDevice> DeviceAsync(ReportedMachine machine, string address) =>
        Assert.Single(await machine.AskAsync(HostQuestions.PciDevices), device => device.Address == address);
}
