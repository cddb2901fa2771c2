using NestVirt.Changes;

namespace NestVirt.Linux.Files;

/// <summary>Makes a symbolic link, or takes it away.</summary>
internal static class LinkAction
{
    internal const string Name = "link";
    private const string Absent = "absent";

    /// <summary>Gets the action. Arguments: the path, then what it points to, or nothing to remove it.</summary>
    internal static HostAction Action { get; } =
        new(
            Name,
            """
            nv_link_now() {
              if [ -L "$NESTVIRT_ROOT$1" ]; then readlink -- "$NESTVIRT_ROOT$1"
              elif [ -e "$NESTVIRT_ROOT$1" ]; then printf 'not a link\n'
              else printf 'absent\n'
              fi
            }
            nv_link_save() { nv_keep_parents "$NESTVIRT_ROOT$1"; }
            nv_link_put() {
              if [ -z "$2" ]; then nv_remove "$NESTVIRT_ROOT$1"; return; fi
              nv_parent=$NESTVIRT_ROOT${1%/*}
              nv_tmp=$nv_parent/.nestvirt.${1##*/}.tmp
              nv_make_folder "$nv_parent" && ln -sfn -- "$2" "$nv_tmp" && mv -f -- "$nv_tmp" "$NESTVIRT_ROOT$1" || return 1
              nv_sync "$nv_parent"
            }
            nv_link_do() { nv_link_put "$1" "$2"; }
            nv_link_back() {
              nv_text=$(cat "$nv_dir/before")
              if [ "$nv_text" != absent ]; then nv_link_put "$1" "$nv_text"; return; fi
              nv_link_put "$1" '' && nv_link_mend "$1"
            }
            nv_link_mend() {
              nv_remove "$NESTVIRT_ROOT${1%/*}/.nestvirt.${1##*/}.tmp" && nv_remove_folders "$nv_dir/directories"
            }
            """
        )
        {
            Kind = ActionKind.File,
        };

    /// <summary>Plans a link.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="before">What it points to, or null when it is not there.</param>
    /// <param name="target">What it shall point to; null to remove it.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    internal static HostChange? Plan(string path, string? before, string? target) =>
        before == target
            ? null
            : new HostChange(
                path,
                before,
                target,
                new HostStep(Name, [path, target ?? string.Empty]) { Expected = before ?? Absent }
            )
            {
                Undo = before is null ? "removes the link" : "puts the old link back",
            };
}
