using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>Finds the way in which a host boots.</summary>
internal static class BootDrivers
{
    private const string KernelCmdline = "/etc/kernel/cmdline";
    private const string EntryFolder = "/boot/loader/entries/";

    /// <summary>Finds it, as <see cref="BootWay"/> tells.</summary>
    /// <param name="system">The host.</param>
    /// <returns>The driver.</returns>
    /// <exception cref="ChangeRefusedException">It is none that can be changed safely.</exception>
    public static BootDriver Find(BootSystem system) =>
        TryFind(system) ?? throw new ChangeRefusedException(Unknown(system));

    /// <summary>Finds it; null where it is none that can be changed safely.</summary>
    /// <param name="system">The host.</param>
    public static BootDriver? TryFind(BootSystem system)
    {
        if (system.Facts.Fact("ostree") is not null)
        {
            return system.Tools.Contains("rpm-ostree") ? new ToolDriver(system, "rpm-ostree") : null;
        }

        return system.Way switch
        {
            { Loader: BootLoader.Proxmox } => Proxmox(system),
            { Loader: BootLoader.Grub } => Grub(system),
            { Loader: BootLoader.Entries, File: { } folder } when system.In(folder).Any() => system.Tools.Contains(
                "kernelstub"
            )
                ? new ToolDriver(system, "kernelstub")
                : new EntryDriver(system, folder, isGrub: false),
            { Loader: BootLoader.PiFirmware, File: { } file } when system.Files.ContainsKey(file) => new CmdlineDriver(
                system,
                system.Way.Name,
                file,
                null
            ),
            _ => null,
        };
    }

    private static BootDriver? Proxmox(BootSystem system) =>
        !system.Tools.Contains("proxmox-boot-tool") ? null
        : system.IsStartedByGrub ? new ProxmoxGrubDriver(system)
        : system.Files.ContainsKey(KernelCmdline)
            ? new CmdlineDriver(system, system.Way.Name, KernelCmdline, "proxmox-boot-tool")
        : null;

    private static GrubDriver? Grub(BootSystem system)
    {
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
        return Array.Exists(menus, static menu => menu.UsesLoaderEntries) && system.In(EntryFolder).Any()
                ? new EntryDriver(system, EntryFolder, isGrub: true)
            : Array.Exists(menus, static menu => menu.Entries.Count > 0) && hasGrub ? new GrubDriver(system)
            : null;
    }

    private static Finding Unknown(BootSystem system)
    {
        BootWay way = system.Way;
        bool isUnified = way.Loader == BootLoader.Unified;
        string[] seen =
        [
            .. new[] { way.File }.OfType<string>(),
            .. system.Listing?.Files.Select(static file => file.Path).Where(path => path != way.File).Take(6) ?? [],
            .. system.Tools.Order(StringComparer.Ordinal),
        ];
        return new Finding(
            FindingCodes.BootLoaderUnknown,
            Severity.Error,
            isUnified ? "This host boots unified kernel images, which hold their command line inside."
                : way.Edit is not null ? $"{way.Name} seems to boot this host, whose configuration is not edited here."
                : "How this host boots could not be told, so its kernel command line is left alone."
        )
        {
            Evidence =
                seen.Length == 0
                    ? "no boot loader's files and tools were found"
                    : $"found: {HostText.ForDisplay(string.Join(", ", seen), 300)}",
            Remedy =
                isUnified
                    ? "Change /etc/kernel/cmdline, build the images again, and sign them where Secure Boot asks for it."
                : way.Edit is { } edit ? $"To have a word, {edit}; then reboot."
                : "Set the words where the host's kernel command line is written, or in the settings of the virtual machine that it is; then reboot.",
        };
    }
}
