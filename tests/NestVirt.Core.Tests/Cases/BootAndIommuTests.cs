using NestVirt.Changes;
using NestVirt.Linux.Boot;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Why the IOMMU is off, on machines of public reports and on variants of them.</summary>
public sealed class BootAndIommuTests
{
    private const string AddAdvice = "Add intel_iommu=on";
    private const string NotWritten = "25-grub-not-written";

    [Theory]
    [InlineData("zz-a-dmar-on-still-off", "/proc/cmdline: intel_iommu=on; /sys/firmware/acpi/tables/DMAR is there")]
    [InlineData("zz-d-off-then-on", "/proc/cmdline: intel_iommu=on; /sys/firmware/acpi/tables/DMAR is there")]
    [InlineData("zz-e9", "/proc/cmdline: intel-iommu=on; /sys/firmware/acpi/tables/DMAR is there")]
    public async Task A_word_that_is_there_without_effect_is_said_to_be_and_not_to_be_added(
        string name,
        string evidence
    )
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IommuOff");

        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.StartsWith(evidence, finding.Evidence, StringComparison.Ordinal);
        Assert.Contains("without effect", finding.Message, StringComparison.Ordinal);
        Assert.Contains("kernel log for lines of DMAR", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("CONFIG_INTEL_IOMMU", finding.Remedy, StringComparison.Ordinal);
        Assert.Null(finding.Mend);
        string words = await machine.WordsAsync();
        Assert.DoesNotContain(AddAdvice, words, StringComparison.Ordinal);
        Assert.DoesNotContain("IommuTurnedOff", words, StringComparison.Ordinal);
        Assert.DoesNotContain("KernelWordMisspelt", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "DMAR",
        "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed91000 returns all ones!",
        "Update the firmware"
    )]
    [InlineData("DMAR", "DMAR: Parse DMAR table failure.", "No word on the kernel command line mends it")]
    [InlineData(
        "DMAR",
        "DMAR: dmar1: No supported address widths. Not attempting DMA translation.",
        "Update the firmware"
    )]
    [InlineData("IVRS", "AMD-Vi: [Firmware Bug]: IVRS invalid checksum", "Update the firmware")]
    [InlineData("IVRS", "AMD-Vi: Disable IOMMU on Stoney Ridge", "amd_iommu=force_enable")]
    [InlineData("IVRS", "AMD-Vi: IOMMU not currently supported when SME is active", "mem_encrypt=off")]
    public async Task What_the_kernel_wrote_when_it_gave_the_IOMMU_up_is_the_reason(
        string table,
        string line,
        string remedy
    )
    {
        foreach (string words in (string[])["quiet intel_iommu=on", "quiet"])
        {
            using ReportedMachine machine = ReportedMachine
                .Build("zz-a-dmar-on-still-off")
                .Without("sys/firmware/acpi/tables/DMAR")
                .With($"sys/firmware/acpi/tables/{table}", "")
                .With("proc/cmdline", $"BOOT_IMAGE=/v {words}\n")
                .With("var/log/dmesg", $"[    0.000000] Linux version 6.1.0\n[    0.016000] {line}\n");

            Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IommuOff");

            Assert.StartsWith($"kernel log: {line}; ", finding.Evidence, StringComparison.Ordinal);
            Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
            Assert.Null(finding.Mend);
            Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("DMAR: No RMRR found")]
    [InlineData(
        "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x0 [fault reason 0x06] PTE Read access is not set"
    )]
    [InlineData("DMAR: [Firmware Bug]: RMRR entry for device 02:00.0 is broken - applying workaround")]
    public async Task Other_lines_of_the_IOMMUs_driver_are_no_reason(string line)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("zz-a-dmar-on-still-off")
            .With("var/log/dmesg", $"[    0.000000] Linux version 6.1.0\n[    0.016000] {line}\n");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IommuOff");

        Assert.StartsWith("/proc/cmdline: intel_iommu=on; ", finding.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DMAR-IR: Enabled IRQ remapping in x2apic mode")]
    [InlineData("DMAR-IR: Enabled IRQ remapping in xapic mode")]
    [InlineData("AMD-Vi: Interrupt remapping enabled")]
    public async Task The_log_proves_that_interrupts_are_remapped_where_none_was_counted_yet(string line)
    {
        using ReportedMachine machine = ReportedMachine.Build("zz-r1").Without("proc/interrupts");
        Assert.Null((await machine.SupportAsync()).Iommu.HasInterruptRemapping);

        machine.With("var/log/dmesg", $"[    0.000000] Linux version 6.1.0\n[    0.016000] {line}\n");

        Assert.True((await machine.SupportAsync()).Iommu.HasInterruptRemapping);
    }

    [Theory]
    [InlineData("quiet \"intel_iommu=on\"", "IommuOff")]
    [InlineData("quiet intel_iommu=\"on,igfx_off\"", "IommuOff")]
    [InlineData("quiet intel_iommu=off,on", "IommuOff")]
    [InlineData("quiet amd_iommu=off intel_iommu=on", "IommuOff")]
    [InlineData("quiet intel_iommu=on intel_iommu=off", "IommuTurnedOff")]
    [InlineData("quiet intel_iommu=on,off", "IommuTurnedOff")]
    [InlineData("quiet intel_iommu=on iommu=off", "IommuTurnedOff")]
    [InlineData("quiet iommu=off iommu=pt intel-iommu=on", "IommuTurnedOff")]
    public async Task The_last_word_of_Intels_counts_and_the_common_off_counts_anywhere(string line, string code)
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("proc/cmdline", $"BOOT_IMAGE=/v {line}\n");

        string words = await machine.WordsAsync();

        Assert.Contains($"Warning {code}: ", words, StringComparison.Ordinal);
        Assert.DoesNotContain(
            $" {(code == "IommuOff" ? "IommuTurnedOff" : "IommuOff")}:",
            words,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(AddAdvice, words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_without_a_table_of_the_firmware_names_the_firmwares_setting()
    {
        using ReportedMachine machine = ReportedMachine.Build("03-kali-no-groups");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "IommuNotDescribed");

        Assert.StartsWith("/proc/cmdline: intel_iommu=on; ", finding.Evidence, StringComparison.Ordinal);
        Assert.Contains("VT-d", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("AMD", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AuthenticAMD", "intel_iommu=on iommu=pt", "AMD-Vi", "IommuOptionOtherVendor")]
    [InlineData("GenuineIntel", "amd_iommu=on iommu=pt", "VT-d", "IommuOptionOtherVendor")]
    [InlineData("GenuineIntel", "iommu=1", "VT-d", "IommuOptionUseless")]
    [InlineData("HygonGenuine", "intel_iommu=on", "AMD-Vi", "IommuOptionOtherVendor")]
    public async Task The_processor_tells_whose_word_and_setting_count_where_the_firmware_does_not(
        string vendor,
        string line,
        string setting,
        string code
    )
    {
        using ReportedMachine machine = ReportedMachine
            .Build("03-kali-no-groups")
            .With("proc/cmdline", $"BOOT_IMAGE=/v {line}\n")
            .With("proc/cpuinfo", $"processor\t: 0\nvendor_id\t: {vendor}\nmodel name\t: X\nflags\t\t: fpu\n\n");

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Assert.Contains(setting, ReportedMachine.One(reasons, "IommuNotDescribed").Remedy, StringComparison.Ordinal);
        Assert.Equal($"/proc/cmdline: {line.Split(' ')[0]}", ReportedMachine.One(reasons, code).Evidence);
    }

    [Theory]
    [InlineData("zz-e1", "iommu_intel=on", "intel_iommu=on")]
    [InlineData("zz-e3", "intel_iommu=On", "intel_iommu=on")]
    [InlineData("zz-e5", "intel_iommu =on", "intel_iommu=on")]
    [InlineData("zz-e12", "intel_iommu=on;iommu=pt", "intel_iommu=on iommu=pt")]
    [InlineData("zz-e16", "vfio-pci.id=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    public async Task A_misspelt_word_is_named_with_what_is_meant(string name, string written, string meant)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;
        Finding finding = ReportedMachine.One(reasons, "KernelWordMisspelt");

        Assert.Equal((Severity.Warning, $"/proc/cmdline: {written}"), (finding.Severity, finding.Evidence));
        Assert.Contains($"Write {meant} on", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(reasons, static reason => reason.Code == "IommuOptionUseless");
        Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_other_machine_is_said_to_have_a_misspelt_word()
    {
        List<string> found = [];
        foreach (string folder in Directory.GetDirectories(Path.Combine(Repository.Folder, "tests", "cases")))
        {
            using ReportedMachine machine = ReportedMachine.Build(Path.GetFileName(folder));
            if (
                File.Exists(machine.Tree.Path + "/proc/cmdline")
                && KernelWordSpelling.Find(File.ReadAllText(machine.Tree.Path + "/proc/cmdline")).Count > 0
            )
            {
                found.Add(Path.GetFileName(folder));
            }
        }

        Assert.Equal(["zz-e1", "zz-e12", "zz-e16", "zz-e3", "zz-e5"], found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("amd_iommu=on", "amd_iommu=on")]
    [InlineData("iommu=pt,on", "iommu=pt,on")]
    [InlineData("intel_iommu=pt", "intel_iommu=pt")]
    public async Task A_plan_warns_of_values_that_no_kernel_takes(string word, string evidence)
    {
        using ReportedMachine machine = ReportedMachine.Build(NotWritten);

        ChangePlan plan = await machine.PlanAsync(new KernelParameterRequest([word], []));

        Assert.Equal(evidence, ReportedMachine.One(plan.Findings, "IommuOptionUseless").Evidence);
    }

    [Theory]
    [InlineData(
        "Fedora Linux 41.20250101.0 (Silverblue)",
        "ostree-1.conf",
        "rpm-ostree kargs --append-if-missing=intel_iommu=on"
    )]
    [InlineData("Fedora Linux 41 (Workstation Edition)", "fedora-1.conf", "grubby --update-kernel=ALL")]
    public async Task Entries_that_rpm_ostree_keeps_are_changed_by_it(string system, string entry, string remedy)
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .Without("boot/grub")
            .With("etc/os-release", $"PRETTY_NAME=\"{system}\"\n")
            .With("boot/grub2/grub.cfg", "insmod blscfg\nblscfg\n")
            .With($"boot/loader/entries/{entry}", "title Fedora\nlinux /vmlinuz\noptions root=UUID=1 ro quiet\n");

        Finding unused = ReportedMachine.One((await machine.SupportAsync()).Reasons, "BootSettingUnused");

        Assert.Contains(remedy, unused.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kvm_intell.nested=1")]
    [InlineData("kvm-intel.nestd=1")]
    public async Task One_fault_of_a_word_is_told_once(string word)
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("proc/cmdline", $"BOOT_IMAGE=/v ro {word}\n");

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Assert.Single(
            reasons,
            static reason => reason.Code is "KernelWordMisspelt" or "ModuleNameUnknown" or "ModuleParameterUnknown"
        );
    }

    [Fact]
    public async Task A_plan_warns_of_misspelt_words_and_enable_puts_the_right_one_in_their_place()
    {
        using ReportedMachine machine = ReportedMachine.Build("zz-e1");
        machine.With(
            "boot/grub/grub.cfg",
            "menuentry 'Debian' {\n\tlinux\t/boot/vmlinuz-6.1.0-17-amd64 root=UUID=1 ro quiet iommu_intel=on\n}\n"
        );

        ChangePlan set = await machine.PlanAsync(new KernelParameterRequest(["vfio_pci_ids=10de:1eb8"], []));
        ChangePlan enable = await machine.PlanAsync(new IommuRequest(Enable: true));

        Finding warning = ReportedMachine.One(set.Findings, "KernelWordMisspelt");
        Assert.Equal((Severity.Warning, "vfio_pci_ids=10de:1eb8"), (warning.Severity, warning.Evidence));
        Assert.Contains("vfio-pci.ids=10de:1eb8", warning.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(set.Changes);
        Assert.Equal("root=UUID=1 ro quiet intel_iommu=on", enable.Changes[^1].To);
        Assert.Empty(enable.Findings);
        Assert.Empty((await machine.PlanAsync(new KernelParameterRequest(["intel-iommu=on"], []))).Findings);
    }

    [Fact]
    public async Task Defaults_of_grub_that_the_menu_has_not_are_named_with_the_tool_that_writes_it()
    {
        using ReportedMachine machine = ReportedMachine.Build(NotWritten);

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Finding unused = ReportedMachine.One(reasons, "BootSettingUnused");
        Assert.Equal("/etc/default/grub:2: GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"", unused.Evidence);
        Assert.Contains("update-grub (grub-mkconfig -o /boot/grub/grub.cfg)", unused.Remedy, StringComparison.Ordinal);
        Assert.Contains("update-grub", ReportedMachine.One(reasons, "IommuOff").Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Arch Linux", "boot/grub/grub.cfg", "grub-mkconfig -o /boot/grub/grub.cfg")]
    [InlineData("openSUSE Leap 15.6", "boot/grub2/grub.cfg", "grub2-mkconfig -o /boot/grub2/grub.cfg")]
    [InlineData("Ubuntu 24.04 LTS", "boot/grub/grub.cfg", "update-grub")]
    [InlineData("CentOS Linux 7", "boot/efi/EFI/centos/grub.cfg", "grub2-mkconfig -o /boot/efi/EFI/centos/grub.cfg")]
    public async Task The_tool_is_the_one_of_the_distribution_and_the_menu(string system, string menu, string tool)
    {
        using ReportedMachine machine = ReportedMachine.Build(NotWritten);
        string text = File.ReadAllText(machine.Tree.Path + "/boot/grub/grub.cfg");
        machine
            .Without("boot/grub/grub.cfg")
            .With(menu, text)
            .With("etc/os-release", $"PRETTY_NAME=\"{system}\"\n")
            .With("etc/default/grub", "GRUB_CMDLINE_LINUX=\"vfio-pci.ids=10de:1eb8 intel_iommu=on\"\n");

        Finding unused = ReportedMachine.One((await machine.SupportAsync()).Reasons, "BootSettingUnused");

        Assert.Contains($"Run: {tool}", unused.Remedy, StringComparison.Ordinal);
        Assert.Contains("vfio-pci.ids=10de:1eb8 intel_iommu=on", unused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_menu_has_already_waits_for_a_boot_and_nothing_is_to_be_added()
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("boot/grub/grub.cfg", "menuentry 'a' {\n\tlinux\t/v root=UUID=1 ro quiet intel_iommu=on\n}\n");

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Assert.StartsWith(
            "Reboot: /boot/grub/grub.cfg",
            ReportedMachine.One(reasons, "IommuOff").Remedy,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(reasons, static reason => reason.Code == "BootSettingUnused");
    }

    [Fact]
    public async Task Red_Hats_entries_do_not_follow_the_defaults_of_grub()
    {
        using ReportedMachine machine = ReportedMachine.Build("18-rhel93-bls");

        Finding unused = ReportedMachine.One((await machine.SupportAsync()).Reasons, "BootSettingUnused");

        Assert.StartsWith("/etc/default/grub:3: GRUB_CMDLINE_LINUX=", unused.Evidence, StringComparison.Ordinal);
        Assert.Contains("--update-bls-cmdline", unused.Remedy, StringComparison.Ordinal);
        Assert.Contains(
            "grubby --update-kernel=ALL --args=\"intel_iommu=on iommu=pt\"",
            unused.Remedy,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/kernel/proxmox-boot-uuids", "ABCD-1234\n", "proxmox-boot-tool refresh")]
    [InlineData(
        "boot/efi/loader/entries/arch.conf",
        "title Arch\nlinux /vmlinuz\noptions root=1 rw\n",
        "/boot/efi/loader/entries/"
    )]
    [InlineData("boot/refind_linux.conf", "\"Boot\" \"root=UUID=1 rw\"\n", "/boot/refind_linux.conf")]
    [InlineData("boot/limine.conf", "/Arch\n    protocol: linux\n    cmdline: root=UUID=1\n", "/boot/limine.conf")]
    [InlineData("boot/armbianEnv.txt", "extraargs=quiet\n", "/boot/armbianEnv.txt")]
    [InlineData("etc/zipl.conf", "[linux]\nparameters=\"root=1\"\n", "/etc/zipl.conf")]
    [InlineData("boot/firmware/cmdline.txt", "console=tty1 root=1\n", "/boot/firmware/cmdline.txt")]
    [InlineData("boot/EFI/Linux/linux.efi", "x", "build the images again")]
    public async Task Defaults_of_grub_are_in_vain_where_another_loader_boots(string path, string text, string remedy)
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("proc/cmdline", "root=UUID=1 ro quiet\n")
            .With(path, text);

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;
        Finding unused = ReportedMachine.One(reasons, "BootSettingUnused");

        Assert.StartsWith("/etc/default/grub:2: ", unused.Evidence, StringComparison.Ordinal);
        Assert.Contains(remedy, unused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("update-grub", unused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(AddAdvice, await machine.WordsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wsl_takes_the_line_from_a_file_of_Windows()
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n")
            .With("proc/cmdline", "initrd=\\initrd.img WSL_ROOT_INIT=1 panic=-1\n");

        Assert.Contains(
            ".wslconfig",
            ReportedMachine.One((await machine.SupportAsync()).Reasons, "BootSettingUnused").Remedy,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Limine_is_named_and_the_file_of_syslinux_is_not_what_boots()
    {
        using ReportedMachine machine = ReportedMachine.Build("19-unraid-limine");

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Finding unused = ReportedMachine.One(reasons, "BootSettingUnused");
        Assert.StartsWith(
            "/boot/syslinux/syslinux.cfg:5: append vfio-pci.ids=",
            unused.Evidence,
            StringComparison.Ordinal
        );
        Assert.Contains("/boot/limine.conf", unused.Remedy, StringComparison.Ordinal);
        Assert.Contains("Limine", ReportedMachine.One(reasons, "NextBootAssumed").Message, StringComparison.Ordinal);
        Assert.DoesNotContain("GRUB menu", await machine.WordsAsync(), StringComparison.Ordinal);
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new KernelParameterRequest(["vfio-pci.ids=10de:2805"], []))
        );
        Assert.Equal("BootLoaderUnknown", refusal.Reasons[0].Code);
        Assert.Contains("/boot/limine.conf", refusal.Reasons[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Syslinux_alone_boots_the_host_and_its_words_wait_for_a_boot()
    {
        using ReportedMachine machine = ReportedMachine.Build("19-unraid-limine").Without("boot/limine.conf");

        Finding unused = ReportedMachine.One((await machine.SupportAsync()).Reasons, "BootSettingUnused");

        Assert.Contains("this boot has not", unused.Message, StringComparison.Ordinal);
        Assert.Contains("append line", unused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enable_after_disable_changes_the_menu_of_a_host_that_was_booted_without_its_line()
    {
        using ReportedMachine machine = ReportedMachine
            .Build(NotWritten)
            .With("proc/cmdline", "root=UUID=1 ro quiet intel_iommu=on\n")
            .With("sys/kernel/iommu_groups/0/devices/0000:00:02.0/x", "")
            .With("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=off\"\n")
            .With("boot/grub/grub.cfg", "menuentry 'a' {\n\tlinux\t/v root=UUID=1 ro quiet intel_iommu=off\n}\n");

        ChangePlan plan = await machine.PlanAsync(new IommuRequest(Enable: true));

        Assert.Equal(
            ["/etc/default/grub", "/boot/grub/grub.cfg"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal("root=UUID=1 ro quiet intel_iommu=on", plan.Changes[^1].To);
        Assert.Equal("BootLoaderUncertain", Assert.Single(plan.Findings).Code);

        machine
            .With("etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"\n")
            .With("boot/grub/grub.cfg", "menuentry 'a' {\n\tlinux\t/v root=UUID=1 ro quiet intel_iommu=on\n}\n");
        Assert.Empty((await machine.PlanAsync(new IommuRequest(Enable: true))).Changes);
    }

    [Theory]
    [InlineData("24-arm-no-smmu")]
    [InlineData("zz-f-iort")]
    public async Task Arm_is_told_of_the_SMMU_and_no_word_of_x86_is_explained_as_if_it_counted(string name)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        NestedSupport support = await machine.SupportAsync();

        Assert.Contains(
            "SMMU",
            ReportedMachine.One(support.Reasons, "IommuNotDescribed").Remedy,
            StringComparison.Ordinal
        );
        Assert.Null(support.Iommu.FirmwareTable);
        Assert.Equal(
            ["/proc/cmdline: amd_iommu=on", "/proc/cmdline: intel_iommu=on", "/proc/cmdline: iommu=pt"],
            support
                .Reasons.Where(static reason => reason.Code == "IommuOptionOtherVendor")
                .Select(static reason => reason.Evidence!)
                .Order(StringComparer.Ordinal)
        );
        string words = await machine.WordsAsync();
        Assert.DoesNotContain("firmware describes an IOMMU", words, StringComparison.Ordinal);
        Assert.DoesNotContain("on by default", words, StringComparison.Ordinal);
        Assert.DoesNotContain("VT-d", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arm-smmu-v3.0.auto", "IommuOff")]
    [InlineData("arm-smmu.1.auto", "IommuOff")]
    [InlineData("arm-smmu-v3-pmcg.0.auto", "IommuNotDescribed")]
    [InlineData("ACPI0007:00", "IommuNotDescribed")]
    public async Task The_kernels_devices_tell_whether_the_table_of_Arm_names_an_SMMU(string device, string code)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("zz-f-iort")
            .With($"sys/bus/platform/devices/{device}/uevent", "");

        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, code);

        Assert.Contains("SMMU", finding.Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("not known", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("07-qubes-dom0")]
    [InlineData("zz-g-dom0-live-intel")]
    public async Task The_IOMMU_of_Xens_control_domain_is_Xens(string name)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        NestedSupport support = await machine.SupportAsync();

        Finding finding = ReportedMachine.One(support.Reasons, "IommuOfXen");
        Assert.Equal((Severity.Information, "/proc/xen/capabilities: control_d"), (finding.Severity, finding.Evidence));
        Assert.Contains("xl info", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("xl dmesg", finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(IommuState.Unknown, support.Iommu.State);
        string words = await machine.WordsAsync();
        Assert.DoesNotContain("describes", words, StringComparison.Ordinal);
        Assert.DoesNotContain("VT-d", words, StringComparison.Ordinal);
        ChangeRefusedException refusal = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
            machine.PlanAsync(new IommuRequest(Enable: true))
        );
        Assert.Equal(("IommuOfXen", Severity.Error), (refusal.Reasons[0].Code, refusal.Reasons[0].Severity));
    }

    [Theory]
    [InlineData("proc/xen", "sys/hypervisor/start_flags/initdomain", "1\n")]
    [InlineData("proc/xen", "etc/nothing", "")]
    public async Task The_control_domain_is_known_without_its_file_system(string gone, string path, string text)
    {
        using ReportedMachine machine = ReportedMachine.Build("zz-g-dom0-live-intel").Without(gone).With(path, text);

        ReportedMachine.One((await machine.SupportAsync()).Reasons, "IommuOfXen");
    }

    [Fact]
    public async Task A_guest_of_Xen_is_told_of_its_own_firmware()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("zz-g-dom0-live-intel")
            .With("proc/xen/capabilities", "\n")
            .With("sys/hypervisor/uuid", "3d2a7d4c-0000-4000-8000-000000000001\n");

        IReadOnlyList<Finding> reasons = (await machine.SupportAsync()).Reasons;

        Assert.Contains("guest", ReportedMachine.One(reasons, "IommuNotDescribed").Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(reasons, static reason => reason.Code == "IommuOfXen");
    }
}
