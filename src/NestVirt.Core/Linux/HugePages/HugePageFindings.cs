using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.HugePages;

/// <summary>Tells where fewer huge pages are there than the boot was to make.</summary>
/// <remarks>
/// Source: mm/hugetlb.c of Linux 6.x (hugetlb_hstate_alloc_pages, nr_hugepages_store): what cannot be had is left out, and
/// no error is shown but a line of the kernel's log. With hugetlb_cma= no gigantic page is made at boot.
/// </remarks>
internal static class HugePageFindings
{
    private const long GiganticKiB = 1024 * 1024;

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } = [HugePageProbe.Probe, HugePageSettings.Probe];

    /// <summary>Reads the answers of a host; without the files, which may ask for fewer than the command line, nothing is told.</summary>
    /// <param name="answers">The answers.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> Assess(ProbeAnswers answers)
    {
        if (!Probes.All(probe => answers[probe].IsAvailable))
        {
            return [];
        }

        HugePageHost host = answers.Read(HugePageProbe.Reading);
        return Fewer(host, HugePageSettings.Read(answers, host)).Select(static pair => pair.Finding);
    }

    /// <summary>Finds sizes of which there are fewer pages than were asked for.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="files">The files that set huge pages.</param>
    /// <returns>The sizes in KiB, with what is told.</returns>
    internal static IEnumerable<(long SizeKiB, Finding Finding)> Fewer(HugePageHost host, SettingFiles files)
    {
        // Where nothing is shown of huge pages, a number of them is not known to be too low.
        if (host.Sizes.Count == 0)
        {
            yield break;
        }

        IReadOnlyDictionary<long, HugePageWords> words = HugePageWords.Of(host);
        foreach (long size in host.Sizes.Keys.Union(words.Keys).Order())
        {
            (string Evidence, long Count, bool IsEarly)? asked =
                LineFor(host, files, size) is { Count: { } number } line ? (line.Evidence, number, false)
                : words.GetValueOrDefault(size) is { } early
                    ? ($"/proc/cmdline: {HostText.ForDisplay(early.Text, 120)}", early.Count, true)
                : null;
            HugePageCounts? counts = host.Sizes.GetValueOrDefault(size);
            if (asked is { } wish && wish.Count > (counts?.PersistentCount ?? 0))
            {
                yield return (
                    size,
                    counts is null ? NoSize(host, size, wish.Evidence) : Told(host, size, counts, wish)
                );
            }
        }
    }

    // What is applied last counts: vm.nr_hugepages for the default size, else the first line of systemd-tmpfiles.
    private static HugePageLine? LineFor(HugePageHost host, SettingFiles files, long size) =>
        size == host.DefaultSizeKiB && HugePageSettings.SysctlLines(files) is [.., { } last] ? last
        : host.HasTmpfiles && HugePageSettings.TmpfilesLines(files, HugePageBoot.File(size, null)) is [{ } first, ..]
            ? first
        : null;

    private static Finding Told(
        HugePageHost host,
        long size,
        HugePageCounts counts,
        (string Evidence, long Count, bool IsEarly) wish
    )
    {
        string text = HugePageRequest.SizeText(size);
        bool isTooMuch = host.Memory is { } memory && wish.Count > memory.TotalKiB / size;
        bool isLater =
            size >= GiganticKiB
            && KernelArgument.Split(host.CommandLine).Any(static word => word.Name == "hugetlb_cma");
        string remedy =
            isTooMuch
                ? $"Ask for fewer: the memory of the host has room for {Number(host.Memory!.TotalKiB / size)} at most."
            : isLater
                ? "The kernel keeps memory for them (hugetlb_cma=) and makes none at boot: make them later, or remove that word."
            : wish.IsEarly
                ? "Ask for fewer: at boot there are not more pieces of memory of this size that nothing else uses."
            : size >= GiganticKiB
                ? "Have the kernel reserve them by its command line: later there are hardly pieces of memory of this size."
            : "Have the kernel reserve them by its command line, before other things take the memory; or ask for fewer.";
        return new Finding(
            FindingCodes.HugePagesFewer,
            Severity.Warning,
            $"{HugePageRequest.PagesText(wish.Count)} of {text} {(wish.Count == 1 ? "is" : "are")} asked for at boot, and there {(counts.PersistentCount == 1 ? "is" : "are")} {Number(counts.PersistentCount)}."
        )
        {
            Evidence = $"{wish.Evidence}; {HugePageBoot.File(size, null)}: {Number(counts.TotalCount)}",
            Remedy = remedy,
            Mend =
                isTooMuch || isLater || wish.IsEarly
                    ? null
                    : new CommandCall(
                        OwnCommand.SetKernel,
                        (CommandArgument.KernelWord, $"hugepagesz={Number(size)}K"),
                        (CommandArgument.KernelWord, $"hugepages={Number(wish.Count)}")
                    ),
        };
    }

    private static Finding NoSize(HugePageHost host, long size, string evidence) =>
        new(
            FindingCodes.HugePagesFewer,
            Severity.Warning,
            $"Huge pages of {HugePageRequest.SizeText(size)} are asked for at boot, and this kernel has none of that size on this machine."
        )
        {
            Evidence = $"{evidence}; {HugePageBoot.Folder(size, null)} is not there",
            Remedy =
                $"Ask for a size that it has: {string.Join(", ", host.Sizes.Keys.Select(HugePageRequest.SizeText))}. A guest has 1G only where its processor has pdpe1gb.",
        };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
