using NestVirt.Changes;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Linux.Initramfs;

/// <summary>What brings edited files into the initramfs that holds copies of them.</summary>
/// <param name="Changes">The run of the tool that builds it, and of the one that hands it to the boot loader; none when it holds no copy.</param>
/// <param name="Findings">What may surprise.</param>
internal sealed record InitramfsPlan(IReadOnlyList<HostChange> Changes, IReadOnlyList<Finding> Findings)
{
    private const string ProxmoxList = "/etc/kernel/proxmox-boot-uuids";

    private static readonly InitramfsPlan s_nothing = new([], []);

    /// <summary>Plans it for options of a module: they count there when the module is loaded there.</summary>
    /// <param name="system">The host.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="dependents">The modules that load it with them.</param>
    /// <param name="isAsWanted">Whether a setting of the module leaves it at what is wanted.</param>
    /// <param name="files">The edits of modprobe's files.</param>
    /// <returns>The changes.</returns>
    /// <exception cref="ChangeRefusedException">The initramfs loads the module with another value.</exception>
    internal static InitramfsPlan ForOptions(
        BootSystem system,
        string module,
        IReadOnlyCollection<string> dependents,
        Func<ModuleSetting, bool> isAsWanted,
        IReadOnlyList<HostChange> files
    )
    {
        InitramfsConfig config = InitramfsConfig.Read(system);
        InitramfsModule[] loaders =
        [
            .. config.Modules.Where(loaded => loaded.Name == module || dependents.Contains(loaded.Name)),
        ];
        RequireArguments(loaders.Where(loaded => loaded.Name == module), module, isAsWanted);
        if (loaders.Length == 0)
        {
            return s_nothing;
        }

        if (!config.IsImageBased && config.Tool is not null && config.CopyOf(ModprobeEditor.OwnFile) is null)
        {
            return new InitramfsPlan(
                [],
                [
                    new Finding(
                        FindingCodes.InitramfsWithoutOptions,
                        Severity.Warning,
                        $"The initramfs loads {module} without modprobe's files, so at the next boot they will not count."
                    )
                    {
                        Evidence = loaders[0].Evidence,
                        Remedy =
                            config.Tool == "mkinitcpio"
                                ? "Add modconf to HOOKS in /etc/mkinitcpio.conf, or take the module out of MODULES; then run mkinitcpio -P."
                                : $"Add install_items+=\" {ModprobeEditor.OwnFile} \" to dracut's files, or take the module out of them; then run dracut --force --regenerate-all.",
                    },
                ]
            );
        }

        return files.Count == 0 ? s_nothing : Build(system, config, $"options of {module}", loaders[0].Evidence);
    }

    /// <summary>Plans it for files that the initramfs may hold copies of.</summary>
    /// <param name="system">The host.</param>
    /// <param name="files">The edits.</param>
    /// <returns>The changes.</returns>
    internal static InitramfsPlan ForFiles(BootSystem system, IReadOnlyList<HostChange> files)
    {
        InitramfsConfig config = InitramfsConfig.Read(system);
        return
            files
                .Select(change => (change.Setting, Evidence: config.CopyOf(change.Setting)))
                .FirstOrDefault(static pair => pair.Evidence is not null)
                is ({ } path, { } evidence)
            ? Build(system, config, path, evidence)
            : s_nothing;
    }

    private static void RequireArguments(
        IEnumerable<InitramfsModule> loaders,
        string module,
        Func<ModuleSetting, bool> isAsWanted
    )
    {
        Finding[] reasons =
        [
            .. from loader in loaders
            from setting in ModuleSetting.Split(loader.Arguments, loader.Evidence, loader.Arguments)
            where !isAsWanted(setting)
            select new Finding(
                FindingCodes.InitramfsWins,
                Severity.Error,
                $"The initramfs loads {module} with another value of {setting.Name}, which wins over modprobe's files."
            )
            {
                Evidence = loader.Evidence,
                Remedy = "Take the value out of that line, and repeat.",
            },
        ];
        if (reasons.Length > 0)
        {
            throw new ChangeRefusedException(reasons);
        }
    }

    private static InitramfsPlan Build(BootSystem system, InitramfsConfig config, string what, string evidence)
    {
        if (config.Tool is not { } tool)
        {
            return new InitramfsPlan(
                [],
                [
                    new Finding(
                        FindingCodes.InitramfsStale,
                        Severity.Warning,
                        $"The initramfs holds the old {what}, and {(config.IsImageBased ? "is part of an image" : "no program that builds it was found")}."
                    )
                    {
                        Evidence = evidence,
                        Remedy = config.IsImageBased
                            ? "Have it built on the host: rpm-ostree initramfs --enable; then reboot."
                            : "Build it again with the program that the host has for that.",
                    },
                ]
            );
        }

        // initramfs-tools knows where its images lie, and GRUB reads them there. Other boot loaders have copies made by hooks
        // of it, and the other tools are told by presets where to write: they run again on the way back.
        string[] images = system.IsStartedByGrub && system.Architecture != "s390x" ? ["/boot/initrd.img-*"] : [];
        HostChange build = tool switch
        {
            "update-initramfs" => ToolAction.Plan(
                tool,
                "initramfs",
                $"holds the old {what}",
                $"built again by {tool} -u -k all",
                images
            ),
            "dracut" => ToolAction.Plan(
                "dracut-all",
                "initramfs",
                $"holds the old {what}",
                "built again by dracut --force --regenerate-all"
            ),
            _ => ToolAction.Plan(tool, "initramfs", $"holds the old {what}", $"built again by {tool} -P"),
        };
        bool isProxmox = system.Listing?.File(ProxmoxList) is not null && system.Tools.Contains("proxmox-boot-tool");
        return new InitramfsPlan(
            isProxmox
                ?
                [
                    build,
                    ToolAction.Plan(
                        "proxmox-boot-tool",
                        "boot partitions",
                        null,
                        "written again by proxmox-boot-tool refresh"
                    ),
                ]
                : [build],
            [
                new Finding(
                    FindingCodes.InitramfsRebuilt,
                    Severity.Information,
                    $"The initramfs holds a copy of the {what}, so it is built again, which takes a while."
                )
                {
                    Evidence = evidence,
                },
            ]
        );
    }
}
