using FsCheck;
using FsCheck.Fluent;
using NestVirt.Kvm;

namespace NestVirt.Core.Tests.Kvm;

/// <summary>/etc/default/grub as distributions ship it; each case names its source.</summary>
public sealed class GrubDefaultEditorTests
{
    private const string Main = GrubDefaultEditor.MainFile;
    private const string Cloud = "/etc/default/grub.d/50-cloudimg-settings.cfg";

    // Debian 12 and 13: package grub2-common, /usr/share/grub/default/grub.
    private const string Debian = """
        # If you change this file, run 'update-grub' afterwards to update
        # /boot/grub/grub.cfg.
        # For full documentation of the options in this file, see:
        #   info -f grub -n 'Simple configuration'

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX=""

        # Uncomment to enable BadRAM filtering, modify to suit your needs
        # This works with Linux (no patch required) and with any kernel that obtains
        #GRUB_BADRAM="0x01234567,0xfefefefe,0x89abcdef,0xefefefef"

        """;

    // Ubuntu 22.04 and 24.04 server and desktop: grub2-common, with the installer's values.
    private const string Ubuntu = """
        GRUB_DEFAULT=0
        GRUB_TIMEOUT_STYLE=hidden
        GRUB_TIMEOUT=0
        GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"
        GRUB_CMDLINE_LINUX=""

        """;

    // Ubuntu cloud images: livecd-rootfs, live-build/ubuntu-cpc/hooks.d/base/disk-image*.binary.
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

    // Fedora and RHEL 9, Rocky, CentOS Stream: anaconda's pyanaconda/modules/storage/bootloader/grub2.py, write_defaults.
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

    // openSUSE Leap and Tumbleweed: package grub2, default/grub, with the installer's values.
    private const string Suse = """
        # Uncomment to set your own custom distributor. If you leave it unset or empty, the default
        # policy is to determine the value from /etc/os-release
        GRUB_DISTRIBUTOR=
        GRUB_DEFAULT=saved
        GRUB_HIDDEN_TIMEOUT=0
        GRUB_HIDDEN_TIMEOUT_QUIET=true
        GRUB_TIMEOUT=8
        GRUB_CMDLINE_LINUX_DEFAULT="splash=silent resume=/dev/system/swap mitigations=auto quiet security=apparmor"
        GRUB_CMDLINE_LINUX=""

        """;

    // Arch: package grub, etc/default/grub.
    private const string Arch = """
        # GRUB boot loader configuration

        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR="Arch"
        GRUB_CMDLINE_LINUX_DEFAULT="loglevel=3 quiet"
        GRUB_CMDLINE_LINUX=""

        """;

    // Proxmox VE on ext4: Debian's file as proxmox-installer leaves it, with its own in grub.d.
    private const string Proxmox = """
        GRUB_DEFAULT=0
        GRUB_TIMEOUT=5
        GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
        GRUB_CMDLINE_LINUX_DEFAULT="quiet"
        GRUB_CMDLINE_LINUX="root=ZFS=rpool/ROOT/pve-1 boot=zfs"

        """;

    [Theory]
    [InlineData(Debian, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"")]
    [InlineData(Ubuntu, "\"quiet splash\"", "\"quiet splash intel_iommu=on\"")]
    [InlineData(RedHat, "rhgb quiet\"", "rhgb quiet intel_iommu=on\"")]
    [InlineData(Suse, "security=apparmor\"", "security=apparmor intel_iommu=on\"")]
    [InlineData(Arch, "\"loglevel=3 quiet\"", "\"loglevel=3 quiet intel_iommu=on\"")]
    [InlineData(Proxmox, "\"quiet\"", "\"quiet intel_iommu=on\"")]
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
    [InlineData("  export GRUB_CMDLINE_LINUX=\"quiet \" ; X=1\r\n", "  export GRUB_CMDLINE_LINUX=\"quiet a=1 \" ; X=1\r\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"quiet\"\r\nY=\u00e9\u00ff\r\n", "GRUB_CMDLINE_LINUX=\"quiet a=1\"\r\nY=\u00e9\u00ff\r\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"one \\\n  two\"\n", "GRUB_CMDLINE_LINUX=\"one \\\n  two a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"$X\"\n", "GRUB_CMDLINE_LINUX=\"$X a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"m=1\\\\\\$2 x=\\\"b c\\\"\"\n", "GRUB_CMDLINE_LINUX=\"m=1\\\\\\$2 x=\\\"b c\\\" a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"a\"'b c'$(cat \")\")\n", "GRUB_CMDLINE_LINUX=\"ab c$(cat \")\") a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"one\"\nGRUB_CMDLINE_LINUX+=\" two\"\n", "GRUB_CMDLINE_LINUX=\"one\"\nGRUB_CMDLINE_LINUX+=\" two a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"a=1\"\nGRUB_CMDLINE_LINUX=two\n", "GRUB_CMDLINE_LINUX=\"a=1\"\nGRUB_CMDLINE_LINUX=\"two a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=\"x a=0 y a=2 z\"\n", "GRUB_CMDLINE_LINUX=\"x y a=1 z\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX_DEFAULT=\"a=0\"\nGRUB_CMDLINE_LINUX=\"A-b=1 a=3\"\n", "GRUB_CMDLINE_LINUX_DEFAULT=\"a=1\"\nGRUB_CMDLINE_LINUX=\"A-b=1\"\n")]
    [InlineData("#GRUB_CMDLINE_LINUX=\"quiet\"\n", "#GRUB_CMDLINE_LINUX=\"quiet\"\nGRUB_CMDLINE_LINUX=\"a=1\"\n")]
    [InlineData("if true; then GRUB_CMDLINE_LINUX=b; fi\n", "if true; then GRUB_CMDLINE_LINUX=b; fi\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX a=1\"\n")]
    [InlineData("case $X in\n  a) GRUB_CMDLINE_LINUX=b ;;\nesac\n", "case $X in\n  a) GRUB_CMDLINE_LINUX=b ;;\nesac\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX a=1\"\n")]
    [InlineData("GRUB_CMDLINE_LINUX=b some command\nX='GRUB_CMDLINE_LINUX=\"no\"\n'", "GRUB_CMDLINE_LINUX=b some command\nX='GRUB_CMDLINE_LINUX=\"no\"\n'\nGRUB_CMDLINE_LINUX=\"a=1\"\n")]
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
    public void A_word_is_taken_away_with_one_gap(string text, string word, string expected) => Assert.Equal(expected, Remove(text, word));

