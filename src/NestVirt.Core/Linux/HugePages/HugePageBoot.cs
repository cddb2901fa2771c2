using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Model;

namespace NestVirt.Linux.HugePages;

/// <summary>The edits that give a host its huge pages at each boot.</summary>
/// <param name="Changes">The edits.</param>
/// <param name="Findings">What may surprise.</param>
internal sealed record HugePageBoot(IReadOnlyList<HostChange> Changes, IReadOnlyList<Finding> Findings)
{
    private const long GiganticKiB = 1024 * 1024;

    /// <summary>Plans the edits.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="files">The files that set huge pages.</param>
    /// <param name="request">What is asked for.</param>
    /// <returns>The edits; none when the files say it already.</returns>
    /// <exception cref="ChangeRefusedException">Something that comes later would win.</exception>
    internal static HugePageBoot Make(HugePageHost host, SettingFiles files, HugePageRequest request)
    {
        bool isDefault = request.SizeKiB == host.DefaultSizeKiB;
        long? booted = HugePageWords.Of(host).GetValueOrDefault(request.SizeKiB)?.Count;
        List<Finding> findings = [];
        if (request.Node is null && isDefault)
        {
            DropLines(host, files, request.SizeKiB, keepHost: false);
            SetSysctl(files, request, booted, findings);
            return new HugePageBoot([.. files.Changes()], findings);
        }

        if (!host.HasTmpfiles)
        {
            return new HugePageBoot(
                [],
                request.Count == (booted ?? 0) && request.Node is null ? [] : [NotPersistent(host, request)]
            );
        }

        Dictionary<string, long> wanted = request.Node is { } node
            ? NodeLines(host, files, request, node, isDefault)
            : new Dictionary<string, long>(StringComparer.Ordinal) { [File(request.SizeKiB, null)] = request.Count };
        DropLines(host, files, request.SizeKiB, keepHost: request.Node is null, keepNodes: request.Node is not null);
        if (request.Node is not null && isDefault)
        {
            DropSysctl(files, request, findings);
        }

        foreach ((string path, long count) in wanted)
        {
            SetTmpfiles(files, request, path, count, booted, findings);
        }

        if (request.SizeKiB >= GiganticKiB && request.Count > 0 && !(request.Node is null && booted >= request.Count))
        {
            findings.Add(MayFailAtBoot(request));
        }

        return new HugePageBoot([.. files.Changes()], findings);
    }

    /// <summary>Takes our lines for a size out, which the kernel's command line replaces; others' lines for it would win.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="files">The files that set huge pages.</param>
    /// <param name="request">What is asked for.</param>
    /// <exception cref="ChangeRefusedException">A line of another file would win.</exception>
    internal static void DropOwn(HugePageHost host, SettingFiles files, HugePageRequest request)
    {
        DropLines(host, files, request.SizeKiB, keepHost: false);
        string path = File(request.SizeKiB, null);
        HugePageLine[] conflicts =
        [
            .. HugePageSettings.TmpfilesLines(files, path).Where(line => line.Count != request.Count),
        ];
        if (request.ReplaceConflict)
        {
            CommentOut(files, conflicts, line => HugePageSettings.IsTmpfiles(line, path));
        }
        else if (conflicts is [{ } line, ..])
        {
            throw new ChangeRefusedException(LineWins(line, "the kernel's command line"));
        }
    }

    /// <summary>Gets the file that holds the number.</summary>
    internal static string File(long sizeKiB, int? node) => $"{Folder(sizeKiB, node)}/nr_hugepages";

