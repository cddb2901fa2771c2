using NestVirt.Linux.Boot;

namespace NestVirt.Core.Tests.Linux.Boot;

/// <summary>Entries and command-line files as distributions write them; each case names its source.</summary>
public sealed class LoaderEntryEditorTests
{
    // Fedora 40: the function mkbls of 20-grub.install, in Fedora's packaging of grub2 as kept in
    // github.com/jmontleon/grub2-dist-git (d483971ab1be); the words are constructed.
    private const string Fedora = """
        title Fedora Linux (6.8.5-301.fc40.x86_64) 40 (Server Edition)
        version 6.8.5-301.fc40.x86_64
        linux /vmlinuz-6.8.5-301.fc40.x86_64
        initrd /initramfs-6.8.5-301.fc40.x86_64.img
        options root=UUID=1 ro rd.lvm.lv=fedora/root rhgb quiet
        grub_users $grub_users
        grub_arg --unrestricted
        grub_class fedora

        """;

    // RHEL 9 and Rocky 9: the same function, and then TuneD's variables: github.com/redhat-performance/tuned,
    // 92-tuned.install (2bfa4423586b); the words are constructed.
    private const string RedHat9 = """
        title Rocky Linux (5.14.0-427.13.1.el9_4.x86_64) 9.4 (Blue Onyx)
        version 5.14.0-427.13.1.el9_4.x86_64
        linux /vmlinuz-5.14.0-427.13.1.el9_4.x86_64
        initrd /initramfs-5.14.0-427.13.1.el9_4.x86_64.img $tuned_initrd
        options root=/dev/mapper/rl-root ro crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M rd.lvm.lv=rl/root rhgb quiet $tuned_params
        grub_users $grub_users
        grub_arg --unrestricted
        grub_class rocky

        """;

    // RHEL 8 and its kin: options live in GRUB's environment. The form is that of grubby-bls' mkbls as kept in
    // github.com/fedora-riscv/grubby (d6967109223a), with TuneD's variables; the values are AlmaLinux 8.3's, from a
    // user's listing.
    private const string RedHat8 = """
        title AlmaLinux (4.18.0-240.22.1.el8_3.x86_64) 8.3 (Purple Manul)
        version 4.18.0-240.22.1.el8_3.x86_64
        linux /vmlinuz-4.18.0-240.22.1.el8_3.x86_64
        initrd /initramfs-4.18.0-240.22.1.el8_3.x86_64.img $tuned_initrd
        options $kernelopts $tuned_params
        id almalinux-20210409120623-4.18.0-240.22.1.el8_3.x86_64
        grub_users $grub_users
        grub_arg --unrestricted
        grub_class kernel

        """;

    // Arch with systemd-boot: github.com/archlinux/archinstall, archinstall/lib/installer.py, _create_bls_entries and
    // _get_kernel_params (ede2bd381767); the date and the root are constructed.
    private const string Arch =
        "# Created by: archinstall\n# Created on: 2026-08-20_10-45-43\ntitle\tArch Linux (linux)\nlinux\t/vmlinuz-linux\ninitrd\t/initramfs-linux.img\noptions root=PARTUUID=1 zswap.enabled=0 rw rootfstype=ext4\n";

    // systemd's kernel-install: github.com/systemd/systemd, src/kernel-install/90-loaderentry.install.in (01492fe32fdc); the
    // values are constructed.
    private const string KernelInstall = """
        # Boot Loader Specification type#1 entry
        # File created by /usr/lib/kernel/install.d/90-loaderentry.install (systemd 257)
        title      Debian GNU/Linux 13 (trixie)
        version    6.12.38+deb13-amd64
        machine-id 00000000000000000000000000000001
        sort-key   debian
        options    root=UUID=1 ro quiet systemd.machine_id=00000000000000000000000000000001
        linux      /00000000000000000000000000000001/6.12.38+deb13-amd64/linux
        initrd     /00000000000000000000000000000001/6.12.38+deb13-amd64/initrd.img-6.12.38+deb13-amd64

        """;

    // Pop!_OS: /boot/efi/loader/entries/Pop_OS-current.conf, by github.com/pop-os/kernelstub, kernelstub/installer.py,
    // make_loader_entry (3fb4e06aab99), with the words that users' listings of the file agree on.
    private const string Pop =
        "title Pop!_OS\nlinux /EFI/Pop_OS-1/vmlinuz.efi\ninitrd /EFI/Pop_OS-1/initrd.img\noptions root=UUID=1 ro quiet loglevel=0 systemd.show_status=false splash\n";

    [Theory]
    [InlineData(Fedora, "rhgb quiet\n", "rhgb quiet intel_iommu=on\n")]
    [InlineData(RedHat9, "$tuned_params\n", "$tuned_params intel_iommu=on\n")]
    [InlineData(Arch, "rootfstype=ext4\n", "rootfstype=ext4 intel_iommu=on\n")]
    [InlineData(
        KernelInstall,
        "systemd.machine_id=00000000000000000000000000000001\n",
        "systemd.machine_id=00000000000000000000000000000001 intel_iommu=on\n"
    )]
    [InlineData(Pop, "splash\n", "splash intel_iommu=on\n")]
    public void An_entry_gets_the_word_at_the_end_of_its_options(string text, string before, string after)
    {
        KernelWordChange change = new(["intel_iommu=on"], []);
        string expected = text.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(text, expected);

        Assert.Equal(expected, LoaderEntryEditor.Edit(text, change));
        Assert.Equal(expected, LoaderEntryEditor.Edit(expected, change));
        Assert.Equal(text, LoaderEntryEditor.Edit(expected, new KernelWordChange([], ["intel_iommu"])));
    }

