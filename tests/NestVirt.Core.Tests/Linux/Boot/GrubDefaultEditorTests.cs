using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using NestVirt.Linux.Boot;

namespace NestVirt.Core.Tests.Linux.Boot;

/// <summary>/etc/default/grub as distributions ship it; each case names its source, or says that it is constructed.</summary>
public sealed class GrubDefaultEditorTests
{
    private const string Main = GrubDefaultEditor.MainFile;
    private const string Cloud = "/etc/default/grub.d/50-cloudimg-settings.cfg";

    // Debian 12: grub2 2.06-13+deb12u1, debian/default/grub with the two values that debian/rules puts in (Debian's
    // branch bookworm, c160f2ebb4de, as kept in github.com/LingmoOS-Testing/lingmo-grub); it is installed as
    // /usr/share/grub/default/grub. debian/postinst.in may then turn its line of os-prober into a comment.
    private const string Debian = """
        # If you change this file, run 'update-grub' afterwards to update
        # /boot/grub/grub.cfg.
        # For full documentation of the options in this file, see:
        #   info -f grub -n 'Simple configuration'

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX=""

        # If your computer has multiple operating systems installed, then you
        # probably want to run os-prober. However, if your computer is a host
        # for guest OSes installed via LVM or raw disk devices, running
        # os-prober can cause damage to those guest OSes as it mounts
        # filesystems to look for things.
        GRUB_DISABLE_OS_PROBER=true

        # Uncomment to enable BadRAM filtering, modify to suit your needs
        # This works with Linux (no patch required) and with any kernel that obtains
        # the memory map information from GRUB (GNU Mach, kernel of FreeBSD ...)
        #GRUB_BADRAM="0x01234567,0xfefefefe,0x89abcdef,0xefefefef"

        # Uncomment to disable graphical terminal
        #GRUB_TERMINAL=console

        # The resolution used on graphical terminal
        # note that you can use only modes which your graphic card supports via VBE
        # you can see them in real GRUB with the command `vbeinfo'
        #GRUB_GFXMODE=640x480

        # Uncomment if you don't want GRUB to pass "root=UUID=xxx" parameter to Linux
        #GRUB_DISABLE_LINUX_UUID=true

        # Uncomment to disable generation of recovery mode menu entries
        #GRUB_DISABLE_RECOVERY="true"

        # Uncomment to get a beep at grub start
        #GRUB_INIT_TUNE="480 440 1"

        """;

    // Debian 13: the head of debian/default/grub as kept in github.com/ParrotSec/grub2, 917ab2c75e37 (2.14-2parrot3, which
    // follows Debian's); by its debian/changelog these lines are from 2.12-3 and 2.12-8, and Debian 13 was at 2.12-9.
    // Debian 13's own package was not read.
    private const string DebianNext = """
        # If you change this file or any /etc/default/grub.d/*.cfg file,
        # run 'update-grub' afterwards to update /boot/grub/grub.cfg.
        # For full documentation of the options in these files, see:
        #   info -f grub -n 'Simple configuration'

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR=`( . /etc/os-release && echo ${NAME} )`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX=""

        """;

    // Ubuntu 24.04 desktop: the head of the file as users' reports in public repositories show it, which agree. Ubuntu's
    // packaging of grub2 is on Launchpad and was not read. The server's has an empty GRUB_CMDLINE_LINUX_DEFAULT there.
    private const string Ubuntu = """
        # If you change this file, run 'update-grub' afterwards to update
        # /boot/grub/grub.cfg.
        # For full documentation of the options in this file, see:
        #   info -f grub -n 'Simple configuration'

        GRUB_DEFAULT=0
        GRUB_TIMEOUT_STYLE=hidden
        GRUB_TIMEOUT=0
        GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"
        GRUB_CMDLINE_LINUX=""

        """;

