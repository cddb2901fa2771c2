using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>What starts a host's kernel, and gives it its command line.</summary>
internal enum BootLoader
{
    Unknown,
    Grub,
    Entries,
    Unified,
    PiFirmware,
    Proxmox,
    Wsl,
    Limine,
    Syslinux,
    Refind,
    UBoot,
    Zipl,
    Lilo,
    Petitboot,
}

/// <summary>How a host boots: the one notion that reading the next boot and changing it share.</summary>
/// <remarks>
/// GRUB and syslinux name the kernel that they loaded (BOOT_IMAGE=); systemd-boot, the firmware, Limine and rEFInd do
/// not. A line without that name on a host that has GRUB's menu and no other loader is a kernel that kexec started
/// (systemctl kexec takes the name away), or that petitboot took from that menu: GRUB's menu is what the next boot reads.
/// </remarks>
/// <param name="Loader">What starts the kernel.</param>
/// <param name="Name">Its name, for sentences.</param>
/// <param name="File">The file that is its configuration, or null.</param>
internal sealed record BootWay(BootLoader Loader, string Name, string? File)
{
    internal const string ProxmoxList = "/etc/kernel/proxmox-boot-uuids";

    private static readonly (BootLoader Loader, string Name, string[] Ends)[] s_others =
    [
        (BootLoader.Limine, "Limine", ["/limine.conf", "/limine.cfg", "/default/limine"]),
        (
            BootLoader.Syslinux,
            "syslinux or extlinux",
            ["/syslinux.cfg", "/extlinux.conf", "/isolinux.cfg", "/syslinux.conf"]
        ),
        (BootLoader.Refind, "rEFInd", ["/refind_linux.conf", "/refind.conf"]),
        (BootLoader.UBoot, "U-Boot", ["Env.txt", "/boot.cmd", "/default/u-boot"]),
        (BootLoader.Lilo, "LILO", ["/lilo.conf"]),
        (BootLoader.Zipl, "zipl", ["/zipl.conf"]),
        (BootLoader.Petitboot, "petitboot", ["/kboot.conf"]),
    ];