    [Fact]
    public void A_cloud_images_file_that_wins_gets_company_of_ours()
    {
        Dictionary<string, string> files = new() { [Main] = Ubuntu, [Cloud] = UbuntuCloud };

        GrubDefaultEdit edit = GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["intel_iommu=on"], []));

        KeyValuePair<string, string> own = Assert.Single(edit.Files);
        Assert.Equal(GrubDefaultEditor.OwnFile, own.Key);
        Assert.EndsWith("\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\"\n", own.Value, StringComparison.Ordinal);
        Assert.Null(edit.Obstacle);

        files[own.Key] = own.Value;
        Assert.Empty(GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["intel_iommu=on"], [])).Files);
        GrubDefaultEdit more = GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["iommu=pt"], ["intel_iommu"]));
        Assert.EndsWith("\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT iommu=pt\"\n", Assert.Single(more.Files).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_adds_to_the_main_one_leaves_the_words_there()
    {
        // Ubuntu 24.04: kdump-tools, debian/kdump-tools.grub.default.
        Dictionary<string, string> files = new()
        {
            [Main] = Ubuntu,
            ["/etc/default/grub.d/kdump-tools.cfg"] = "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=2G-4G:320M\"\n",
        };

        GrubDefaultEdit edit = GrubDefaultEditor.Edit(files, readsFolder: true, new KernelWordChange(["intel_iommu=on"], []));

        Assert.Equal(Ubuntu.Replace("quiet splash", "quiet splash intel_iommu=on", StringComparison.Ordinal), Assert.Single(edit.Files).Value);
        Assert.Equal(Main, Assert.Single(edit.Files).Key);
    }

    [Fact]
    public void Where_the_folder_is_not_read_its_files_say_nothing()
    {
        Dictionary<string, string> files = new() { [Main] = Arch, [Cloud] = UbuntuCloud };

        Assert.Equal(Main, Assert.Single(GrubDefaultEditor.Edit(files, readsFolder: false, new KernelWordChange(["a=1"], [])).Files).Key);
    }

    [Fact]
    public void Words_of_others_files_are_named_as_conflicts_and_a_later_file_as_obstacle()
    {
        Dictionary<string, string> files = new() { [Main] = Ubuntu, [Cloud] = UbuntuCloud, ["/etc/default/grub.d/zz.cfg"] = "GRUB_CMDLINE_LINUX_DEFAULT=last\n" };

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
        GrubDefaultEdit edit = GrubDefaultEditor.Edit(new Dictionary<string, string> { [Main] = text }, readsFolder: true, new KernelWordChange(["a=1"], []));

        Assert.Equal(Main, edit.Broken);
        Assert.Empty(edit.Files);
    }

    [Fact]
    public void Whatever_the_file_holds_setting_again_changes_nothing()
    {
        Gen<string> text = Gen.Elements("GRUB_CMDLINE_LINUX=", "GRUB_CMDLINE_LINUX_DEFAULT=", "\"", "'", "\n", "\\\n", " ", "quiet", "a=b", "$X", "${Y}", "`", "\\", "#", "\r\n", "\u00e9", "+=", ";", "if ", "(", ")")
            .ArrayOf().Select(string.Concat);

        Prop.ForAll(text.ToArbitrary(), value =>
        {
            string set = Set(value, "zz.new=1");
            Assert.Equal(set, Set(set, "zz.new=1"));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_plain_assignment_keeps_all_other_bytes_over_a_round_trip()
    {
        Gen<string> other = Gen.Elements("# it's \"odd\"\n", "X=1\n", "\n", "\t\n", "Y='a\nb'\r\n", "\u00e9\u00ff\n", "Z=\"q \\\" r\"\n").ArrayOf().Select(string.Concat);
        Gen<string> words = Gen.Elements("quiet", "root=/dev/x", "  ", " \\\n ", "console=ttyS0,115200").ArrayOf().Select(static all => string.Join(' ', all) + " end");
        Arbitrary<(string, string, string)> all = (from before in other from line in words from after in other select (before, line, after)).ToArbitrary();

        Prop.ForAll(all, value =>
        {
            string file = $"{value.Item1}GRUB_CMDLINE_LINUX=\"x {value.Item2}\"\n{value.Item3}";
            string set = Set(file, "zz.new=1");
            Assert.StartsWith(value.Item1, set, StringComparison.Ordinal);
            Assert.EndsWith(value.Item3, set, StringComparison.Ordinal);
            Assert.Equal(file, Remove(set, "zz.new"));
        }).QuickCheckThrowOnFailure();
    }

    private static string Set(string text, string word) => Edit(text, new KernelWordChange([word], []));

    private static string Remove(string text, string word) => Edit(text, new KernelWordChange([], [word]));

    private static string Edit(string text, KernelWordChange change) =>
        GrubDefaultEditor.Edit(new Dictionary<string, string> { [Main] = text }, readsFolder: true, change).Files.GetValueOrDefault(Main) ?? text;
}
