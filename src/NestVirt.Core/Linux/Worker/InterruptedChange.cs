using System.Globalization;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Worker;

/// <summary>Finds the changes of a host that were ended in the middle, so that whatever is asked of it says so.</summary>
internal static class InterruptedChange
{
    /// <summary>Gets the probe; starts no program, or one where there is such a change.</summary>
    internal static ShellProbe Probe { get; } =
        new(
            "interrupted",
            """
            nv_left=
            for f in "$NESTVIRT_ROOT"/var/lib/nestvirt/journal/[0-9]*/plan.json; do
              [ -s "$f" ] || continue
              f=${f%/*}
              nv_read "$f/state" || :
              case $nv_value in applied | rolled-back | failed | undone) ;; *) nv_left="$nv_left ${f##*/}" ;; esac
            done
            [ -n "$nv_left" ] || return 0
            if [ -e "$NESTVIRT_ROOT"/run/nestvirt/lock ]; then
              flock -n -s "$NESTVIRT_ROOT"/run/nestvirt/lock true 2>/dev/null || return 0
            fi
            printf '%s\n' $nv_left
            """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Says which changes were interrupted.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="target">The host.</param>
    /// <returns>A finding for each; none where nobody could look.</returns>
    internal static IReadOnlyList<Finding> Find(ProbeAnswers answers, HostTarget target) =>
        [
            .. answers[Probe]
                .Text.Split('\n')
                .Select(static line =>
                    int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0
                )
                .Where(static id => id > 0)
                .Distinct()
                .OrderDescending()
                .Select(id => ChangeFailure.WasInterrupted(target, id)),
        ];
}
