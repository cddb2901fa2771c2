namespace NestVirt.Linux.Files;

/// <summary>Asks which processes have a device open: the one way for probes and for the worker.</summary>
/// <remarks>
/// Anybody on a host may open a file whose name holds newlines and arrows, or that is called as a device is in a mount
/// namespace of his own. So ls writes a question mark for what cannot be printed (-q of POSIX, which BusyBox does
/// always and has no option for), what a line shows is told by its start, and a name in /dev counts where the device
/// that is open has the number of the device of that name here. Names of anonymous inodes, which have no slash before
/// them, are the kernel's own.
/// </remarks>
internal static class OpenFiles
{
    private const string Asked = @"^(/dev/(kvm$|(vfio/|uio|sd|vd|nvme|dm-|md)[a-zA-Z0-9/_-]*$)|anon_inode:\[?kvm-v)";

    /// <summary>
    /// <c>nv_open_files PATTERN</c> prints a line for each process and file whose name, as the kernel gives it, matches
    /// the extended regular expression: the number of the process, the name, apart by a tab. The pattern matches no
    /// blanks. It starts four programs at most. In a tree the links of its proc/ are believed.
    /// </summary>
    /// <remarks>
    /// A probe calls <c>nv_open_once</c> instead, which leaves in <c>$nv_opened_once</c> such lines of all files that any
    /// probe asks for: of those that run in one script, the first has every process looked at, and the others none.
    /// </remarks>
    internal const string Script = $$"""
        nv_open_once() { nv_opened_once=${nv_opened_once-$(nv_open_files '{{Asked}}')}; }
        nv_open_files() {
          nv_opened=$(nv_open_links -lnq "$1" || nv_open_links -ln "$1")
          [ -n "$nv_opened" ] || return 0
          set --
          [ -n "$NESTVIRT_ROOT" ] || while read -r nv_process nv_number nv_name; do
            case $nv_name in /dev/*) set -- "$@" "/proc/$nv_process/fd/$nv_number" "$nv_name" ;; esac
          done <<EOF
        $nv_opened
        EOF
          {
            [ $# -eq 0 ] || ls -dlnL "$@" 2>/dev/null
            printf '%s\n' "$nv_opened"
          } | awk '
            /^[bc]/ { device[$NF] = substr($0, 1, 1) " " $5 $6; next }
            !/^[0-9]/ { next }
            $3 ~ /^\/dev\// && ENVIRON["NESTVIRT_ROOT"] == "" {
              here = device["/proc/" $1 "/fd/" $2]
              if (here == "" || here != device[$3]) next
            }
            !seen[$1, $3]++ { print $1 "\t" $3 }'
        }
        nv_open_links() {
          ls "$1" "$NESTVIRT_ROOT"/proc/[0-9]*/fd 2>/dev/null | nv_names=$2 awk '
            /^\// && /\/proc\/[0-9]+\/fd:$/ { heads++; n = split($0, part, "/"); id = part[n - 1]; next }
            at = index($0, " -> ") {
              name = substr($0, at + 4)
              if (name ~ ENVIRON["nv_names"]) { n = split(substr($0, 1, at - 1), part, " "); print id "\t" part[n] "\t" name }
            }
            END { exit !heads }'
        }

        """;
}
