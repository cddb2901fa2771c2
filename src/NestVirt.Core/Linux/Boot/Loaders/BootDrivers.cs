using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>Finds the way in which a host boots.</summary>
internal static class BootDrivers
{
    private const string ProxmoxList = "/etc/kernel/proxmox-boot-uuids";
    private const string KernelCmdline = "/etc/kernel/cmdline";

    private static readonly string[] s_piFiles = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];
    private static readonly string[] s_entryFolders =
    [
        "/boot/efi/loader/entries/",
        "/efi/loader/entries/",
        "/boot/loader/entries/",
    ];

    /// <summary>Finds it: the first that the host's files prove, the special before the common.</summary>
    /// <param name="system">The host.</param>
    /// <returns>The driver.</returns>
    /// <exception cref="ChangeRefusedException">It is none that can be changed safely.</exception>
    public static BootDriver Find(BootSystem system) =>
        Special(system) ?? Grub(system) ?? Loader(system) ?? throw new ChangeRefusedException(Unknown(system));

    private static BootDriver? Special(BootSystem system)
    {
        if (system.Facts.Fact("ostree") is not null)
        {
            return system.Tools.Contains("rpm-ostree")
                ? new ToolDriver(system, "rpm-ostree")
                : throw new ChangeRefusedException(Unknown(system));
        }

        if (system.Listing?.File(ProxmoxList) is not null && system.Tools.Contains("proxmox-boot-tool"))
        {
            // systemd-boot there names the initrd on the command line; GRUB names the kernel.
            return system.IsStartedByGrub ? new ProxmoxGrubDriver(system)
                : system.Files.ContainsKey(KernelCmdline)
                    ? new CmdlineDriver(system, "systemd-boot by proxmox-boot-tool", KernelCmdline, "proxmox-boot-tool")
                : throw new ChangeRefusedException(Unknown(system));
        }

        return null;
    }

    private static GrubDriver? Grub(BootSystem system)
    {
        bool hasEntries = system.In(s_entryFolders[^1]).Any();
        GrubConfig[] menus =
        [
            .. system
                .Listing?.Files.Where(static file => file.Name == "grub.cfg")
                .Select(static file => GrubConfig.Parse(file.Lines))
                ?? [],
        ];
        bool hasGrub =
            system.Files.ContainsKey(GrubDefaultEditor.MainFile)
            && (
                system.Tools.Contains("update-grub")
                || system.Tools.Contains("grub-mkconfig")
                || system.Tools.Contains("grub2-mkconfig")
            );

        // GRUB left behind on a host that systemd-boot starts is no way to boot.
        bool isOther = system.Present.Text.Length > 0 && !system.IsStartedByGrub && Loader(system) is not null;
        return isOther ? null
            : Array.Exists(menus, static menu => menu.UsesLoaderEntries) && hasEntries
                ? new EntryDriver(system, s_entryFolders[^1], isGrub: true)
            : Array.Exists(menus, static menu => menu.Entries.Count > 0) && hasGrub ? new GrubDriver(system)
            : null;
    }

    private static BootDriver? Loader(BootSystem system)
    {
        if (system.Listing?.Fact("unified") is not null || system.IsStartedByGrub)
        {
            return null;
        }

        string? folder = Array.Find(
            s_entryFolders,
            folder => system.In(folder).Any(static file => file.Text.Contains("linux", StringComparison.Ordinal))
        );
        if (folder is not null)
        {
            return system.Tools.Contains("kernelstub")
                ? new ToolDriver(system, "kernelstub")
                : new EntryDriver(system, folder, isGrub: false);
        }

        return
            Array.Find(
                s_piFiles,
                path =>
                    system.Files.TryGetValue(path, out RawFile? file)
                    && !CmdlineFileEditor.IsMoved(file.Text)
                    && CmdlineFileEditor.Line(file.Text).Length > 0
            )
                is { } pi
            ? new CmdlineDriver(system, "the Raspberry Pi's firmware", pi, null)
            : null;
    }

    private static Finding Unknown(BootSystem system)
    {
        bool isUnified = system.Listing?.Fact("unified") is not null;
        string[] seen =
        [
            .. system.Listing?.Files.Select(static file => file.Path).Take(6) ?? [],
            .. system.Tools.Order(StringComparer.Ordinal),
        ];
        return new Finding(
            FindingCodes.BootLoaderUnknown,
            Severity.Error,
            isUnified
                ? "This host boots unified kernel images, which hold their command line inside."
                : "How this host boots could not be told, so its kernel command line is left alone."
        )
        {
            Evidence =
                seen.Length == 0
                    ? "no boot loader's files and tools were found"
                    : $"found: {HostText.ForDisplay(string.Join(", ", seen), 300)}",
            Remedy = isUnified
                ? "Change /etc/kernel/cmdline, build the images again, and sign them where Secure Boot asks for it."
                : "Set the words where the host's kernel command line is written, or in the settings of the virtual machine that it is; then reboot.",
        };
    }
}
