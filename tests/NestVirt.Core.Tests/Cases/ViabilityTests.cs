using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Machines whose groups looked fit for a guest and were not, or whose cards did not work in one.</summary>
public sealed class ViabilityTests
{
    private const string Regions = "sys/kernel/iommu_groups/46/reserved_regions";
    private const string Direct = "0x00000000000e8000 0x00000000000e8fff direct\n";
    private const string Msi = "0x00000000fee00000 0x00000000feefffff msi\n";

    [Fact]
    public async Task A_group_with_a_direct_region_is_refused_by_the_kernel()
    {
        using ReportedMachine machine = ReportedMachine.Build("13-rmrr");

        IommuGroup group = await GroupAsync(machine, 46);
        Finding finding = ReportedMachine.One(group.Reasons, "DirectRegion");

        Assert.False(group.IsViable);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Equal(
            "/sys/kernel/iommu_groups/46/reserved_regions:1: 0x00000000000e8000 0x00000000000e8fff direct; "
                + "/sys/kernel/iommu_groups/46/reserved_regions:2: 0x00000000bddde000 0x00000000bdddefff direct",
            finding.Evidence
        );
        Assert.Contains("Shared Memory Features", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("Kernel DMA Protection", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(group.Reasons, static reason => reason.Code is "DriverBound" or "NoReset");

        // What no driver changes is said first, and nobody is told to bind another driver for nothing.
        IReadOnlyList<Finding> bound = (await GroupAsync(machine, 45)).Reasons;
        Finding driver = ReportedMachine.One(bound, "DriverBound");
        Assert.Equal("DirectRegion", bound.First(static reason => reason.Severity == Severity.Warning).Code);
        Assert.Null(driver.Mend);
        Assert.DoesNotContain("vfio-pci", driver.Remedy, StringComparison.Ordinal);

        IommuGroup bridge = await GroupAsync(machine, 20);
        Assert.Null(bridge.IsViable);
        Assert.DoesNotContain(bridge.Reasons, static reason => reason.Code == "DirectRegion");
    }

    [Fact]
    public async Task A_relaxable_region_refuses_nothing()
    {
        using ReportedMachine machine = ReportedMachine.Build("zz-r1");

        IommuGroup group = await GroupAsync(machine, 46);

        Assert.True(group.IsViable);
        Assert.DoesNotContain(group.Reasons, static reason => reason.Code == "DirectRegion");
        Assert.False((await GroupAsync(machine, 45)).IsViable);
    }

    [Theory]
    [InlineData("6.6.0-1-amd64", "IVRS", "Micro-Star", false, "IVMD")]
    [InlineData("6.5.13-1-pve", "IVRS", "Micro-Star", true, "IVMD")]
    [InlineData("6.12.9", "IORT", "Ampere", false, "RMR of the table IORT")]
    [InlineData("6.1.0-17-arm64", "IORT", "Ampere", true, "RMR of the table IORT")]
    [InlineData("4.18.0-553.el8", "DMAR", "Dell Inc.", false, "RMRR")]
    public async Task What_refuses_a_direct_region_is_the_kernel_or_Intels_driver(
        string release,
        string table,
        string maker,
        bool isViable,
        string kind
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("13-rmrr")
            .Without("sys/firmware/acpi/tables/DMAR")
            .Without("sys/class/iommu/dmar0")
            .With($"sys/firmware/acpi/tables/{table}", "")
            .With("proc/sys/kernel/osrelease", release + "\n")
            .With("sys/class/dmi/id/sys_vendor", maker + "\n")
            .With(Regions, Msi + Direct);

        IommuGroup group = await GroupAsync(machine, 46);
        Finding finding = ReportedMachine.One(group.Reasons, "DirectRegion");

        Assert.Equal(isViable, group.IsViable);
        Assert.Equal(isViable ? Severity.Information : Severity.Warning, finding.Severity);
        Assert.Contains(kind, finding.Message, StringComparison.Ordinal);
        Assert.Equal(
            "/sys/kernel/iommu_groups/46/reserved_regions:2: 0x00000000000e8000 0x00000000000e8fff direct",
            finding.Evidence
        );
        Assert.DoesNotContain("Gen8", finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.2.21", "0x0c0330", true)]
    [InlineData("5.2.21", "0x030000", true)]
    [InlineData("5.2.21", "0x020000", false)]
    [InlineData("5.3.0", "0x0c0330", false)]
    public async Task Before_relaxable_regions_had_a_name_Intels_driver_let_controllers_and_displays_go(
        string release,
        string classCode,
        bool isViable
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("13-rmrr")
            .With("proc/sys/kernel/osrelease", release + "\n")
            .With("sys/devices/pci0000:00/0000:00:1c.0/0000:04:00.1/class", classCode + "\n");

        Assert.Equal(isViable, (await GroupAsync(machine, 46)).IsViable);
    }

    [Fact]
    public async Task A_plan_that_gives_such_a_group_to_vfio_is_refused()
    {
        using ReportedMachine machine = ReportedMachine.Build("13-rmrr");

        ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new PciDriverRequest("0000:04:00.0", "vfio-pci") { Force = true })
        );

        Finding finding = ReportedMachine.One(error.Reasons, "DirectRegion");
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Contains("iommu_groups/45/reserved_regions:1:", finding.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("37c8", "5.9.0", false, Severity.Warning)]
    [InlineData("19e3", "6.1.0-17-amd64", false, Severity.Warning)]
    [InlineData("0b25", "6.10.2", false, Severity.Warning)]
    [InlineData("0cfe", "6.6.31", true, Severity.Information)]
    [InlineData("37c8", "5.4.0", true, null)]
    [InlineData("37c2", "6.1.0", true, null)]
    public async Task Devices_that_vfio_pci_refuses_are_named(
        string device,
        string release,
        bool isViable,
        Severity? severity
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("zz-r1")
            .With("proc/sys/kernel/osrelease", release + "\n")
            .With("sys/devices/pci0000:00/0000:00:1c.0/0000:04:00.1/vendor", "0x8086\n")
            .With("sys/devices/pci0000:00/0000:00:1c.0/0000:04:00.1/device", $"0x{device}\n");

        IommuGroup group = await GroupAsync(machine, 46);

        Assert.Equal(isViable, group.IsViable);
        Assert.Equal(severity, group.Reasons.SingleOrDefault(static reason => reason.Code == "VfioDenylist")?.Severity);
        PciDriverRequest request = new("0000:04:00.1", "vfio-pci") { Force = true };
        if (!isViable)
        {
            ChangeRefusedException error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                machine.PlanAsync(request)
            );
            Finding finding = ReportedMachine.One(error.Reasons, "VfioDenylist");
            Assert.Equal($"/sys/bus/pci/devices/0000:04:00.1: vendor 8086, device {device}", finding.Evidence);
        }

        machine.With("sys/module/vfio_pci/parameters/disable_denylist", "Y\n");
        Assert.True((await GroupAsync(machine, 46)).IsViable);
        Assert.NotNull(await machine.PlanAsync(request));
    }

    [Fact]
    public async Task A_framebuffer_of_the_firmware_inside_of_a_card_is_named_and_the_group_stays_viable()
    {
        using ReportedMachine machine = ReportedMachine.Build("20-bootfb");

        IommuGroup group = await GroupAsync(machine, 20);
        Finding finding = ReportedMachine.One(group.Reasons, "FirmwareFramebuffer");

        Assert.True(group.IsViable);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Equal(
            "/proc/iomem:3: 2800000000-2801fa3fff : BOOTFB; /proc/iomem:4: 2800000000-2801fa3fff : simpledrm",
            finding.Evidence
        );
        Assert.Contains("Unbind simple-framebuffer.0", finding.Remedy, StringComparison.Ordinal);
        Assert.EndsWith("video=efifb:off does nothing on this kernel.", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(group.Reasons, static reason => reason.Code is "MemoryHeld" or "NoReset");
    }

    [Theory]
    [InlineData("00000000-00000000 : BOOTFB", "0x038000", "6.18.0", "simple-framebuffer.0")]
    [InlineData("c0000000-c02fffff : efifb", "0x030000", "5.4.0-42-generic", "efi-framebuffer.0")]
    [InlineData("c0000000-c02fffff : vesafb", "0x030200", "6.1.0", "vesa-framebuffer.0")]
    public async Task Whatever_holds_the_firmwares_screen_is_named_by_its_own_device(
        string line,
        string classCode,
        string release,
        string device
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("20-bootfb")
            .With("proc/sys/kernel/osrelease", release + "\n")
            .With("proc/cmdline", "quiet\n")
            .With("sys/devices/pci0000:00/0000:00:08.1/0000:c3:00.0/class", classCode + "\n")
            .With(
                "proc/iomem",
                $"00000000-00000fff : Reserved\n00000000-00000000 : PCI Bus 0000:c3\n  00000000-00000000 : 0000:c3:00.0\n    {line}\n  00000000-00000000 : 0000:c3:00.4\n    00000000-00000000 : xhci-hcd\n"
            );

        Finding finding = ReportedMachine.One((await GroupAsync(machine, 20)).Reasons, "FirmwareFramebuffer");

        Assert.Equal($"/proc/iomem:4: {line}", finding.Evidence);
        Assert.Contains(device, finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("does nothing", finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2800000000-2fffffffff : PCI Bus 0000:c3\n  2800000000-2fffffffff : 0000:c3:00.0\n")]
    [InlineData(
        "2800000000-2fffffffff : PCI Bus 0000:c3\n  2800000000-2801fa3fff : BOOTFB\n  2900000000-2fffffffff : 0000:c3:00.0\n    2900000000-2fffffffff : vfio-pci\n"
    )]
    [InlineData(
        "2800000000-2fffffffff : 0000:c2:00.0\n  2800000000-2801fa3fff : BOOTFB\n2900000000-2fffffffff : 0000:c3:00.0\n"
    )]
    public async Task A_framebuffer_elsewhere_is_no_matter_of_the_card(string memory)
    {
        using ReportedMachine machine = ReportedMachine.Build("20-bootfb").With("proc/iomem", memory);

        Assert.DoesNotContain(
            (await GroupAsync(machine, 20)).Reasons,
            static reason => reason.Code is "FirmwareFramebuffer" or "MemoryHeld"
        );
    }

    [Fact]
    public async Task A_driver_that_keeps_memory_of_a_card_that_is_given_away_is_named()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("20-bootfb")
            .With("proc/iomem", "00000000-00000000 : 0000:c3:00.0\n  00000000-00000000 : nvidia\n");

        Finding finding = ReportedMachine.One((await GroupAsync(machine, 20)).Reasons, "MemoryHeld");

        Assert.Equal("/proc/iomem:2: 00000000-00000000 : nvidia", finding.Evidence);
    }

    [Theory]
    [InlineData(" 1: 0 IO-APIC 1-edge i8042\n", null, false)]
    [InlineData(" 1: 0 IO-APIC 1-edge i8042\n", "Y", true)]
    [InlineData(" 1: 0 IR-IO-APIC 1-edge i8042\n", null, true)]
    public async Task Without_remapped_interrupts_VFIO_refuses_every_group(
        string interrupts,
        string? allowed,
        bool isViable
    )
    {
        using ReportedMachine machine = ReportedMachine.Build("zz-r1").With("proc/interrupts", interrupts);
        if (allowed is not null)
        {
            machine.With("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", allowed + "\n");
        }

        IommuGroup group = await GroupAsync(machine, 46);

        Assert.Equal(isViable, group.IsViable);
        Assert.Equal(
            isViable ? [] : ["/proc/interrupts: IO-APIC"],
            group
                .Reasons.Where(static reason => reason.Code == "InterruptRemappingOff")
                .Select(static reason => reason.Evidence)
        );
    }

    [Fact]
    public async Task A_device_without_a_way_to_reset_it_is_named_when_it_is_a_guests()
    {
        const string Card = "sys/devices/pci0000:00/0000:00:1c.0/0000:04:00.1";
        using ReportedMachine machine = ReportedMachine.Build("zz-r1").With($"{Card}/reset_method", "\n");

        Finding finding = ReportedMachine.One((await GroupAsync(machine, 46)).Reasons, "NoReset");
        Assert.Equal("/sys/bus/pci/devices/0000:04:00.1/reset_method is empty or not there", finding.Evidence);

        machine.With($"{Card}/reset_method", "flr\n");
        Assert.DoesNotContain((await GroupAsync(machine, 46)).Reasons, static reason => reason.Code == "NoReset");
    }

    [Fact]
    public async Task Functions_of_one_device_without_ACS_are_all_named()
    {
        using ReportedMachine machine = ReportedMachine.Build("35-x58-usb-group");

        IommuGroup group = await GroupAsync(machine, 8);
        Finding finding = ReportedMachine.One(group.Reasons, "AcsUnknown");

        Assert.All(
            (string[])["0000:00:1d.0", "0000:00:1d.1", "0000:00:1d.2", "0000:00:1d.7"],
            address => Assert.Contains(address, finding.Message, StringComparison.Ordinal)
        );
        Assert.False(group.IsViable);
        Assert.Equal(4, group.Reasons.Count(static reason => reason.Code == "DriverBound"));
    }

    internal static async Task<IommuGroup> GroupAsync(ReportedMachine machine, int number) =>
        Assert.Single(await machine.AskAsync(HostQuestions.IommuGroups), group => group.Number == number);
}