    /// <summary>Gets the folder of a page size.</summary>
    internal static string Folder(long sizeKiB, int? node) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(node is null ? "/sys/kernel/mm" : $"/sys/devices/system/node/node{node}")}/hugepages/hugepages-{sizeKiB}kB"
        );

    private static void SetSysctl(SettingFiles files, HugePageRequest request, long? booted, List<Finding> findings)
    {
        HugePageLine[] conflicts =
        [
            .. HugePageSettings
                .SysctlLines(files)
                .Where(line => line.Path != HugePageSettings.SysctlFile && line.Count != request.Count),
        ];
        if (request.ReplaceConflict)
        {
            CommentOut(files, conflicts, HugePageSettings.IsSysctl);
            conflicts = [];
        }

        if (LastCount(files, booted, isOwn: true) != request.Count)
        {
            string? line =
                LastCount(files, booted, isOwn: false) == request.Count
                    ? null
                    : $"{HugePageSettings.Sysctl} = {request.Count.ToString(CultureInfo.InvariantCulture)}";
            files.Set(
                HugePageSettings.SysctlFile,
                SettingText.Set(files.Text(HugePageSettings.SysctlFile), HugePageSettings.IsSysctl, line)
            );
        }

        if (HugePageSettings.SysctlLines(files) is [.., { } last] && last.Count != request.Count)
        {
            throw new ChangeRefusedException(LineWins(last, HugePageSettings.SysctlFile));
        }

        findings.AddRange(conflicts.Select(static line => LineOverridden(line, HugePageSettings.SysctlFile)));
    }

    // What counts at boot; without our own line where that is left out.
    private static long? LastCount(SettingFiles files, long? booted, bool isOwn) =>
        HugePageSettings.SysctlLines(files).LastOrDefault(line => isOwn || line.Path != HugePageSettings.SysctlFile)
            is { } last
            ? last.Count
            : booted ?? 0;

    // Numbers of single nodes replace the one for all: the other nodes keep what they have now.
    private static Dictionary<string, long> NodeLines(
        HugePageHost host,
        SettingFiles files,
        HugePageRequest request,
        int node,
        bool isDefault
    )
    {
        bool hasHostLine = isDefault
            ? HugePageSettings
                .SysctlLines(files)
                .Any(static line => line.Path == HugePageSettings.SysctlFile && line.Count > 0)
            : HugePageSettings
                .TmpfilesLines(files, File(request.SizeKiB, null))
                .Any(static line => line.Path == HugePageSettings.TmpfilesFile);
        Dictionary<string, long> wanted = new(StringComparer.Ordinal) { [File(request.SizeKiB, node)] = request.Count };
        if (hasHostLine)
        {
            foreach (
                (int other, IReadOnlyDictionary<long, HugePageCounts> sizes) in host.Nodes.Where(pair =>
                    pair.Key != node
                )
            )
            {
                wanted[File(request.SizeKiB, other)] = sizes.GetValueOrDefault(request.SizeKiB)?.PersistentCount ?? 0;
            }
        }

        return wanted;
    }

    private static void DropLines(
        HugePageHost host,
        SettingFiles files,
        long sizeKiB,
        bool keepHost,
        bool keepNodes = false
    )
    {
        string[] paths =
        [
            .. keepHost ? [] : new[] { File(sizeKiB, null) },
            .. keepNodes ? [] : host.Nodes.Keys.Select(node => File(sizeKiB, node)),
        ];
        if (files.Text(HugePageSettings.TmpfilesFile) is { } text && SettingText.Lines(text).Any(IsDropped))
        {
            files.Set(HugePageSettings.TmpfilesFile, SettingText.Set(text, IsDropped, null));
        }

        bool IsDropped(string line) => Array.Exists(paths, path => HugePageSettings.IsTmpfiles(line, path));
    }

    private static void DropSysctl(SettingFiles files, HugePageRequest request, List<Finding> findings)
    {
        if (
            files.Text(HugePageSettings.SysctlFile) is { } text
            && SettingText.Lines(text).Any(HugePageSettings.IsSysctl)
        )
        {
            files.Set(HugePageSettings.SysctlFile, SettingText.Set(text, HugePageSettings.IsSysctl, null));
        }

        HugePageLine[] conflicts = [.. HugePageSettings.SysctlLines(files)];
        if (request.ReplaceConflict)
        {
            CommentOut(files, conflicts, HugePageSettings.IsSysctl);
        }
        else
        {
            findings.AddRange(
                conflicts.Select(static line => new Finding(
                    FindingCodes.LineConflicts,
                    Severity.Warning,
                    "Another file sets a number of huge pages for all nodes together, and at boot both are applied."
                )
                {
                    Evidence = line.Evidence,
                    Remedy = Advice.Of($"Comment the line out with {ChangeSwitch.ReplaceConflict}."),
                    RepeatWith = ChangeSwitch.ReplaceConflict,
                })
            );
        }
    }

    private static void SetTmpfiles(
        SettingFiles files,
        HugePageRequest request,
        string path,
        long count,
        long? booted,
        List<Finding> findings
    )
    {
        const string Own = HugePageSettings.TmpfilesFile;
        HugePageLine[] conflicts =
        [
            .. HugePageSettings.TmpfilesLines(files, path).Where(line => line.Path != Own && line.Count != count),
        ];
        if (request.ReplaceConflict)
        {
            CommentOut(files, conflicts, line => HugePageSettings.IsTmpfiles(line, path));
            conflicts = [];
        }

        IReadOnlyList<HugePageLine> lines = HugePageSettings.TmpfilesLines(files, path);
        bool isNeeded = count > 0 || booted > 0 || lines.Any(static line => line.Path != Own);
        bool isThere = lines is [{ } first, ..] && first.Count == count;
        if (isNeeded ? !isThere : lines.Count > 0)
        {
            string? text = SettingText.Set(
                files.Text(Own),
                line => HugePageSettings.IsTmpfiles(line, path),
                isNeeded ? HugePageSettings.TmpfilesLine(path, count) : null
            );
            files.Set(Own, text);
        }

        foreach (HugePageLine line in conflicts)
        {
            bool isPattern = line.Text.AsSpan().ContainsAny("*?[");
            bool isEarlier =
                string.CompareOrdinal(line.Path[(line.Path.LastIndexOf('/') + 1)..], Own[(Own.LastIndexOf('/') + 1)..])
                < 0;
            findings.Add(
                isPattern || isEarlier
                    ? throw new ChangeRefusedException(LineWins(line, Own))
                    : LineOverridden(line, Own)
            );
        }
    }

    private static void CommentOut(SettingFiles files, HugePageLine[] lines, Func<string, bool> isMeant)
    {
        foreach (string path in lines.Select(static line => line.Path).Distinct(StringComparer.Ordinal))
        {
            files.CommentOut(path, isMeant);
        }
    }

    private static Finding LineWins(HugePageLine line, string own) =>
        new(
            FindingCodes.LineWins,
            Severity.Error,
            $"Another file sets this number of huge pages, too, and wins over {own}."
        )
        {
            Evidence = line.Evidence,
            Remedy = Advice.Of($"Change that line, or have it commented out with {ChangeSwitch.ReplaceConflict}."),
            RepeatWith = ChangeSwitch.ReplaceConflict,
        };

    private static Finding LineOverridden(HugePageLine line, string own) =>
        new(
            FindingCodes.LineOverridden,
            Severity.Information,
            $"Another file sets this number of huge pages, too, and {own} overrides it."
        )
        {
            Evidence = line.Evidence,
            Remedy = Advice.Of($"Comment the line out with {ChangeSwitch.ReplaceConflict}."),
            RepeatWith = ChangeSwitch.ReplaceConflict,
        };

    private static Finding NotPersistent(HugePageHost host, HugePageRequest request) =>
        new(
            FindingCodes.NotPersistent,
            Severity.Warning,
            "The number holds until the next boot only: vm.nr_hugepages is for the default page size of all nodes, and this host has no systemd-tmpfiles for others."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"no /run/systemd/system or no systemd-tmpfiles; the default page size is {host.DefaultSizeKiB} kB"
            ),
            Remedy =
                $"Write {request.Count.ToString(CultureInfo.InvariantCulture)} to {File(request.SizeKiB, request.Node)} in the host's own boot scripts, or have the kernel reserve the pages: hugepagesz= and hugepages= on its command line.",
            Mend = Reserve(request),
        };

    private static Finding MayFailAtBoot(HugePageRequest request) =>
        new(
            FindingCodes.AllocatedAtRunTime,
            Severity.Warning,
            "Pages of this size are made while the host boots, after other things have taken memory, so there may be fewer of them then."
        )
        {
            Evidence = "the kernel's command line does not reserve them",
            Remedy = "Have the kernel reserve them, by hugepagesz= and hugepages= on its command line.",
            Mend = Reserve(request),
        };

    private static CommandCall Reserve(HugePageRequest request) =>
        new(
            OwnCommand.SetKernel,
            (CommandArgument.KernelWord, FormattableString.Invariant($"hugepagesz={request.SizeKiB}K")),
            (
                CommandArgument.KernelWord,
                FormattableString.Invariant(
                    $"hugepages={(request.Node is { } node ? $"{node}:" : string.Empty)}{request.Count}"
                )
            )
        );
}
