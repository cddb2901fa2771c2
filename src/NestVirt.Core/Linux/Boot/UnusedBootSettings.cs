using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Finds words for the kernel in files of boot loaders that do not come to the next boot.</summary>
/// <param name="listing">The boot loader's files.</param>
/// <param name="present">This boot's command line.</param>
/// <param name="next">The next boot's.</param>
/// <param name="distribution">The distribution's name, or null.</param>
internal sealed class UnusedBootSettings(
    ProbeListing listing,
    KernelCommandLine present,
    NextBoot next,
    string? distribution
)
{
    private const string Cmdline = "/etc/kernel/cmdline";
    private const string Reboot = "; then reboot.";

    // Their packages of GRUB bring update-grub.
    private static readonly string[] s_debianKin =
    [
        "Debian",
        "Ubuntu",
        "Proxmox",
        "Mint",
        "Kali",
        "Devuan",
        "Raspbian",
        "Pop!_OS",
        "elementary",
        "Zorin",
        "MX ",
        "Void",
        "Manjaro",
    ];

    private readonly BootWay _way = BootWay.Of(listing, present);

    /// <summary>Finds them, file by file.</summary>
    public IEnumerable<UnusedBootSetting> Find()
    {
        foreach (
            IGrouping<string, KernelSetting> file in Settings().Where(IsMissing).GroupBy(static setting => setting.Path)
        )
        {
            KernelArgument[] words =
            [
                .. file.Select(static setting => setting.Word).DistinctBy(static word => word.Text),
            ];
            if (Why(file.Key, words) is var (clause, remedy, isEditable))
            {
                yield return new UnusedBootSetting(words, file.First().Evidence, file.Key, clause, remedy, isEditable);
            }
        }
    }

    private IEnumerable<KernelSetting> Settings() =>
        GrubDefaultEditor
            .Settings(listing.Files)
            .Concat(
                listing
                    .Files.Where(file =>
                        !file.Path.StartsWith(GrubDefaultEditor.MainFile, StringComparison.Ordinal)
                        && file.Name is not "grubenv"
                        && !IsRead(file.Path)
                    )
                    .SelectMany(KernelSetting.In)
            );

    // What the next boot takes its words from is no file that has them in vain.
    private bool IsRead(string path) =>
        (_way.Loader == BootLoader.Grub && (path.EndsWith("/grub.cfg", StringComparison.Ordinal) || IsEntry(path)))
        || (_way.Loader is BootLoader.Entries or BootLoader.Unified && IsEntry(path))
        || (_way.Loader == BootLoader.PiFirmware && path == _way.File)
        || path.EndsWith("/loader.conf", StringComparison.Ordinal)
        || path == BootWay.ProxmoxList;

    private static bool IsEntry(string path) => path.Contains("/loader/entries/", StringComparison.Ordinal);

    private bool IsMissing(KernelSetting setting) =>
        IsTaken(setting.Word)
        && !KernelSetting.IsOn(present.Text, setting.Word)
        && !next.Candidates.All(line => KernelSetting.IsOn(line.Text, setting.Word));

    // A value that no kernel takes, such as amd_iommu=on, is missed by nobody.
    private static bool IsTaken(KernelArgument word)
    {
        string key = KernelWordTable.Key(word.Name);
        return KernelWordTable.Values(key) is null
            || word.Value?.Split(',').Any(element => KernelWordTable.Takes(key, element)) == true;
    }

    private (string Clause, string Remedy, bool IsEditable)? Why(string path, KernelArgument[] words)
    {
        bool isDefault = path.StartsWith(GrubDefaultEditor.MainFile, StringComparison.Ordinal);
        return _way.Loader switch
        {
            BootLoader.Grub when IsImage() => (
                Lacks("rpm-ostree keeps the command line of this host, and does not read that file"),
                $"Run: rpm-ostree kargs {string.Join(' ', words.Select(static word => $"--append-if-missing={Plain([word])}"))}{Reboot}",
                true
            ),
            BootLoader.Entries when distribution?.StartsWith("Pop!_OS", StringComparison.Ordinal) == true => (
                Lacks("kernelstub keeps the command line of this host, and does not read that file"),
                $"Run: kernelstub -a \"{Plain(words)}\"{Reboot}",
                true
            ),
            BootLoader.Grub when isDefault => FromDefaults(words),
            BootLoader.Grub when path == Cmdline && UsesEntries() => (
                Lacks("kernel-install takes it for the entries of new kernels alone"),
                $"Run: grubby --update-kernel=ALL --args=\"{Plain(words)}\"{Reboot}",
                true
            ),
            BootLoader.Grub => (
                Lacks("GRUB boots this host, and does not read that file"),
                $"Write them into GRUB_CMDLINE_LINUX_DEFAULT of {GrubDefaultEditor.MainFile}, and run: {MenuCommand()}{Reboot}",
                true
            ),
            BootLoader.Proxmox when path == _way.File => (
                "this boot has not: proxmox-boot-tool has not handed it to the boot partitions, or this host has not booted since",
                $"Run: proxmox-boot-tool refresh{Reboot}",
                true
            ),
            BootLoader.Proxmox => (
                Lacks($"{_way.Name} boots this host, and reads {_way.File}"),
                $"Write them into {_way.File}, and run: proxmox-boot-tool refresh{Reboot}",
                true
            ),
            BootLoader.Entries when path == Cmdline => (
                Lacks("kernel-install takes it for the entries of new kernels alone"),
                $"Write them into the options line of the entries in {_way.File}, too, or have kernel-install write these again{Reboot}",
                true
            ),
            BootLoader.Entries => (
                Lacks($"systemd-boot boots this host, and reads {_way.File}"),
                $"Write them into the options line of the entries in {_way.File}, and into {Cmdline} for those of new kernels{Reboot}",
                true
            ),
            BootLoader.PiFirmware => (
                Lacks($"the Raspberry Pi's firmware boots this host, and reads {_way.File}"),
                $"Write them into {_way.File}{Reboot}",
                true
            ),
            BootLoader.Unified when path == Cmdline => (
                Lacks("the unified kernel images hold another line, since they were not built again"),
                $"Build the images again, and sign them where Secure Boot asks for it{Reboot}",
                false
            ),
            BootLoader.Unknown when isDefault => (
                "this boot has not: GRUB's menu was not written since, or this host has not booted since, or GRUB does not boot it",
                $"Run: {MenuCommand()}{Reboot}",
                false
            ),
            BootLoader.Unknown => (
                "this boot has not, and which boot loader starts this host is not known",
                "Write them where the host's kernel command line is written, or into the settings of the virtual machine that it is; then reboot.",
                false
            ),
            _ when path == _way.File => (
                "this boot has not: another entry has booted, or the host has not booted since",
                $"To be sure, {_way.Edit}{Reboot}",
                false
            ),
            _ => (
                Lacks(
                    $"{_way.Name} seems to boot this host{(_way.File is { } file ? $" by {HostText.ForDisplay(file, 80)}" : string.Empty)}"
                ),
                $"For the next boot, {_way.Edit}{Reboot}",
                false
            ),
        };
    }

    private static string Lacks(string because) => $"the next boot will not, because {because}";

    private (string Clause, string Remedy, bool IsEditable) FromDefaults(KernelArgument[] words)
    {
        if (!UsesEntries())
        {
            return (Lacks($"GRUB's menu {_way.File} was not written since"), $"Run: {MenuCommand()}{Reboot}", true);
        }

        // Red Hat's grub2-mkconfig left entries alone from 9.3 on, unless it is told; those with $kernelopts follow grubenv.
        bool followsEnvironment = listing
            .Files.Where(static file => IsEntry(file.Path))
            .Any(static file => file.Lines.Any(static line => line.Contains("$kernelopts", StringComparison.Ordinal)));
        string menu = _way.File ?? "/boot/grub2/grub.cfg";
        return followsEnvironment
            ? (
                Lacks("GRUB's entries take their line from grubenv, which grub2-mkconfig has not written since"),
                $"Run: grub2-mkconfig -o {menu}{Reboot}",
                true
            )
            : (
                Lacks(
                    "GRUB takes the line from the entries in /boot/loader/entries, which grub2-mkconfig leaves as they are"
                ),
                $"Run: grub2-mkconfig -o {menu} --update-bls-cmdline, or: grubby --update-kernel=ALL --args=\"{Plain(words)}\"{Reboot}",
                true
            );
    }

    // The deployments of rpm-ostree have entries of their own.
    private bool IsImage() =>
        listing.Files.Any(static file =>
            IsEntry(file.Path) && file.Name.StartsWith("ostree-", StringComparison.Ordinal)
        );

    private bool UsesEntries() =>
        listing.Files.Any(static file => file.Name == "grub.cfg" && GrubConfig.Parse(file.Lines).UsesLoaderEntries);

    private string MenuCommand()
    {
        string? menu = _way.Loader == BootLoader.Grub ? _way.File : null;
        bool isTwo = menu is null
            ? listing.Fact("unreadable")?.StartsWith("/boot/grub2", StringComparison.Ordinal) == true
            : !menu.StartsWith("/boot/grub/", StringComparison.Ordinal);
        bool isKin =
            distribution is null
            || Array.Exists(s_debianKin, name => distribution.Contains(name, StringComparison.OrdinalIgnoreCase));
        return isTwo ? $"grub2-mkconfig -o {menu ?? "/boot/grub2/grub.cfg"}"
            : isKin ? $"update-grub (grub-mkconfig -o {menu ?? "/boot/grub/grub.cfg"})"
            : $"grub-mkconfig -o {menu ?? "/boot/grub/grub.cfg"}";
    }

    private static string Plain(IEnumerable<KernelArgument> words) =>
        string.Join(' ', words.Select(static word => PlainWord.Or(word.Text, "THE WORD")));
}
