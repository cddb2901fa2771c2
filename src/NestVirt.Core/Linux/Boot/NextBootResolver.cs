using System.Text;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Finds the next boot's kernel command line in the files of GRUB, systemd-boot and the Raspberry Pi's firmware.</summary>
/// <remarks>
/// Only what those files prove counts. /etc/default/grub and /etc/kernel/cmdline prove nothing: they take effect when
/// someone runs grub-mkconfig, kernel-install or proxmox-boot-tool.
/// </remarks>
internal static class NextBootResolver
{
    private static readonly string[] s_grubFolders = ["/boot/grub2/", "/boot/grub/", "/boot/efi/EFI/"];
    private static readonly string[] s_espFolders = ["/boot/efi/loader/", "/efi/loader/", "/boot/loader/"];
    private static readonly string[] s_piFiles = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];

    // What is not set is empty to GRUB; other names may come from files that a menu reads in.
    private static readonly string[] s_harmless =
    [
        "vt_handoff",
        "early_initrd",
        "tuned_params",
        "tuned_initrd",
        "saved_entry",
    ];

    /// <summary>Finds the command line.</summary>
    /// <param name="listing">What the boot probe read; null when it could not ask.</param>
    /// <param name="present">This boot's command line.</param>
    /// <returns>The next boot's.</returns>
    public static NextBoot Resolve(ProbeListing? listing, KernelCommandLine present)
    {
        if (listing is null)
        {
            return Assume(present, "the boot loader's files were not read");
        }

        BootWay way = BootWay.Of(listing, present);
        return way.Loader switch
            {
                BootLoader.Grub => FromGrub(listing, present),
                BootLoader.Entries or BootLoader.Unified => FromLoader(listing, present),
                BootLoader.PiFirmware => FromPi(listing),
                _ => null,
            } ?? Assume(present, WhyNot(listing, way, BootWay.NamesKernel(present)));
    }

    /// <summary>Finds the folder whose entries systemd-boot reads, or null.</summary>
    internal static string? EntryFolder(ProbeListing listing) =>
        Array.Find(s_espFolders, folder => Entries(listing, folder).Length > 0);

    private static NextBoot? FromGrub(ProbeListing listing, KernelCommandLine present)
    {
        List<NextBoot> results = [];
        foreach (ListedFile file in listing.Files.Where(static file => file.Name == "grub.cfg"))
        {
            GrubConfig config = GrubConfig.Parse(file.Lines);
            IReadOnlyDictionary<string, string> environment = GrubConfig.ParseEnvironment(
                FindEnvironment(listing, file)
            );
            NextBoot? result =
                config.UsesLoaderEntries ? FromGrubEntries(listing, config, environment)
                : config.Entries.Count > 0 ? FromGrubMenu(file, config, environment)
                : null;
            if (result is not null)
            {
                results.Add(result);
            }
        }

        // Two menus that disagree prove nothing: which one the firmware starts is not known.
        return results switch
        {
            [] => null,
            [NextBoot only] => only,
            _ when results.All(result =>
                    result
                        .Candidates.Select(static line => line.Text)
                        .SequenceEqual(results[0].Candidates.Select(static line => line.Text))
                ) => results[0],
            _ => Assume(present, "there are several GRUB menus, and they differ"),
        };
    }

    private static NextBoot? FromGrubMenu(
        ListedFile file,
        GrubConfig config,
        IReadOnlyDictionary<string, string> environment
    )
    {
        string name = Expand(config.Default ?? "0", config, environment) ?? "0";
        name = environment.GetValueOrDefault("next_entry") is { Length: > 0 } once ? once : name;
        GrubEntry? entry = config.Find(name.Length == 0 ? "0" : name) ?? config.Find("0");
        return entry?.CommandLine is { } line && Expand(line, config, environment) is { } expanded
            ? new NextBoot(
                [new KernelCommandLine(expanded, $"{file.Path} ({HostText.ForDisplay(entry.Title, 60)})")],
                null
            )
            : null;
    }

    private static NextBoot? FromGrubEntries(
        ProbeListing listing,
        GrubConfig config,
        IReadOnlyDictionary<string, string> environment
    )
    {
        LoaderEntry[] entries = Entries(listing, "/boot/loader/");
        string? saved = environment.GetValueOrDefault("next_entry") is { Length: > 0 } once
            ? once
            : environment.GetValueOrDefault("saved_entry");
        LoaderEntry[] chosen = Array.FindAll(entries, entry => entry.Id == saved);
        KernelCommandLine?[] lines =
        [
            .. (chosen.Length > 0 ? chosen : entries).Select(entry =>
                Expand(entry.Options, config, environment) is { } line ? new KernelCommandLine(line, entry.Path) : null
            ),
        ];
        return lines.Length > 0 && Array.TrueForAll(lines, static line => line is not null)
            ? new NextBoot([.. lines.OfType<KernelCommandLine>()], null)
            : null;
    }

    private static NextBoot? FromLoader(ProbeListing listing, KernelCommandLine present)
    {
        if (listing.Fact("unified") is not null)
        {
            return Assume(present, "there are unified kernel images, which hold their command line inside");
        }

        if (EntryFolder(listing) is not { } folder)
        {
            return null;
        }

        LoaderEntry[] entries = Entries(listing, folder);
        string? pattern = listing
            .File(folder + "loader.conf")
            ?.Lines.Select(static line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .LastOrDefault(static words => words is ["default", _, ..])
            ?[1];
        LoaderEntry[] chosen = Array.FindAll(
            entries,
            entry =>
                pattern is not null
                && (ShellPattern.IsMatch(pattern, entry.Id) || ShellPattern.IsMatch(pattern, entry.Id + ".conf"))
        );
        return new NextBoot(
            [
                .. (chosen.Length > 0 ? chosen : entries).Select(static entry => new KernelCommandLine(
                    entry.Options,
                    entry.Path
                )),
            ],
            null
        );
    }

    private static NextBoot? FromPi(ProbeListing listing) =>
        s_piFiles
            .Select(listing.File)
            .Where(static file => file is { FirstLine.Length: > 0 } && !CmdlineFileEditor.IsMoved(file.FirstLine))
            .Select(static file => new NextBoot([new KernelCommandLine(file!.FirstLine, file.Path)], null))
            .FirstOrDefault();

    private static LoaderEntry[] Entries(ProbeListing listing, string folder) =>
        [
            .. listing
                .Files.Where(file => file.Path.StartsWith(folder + "entries/", StringComparison.Ordinal))
                .Select(LoaderEntry.Parse)
                .OfType<LoaderEntry>(),
        ];

    private static ListedFile? FindEnvironment(ProbeListing listing, ListedFile config) =>
        listing.File(config.Path[..^config.Name.Length] + "grubenv")
        ?? listing.Files.FirstOrDefault(static file =>
            file.Name == "grubenv"
            && Array.Exists(s_grubFolders, folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
        );

    // Replaces $name and ${name}; null when a variable is not known, for then nothing is proved.
    private static string? Expand(string text, GrubConfig config, IReadOnlyDictionary<string, string> environment)
    {
        StringBuilder result = new();
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at++]);
                continue;
            }

            bool hasBrace = text[at + 1] == '{';
            int start = at + (hasBrace ? 2 : 1);
            int end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            string name = text[start..end];
            string? value = environment.GetValueOrDefault(name) ?? config.Variables.GetValueOrDefault(name);
            if (value is null && Array.IndexOf(s_harmless, name) < 0)
            {
                return null;
            }

            result.Append(value?.Contains('$', StringComparison.Ordinal) == true ? string.Empty : value);
            at = hasBrace && end < text.Length ? end + 1 : end;
        }

        return result.ToString();
    }

    private static NextBoot Assume(KernelCommandLine present, string reason) => new([present], reason);

    private static string WhyNot(ProbeListing listing, BootWay way, bool namesKernel) =>
        way.Loader is not (BootLoader.Unknown or BootLoader.Grub or BootLoader.Proxmox)
            ? way.File is { } file
                ? $"{way.Name} seems to boot this host, and {HostText.ForDisplay(file, 80)} is not read for that"
                : $"{way.Name} boots this host"
            : listing.Fact("unreadable") is { } path
                ? $"only root may read {HostText.ForDisplay(path, 80)}"
                : listing.Fact(FileLimits.Fact) is { } leftOut
                    ? $"{HostText.ForDisplay(leftOut, 80)} is too long to be read"
                    : way.Loader == BootLoader.Proxmox
                        ? "the boot partitions that proxmox-boot-tool keeps are not mounted"
                        : way.Loader == BootLoader.Grub || (namesKernel && HasGrub(listing))
                            ? "no GRUB menu was found that names the next boot's kernel"
                            : namesKernel
                                ? "the boot loader is not known: no files of one were found"
                                : "no boot loader's files were found";

    private static bool HasGrub(ProbeListing listing) =>
        listing.Files.Any(static file =>
            file.Name is "grub.cfg" or "grubenv" || file.Path.StartsWith("/etc/default/grub", StringComparison.Ordinal)
        );
}