    // Ubuntu cloud images: livecd-rootfs, live-build/ubuntu-cpc/hooks.d/chroot/999-cpc-fixes.chroot (06defc43482f, as kept
    // in github.com/Joshua-Riek/livecd-rootfs), which writes the file.
    private const string UbuntuCloud = """
        # Cloud Image specific Grub settings for Generic Cloud Images
        # CLOUD_IMG: This file was created/modified by the Cloud Image build process

        # Set the recordfail timeout
        GRUB_RECORDFAIL_TIMEOUT=0

        # Do not wait on grub prompt
        GRUB_TIMEOUT=0

        # Set the default commandline
        GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0"

        # Set the grub console type
        GRUB_TERMINAL=console

        """;

    // RHEL 9 and its kin; Fedora 40 and RHEL 10 write the same lines: github.com/rhinstaller/anaconda,
    // pyanaconda/modules/storage/bootloader/grub2.py, write_defaults (branch rhel-9, e1810e7ae730). The boot arguments are
    // constructed, as of an installation on LVM.
    private const string RedHat = """
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR="$(sed 's, release .*$,,g' /etc/system-release)"
        GRUB_DEFAULT=saved
        GRUB_DISABLE_SUBMENU=true
        GRUB_TERMINAL_OUTPUT="console"
        GRUB_CMDLINE_LINUX="crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M resume=/dev/mapper/rl-swap rd.lvm.lv=rl/root rd.lvm.lv=rl/swap rhgb quiet"
        GRUB_DISABLE_RECOVERY="true"
        GRUB_ENABLE_BLSCFG=true

        """;

    // openSUSE: a host's file, from github.com/Nykseli/bootkitd, test_data/grub_full (1d1f546eb57a). openSUSE's package
    // itself is on build.opensuse.org and was not read.
    private const string Suse = """
        # If you change this file, run 'grub2-mkconfig -o /boot/grub2/grub.cfg' afterwards to update
        # /boot/grub2/grub.cfg.

        # Uncomment to set your own custom distributor. If you leave it unset or empty, the default
        # policy is to determine the value from /etc/os-release
        GRUB_DISTRIBUTOR=
        GRUB_DEFAULT=saved
        GRUB_HIDDEN_TIMEOUT=0
        GRUB_HIDDEN_TIMEOUT_QUIET=true
        GRUB_TIMEOUT=8
        GRUB_CMDLINE_LINUX_DEFAULT="splash=silent quiet security=apparmor amd_pstate=active mitigations=auto"
        GRUB_CMDLINE_LINUX=""

        # Uncomment to automatically save last booted menu entry in GRUB2 environment

        # variable `saved_entry'
        # GRUB_SAVEDEFAULT="true"
        #Uncomment to enable BadRAM filtering, modify to suit your needs

        # This works with Linux (no patch required) and with any kernel that obtains
        # the memory map information from GRUB (GNU Mach, kernel of FreeBSD ...)
        # GRUB_BADRAM="0x01234567,0xfefefefe,0x89abcdef,0xefefefef"
        #Uncomment to disable graphical terminal (grub-pc only)

        GRUB_TERMINAL="gfxterm"
        # The resolution used on graphical terminal
        #note that you can use only modes which your graphic card supports via VBE

        # you can see them in real GRUB with the command `vbeinfo'
        GRUB_GFXMODE="auto"
        # Uncomment if you don't want GRUB to pass "root=UUID=xxx" parameter to Linux
        # GRUB_DISABLE_LINUX_UUID=true
        #Uncomment to disable generation of recovery mode menu entries

        # GRUB_DISABLE_RECOVERY="true"
        #Uncomment to get a beep at grub start

        # GRUB_INIT_TUNE="480 440 1"
        GRUB_BACKGROUND=
        GRUB_THEME=/boot/grub2/themes/openSUSE/theme.txt
        SUSE_BTRFS_SNAPSHOT_BOOTING="true"
        GRUB_USE_LINUXEFI="true"
        GRUB_DISABLE_OS_PROBER="false"
        GRUB_ENABLE_CRYPTODISK="y"
        GRUB_CMDLINE_XEN_DEFAULT="vga=gfx-1024x768x16"

        """;

