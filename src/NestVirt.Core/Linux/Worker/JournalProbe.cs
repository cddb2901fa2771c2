using System.Globalization;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Reads the journal that changes leave on a host; starts two programs.</summary>
internal static class JournalProbe
{
    private const string Name = "journal";
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    // A host has hundreds at most, and each name of a PCI function in the journal is compared with all.
    private const int MostPhysicalFunctions = 2000;

    private const string Folder = "/var/lib/nestvirt/journal/";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
            [ -d "$NESTVIRT_ROOT"/var/lib/nestvirt/journal ] || return 0
            if [ -e "$NESTVIRT_ROOT"/run/nestvirt/lock ] && ! flock -n -s "$NESTVIRT_ROOT"/run/nestvirt/lock true 2>/dev/null; then
              printf 'running\tyes\n'
            fi
            for f in "$NESTVIRT_ROOT"/sys/bus/pci/devices/*/sriov_totalvfs; do
              d=${f%/*}
              nv_read "$f" && t=$nv_value && nv_read "$d/sriov_offset" && o=$nv_value && nv_read "$d/sriov_stride" &&
                printf 'functions\t%s %s %s %s\n' "${d##*/}" "$o" "$nv_value" "$t"
            done 2>/dev/null
            nv_files "$NESTVIRT_ROOT"/var/lib/nestvirt/journal/[0-9]*/plan.json "$NESTVIRT_ROOT"/var/lib/nestvirt/journal/[0-9]*/state \
              "$NESTVIRT_ROOT"/var/lib/nestvirt/journal/[0-9]*/when "$NESTVIRT_ROOT"/var/lib/nestvirt/journal/[0-9]*/who
            """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="target">The host.</param>
    /// <param name="answers">Its answers.</param>
    /// <returns>The changes, the newest first.</returns>
    /// <exception cref="NestVirtException">The account may not read the journal.</exception>
    public static IReadOnlyList<JournalEntry> Read(HostTarget target, ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[Probe];
        if (answer.UnavailableReason is { } reason)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostPermissionDenied,
                $"The journal of changes cannot be read: {reason}."
            )
            {
                Remedy = SudoRefusal.RemedyIn(reason),
            };
        }

        ProbeListing listing = ProbeListing.Parse(Name, answer.Text);
        bool isRunning = listing.Fact("running") is not null;
        (PciAddress, int, int, int)[] functions =
        [
            .. listing
                .Facts.Where(static fact => fact.Name == "functions")
                .Take(MostPhysicalFunctions)
                .Select(ReadFunctions),
        ];
        return
        [
            .. listing
                .Files.Select(static file =>
                    file.Path.StartsWith(Folder, StringComparison.Ordinal)
                        ? file.Path[Folder.Length..].Split('/')[0]
                        : string.Empty
                )
                .Select(static word =>
                    int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0
                )
                .Where(static id => id > 0)
                .Distinct()
                .OrderDescending()
                .Select(id => ToEntry(target, listing, id, isRunning))
                .Select(entry => entry with { Touches = Touches(entry, functions) }),
        ];
    }

    private static JournalEntry ToEntry(HostTarget target, ProbeListing listing, int id, bool isRunning)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"{Folder}{id}/");
        bool hasPlan = listing.File(folder + "plan.json")?.FirstLine is { Length: > 0 };
        string[] when = listing.File(folder + "when")?.FirstLine.Split(' ') ?? [];
        return new JournalEntry(
            target,
            id,
            JournalWords.Read(listing.File(folder + "state")?.FirstLine, hasPlan, isRunning)
        )
        {
            When =
                when.Length > 0
                && DateTimeOffset.TryParseExact(
                    when[0],
                    TimeForm,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out DateTimeOffset time
                )
                    ? time
                    : null,
            BootId = when.Length > 1 && when[1].Length > 0 ? when[1] : null,
            Who = listing.File(folder + "who")?.FirstLine is { Length: > 0 } who ? HostText.ForDisplay(who, 120) : null,
            Plan = ReadPlan(target, listing.File(folder + "plan.json"), folder),
        };
    }

    // A step that this release does not know, or not with these arguments, might have anything in its hands.
    private static IReadOnlyList<TouchedThing> Touches(JournalEntry entry, (PciAddress, int, int, int)[] functions) =>
        [
            .. entry.Changes.SelectMany(change =>
                (
                    change.Step.Arguments.Count > 0 && HostActions.Find(change.Step.Action) is { } action
                        ? action.Touches(change.Step)
                        : [TouchedThing.Everything]
                ).Select(path => new TouchedThing(PciPaths.ByPhysical(path, functions), change.Setting))
            ),
        ];

    private static (PciAddress At, int Offset, int Stride, int Total) ReadFunctions(ListedFact fact)
    {
        string[] words = fact.Value.Split(' ');
        return PciAddress.TryParse(words[0], out PciAddress at)
            ? (at, Number(words, 1), Number(words, 2), Number(words, 3))
            : default;
    }

    private static int Number(string[] words, int index) =>
        index < words.Length
        && int.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;

    private static ChangePlan? ReadPlan(HostTarget target, ListedFile? file, string source)
    {
        try
        {
            return file is null
                ? null
                : PlanDocument.Read(string.Join('\n', file.Lines), source).Plan with
                {
                    Target = target,
                };
        }
        catch (NestVirtException)
        {
            // Another release wrote it; the entry says that its plan cannot be read.
            return null;
        }
    }
}
