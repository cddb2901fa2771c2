using NestVirt.Kvm;

namespace NestVirt.Core.Tests.Kvm;

/// <summary>Entries and command-line files as distributions write them; each case names its source.</summary>
public sealed class LoaderEntryEditorTests
{
    // Fedora 40: grub2, util/grub.d/10_linux.in and 20-grub.install; machine id shortened.
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

    // RHEL 9.4 and Rocky 9: the same, with tuned's variables (tuned, bootloader plugin).
    private const string RedHat9 = """
        title Rocky Linux (5.14.0-427.13.1.el9_4.x86_64) 9.4 (Blue Onyx)
        version 5.14.0-427.13.1.el9_4.x86_64
        linux /vmlinuz-5.14.0-427.13.1.el9_4.x86_64
        initrd /initramfs-5.14.0-427.13.1.el9_4.x86_64.img $tuned_initrd
        options root=/dev/mapper/rl-root ro crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M rd.lvm.lv=rl/root rhgb quiet $tuned_params
        grub_class rocky

        """;

    // RHEL 8: options live in GRUB's environment.
    private const string RedHat8 = "title CentOS Stream 8\nlinux /vmlinuz-4.18.0\ninitrd /initramfs-4.18.0.img $tuned_initrd\noptions $kernelopts $tuned_params\nid centos-1\n";

    // Arch with systemd-boot: archinstall, lib/installer.py.
    private const string Arch = "# Created by: archinstall\ntitle   Arch Linux (linux)\nlinux   /vmlinuz-linux\ninitrd  /initramfs-linux.img\noptions root=PARTUUID=1 zswap.enabled=0 rw rootfstype=ext4\n";

    // Pop!_OS: kernelstub writes /boot/efi/loader/entries/Pop_OS-current.conf.
    private const string Pop = "title Pop!_OS\nlinux /EFI/Pop_OS-1/vmlinuz.efi\ninitrd /EFI/Pop_OS-1/initrd.img\noptions root=UUID=1 ro quiet loglevel=0 systemd.show_status=false splash\n";

    [Theory]
    [InlineData(Fedora, "rhgb quiet\n", "rhgb quiet intel_iommu=on\n")]
    [InlineData(RedHat9, "$tuned_params\n", "$tuned_params intel_iommu=on\n")]
    [InlineData(Arch, "rootfstype=ext4\n", "rootfstype=ext4 intel_iommu=on\n")]
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
    public void Options_of_the_environment_are_changed_there()
    {
        KernelWordChange change = new(["intel_iommu=on"], ["quiet"]);
        string block = "# GRUB Environment Block\nsaved_entry=1\nkernelopts=root=/dev/x ro quiet \nboot_success=0\n".PadRight(1024, '#');

        string? edited = GrubEnvironmentEditor.Edit(block, change);

        Assert.True(LoaderEntryEditor.UsesKernelOptions(RedHat8));
        Assert.Equal(RedHat8, LoaderEntryEditor.Edit(RedHat8, change));
        Assert.Equal("# GRUB Environment Block\nsaved_entry=1\nkernelopts=root=/dev/x ro intel_iommu=on \nboot_success=0\n".PadRight(1024, '#'), edited);
        Assert.Equal(edited, GrubEnvironmentEditor.Edit(edited!, change));
        Assert.Null(GrubEnvironmentEditor.Edit(block, new KernelWordChange([new string('x', 1000)], [])));
        Assert.Null(GrubEnvironmentEditor.Edit("saved_entry=1\n", change));
    }

    [Theory]

    // Raspberry Pi OS bookworm: pi-gen, stage1/00-boot-files/files/cmdline.txt after the first boot.
    [InlineData("console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait\n", "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait a=1\n")]

    // Proxmox VE on ZFS: proxmox-installer writes /etc/kernel/cmdline.
    [InlineData("root=ZFS=rpool/ROOT/pve-1 boot=zfs\n", "root=ZFS=rpool/ROOT/pve-1 boot=zfs a=1\n")]

    // Fedora: 20-grub.install writes /etc/kernel/cmdline without a newline at its end in some releases.
    [InlineData("root=UUID=1 ro rhgb quiet", "root=UUID=1 ro rhgb quiet a=1")]
    [InlineData("\r\nroot=1 a=0\r\nsecond a=2\r\n", "\r\nroot=1 a=1\r\nsecond a=2\r\n")]
    [InlineData("# comment a=3\nroot=1\n", "# comment a=3\nroot=1 a=1\n")]
    [InlineData("", "a=1")]
    public void A_command_line_file_keeps_its_one_line(string text, string expected)
    {
        Assert.Equal(expected, CmdlineFileEditor.Edit(text, new KernelWordChange(["a=1"], [])));
        Assert.Equal(expected, CmdlineFileEditor.Edit(expected, new KernelWordChange(["a=1"], [])));
    }
}