    // Arch: github.com/archlinux/svntogit-packages, trunk/grub.default of the package grub (2c333b0edb92). A later copy of it
    // in github.com/crystal-linux/pkgbuild.grub has "loglevel=3 quiet".
    private const string Arch = """
        # GRUB boot loader configuration

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR="Arch"
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX=""

        # Preload both GPT and MBR modules so that they are not missed
        GRUB_PRELOAD_MODULES="part_gpt part_msdos"

        # Uncomment to enable booting from LUKS encrypted devices
        #GRUB_ENABLE_CRYPTODISK=y

        # Set to 'countdown' or 'hidden' to change timeout behavior,
        # press ESC key to display menu.
        GRUB_TIMEOUT_STYLE=menu

        # Uncomment to use basic console
        GRUB_TERMINAL_INPUT=console

        # Uncomment to disable graphical terminal
        #GRUB_TERMINAL_OUTPUT=console

        # The resolution used on graphical terminal
        # note that you can use only modes which your graphic card supports via VBE
        # you can see them in real GRUB with the command `vbeinfo'
        GRUB_GFXMODE=auto

        # Uncomment to allow the kernel use the same resolution used by grub
        GRUB_GFXPAYLOAD_LINUX=keep

        # Uncomment if you want GRUB to pass to the Linux kernel the old parameter
        # format "root=/dev/xxx" instead of "root=/dev/disk/by-uuid/xxx"
        #GRUB_DISABLE_LINUX_UUID=true

        # Uncomment to disable generation of recovery mode menu entries
        GRUB_DISABLE_RECOVERY=true

        # Uncomment and set to the desired menu colors.  Used by normal and wallpaper
        # modes only.  Entries specified as foreground/background.
        #GRUB_COLOR_NORMAL="light-blue/black"
        #GRUB_COLOR_HIGHLIGHT="light-cyan/blue"

        # Uncomment one of them for the gfx desired, a image background or a gfxtheme
        #GRUB_BACKGROUND="/path/to/wallpaper"
        #GRUB_THEME="/path/to/gfxtheme"

        # Uncomment to get a beep at GRUB start
        #GRUB_INIT_TUNE="480 440 1"

        # Uncomment to make GRUB remember the last selection. This requires to
        # set 'GRUB_DEFAULT=saved' above.
        #GRUB_SAVEDEFAULT="true"

        """;

