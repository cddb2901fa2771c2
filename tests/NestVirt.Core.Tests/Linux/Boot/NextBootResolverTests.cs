using NestVirt.Linux.Boot;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Boot;

/// <summary>Files as grub-mkconfig, grub2 with blscfg, bootctl and Raspberry Pi OS write them.</summary>
public sealed class NextBootResolverTests
{
    private const string DebianMenu = """
        @/boot/grub/grub.cfg
        |if [ -s $prefix/grubenv ]; then
        |  set have_grubenv=true
        |  load_env
        |fi
        |if [ "${next_entry}" ] ; then
        |   set default="${next_entry}"
        |   set next_entry=
        |   save_env next_entry
        |   set boot_once=true
        |else
        |   set default="DEFAULT"
        |fi
        |if [ x"${feature_menuentry_id}" = xy ]; then
        |  menuentry_id_option="--id"
        |fi
        |function gfxmode {
        |	set gfxpayload="${1}"
        |}
        |menuentry 'Debian GNU/Linux' --class debian --class gnu-linux $menuentry_id_option 'gnulinux-simple-1' {
        |	load_video
        |	if [ x$grub_platform = xxen ]; then insmod xzio; fi
        |	linux	/boot/vmlinuz-6.12 root=UUID=1 ro  quiet first $vt_handoff
        |	initrd	/boot/initrd.img-6.12
        |}
        |submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1' {
        |	menuentry 'Debian GNU/Linux, with Linux 6.12' --class debian $menuentry_id_option 'gnulinux-6.12-advanced-1' {
        |		linux	/boot/vmlinuz-6.12 root=UUID=1 ro advanced
        |	}
        |	menuentry 'Debian GNU/Linux, with Linux 6.1' --class debian $menuentry_id_option 'gnulinux-6.1-advanced-1' {
        |		linux	/boot/vmlinuz-6.1 root=UUID=1 ro "kvm.x=a b" old
        |	}
        |}
        |menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
        |	fwsetup
        |}

        """;

    [Theory]
    [InlineData("0", "first")]
    [InlineData("1>1", "old")]
    [InlineData("1", "advanced")]
    [InlineData("Debian GNU/Linux", "first")]
    [InlineData("gnulinux-advanced-1>gnulinux-6.1-advanced-1", "old")]
    [InlineData("Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.12", "advanced")]
    [InlineData("no such entry", "first")]
    public void Grub_boots_the_default_of_its_menu(string name, string last)
    {
        NextBoot next = Resolve(DebianMenu.Replace("DEFAULT", name, StringComparison.Ordinal));

        Assert.Null(next.AssumedBecause);
        Assert.Equal(last, Assert.Single(next.Candidates).Arguments.Last().Text);
    }

    [Theory]
    [InlineData("saved_entry=gnulinux-advanced-1>gnulinux-6.1-advanced-1", "old")]
    [InlineData("saved_entry=0\n|next_entry=1>0", "advanced")]
    [InlineData("# nothing", "first")]
    public void Grub_takes_saved_and_one_time_entries_from_its_environment(string environment, string last)
    {
        NextBoot next = Resolve(
            DebianMenu.Replace("DEFAULT", "${saved_entry}", StringComparison.Ordinal)
                + $"@/boot/grub/grubenv\n|{environment}\n"
        );

        Assert.Equal(last, Assert.Single(next.Candidates).Arguments.Last().Text);
    }

    [Fact]
    public void Grub_entry_that_starts_no_linux_proves_nothing() =>
        Assert.NotNull(
            Resolve(DebianMenu.Replace("DEFAULT", "uefi-firmware", StringComparison.Ordinal)).AssumedBecause
        );

    [Theory]
    [InlineData("saved_entry=b", "ro kvm_intel.nested=0 late")]
    [InlineData("saved_entry=a", "ro kernelopts-of-env")]
    public void Grub_with_loader_entries_boots_the_saved_one(string environment, string expected)
    {
        NextBoot next = Resolve(
            $$"""
            @/boot/grub2/grub.cfg
            |set default="${saved_entry}"
            |set tuned_params=""
            |insmod blscfg
            |blscfg
            @/boot/grub2/grubenv
            |# GRUB Environment Block
            |{{environment}}
            |kernelopts=ro kernelopts-of-env
            |#####
            @/boot/loader/entries/a.conf
            |title A
            |linux /vmlinuz-a
            |options $kernelopts $tuned_params
            @/boot/loader/entries/b.conf
            |linux /vmlinuz-b
            |options ro kvm_intel.nested=0 late
            """
        );

        Assert.Null(next.AssumedBecause);
        Assert.Equal(expected, Assert.Single(next.Candidates).Text.Trim());
    }

