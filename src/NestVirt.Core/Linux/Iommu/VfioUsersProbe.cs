using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Finds the processes that hold a VFIO group or device; starts four programs.</summary>
internal static class VfioUsersProbe
{
    /// <summary>The names of VFIO's groups and devices, as <see cref="OpenFiles"/> wants them.</summary>
    internal const string Files = "^/dev/vfio/(noiommu-|devices/vfio|devices/noiommu-vfio)?[0-9]+$";

    private const string Name = "vfiousers";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            OpenFiles.Script
                + $$"""
                [ -z "$NESTVIRT_ROOT" ] || return 0
                nv_process=
                nv_open_once
                printf '%s\n' "$nv_opened_once" | while read -r p f; do
                  case $f in /dev/vfio/vfio) continue ;; /dev/vfio/*) ;; *) continue ;; esac
                  [ "$p" != "$nv_process" ] || continue
                  nv_process=$p
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
