using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Model;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>GRUB with a menu that grub-mkconfig writes from /etc/default/grub.</summary>
/// <param name="system">The host.</param>
internal class GrubDriver(BootSystem system) : BootDriver(system)
{
    /// <inheritdoc/>
    public override string Name => "GRUB";

    /// <inheritdoc/>
    public override bool IsGrub => true;

    /// <summary>Gets a value indicating whether grub-mkconfig of this host sources /etc/default/grub.d.</summary>
    protected bool ReadsFolder => System.Has("reads", "grub.d");

    /// <inheritdoc/>
    public override IReadOnlyList<HostChange> EditFiles(KernelWordChange change, bool replaceConflict)
    {
        Dictionary<string, string> files = System
            .Files.Values.Where(static file =>
                file.Path.StartsWith(GrubDefaultEditor.MainFile, StringComparison.Ordinal)
            )
            .ToDictionary(static file => file.Path, static file => file.Text, StringComparer.Ordinal);
        GrubDefaultEdit edit = GrubDefaultEditor.Edit(files, ReadsFolder, change);
        if (edit.Broken is { } broken)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.GrubDefaultBroken,
                    Severity.Error,
                    $"{broken} does not close a quote, so grub-mkconfig cannot read it."
                )
                {
                    Evidence = broken,
                    Remedy = "Mend the file first.",
                }
            );
        }

        string? conflict =
            replaceConflict || edit.Files.Count == 0 ? null
            : edit.Conflicts.Count > 0 ? edit.Conflicts[0]
            : null;
        if ((conflict ?? edit.Obstacle) is { } evidence)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.KernelParameterConflict,
                    Severity.Error,
                    $"Another file gives the kernel parameters after {GrubDefaultEditor.MainFile}, and would win."
                )
                {
                    Evidence = evidence,
                    Remedy = conflict is null
                        ? "Change that file."
                        : Advice.Of(
                            $"Change that file, or have its words replaced with {ChangeSwitch.ReplaceConflict}."
                        ),
                    RepeatWith = conflict is null ? null : ChangeSwitch.ReplaceConflict,
                }
            );
        }

        return
        [
            .. edit
                .Files.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(pair =>
                    FileAction.Plan(pair.Key, System.Files.GetValueOrDefault(pair.Key), pair.Value)! with
                    {
                        TakesEffect = ChangeTiming.NextBoot,
                    }
                ),
        ];
    }

    /// <inheritdoc/>
    public override HostChange? Rebuild(KernelWordChange change)
    {
        string path = MenuPath();
        string tool =
            System.Tools.Contains("update-grub") && path == "/boot/grub/grub.cfg" ? "update-grub"
            : System.Tools.Contains("grub2-mkconfig") ? "grub2-mkconfig"
            : "grub-mkconfig";
        string? line = Next() is { AssumedBecause: null, Candidates: [KernelCommandLine first, ..] }
            ? first.Text.Trim()
            : null;
        return ToolAction.Plan(
            tool,
            path,
            line,
            line is null ? $"written again by {tool}" : CommandLineText.Edit(line, change),
            path
        );
    }

    // The menu with entries; some EFI systems have one beside it that only names it, others a stale one that nothing reads.
    private string MenuPath() =>
        System
            .Listing?.Files.Where(static file =>
                file.Name == "grub.cfg"
                && GrubConfig.Parse(file.Lines) is { } config
                && (config.Entries.Count > 0 || config.UsesLoaderEntries)
            )
            .Select(static file => file.Path)
            .OrderByDescending(path =>
                System.Facts.Fact("efi") is not null && path.StartsWith("/boot/efi/EFI/", StringComparison.Ordinal)
            )
            .FirstOrDefault()
        ?? (System.Tools.Contains("grub2-mkconfig") ? "/boot/grub2/grub.cfg" : "/boot/grub/grub.cfg");
}