    [Theory]
    [InlineData("linux /v\noptions a=0 b\noptions c a=2\n", "linux /v\noptions b\noptions c a=1\n")]
    [InlineData("linux /v\r\noptions\ta=0\u00e9\r\n", "linux /v\r\noptions\ta=1\r\n")]
    [InlineData("linux /v\n  options  a=1\n", "linux /v\n  options  a=1\n")]
    [InlineData("linux /v", "linux /v\noptions a=1\n")]
    [InlineData("efi /shell.efi\n", "efi /shell.efi\n")]
    [InlineData("linux /v\noptionsx b\noptions \n", "linux /v\noptionsx b\noptions a=1\n")]
    public void Lines_of_options_count_as_one_and_other_bytes_stay(string text, string expected) =>
        Assert.Equal(expected, LoaderEntryEditor.Edit(text, new KernelWordChange(["a=1"], [])));

    [Fact]
    public void What_an_entry_says_several_times_stays_where_the_rest_comes_from_a_variable()
    {
        const string entry = "title x\nlinux /vmlinuz\noptions $kernelopts console=ttyS0,115200 quiet\n";

        Assert.Equal(entry, LoaderEntryEditor.Edit(entry, new KernelWordChange(["console=tty0"], [])));
        Assert.Equal(
            "title x\nlinux /vmlinuz\noptions $kernelopts console=ttyS0,115200\n",
            LoaderEntryEditor.Edit(entry, new KernelWordChange([], ["quiet"]))
        );
    }

    [Fact]
    public void Options_of_the_environment_are_changed_there()
    {
        KernelWordChange change = new(["intel_iommu=on"], ["quiet"]);
        string block =
            "# GRUB Environment Block\nsaved_entry=1\nkernelopts=root=/dev/x ro quiet \nboot_success=0\n".PadRight(
                1024,
                '#'
            );

        string? edited = GrubEnvironmentEditor.Edit(block, change);

        Assert.True(LoaderEntryEditor.UsesKernelOptions(RedHat8));
        Assert.Equal(RedHat8, LoaderEntryEditor.Edit(RedHat8, change));
        Assert.Equal(
            "# GRUB Environment Block\nsaved_entry=1\nkernelopts=root=/dev/x ro intel_iommu=on \nboot_success=0\n".PadRight(
                1024,
                '#'
            ),
            edited
        );
        Assert.Equal(edited, GrubEnvironmentEditor.Edit(edited!, change));
        Assert.Null(GrubEnvironmentEditor.Edit(block, new KernelWordChange([new string('x', 1000)], [])));
        Assert.Null(GrubEnvironmentEditor.Edit("saved_entry=1\n", change));
    }

    [Theory]
    // Raspberry Pi OS bookworm: github.com/RPi-Distro/pi-gen, stage1/00-boot-files/files/cmdline.txt (branch bookworm,
    // 4be6bbd0933c), where export-image/04-set-partuuid puts the root in. Until the first boot, stage2's patch
    // 07-resize-init.diff has quiet and an init= behind it. Trixie's (branch master, 314262cb286b) ends in resize.
    [InlineData(
        "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait\n",
        "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait a=1\n"
    )]
    [InlineData(
        "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n",
        "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait resize a=1\n"
    )]
    // Proxmox VE on ZFS: /etc/kernel/cmdline by github.com/proxmox/pve-installer, Proxmox/Install.pm (9.2.7, ec2af9011ddf),
    // with a space for the installer's own words, of which there are none as a rule.
    [InlineData("root=ZFS=rpool/ROOT/pve-1 boot=zfs \n", "root=ZFS=rpool/ROOT/pve-1 boot=zfs a=1 \n")]
    // Fedora 33 and later, RHEL 9: /etc/kernel/cmdline by grub2-mkconfig: github.com/rhboot/grub2, util/grub.d/10_linux.in,
    // update_bls_cmdline (branch rhel-9-main, 7878971fb), with a space for GRUB_CMDLINE_LINUX_DEFAULT, which is not set.
    [InlineData("root=UUID=1 ro rhgb quiet \n", "root=UUID=1 ro rhgb quiet a=1 \n")]
    // Fedora with systemd-boot: github.com/rhinstaller/anaconda, pyanaconda/modules/storage/bootloader/systemd.py, write_config
    // (8eddd3c95d28), without a newline.
    [InlineData("rhgb quiet root=UUID=1", "rhgb quiet root=UUID=1 a=1")]
    // Constructed.
    [InlineData("\r\nroot=1 a=0\r\nsecond a=2\r\n", "\r\nroot=1 a=1\r\nsecond a=2\r\n")]
    [InlineData("# comment a=3\nroot=1\n", "# comment a=3\nroot=1 a=1\n")]
    [InlineData("", "a=1")]
    public void A_command_line_file_keeps_its_one_line(string text, string expected)
    {
        Assert.Equal(expected, CmdlineFileEditor.Edit(text, new KernelWordChange(["a=1"], [])));
        Assert.Equal(expected, CmdlineFileEditor.Edit(expected, new KernelWordChange(["a=1"], [])));
    }
}
