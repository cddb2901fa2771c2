using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;

namespace NestVirt.Linux.HugePages;

/// <summary>Gives the host, or one NUMA node, a number of huge pages.</summary>
internal static class HugePageAction
{
    private const string Name = "hugepages";

    /// <summary>Gets the action. Arguments: the folder of the page size below /sys, the number.</summary>
    /// <remarks>
    /// The kernel takes any number and makes as many pages as it finds room for, so the number is read back. Pages in use
    /// that are above the number become surplus ones, which go when they are released, so they do not count here
    /// (Documentation/admin-guide/mm/hugetlbpage.rst). A number for the whole host is spread over the nodes by the
    /// kernel's choice; the way back gives each node what it had.
    /// </remarks>
    internal static HostAction Action { get; } =
        new(
            Name,
            """
            nv_hugepages_count() {
              nv_total= nv_over=
              { IFS= read -r nv_total <"$1/nr_hugepages"; } 2>/dev/null
              { IFS= read -r nv_over <"$1/surplus_hugepages"; } 2>/dev/null
              case $nv_total in '' | *[!0-9]*) return 1 ;; esac
              case $nv_over in *[!0-9]*) nv_over=0 ;; esac
              nv_total=$((nv_total - ${nv_over:-0}))
            }
            nv_hugepages_now() { nv_hugepages_count "$NESTVIRT_ROOT$1" && printf '%s\n' "$nv_total"; }
            nv_hugepages_save() {
              : >"$nv_dir/nodes" || return 1
              for nv_folder in "$NESTVIRT_ROOT"/sys/devices/system/node/node[0-9]*/hugepages/"${1##*/}"; do
                nv_hugepages_count "$nv_folder" || continue
                printf '%s %s\n' "$nv_total" "${nv_folder#"$NESTVIRT_ROOT"}" >>"$nv_dir/nodes" || return 1
              done
            }
            nv_hugepages_put() {
              printf '%s\n' "$2" >"$NESTVIRT_ROOT$1/nr_hugepages" && nv_hugepages_count "$NESTVIRT_ROOT$1" && [ "$nv_total" = "$2" ]
            }
            nv_hugepages_do() {
              nv_hugepages_put "$1" "$2" && return 0
              nv_hugepages_count "$NESTVIRT_ROOT$1" || return 1
              printf 'the kernel made %s huge pages of the %s wanted: too little of the free memory is in one piece' "$nv_total" "$2"
              printf ' (free memory by stopping guests, then "echo 1 > /proc/sys/vm/compact_memory", or ask right after a boot)\n'
              return 1
            }
            nv_hugepages_mend() {
              while read -r nv_wanted nv_folder; do
                nv_hugepages_count "$NESTVIRT_ROOT$nv_folder" && [ "$nv_total" -gt "$nv_wanted" ] || continue
                nv_hugepages_put "$nv_folder" "$nv_wanted" || printf 'warning: %s keeps %s huge pages\n' "$nv_folder" "$nv_total"
              done <"$nv_dir/nodes"
              while read -r nv_wanted nv_folder; do
                nv_hugepages_count "$NESTVIRT_ROOT$nv_folder" && [ "$nv_total" -lt "$nv_wanted" ] || continue
                nv_hugepages_put "$nv_folder" "$nv_wanted" || printf 'warning: %s has %s huge pages again, not %s\n' "$nv_folder" "$nv_total" "$nv_wanted"
              done <"$nv_dir/nodes"
            }
            nv_hugepages_back() {
              nv_hugepages_mend
              [ "$(nv_hugepages_now "$1")" = "$(cat "$nv_dir/before")" ] || nv_hugepages_do "$1" "$(cat "$nv_dir/before")"
            }
            """
        )
        {
            Touches = static step => [Touched(step.Arguments[0])],
        };

    /// <summary>Plans another number of huge pages.</summary>
    /// <param name="folder">The folder of the page size, below /sys.</param>
    /// <param name="before">How many there are, surplus ones left out.</param>
    /// <param name="count">How many there shall be.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    internal static HostChange? Plan(string folder, long before, long count)
    {
        string from = before.ToString(CultureInfo.InvariantCulture);
        string to = count.ToString(CultureInfo.InvariantCulture);
        return before == count
            ? null
            : new HostChange($"{folder}/nr_hugepages", from, to, new HostStep(Name, [folder, to]) { Expected = from })
            {
                Undo = "gives every node the number that it had",
            };
    }

    // The pages of a node are of those of the host, wherever sysfs shows them.
    private static string Touched(string folder)
    {
        string[] parts = folder.Split('/');
        string? node = Array.Find(
            parts,
            static part => part.StartsWith("node", StringComparison.Ordinal) && part != "node"
        );
        return node is null ? $"hugepages/{parts[^1]}" : $"hugepages/{parts[^1]}/{node}";
    }
}
