using NestVirt.Changes;

namespace NestVirt.Linux.Files;

/// <summary>Runs a tool of the host that makes files from others, or hands them on: a boot loader's menu, an initial RAM file system.</summary>
/// <remarks>
/// Only the tools of <see cref="Known"/> are run, each with arguments of its own. What a tool writes is copied first,
/// and the way back puts the copies in place when nobody wrote the files again since. Otherwise, and where the disk has
/// no room for copies (a tenth of it stays free beside large ones), the tool runs again on the way back, after the
/// files that it reads are the old ones. In a tree the tool runs in that tree (chroot), never on the machine it lies on.
/// </remarks>
internal static class ToolAction
{
    /// <summary>The name by which steps call the action.</summary>
    internal const string Name = "tool";

    private const string Separator = "--";

    // A large initial RAM file system takes minutes on a slow disk.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    /// <summary>Gets the tools that are known, by the first argument of a step.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "update-grub",
        "grub-mkconfig",
        "grub2-mkconfig",
        "proxmox-boot-tool",
        "update-initramfs",
        "dracut-all",
        "mkinitcpio",
        "kernelstub",
        "rpm-ostree",
        "zipl",
        "nmcli",
    ];

    /// <summary>Gets the action. Arguments: the tool, the paths that it writes (patterns are allowed); words behind <c>--</c>, and those of the way back behind another one.</summary>
    public static HostAction Action { get; } =
        new(
            Name,
            """
            nv_tool_outputs() {
              nv_call=$1; shift 2
              nv_count=0
              for nv_pattern do
                [ "$nv_pattern" != -- ] || break
                nv_blanks=$IFS; IFS=
                for nv_output in "$NESTVIRT_ROOT"$nv_pattern; do
                  IFS=$nv_blanks
                  nv_count=$((nv_count + 1))
                  "$nv_call" "$nv_output" || return 1
                done
                IFS=$nv_blanks
              done
            }
            nv_tool_line() { if [ -f "$1" ]; then sha256sum <"$1"; else printf 'absent\n'; fi; }
            nv_tool_now() {
              nv_sum=$(nv_tool_outputs nv_tool_line "$@" | sha256sum) || return 1
              printf '%s' "${nv_sum%% *}"
              [ ! -e "$nv_dir/ran" ] || printf ' ran'
              printf '\n'
            }
            nv_tool_room() {
              nv_size=$(stat -L -c %s -- "$1") || return 1
              df -Pk -- "$nv_dir" | {
                read -r nv_line
                read -r nv_a nv_all nv_c nv_free nv_e || return 1
                nv_least=8192
                [ "$nv_size" -le 4194304 ] || nv_least=$((nv_all / 10))
                [ "$nv_free" -gt $((nv_size / 1024 + nv_least)) ]
              }
            }
            nv_tool_keep() {
              printf '%s\n' "${1#"$NESTVIRT_ROOT"}" >"$nv_dir/kept/$nv_count.path" || return 1
              for nv_word in .new .dpkg-bak; do [ ! -e "$1$nv_word" ] || : >"$nv_dir/kept/$nv_count.other$nv_word" || return 1; done
              if [ ! -e "$1" ]; then
                # A pattern that nothing fits names no file.
                case $nv_pattern in *[*]*) rm -f -- "$nv_dir/kept/$nv_count.path" ;; esac
              elif [ -f "$1" ] && nv_tool_room "$1"; then cp -a -- "$(readlink -f -- "$1")" "$nv_dir/kept/$nv_count"
              else : >"$nv_dir/large"
              fi
            }
            nv_tool_save() {
              rm -rf -- "$nv_dir/kept" "$nv_dir/large" "$nv_dir/blind" && mkdir -- "$nv_dir/kept" && nv_tool_outputs nv_tool_keep "$@" || return 1
              [ "$nv_count" -gt 0 ] || : >"$nv_dir/blind"
              nv_sync "$nv_dir"/kept/* "$nv_dir/kept"
            }
            # By the names that they had: what the patterns fit now may be other files, or in another order.
            nv_tool_restore() {
              for nv_copy in "$nv_dir"/kept/*.path; do
                [ -e "$nv_copy" ] || continue
                IFS= read -r nv_path <"$nv_copy" || return 1
                nv_path=$NESTVIRT_ROOT$nv_path nv_copy=${nv_copy%.path}
                if [ ! -f "$nv_copy" ]; then
                  nv_remove "$nv_path" || return 1
                  continue
                fi
                [ ! -L "$nv_path" ] || nv_path=$(readlink -f -- "$nv_path") || return 1
                nv_tmp=${nv_path%/*}/.nestvirt.${nv_path##*/}.tmp
                cp -a -- "$nv_copy" "$nv_tmp" 2>/dev/null || cp -- "$nv_copy" "$nv_tmp" || { rm -f -- "$nv_tmp"; return 1; }
                nv_sync "$nv_tmp" && mv -f -- "$nv_tmp" "$nv_path" && nv_sync "${nv_path%/*}" || return 1
              done
            }
            nv_tool_do() { : >"$nv_dir/ran" && nv_sync "$nv_dir/ran" "$nv_dir" && nv_tool_run do "$@" && sync; }
            nv_tool_back() {
              nv_old=$(cat "$nv_dir/before") nv_new=
              [ ! -e "$nv_dir/after" ] || nv_new=$(cat "$nv_dir/after")
              if [ -d "$nv_dir/kept" ] && [ ! -e "$nv_dir/large" ] && [ ! -e "$nv_dir/blind" ] && { [ -z "$nv_new" ] || [ "$nv_found" = "$nv_new" ]; }; then
                nv_tool_restore || return 1
              elif [ "${nv_found% ran}" != "$nv_old" ] || [ -e "$nv_dir/blind" ] || [ ! -d "$nv_dir/kept" ]; then
                nv_tool_run back "$@" && sync || return 1
              fi
              rm -f -- "$nv_dir/ran"
              nv_tool_mend
            }
            # What a tool was writing when it was killed: grub-mkconfig and update-initramfs add .new to the name, and
            # the latter has the old one as .dpkg-bak until then. Journals of older releases name no ending.
            nv_tool_mend() {
              for nv_copy in "$nv_dir"/kept/*.path; do
                [ -e "$nv_copy" ] && [ ! -e "${nv_copy%.path}.other" ] && IFS= read -r nv_path <"$nv_copy" || continue
                for nv_word in .new .dpkg-bak; do
                  [ -e "${nv_copy%.path}.other$nv_word" ] || nv_remove "$NESTVIRT_ROOT$nv_path$nv_word"
                done
              done
            }
            nv_tool_in() { if [ -n "$NESTVIRT_ROOT" ]; then chroot "$NESTVIRT_ROOT" "$@"; else "$@"; fi || nv_ended "$1" "$?"; }
            nv_tool_run() {
              nv_way=$1 nv_tool=$2 nv_first=${3-}
              shift 2
              while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
              [ $# = 0 ] || shift
              if [ "$nv_way" = back ]; then
                while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
                [ $# = 0 ] || shift
              fi
              case $nv_tool in
                update-grub) nv_tool_in update-grub ;;
                grub-mkconfig | grub2-mkconfig) nv_tool_in "$nv_tool" -o "$nv_first" ;;
                proxmox-boot-tool) nv_tool_in proxmox-boot-tool refresh ;;
                update-initramfs) nv_tool_in update-initramfs -u -k all ;;
                dracut-all) nv_tool_in dracut -f --regenerate-all ;;
                mkinitcpio) nv_tool_in mkinitcpio -P ;;
                zipl) nv_tool_in zipl ;;
                nmcli)
                  # It exits with 0 where it refuses a file, and says nothing where it takes it.
                  case ${1-} in /etc/NetworkManager/system-connections/*) ;; *) return 1 ;; esac
                  ! command -v systemctl >/dev/null 2>&1 || nv_tool_in systemctl -q is-active NetworkManager >/dev/null || return 0
                  nv_said=$(nv_tool_in nmcli connection load "$1" 2>&1) && [ -z "$nv_said" ] || { printf '%s\n' "$nv_said"; return 1; } ;;
                kernelstub)
                  [ $# -ge 2 ] && [ "$1" = -o ] || return 1
                  nv_tool_in kernelstub -o "$2" ;;
                rpm-ostree)
                  nv_words=$# nv_ended=
                  while [ "$nv_words" -gt 0 ]; do
                    case $1 in
                      --) nv_ended=yes ;;
                      --append=* | --append-if-missing=* | --delete=* | --delete-if-present=*) [ -n "$nv_ended" ] || set -- "$@" "$1" ;;
                      *) [ -n "$nv_ended" ] || return 1 ;;
                    esac
                    shift
                    nv_words=$((nv_words - 1))
                  done
                  nv_tool_in rpm-ostree kargs "$@" ;;
                *) printf 'no tool is known as %s\n' "$nv_tool"; return 1 ;;
              esac
            }
            """
        )
        {
            Kind = ActionKind.Rebuild,
            Touches = Touched,
        };

    /// <summary>Plans the run of a tool.</summary>
    /// <param name="tool">One of <see cref="Known"/>.</param>
    /// <param name="setting">What changes by it, for the user.</param>
    /// <param name="from">The state before, for the user.</param>
    /// <param name="to">The state after, for the user.</param>
    /// <param name="outputs">The paths that it writes; the first one is an argument of those tools that are told where to.</param>
    /// <returns>The change.</returns>
    public static HostChange Plan(
        string tool,
        string setting,
        string? from,
        string? to,
        params IReadOnlyList<string> outputs
    ) => Plan(tool, setting, from, to, outputs, [], []);

    /// <summary>Plans the run of a tool that is given words.</summary>
    /// <param name="tool">One of <see cref="Known"/>.</param>
    /// <param name="setting">What changes by it, for the user.</param>
    /// <param name="from">The state before, for the user.</param>
    /// <param name="to">The state after, for the user.</param>
    /// <param name="outputs">The paths that it writes.</param>
    /// <param name="words">What the tool is given.</param>
    /// <param name="wordsBack">What it is given on the way back.</param>
    /// <returns>The change.</returns>
    internal static HostChange Plan(
        string tool,
        string setting,
        string? from,
        string? to,
        IReadOnlyList<string> outputs,
        IReadOnlyList<string> words,
        IReadOnlyList<string> wordsBack
    ) =>
        new(
            setting,
            from,
            to,
            new HostStep(
                Name,
                words.Count == 0 ? [tool, .. outputs] : [tool, .. outputs, Separator, .. words, Separator, .. wordsBack]
            )
            {
                Timeout = s_timeout,
            }
        )
        {
            TakesEffect = ChangeTiming.NextBoot,
            Undo = outputs.Count > 0 ? $"puts the old files back, or runs {tool} again" : $"runs {tool} again",
        };

    // Most tools make files anew of what other steps set: any number of changes may do that. These keep settings themselves.
    private static IReadOnlyList<string> Touched(HostStep step) =>
        step.Arguments[0] switch
        {
            "kernelstub" or "rpm-ostree" => [step.Arguments[0]],
            "nmcli" => [.. step.Arguments.SkipWhile(static word => word != Separator).Skip(1).Take(1)],
            _ => [],
        };
}