    [Theory]
    [InlineData(Debian, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"")]
    [InlineData(DebianNext, "\"quiet\"", "\"quiet intel_iommu=on\"")]
    [InlineData(Ubuntu, "\"quiet splash\"", "\"quiet splash intel_iommu=on\"")]
    [InlineData(RedHat, "rhgb quiet\"", "rhgb quiet intel_iommu=on\"")]
    [InlineData(Suse, "mitigations=auto\"", "mitigations=auto intel_iommu=on\"")]
    [InlineData(Arch, "=\"quiet\"", "=\"quiet intel_iommu=on\"")]
    public void Each_distributions_file_gets_the_word_where_it_keeps_its_own(string text, string before, string after)
    {
        string expected = text.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(text, expected);

        Assert.Equal(expected, Set(text, "intel_iommu=on"));
        Assert.Equal(expected, Set(expected, "intel_iommu=on"));
        Assert.Equal(text, Remove(expected, "intel_iommu"));
    }

    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=''\n", "GRUB_CMDLINE_LINUX='a=1'\n")]
    [InlineData("GRUB_CMDLINE_LINUX='quiet'\n", "GRUB_CMDLINE_LINUX='quiet a=1'\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\n", "GRUB_CMDLINE_LINUX=\"a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=quiet # why\n", "GRUB_CMDLINE_LINUX=\"quiet a=1\" # why\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"quiet\"", "GRUB_CMDLINE_LINUX=\"quiet a=1\"")]
    [InlineData(
        "  export GRUB_CMDLINE_LINUX=\"quiet \" ; X=1\r\n",
        "  export GRUB_CMDLINE_LINUX=\"quiet a=1 \" ; X=1\r\n"
    )]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"quiet\"\r\nY=\u00e9\u00ff\r\n",
        "GRUB_CMDLINE_LINUX=\"quiet a=1\"\r\nY=\u00e9\u00ff\r\n"
    )]
    [InlineData("GRUB_CMDLINE_LINUX=\"one \\\n  two\"\n", "GRUB_CMDLINE_LINUX=\"one \\\n  two a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"$X\"\n", "GRUB_CMDLINE_LINUX=\"$X a=1\"\n")]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"m=1\\\\\\$2 x=\\\"b c\\\"\"\n",
        "GRUB_CMDLINE_LINUX=\"m=1\\\\\\$2 x=\\\"b c\\\" a=1\"\n"
    )]
    [InlineData("GRUB_CMDLINE_LINUX=\"a\"'b c'$(cat \")\")\n", "GRUB_CMDLINE_LINUX=\"ab c$(cat \")\") a=1\"\n")]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"one\"\nGRUB_CMDLINE_LINUX+=\" two\"\n",
        "GRUB_CMDLINE_LINUX=\"one\"\nGRUB_CMDLINE_LINUX+=\" two a=1\"\n"
    )]
    [InlineData(
        "GRUB_CMDLINE_LINUX=\"a=1\"\nGRUB_CMDLINE_LINUX=two\n",
        "GRUB_CMDLINE_LINUX=\"a=1\"\nGRUB_CMDLINE_LINUX=\"two a=1\"\n"
    )]
    [InlineData("GRUB_CMDLINE_LINUX=\"x a=0 y a=2 z\"\n", "GRUB_CMDLINE_LINUX=\"x y a=1 z\"\n")]
    [InlineData(
        "GRUB_CMDLINE_LINUX_DEFAULT=\"a=0\"\nGRUB_CMDLINE_LINUX=\"A-b=1 a=3\"\n",
        "GRUB_CMDLINE_LINUX_DEFAULT=\"a=1\"\nGRUB_CMDLINE_LINUX=\"A-b=1\"\n"
    )]
    [InlineData("#GRUB_CMDLINE_LINUX=\"quiet\"\n", "#GRUB_CMDLINE_LINUX=\"quiet\"\nGRUB_CMDLINE_LINUX=\"a=1\"\n")]
    [InlineData(
        "if true; then GRUB_CMDLINE_LINUX=b; fi\n",
        "if true; then GRUB_CMDLINE_LINUX=b; fi\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX a=1\"\n"
    )]
    [InlineData(
        "case $X in\n  a) GRUB_CMDLINE_LINUX=b ;;\nesac\n",
        "case $X in\n  a) GRUB_CMDLINE_LINUX=b ;;\nesac\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX a=1\"\n"
    )]
    [InlineData(
        "GRUB_CMDLINE_LINUX=b some command\nX='GRUB_CMDLINE_LINUX=\"no\"\n'",
        "GRUB_CMDLINE_LINUX=b some command\nX='GRUB_CMDLINE_LINUX=\"no\"\n'\nGRUB_CMDLINE_LINUX=\"a=1\"\n"
    )]
    [InlineData("", "GRUB_CMDLINE_LINUX=\"a=1\"\n")]
    public void Quotes_continuations_and_comments_are_kept(string text, string expected)
    {
        Assert.Equal(expected, Set(text, "a=1"));
        Assert.Equal(expected, Set(expected, "a=1"));
    }

    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=\"x y z\"\n", "x", "GRUB_CMDLINE_LINUX=\"y z\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x y z\"\n", "y", "GRUB_CMDLINE_LINUX=\"x z\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x y z\"\n", "z", "GRUB_CMDLINE_LINUX=\"x y\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX='x'\n", "x", "GRUB_CMDLINE_LINUX=''\n")]
    [InlineData("GRUB_CMDLINE_LINUX=x\n", "x", "GRUB_CMDLINE_LINUX=\"\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x \\\n  y=1 \\\n  z\"\n", "y", "GRUB_CMDLINE_LINUX=\"x \\\n  z\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x y=1 y=2\"\n", "y=1", "GRUB_CMDLINE_LINUX=\"x y=2\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x.a-b=1 z\"\n", "x.a_b", "GRUB_CMDLINE_LINUX=\"z\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x -- y\"\n", "y", "GRUB_CMDLINE_LINUX=\"x -- y\"\n")]
    public void A_word_is_taken_away_with_one_gap(string text, string word, string expected) =>
        Assert.Equal(expected, Remove(text, word));

    [Fact]
    public void A_cloud_images_file_that_wins_gets_company_of_ours()
    {
        Dictionary<string, string> files = new() { [Main] = Ubuntu, [Cloud] = UbuntuCloud };

        GrubDefaultEdit edit = GrubDefaultEditor.Edit(
            files,
            readsFolder: true,
            new KernelWordChange(["intel_iommu=on"], [])
        );

        KeyValuePair<string, string> own = Assert.Single(edit.Files);
        Assert.Equal(GrubDefaultEditor.OwnFile, own.Key);
        Assert.EndsWith(
            "\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\"\n",
            own.Value,
            StringComparison.Ordinal
        );
        Assert.Null(edit.Obstacle);

        files[own.Key] = own.Value;
        Assert.Empty(
            GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["intel_iommu=on"], [])).Files
        );
        GrubDefaultEdit more = GrubDefaultEditor.Edit(
            files,
            readsFolder: true,
            new KernelWordChange(["iommu=pt"], ["intel_iommu"])
        );
        Assert.EndsWith(
            "\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT iommu=pt\"\n",
            Assert.Single(more.Files).Value,
            StringComparison.Ordinal
        );
    }

    [Theory]
    // Debian's kdump-tools: debian/kdump-tools.grub.default of makedumpfile, as kept in
    // github.com/ystk/debian-makedumpfile (5df4e8a5a86a).
    [InlineData(
        Debian,
        "/etc/default/grub.d/kdump-tools.cfg",
        "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=384M-:128M\"\n"
    )]
    // Proxmox VE on ZFS: github.com/proxmox/pve-installer, Proxmox/Install.pm (9.2.7, ec2af9011ddf), without a newline.
    [InlineData(
        DebianNext,
        "/etc/default/grub.d/zfs.cfg",
        "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX root=ZFS=rpool/ROOT/pve-1 boot=zfs\""
    )]
    public void A_file_that_adds_to_the_main_one_leaves_the_words_there(string main, string path, string text)
    {
        Dictionary<string, string> files = new() { [Main] = main, [path] = text };

        GrubDefaultEdit edit = GrubDefaultEditor.Edit(
            files,
            readsFolder: true,
            new KernelWordChange(["intel_iommu=on"], [])
        );

        Assert.Equal(Set(main, "intel_iommu=on"), Assert.Single(edit.Files).Value);
        Assert.Equal(Main, Assert.Single(edit.Files).Key);
    }

    [Fact]
    public void Where_the_folder_is_not_read_its_files_say_nothing()
    {
        Dictionary<string, string> files = new() { [Main] = Arch, [Cloud] = UbuntuCloud };

        Assert.Equal(
            Main,
            Assert
                .Single(GrubDefaultEditor.Edit(files, readsFolder: false, new KernelWordChange(["a=1"], [])).Files)
                .Key
        );
    }

    [Fact]
    public void Words_of_others_files_are_named_as_conflicts_and_a_later_file_as_obstacle()
    {
        Dictionary<string, string> files = new()
        {
            [Main] = Ubuntu,
            [Cloud] = UbuntuCloud,
            ["/etc/default/grub.d/zz.cfg"] = "GRUB_CMDLINE_LINUX_DEFAULT=last\n",
        };

        GrubDefaultEdit taken = GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange([], ["last"]));
        GrubDefaultEdit added = GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["a=1"], []));

        Assert.Equal("/etc/default/grub.d/zz.cfg:1: GRUB_CMDLINE_LINUX_DEFAULT=last", Assert.Single(taken.Conflicts));
        Assert.Equal("/etc/default/grub.d/zz.cfg:1: GRUB_CMDLINE_LINUX_DEFAULT=last", added.Obstacle);
    }

    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=\"a\nX=1\n")]
    [InlineData("GRUB_CMDLINE_LINUX=$(echo\n")]
    [InlineData("X='\n")]
    [InlineData("X=\\")]
    public void A_file_that_does_not_close_a_quote_is_named_and_left_alone(string text)
    {
        GrubDefaultEdit edit = GrubDefaultEditor.Edit(
            new Dictionary<string, string> { [Main] = text },
            readsFolder: true,
            new KernelWordChange(["a=1"], [])
        );

        Assert.Equal(Main, edit.Broken);
        Assert.Empty(edit.Files);
    }

    [Property]
    public Property Whatever_the_file_holds_setting_again_changes_nothing()
    {
        Gen<string> text = Gen.Elements(
                "GRUB_CMDLINE_LINUX=",
                "GRUB_CMDLINE_LINUX_DEFAULT=",
                "\"",
                "'",
                "\n",
                "\\\n",
                " ",
                "quiet",
                "a=b",
                "$X",
                "${Y}",
                "`",
                "\\",
                "#",
                "\r\n",
                "\u00e9",
                "+=",
                ";",
                "if ",
                "(",
                ")"
            )
            .ArrayOf()
            .Select(string.Concat);

        return Prop.ForAll(
            text.ToArbitrary(),
            value =>
            {
                string set = Set(value, "zz.new=1");
                Assert.Equal(set, Set(set, "zz.new=1"));
            }
        );
    }

    [Property]
    public Property A_plain_assignment_keeps_all_other_bytes_over_a_round_trip()
    {
        Gen<string> other = Gen.Elements(
                "# it's \"odd\"\n",
                "X=1\n",
                "\n",
                "\t\n",
                "Y='a\nb'\r\n",
                "\u00e9\u00ff\n",
                "Z=\"q \\\" r\"\n"
            )
            .ArrayOf()
            .Select(string.Concat);
        Gen<string> words = Gen.Elements("quiet", "root=/dev/x", "  ", " \\\n ", "console=ttyS0,115200")
            .ArrayOf()
            .Select(static all => string.Join(' ', all) + " end");
        Arbitrary<(string, string, string)> all = (
            from before in other
            from line in words
            from after in other
            select (before, line, after)
        ).ToArbitrary();

        return Prop.ForAll(
            all,
            value =>
            {
                string file = $"{value.Item1}GRUB_CMDLINE_LINUX=\"x {value.Item2}\"\n{value.Item3}";
                string set = Set(file, "zz.new=1");
                Assert.StartsWith(value.Item1, set, StringComparison.Ordinal);
                Assert.EndsWith(value.Item3, set, StringComparison.Ordinal);
                Assert.Equal(file, Remove(set, "zz.new"));
            }
        );
    }

    private static string Set(string text, string word) => Edit(text, new KernelWordChange([word], []));

    private static string Remove(string text, string word) => Edit(text, new KernelWordChange([], [word]));

    private static string Edit(string text, KernelWordChange change) =>
        GrubDefaultEditor
            .Edit(new Dictionary<string, string> { [Main] = text }, readsFolder: true, change)
            .Files.GetValueOrDefault(Main)
        ?? text;
}
