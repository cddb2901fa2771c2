using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Finds the processes that hold a VFIO group or device; starts two programs.</summary>
internal static class VfioUsersProbe
{
    private const string Name = "vfiousers";

    /// <summary>Gets the probe.</summary>
    public static HostProbe Probe { get; } =
        new(
            Name,
            """
            [ -z "$NESTVIRT_ROOT" ] || return 0
            for p in $(ls -l /proc/[0-9]*/fd 2>/dev/null | awk '
                /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); id = part[3] }
                / -> \/dev\/vfio\/(devices\/)?[^\/]*[0-9]/ && !seen[id]++ { print id }'); do
              nv_read "/proc/$p/comm" || nv_value='?'
              printf 'user\t%s (process %s)\n' "$nv_value" "$p"
            done
            """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The processes, for sentences.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static IReadOnlyList<string> Read(ProbeAnswers answers) =>
        [
            .. ProbeListing
                .Parse(Name, answers[Probe].Text)
                .Facts.Where(static fact => fact.Name == "user")
                .Select(static fact => HostText.ForDisplay(fact.Value, 80)),
        ];
}