    private static readonly string[] s_piFiles = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];

    /// <summary>Gets the patterns of files of boot loaders that are named here and not edited.</summary>
    public const string OtherFiles = """
        "$NESTVIRT_ROOT"/boot/limine.c* "$NESTVIRT_ROOT"/boot/limine/limine.c* "$NESTVIRT_ROOT"/boot/EFI/*/limine.c* \
          "$NESTVIRT_ROOT"/boot/efi/limine.c* "$NESTVIRT_ROOT"/boot/efi/limine/limine.c* \
          "$NESTVIRT_ROOT"/boot/efi/EFI/*/limine.c* "$NESTVIRT_ROOT"/efi/limine.c* "$NESTVIRT_ROOT"/efi/EFI/*/limine.c* \
          "$NESTVIRT_ROOT"/etc/default/limine "$NESTVIRT_ROOT"/boot/syslinux/syslinux.cfg \
          "$NESTVIRT_ROOT"/boot/syslinux.cfg "$NESTVIRT_ROOT"/boot/EFI/syslinux/syslinux.cfg \
          "$NESTVIRT_ROOT"/boot/efi/EFI/syslinux/syslinux.cfg "$NESTVIRT_ROOT"/boot/isolinux/isolinux.cfg \
          "$NESTVIRT_ROOT"/boot/extlinux/extlinux.conf "$NESTVIRT_ROOT"/boot/extlinux.conf \
          "$NESTVIRT_ROOT"/boot/refind_linux.conf "$NESTVIRT_ROOT"/boot/EFI/refind/refind.conf \
          "$NESTVIRT_ROOT"/boot/efi/EFI/refind/refind.conf "$NESTVIRT_ROOT"/efi/EFI/refind/refind.conf \
          "$NESTVIRT_ROOT"/boot/*Env.txt "$NESTVIRT_ROOT"/boot/boot.cmd "$NESTVIRT_ROOT"/etc/default/u-boot \
          "$NESTVIRT_ROOT"/etc/lilo.conf "$NESTVIRT_ROOT"/etc/zipl.conf "$NESTVIRT_ROOT"/boot/kboot.conf \
          "$NESTVIRT_ROOT"/etc/kboot.conf "$NESTVIRT_ROOT"/etc/sdboot-manage.conf \
          "$NESTVIRT_ROOT"/etc/kernel/cmdline.d/*.conf "$NESTVIRT_ROOT"/etc/cmdline.d/*.conf
        """;

    /// <summary>Gets a value indicating whether this boot's line names the kernel that was loaded.</summary>
    /// <param name="present">This boot's command line.</param>
    public static bool NamesKernel(KernelCommandLine present) =>
        present.Arguments.Any(static argument => argument.Name == "BOOT_IMAGE");

    /// <summary>Finds how a host boots.</summary>
    /// <param name="listing">The boot loader's files.</param>
    /// <param name="present">This boot's command line.</param>
    /// <returns>The way.</returns>
    public static BootWay Of(ProbeListing listing, KernelCommandLine present)
    {
        if (listing.Fact("wsl") is not null)
        {
            return new BootWay(BootLoader.Wsl, "Windows Subsystem for Linux", null);
        }

        string? menu = Menu(listing);

        // Without a line there is nothing to tell by, and GRUB is what most hosts have.
        bool namesKernel = NamesKernel(present) || (present.Text.Length == 0 && menu is not null);
        if (listing.File(ProxmoxList) is not null)
        {
            return new BootWay(
                BootLoader.Proxmox,
                namesKernel ? "GRUB by proxmox-boot-tool" : "systemd-boot by proxmox-boot-tool",
                namesKernel ? "/etc/default/grub" : "/etc/kernel/cmdline"
            );
        }

        BootWay? grub = menu is null ? null : new BootWay(BootLoader.Grub, "GRUB", menu);
        return namesKernel
            ? grub
                ?? Zipl(listing)
                ?? Other(listing, present)
                ?? new BootWay(BootLoader.Unknown, "an unknown boot loader", null)
            : Entries(listing)
                ?? Pi(listing)
                ?? Other(listing, present)
                ?? grub
                ?? new BootWay(BootLoader.Unknown, "an unknown boot loader", null);
    }

    /// <summary>Gets what to edit for a word to be on the next boot's command line; null where that is one of our own commands.</summary>
    public string? Edit =>
        (Loader, File) switch
        {
            (BootLoader.Wsl, _) =>
                "write the word after kernelCommandLine= below [wsl2] in %UserProfile%\\.wslconfig on Windows, and run: wsl --shutdown",
            (BootLoader.Limine, { } file) => file.EndsWith("/default/limine", StringComparison.Ordinal)
                ? $"write the word into KERNEL_CMDLINE of {Plain(file)}, and run limine-mkinitcpio or limine-update"
                : $"write the word into the line cmdline: or kernel_cmdline: of the entry that boots, in {Plain(file)}",
            (BootLoader.Syslinux, { } file) =>
                $"write the word into the append line of the entry that boots, in {Plain(file)}",
            (BootLoader.Refind, { } file) =>
                $"write the word into the options of the entry that boots, in {Plain(file)}",
            (BootLoader.UBoot, { } file) =>
                $"write the word into {Plain(file)} (extraargs= on Armbian, U_BOOT_PARAMETERS of u-boot-menu), or into the bootargs of U-Boot's environment",
            (BootLoader.Lilo, { } file) => $"write the word into append= of {Plain(file)}, and run: lilo",
            (BootLoader.Zipl, { } file) => $"write the word into parameters= of {Plain(file)}, and run: zipl",
            (BootLoader.Petitboot, { } file) => $"write the word into {Plain(file)}",
            (BootLoader.Unified, _) =>
                "write the word into /etc/kernel/cmdline (or the file that the images are built from), and build the images again",
            _ => null,
        };

    private static string Plain(string path) => PlainWord.Or(path, "its file");

    private static string? Menu(ProbeListing listing) =>
        listing
            .Files.FirstOrDefault(static file =>
                file.Name == "grub.cfg"
                && GrubConfig.Parse(file.Lines) is { } config
                && (config.Entries.Count > 0 || config.UsesLoaderEntries)
            )
            ?.Path;

    private static BootWay? Entries(ProbeListing listing) =>
        listing.Fact("unified") is not null ? new BootWay(BootLoader.Unified, "unified kernel images", null)
        : NextBootResolver.EntryFolder(listing) is { } folder
            ? new BootWay(BootLoader.Entries, "systemd-boot", folder + "entries/")
        : null;

    // zipl of s390 writes BOOT_IMAGE=, too, and takes its menu from such entries where there are some.
    private static BootWay? Zipl(ProbeListing listing) =>
        listing.File("/etc/zipl.conf") is not null ? Entries(listing) : null;

    private static BootWay? Pi(ProbeListing listing) =>
        Array.Find(
            s_piFiles,
            path => listing.File(path) is { FirstLine.Length: > 0 } file && !CmdlineFileEditor.IsMoved(file.FirstLine)
        )
            is { } path
            ? new BootWay(BootLoader.PiFirmware, "the Raspberry Pi's firmware", path)
            : null;

    // Of several, the one whose words this boot has; a file whose words it lacks did not start it.
    private static BootWay? Other(ProbeListing listing, KernelCommandLine present)
    {
        BootWay[] ways =
        [
            .. from other in s_others
            from file in listing.Files
            where Array.Exists(other.Ends, end => file.Path.EndsWith(end, StringComparison.Ordinal))
            select new BootWay(other.Loader, other.Name, file.Path),
        ];
        return Array.Find(
                ways,
                way =>
                    !KernelSetting
                        .In(listing.File(way.File!)!)
                        .Any(setting => !KernelSetting.IsOn(present.Text, setting.Word))
            ) ?? ways.FirstOrDefault();
    }
}