    [Fact]
    public void Grub_without_a_saved_entry_may_boot_any_loader_entry()
    {
        NextBoot next = Resolve(
            """
            @/boot/grub2/grub.cfg
            |blscfg
            @/boot/loader/entries/a.conf
            |linux /vmlinuz-a
            |options one
            @/boot/loader/entries/b.conf
            |linux /vmlinuz-b
            |options two
            """
        );

        Assert.Equal(["one", "two"], next.Candidates.Select(static line => line.Text));
    }

    [Fact]
    public void A_variable_that_nobody_sets_proves_nothing()
    {
        NextBoot next = Resolve(
            "@/boot/grub2/grub.cfg\n|blscfg\n@/boot/loader/entries/a.conf\n|linux /vmlinuz-a\n|options $kernelopts\n"
        );

        Assert.Equal("BOOT_IMAGE=/vmlinuz present", Assert.Single(next.Candidates).Text);
        Assert.NotNull(next.AssumedBecause);
    }

    [Theory]
    [InlineData("default b*", "two")]
    [InlineData("default a.conf", "one")]
    [InlineData("timeout 3", "one|two")]
    public void Systemd_boot_takes_the_default_of_loader_conf(string line, string expected)
    {
        NextBoot next = Resolve(
            $"""
            @/boot/efi/loader/loader.conf
            |{line}
            @/boot/efi/loader/entries/a.conf
            |linux /a/linux
            |options one
            @/boot/efi/loader/entries/b.conf
            |linux /b/linux
            |options two
            @/boot/efi/loader/entries/shell.conf
            |efi /shell.efi
            """,
            "initrd=\\a\\initrd present"
        );

        Assert.Equal(expected, string.Join('|', next.Candidates.Select(static candidate => candidate.Text)));
    }

    [Fact]
    public void A_raspberry_pi_takes_its_own_file() =>
        Assert.Equal(
            "console=tty1 root=PARTUUID=1 kvm-arm.mode=nested",
            Assert
                .Single(
                    Resolve(
                        "@/boot/firmware/cmdline.txt\n|console=tty1 root=PARTUUID=1 kvm-arm.mode=nested\n",
                        "present"
                    ).Candidates
                )
                .Text
        );

    [Theory]
    [InlineData("unreadable\t/boot/grub2/grub.cfg\n", "only root may read /boot/grub2/grub.cfg")]
    [InlineData(
        "@/etc/default/grub\n|GRUB_CMDLINE_LINUX=\"kvm_intel.nested=0\"\n",
        "no GRUB menu was found that names the next boot's kernel"
    )]
    [InlineData("", "the boot loader is not known: no files of one were found")]
    public void What_is_not_proved_is_assumed_and_said(string text, string reason)
    {
        NextBoot next = Resolve(text);

        Assert.Equal(
            ("BOOT_IMAGE=/vmlinuz present", reason),
            (Assert.Single(next.Candidates).Text, next.AssumedBecause)
        );
    }

    [Fact]
    public void Unified_kernel_images_are_not_looked_into() =>
        Assert.Contains(
            "unified kernel images",
            Resolve("unified\tyes\n@/efi/loader/entries/a.conf\n|linux /a\n|options one\n", "present").AssumedBecause,
            StringComparison.Ordinal
        );

    [Fact]
    public void Two_menus_that_differ_prove_nothing() =>
        Assert.Contains(
            "several GRUB menus",
            Resolve(
                "@/boot/grub/grub.cfg\n|menuentry 'a' {\n|linux /v one\n|}\n@/boot/grub2/grub.cfg\n|menuentry 'a' {\n|linux /v two\n|}\n"
            ).AssumedBecause,
            StringComparison.Ordinal
        );

    [Fact]
    public void Resolving_survives_damaged_files() =>
        Mutation.Check(
            DebianMenu.Replace("DEFAULT", "${saved_entry}", StringComparison.Ordinal)
                + "@/boot/grub/grubenv\n|saved_entry=1>1\nunreadable\t/boot/efi\n@/boot/loader/entries/a.conf\n|linux /v\n|options $kernelopts\n",
            static text => Resolve(text)
        );

    private static NextBoot Resolve(string text, string present = "BOOT_IMAGE=/vmlinuz present") =>
        NextBootResolver.Resolve(ProbeListing.Parse("boot", text), new KernelCommandLine(present, "/proc/cmdline"));
}
