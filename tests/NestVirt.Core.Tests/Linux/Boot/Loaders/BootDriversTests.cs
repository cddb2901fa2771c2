using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Boot.Loaders;

/// <summary>Each way of booting, from files of the form that its tools write.</summary>
public sealed class BootDriversTests
{
    private const string Entry = "title x\nversion 1\nlinux /vmlinuz\noptions root=/dev/x quiet\n";

    [Fact]
    public async Task Grub_with_loader_entries_has_them_edited_and_the_sources_of_new_ones_kept_in_step()
    {
        Needs.Shell();
        using BootTree host = new("BOOT_IMAGE=(hd0)/vmlinuz root=/dev/x quiet");
        host.Write("boot/grub2/grub.cfg", "blscfg\n")
            .Write("boot/loader/entries/a.conf", Entry)
            .Write("boot/loader/entries/b.conf", Entry)
            .Write("etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\nGRUB_ENABLE_BLSCFG=true\n")
            .Write("etc/kernel/cmdline", "root=/dev/x quiet\n")
            .WithTools("grub2-mkconfig", "grubby");

        ChangePlan plan = await host.PlanAsync(["a=1"], []);
        host.Apply(plan);
        ChangePlan next = await host.PlanAsync(["a=1"], []);

        Assert.Equal(
            ["/etc/default/grub", "/etc/kernel/cmdline", "/boot/loader/entries/a.conf", "/boot/loader/entries/b.conf"],
            plan.Changes.Select(static change => change.Setting)
        );
        Assert.Equal(
            Entry.Replace("quiet", "quiet a=1", StringComparison.Ordinal),
            host.Text("/boot/loader/entries/b.conf")
        );
        Assert.Empty(next.Changes);
        Assert.Equal("KernelParameterPending", Assert.Single(next.Pending).Code);
    }

    [Fact]
    public async Task Systemd_boot_has_its_entries_edited()
    {
        Needs.Shell();
        using BootTree host = new("initrd=\\initramfs.img root=/dev/x quiet");
        host.Write("boot/loader/entries/a.conf", Entry)
            .Write("etc/default/grub", "GRUB_CMDLINE_LINUX=\"\"\n")
            .WithMenu("old")
            .WithTools("grub-mkconfig", "kernel-install");

        ChangePlan plan = await host.PlanAsync(["a=1"], []);

        Assert.Equal("/boot/loader/entries/a.conf", Assert.Single(plan.Changes).Setting);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public async Task Proxmox_hands_the_line_on_by_its_own_tool()
    {
        Needs.Shell();
        using BootTree zfs = new("initrd=\\EFI\\proxmox\\initrd root=ZFS=rpool/ROOT/pve-1 boot=zfs");
        zfs.Write("etc/kernel/proxmox-boot-uuids", "ABCD-1234\n")
            .Write("etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n")
            .WithTools("proxmox-boot-tool", "update-grub");
        using BootTree grub = BootTree.Grub("quiet");
        grub.Write("etc/kernel/proxmox-boot-uuids", "ABCD-1234 grub\n").WithTools("proxmox-boot-tool");

        ChangePlan first = await zfs.PlanAsync(["a=1"], []);
        ChangePlan second = await grub.PlanAsync(["a=1"], []);

        Assert.Equal(["/etc/kernel/cmdline", "boot partitions"], first.Changes.Select(static change => change.Setting));
        Assert.Equal(["/etc/default/grub", "boot partitions"], second.Changes.Select(static change => change.Setting));
        Assert.All(
            (ChangePlan[])[first, second],
            static plan => Assert.Equal(["proxmox-boot-tool"], plan.Changes[^1].Step.Arguments)
        );
        zfs.Apply(first);
        Assert.Empty((await zfs.PlanAsync(["a=1"], [])).Changes);
    }

    [Fact]
    public async Task Rpm_ostree_is_told_the_words_and_their_way_back()
    {
        Needs.Shell();
        using BootTree host = new("BOOT_IMAGE=(hd0)/ostree/vmlinuz root=/dev/x quiet a=0");
        host.Write("run/ostree-booted", "")
            .Write("boot/grub2/grub.cfg", "blscfg\n")
            .WithTools("rpm-ostree")
            .Write("boot/loader/entries/ostree-1.conf", "version 1\nlinux /o\noptions root=/dev/x a=old\n")
            .Write("boot/loader/entries/ostree-2.conf", "version 2\nlinux /o\noptions root=/dev/x quiet a=0\n");

        HostChange change = Assert.Single((await host.PlanAsync(["a=1"], ["quiet"])).Changes);

        Assert.Equal(
            [
                "rpm-ostree",
                "--",
                "--delete-if-present=quiet",
                "--delete-if-present=a=0",
                "--append-if-missing=a=1",
                "--",
                "--delete-if-present=a=1",
                "--append-if-missing=quiet",
                "--append-if-missing=a=0",
            ],
            change.Step.Arguments
        );
    }

    [Fact]
    public async Task Pop_os_is_told_through_kernelstub()
    {
        Needs.Shell();
        using BootTree host = new("initrd=\\EFI\\Pop\\initrd root=/dev/x quiet");
        host.Write("boot/efi/loader/entries/Pop_OS-current.conf", Entry).WithTools("kernelstub");

        HostChange change = Assert.Single((await host.PlanAsync(["a=1"], [])).Changes);

        // All words in their order, without what kernelstub adds by itself.
        Assert.Equal(["--", "-o", "quiet a=1", "--", "-o", "quiet"], change.Step.Arguments.Skip(3));
    }

    [Fact]
    public async Task The_raspberry_pi_has_its_one_line_edited()
    {
        Needs.Shell();
        using BootTree host = new("coherent_pool=1M console=tty1 root=/dev/x rootwait");
        host.Write("boot/firmware/cmdline.txt", "console=tty1 root=/dev/x rootwait\n");

        ChangePlan plan = await host.PlanAsync(["a=1"], []);
        host.Apply(plan);

        Assert.Equal("console=tty1 root=/dev/x rootwait a=1\n", host.Text("/boot/firmware/cmdline.txt"));
        Assert.Empty((await host.PlanAsync(["a=1"], [])).Changes);
    }

    [Fact]
    public async Task The_place_that_the_raspberry_pi_has_left_is_not_edited()
    {
        Needs.Shell();
        using BootTree host = new("console=tty1 root=/dev/x rootwait");
        host.Write(
            "boot/cmdline.txt",
            "DO NOT EDIT THIS FILE\n\nThe file you are looking for has moved to /boot/firmware/cmdline.txt\n"
        );

        Assert.Equal("BootLoaderUnknown", (await host.RefusalAsync(["a=1"], [])).Code);
    }

    [Fact]
    public async Task Unified_kernel_images_are_refused()
    {
        Needs.Shell();
        using BootTree host = new("root=/dev/x");
        host.Write("efi/EFI/Linux/arch.efi", "x").Write("efi/loader/entries/a.conf", Entry);

        Finding refusal = await host.RefusalAsync(["a=1"], []);

        Assert.Contains("unified", refusal.Message, StringComparison.Ordinal);
    }
}
