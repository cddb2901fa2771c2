using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>What brings words to the next boot's kernel command line, and what waits for that boot.</summary>
/// <param name="Changes">Edits of files, then the tool that hands them to the boot loader.</param>
/// <param name="Findings">What may surprise.</param>
/// <param name="Pending">What waits for the next boot.</param>
internal sealed record KernelParameterPlan(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Finding> Pending
)
{
    /// <summary>Plans it.</summary>
    /// <param name="system">The host.</param>
    /// <param name="change">What is wanted.</param>
    /// <param name="replaceConflict">Whether words in others' files may be changed.</param>
    /// <returns>The changes; none when the files and the boot loader have the words already.</returns>
    /// <exception cref="ChangeRefusedException">The way of booting is unknown, or something would win.</exception>
    internal static KernelParameterPlan Make(BootSystem system, KernelWordChange change, bool replaceConflict)
    {
        BootDriver driver = BootDrivers.Find(system);
        IReadOnlyList<HostChange> files = driver.EditFiles(change, replaceConflict);
        NextBoot next = driver.Next();
        bool isMissing =
            (next.AssumedBecause is null || driver.KeepsWords) && !next.Candidates.All(line => change.IsMet(line.Text));
        HostChange? rebuild = files.Count > 0 || isMissing ? driver.Rebuild(change) : null;
        return new KernelParameterPlan(
            [.. files, .. rebuild is null ? Enumerable.Empty<HostChange>() : [rebuild]],
            [.. KernelWordFindings.Planned(change.Set), .. Doubts(system, driver, next)],
            change.IsMet(system.Present.Text) ? [] : [Waits(system, next, change)]
        );
    }

    // Earlier changes may wait for the same boot, so its line is not the present one with these words.
    private static Finding Waits(BootSystem system, NextBoot next, KernelWordChange change) =>
        new(FindingCodes.KernelParameterPending, Severity.Warning, "The kernel command line waits for the next boot.")
        {
            Evidence =
                $"{system.Present.Source} is: {HostText.ForDisplay(system.Present.Text.Trim(), 200)}"
                + (
                    next is { AssumedBecause: null, Candidates: [KernelCommandLine line, ..] }
                        ? $"; it will be: {HostText.ForDisplay(CommandLineText.Edit(line.Text, change).Trim(), 200)}"
                        : string.Empty
                ),
            Remedy = "Reboot the host when it suits you.",
        };

    private static IEnumerable<Finding> Doubts(BootSystem system, BootDriver driver, NextBoot next)
    {
        if (driver.IsGrub && system.Present.Text.Length > 0 && !system.IsStartedByGrub)
        {
            yield return new Finding(
                FindingCodes.BootLoaderUncertain,
                Severity.Warning,
                "GRUB's files are here, but GRUB did not start this boot: the next one may not read them either."
            )
            {
                Evidence =
                    $"{system.Present.Source} has no BOOT_IMAGE=: {HostText.ForDisplay(system.Present.Text.Trim(), 200)}",
                Remedy = "See after the next boot whether the words are on the command line.",
            };
        }
        else if (next.AssumedBecause is { } reason)
        {
            yield return new Finding(
                FindingCodes.NextBootUnknown,
                Severity.Information,
                $"What the boot loader will do cannot be read here: {reason}."
            );
        }
    }
}
