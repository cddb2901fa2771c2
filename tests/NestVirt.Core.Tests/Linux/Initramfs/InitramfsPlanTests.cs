using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.Drivers;
using NestVirt.Core.Tests.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Initramfs;

public sealed class InitramfsPlanTests
{
    private const string Rules = "/etc/udev/rules.d/70-nestvirt-driver.rules";

    [Fact]
    public async Task Where_the_initramfs_does_not_load_the_module_nothing_is_built()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs", "mkinitramfs")
            .Write("etc/initramfs-tools/modules", "# kvm_intel\nvirtio_pci\n");

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(["file", "module"], Actions(plan));
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public async Task Debian_builds_it_when_its_list_names_the_module_between_the_file_and_the_reload()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs", "mkinitramfs")
            .Write("etc/initramfs-tools/modules", "# modules\n  kvm-intel\n");

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(["file", "tool", "module"], Actions(plan));
        Assert.Equal(["update-initramfs", "/boot/initrd.img-*"], plan.Changes[1].Step.Arguments);
        Assert.Equal(ChangeTiming.NextBoot, plan.Changes[1].TakesEffect);
        Assert.Equal(
            "/etc/initramfs-tools/modules:2: kvm-intel",
            Assert.Single(plan.Findings, static finding => finding.Code == "InitramfsRebuilt").Evidence
        );
    }

    [Fact]
    public async Task What_is_written_already_builds_nothing()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs")
            .Write("etc/initramfs-tools/modules", "kvm_intel\n")
            .Write(KvmTree.OwnFile[1..], "options kvm_intel nested=1\n");

        Assert.Equal(["module"], Actions(await host.NestAsync()));
    }

    [Fact]
    public async Task The_vendors_module_brings_the_common_one()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs")
            .Write("usr/share/initramfs-tools/modules.d/virt", "kvm_intel\n");
        using KvmTree other = new KvmTree().WithTools("update-initramfs").Write("etc/initramfs-tools/modules", "kvm\n");

        Assert.Contains("tool", Actions(await host.PlanAsync("kvm", "ignore_msrs", "1")));
        Assert.DoesNotContain("tool", Actions(await other.NestAsync()));
    }

    [Fact]
    public async Task A_value_in_Debians_list_wins_and_is_refused()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs")
            .Write("etc/initramfs-tools/modules", "kvm_intel nested=0\n");

        Finding refusal = await KvmTree.RefusedAsync(() => host.NestAsync());

        Assert.Equal(
            ("InitramfsWins", "/etc/initramfs-tools/modules:1: kvm_intel nested=0"),
            (refusal.Code, refusal.Evidence)
        );
        Assert.Contains(
            "tool",
            Actions(await host.Write("etc/initramfs-tools/modules", "kvm_intel nested=Y\n").NestAsync())
        );
    }

    [Theory]
    [InlineData("add_drivers+=\" kvm kvm_intel \"", true)]
    [InlineData("force_drivers+=\" kvm-intel \"", true)]
    [InlineData("force_drivers=\"kvm_intel\"\nforce_drivers=\"\"", false)]
    [InlineData("#add_drivers+=\" kvm_intel \"", false)]
    [InlineData("omit_drivers+=\" kvm_intel \"", false)]
    public async Task Fedora_builds_all_when_dracuts_files_name_the_module(string line, bool isBuilt)
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("dracut")
            .Write("usr/lib/dracut/dracut.conf.d/01-dist.conf", "hostonly=\"yes\"\n")
            .Write("etc/dracut.conf.d/kvm.conf", line + "\n");

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(
            isBuilt,
            plan.Changes.Any(static change => change.Step is { Action: "tool", Arguments: ["dracut-all"] })
        );
        Assert.Equal(
            isBuilt ? [$"/etc/dracut.conf.d/kvm.conf:1: {line}"] : [],
            plan.Findings.Select(static finding => finding.Evidence)
        );
    }

    [Fact]
    public async Task Options_that_dracut_does_not_copy_are_warned_of()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("dracut")
            .Write("etc/dracut.conf", "add_drivers+=\" kvm_intel \"\n");
        using KvmTree named = new KvmTree()
            .WithTools("dracut")
            .Write(
                "etc/dracut.conf",
                "add_drivers+=\" kvm_intel \"\ninstall_items+=\" /etc/modprobe.d/nestvirt.conf \"\n"
            );

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(["file", "module"], Actions(plan));
        Assert.Equal("InitramfsWithoutOptions", Assert.Single(plan.Findings).Code);
        Assert.Contains("tool", Actions(await named.NestAsync()));
    }

    [Theory]
    [InlineData("MODULES=(ext4\n  # kvm_amd)\n  kvm_intel)\nHOOKS=(base udev modconf)", "tool", "InitramfsRebuilt")]
    [InlineData("MODULES=\"kvm kvm_intel?\"\nHOOKS=\"base modconf\"", "tool", "InitramfsRebuilt")]
    [InlineData("MODULES=(kvm_intel)\nHOOKS=(base udev)", null, "InitramfsWithoutOptions")]
    [InlineData("MODULES=(kvm_intel)\nHOOKS=(base)\nFILES=(/etc/modprobe.d/nestvirt.conf)", "tool", "InitramfsRebuilt")]
    [InlineData("MODULES=(kvm_intel)\nHOOKS=(base modconf)\nMODULES=()", null, null)]
    public async Task Arch_builds_when_mkinitcpios_file_names_the_module(string text, string? action, string? code)
    {
        Needs.Shell();
        using KvmTree host = new KvmTree().WithTools("mkinitcpio").Write("etc/mkinitcpio.conf", text + "\n");

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(
            action,
            plan.Changes.FirstOrDefault(static change =>
                change.Step is { Action: "tool", Arguments: ["mkinitcpio"] }
            )?.Step.Action
        );
        Assert.Equal(code, plan.Findings.SingleOrDefault()?.Code);
    }

    [Fact]
    public async Task Proxmox_hands_it_to_the_boot_partitions_afterwards()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs", "mkinitramfs", "proxmox-boot-tool")
            .Write("etc/initramfs-tools/modules", "kvm_intel\n")
            .Write("etc/kernel/proxmox-boot-uuids", "ABCD-0123\n");

        ChangePlan plan = await host.NestAsync();

        Assert.Equal(
            ["update-initramfs", "proxmox-boot-tool"],
            plan.Changes.Where(static change => change.Step.Action == "tool")
                .Select(static change => change.Step.Arguments[0])
        );
    }

    [Fact]
    public async Task Without_a_program_that_builds_it_the_user_is_told()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree().Write("etc/dracut.conf.d/kvm.conf", "add_drivers+=\" kvm_intel \"\n");
        using KvmTree image = new KvmTree()
            .WithTools("dracut", "rpm-ostree")
            .Write("run/ostree-booted", "")
            .Write("etc/dracut.conf.d/kvm.conf", "add_drivers+=\" kvm_intel \"\n");

        Finding missing = Assert.Single((await host.NestAsync()).Findings);
        Finding built = Assert.Single((await image.NestAsync()).Findings);

        Assert.Equal(
            ("InitramfsStale", "/etc/dracut.conf.d/kvm.conf:1: add_drivers+=\" kvm_intel \""),
            (missing.Code, missing.Evidence)
        );
        Assert.Contains("rpm-ostree initramfs", built.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dracuts_update_initramfs_is_not_taken_for_Debians()
    {
        Needs.Shell();
        using KvmTree host = new KvmTree()
            .WithTools("update-initramfs", "dracut")
            .Write("etc/dracut.conf", "hostonly=yes\nadd_drivers+=\" kvm_intel \"\n");

        Assert.Equal(["dracut-all"], (await host.NestAsync()).Changes[1].Step.Arguments);
    }

    [Fact]
    public async Task A_rule_of_udev_is_copied_by_Debians_and_so_it_is_built_before_the_device_changes_hands()
    {
        Needs.Shell();
        using PciDriverTree host = new();
        AddTool(host, "update-initramfs");

        ChangePlan plan = await host.PlanAsync(PciDriverTree.Card, "vfio-pci");
        ChangePlan temporary = await host.PlanAsync(
            new PciDriverRequest(PciDriverTree.Card, "vfio-pci") { IsTemporary = true }
        );

        Assert.Equal(
            [Rules, "initramfs", "PCI device 0000:02:00.0"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal(
            "InitramfsRebuilt",
            Assert
                .Single(plan.Findings, static finding => finding.Code.StartsWith("Initramfs", StringComparison.Ordinal))
                .Code
        );
        Assert.Equal(["driver"], Actions(temporary));
    }

    [Theory]
    [InlineData("dracut", "etc/dracut.conf", "install_items+=\" /etc/udev/rules.d/70-nestvirt-driver.rules \"\n", true)]
    [InlineData("dracut", "etc/dracut.conf", "hostonly=yes\n", false)]
    [InlineData("mkinitcpio", "etc/mkinitcpio.conf", "FILES=(/etc/udev/rules.d/70-nestvirt-driver.rules)\n", true)]
    [InlineData("mkinitcpio", "etc/mkinitcpio.conf", "HOOKS=(udev modconf)\n", false)]
    public async Task Others_copy_a_rule_only_when_they_are_told(string tool, string path, string text, bool isBuilt)
    {
        Needs.Shell();
        using PciDriverTree host = new();
        AddTool(host, tool);
        host.Tree.Write(path, text);
        host.Add("0000:05:00.0", "0x030000", "0x10de", "0x1", null, 9);

        Assert.Equal(isBuilt, Actions(await host.PlanAsync(PciDriverTree.Card, "vfio-pci")).Contains("tool"));
        ChangePlan display = await host.PlanAsync("0000:05:00.0", "vfio-pci");
        Assert.Equal(!isBuilt, display.Findings.Any(static finding => finding.Code == "InitramfsDriverFirst"));
    }

    private static string[] Actions(ChangePlan plan) => [.. plan.Changes.Select(static change => change.Step.Action)];

    private static void AddTool(PciDriverTree host, string tool)
    {
        host.Tree.Write("usr/sbin/" + tool, "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode($"{host.Tree.Path}/usr/sbin/{tool}", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }
}
