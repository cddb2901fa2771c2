using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Files;

/// <summary>Replaces, creates or removes a file at once: a reader sees the old one or the new one, never a part.</summary>
internal static class FileAction
{
    /// <summary>The state of a file that is not there.</summary>
    public const string Absent = "absent";

    /// <summary>The state of what is there and is no file.</summary>
    internal const string NotFile = "not a file";

    /// <summary>The state of a symbolic link that points to what is not there.</summary>
    internal const string DanglingLink = "a link to nothing";

    internal const string Name = "file";
    private const string DefaultMode = "0644";

    /// <summary>Gets the action. Arguments: the path, the mode of a new file or <c>remove</c>; then the content.</summary>
    /// <remarks>
    /// The new file starts as a copy of the old one, which keeps owner, mode, SELinux context and ACL; it lies in the
    /// same directory under a name that ends in .tmp, which no reader of configuration takes. A link is followed.
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            """
            nv_file_find() {
              nv_path=$NESTVIRT_ROOT$1
              if [ -L "$nv_path" ]; then nv_path=$(readlink -f -- "$nv_path") || return 1; fi
              nv_tmp=${nv_path%/*}/.nestvirt.${nv_path##*/}.tmp
            }
            nv_file_now() {
              if [ -L "$NESTVIRT_ROOT$1" ] && [ ! -e "$NESTVIRT_ROOT$1" ]; then printf 'a link to nothing\n'; return 0; fi
              nv_file_find "$1" || return 1
              if [ -f "$nv_path" ]; then
                nv_sum=$(sha256sum <"$nv_path") && printf '%s\n' "${nv_sum%% *}"
              elif [ -e "$nv_path" ]; then printf 'not a file\n'
              else printf 'absent\n'
              fi
            }
            nv_file_save() {
              nv_file_find "$1" || return 1
              nv_keep_parents "$nv_path" || return 1
              if [ -f "$nv_path" ]; then nv_try cp -a -- "$nv_path" "$nv_dir/file"; fi
            }
            nv_file_put() {
              if nv_try cp -a -- "$1" "$nv_tmp" && { [ -z "$2" ] || nv_text "$3" >"$nv_tmp"; } && nv_sync "$nv_tmp" &&
                nv_try mv -f -- "$nv_tmp" "$nv_path"; then nv_sync "${nv_path%/*}"; return 0; fi
              rm -f -- "$nv_tmp"
              nv_full "${nv_path%/*}"
              return 1
            }
            nv_file_do() {
              nv_file_find "$1" || return 1
              if [ "$2" = remove ]; then nv_remove "$nv_path"; return; fi
              if [ -f "$nv_path" ]; then nv_file_put "$nv_path" new "$3"; return; fi
              nv_make_folder "${nv_path%/*}" || return 1
              : >"$nv_dir/new" && chmod "$2" "$nv_dir/new" || return 1
              nv_file_put "$nv_dir/new" new "$3" || return 1
              if [ -z "$NESTVIRT_ROOT" ] && command -v restorecon >/dev/null 2>&1; then restorecon "$nv_path" || :; fi
            }
            nv_file_back() {
              nv_file_find "$1" || return 1
              if [ -f "$nv_dir/file" ]; then
                nv_make_folder "${nv_path%/*}" && nv_file_put "$nv_dir/file" ''
              else nv_remove "$nv_path" && nv_file_mend "$1"
              fi
            }
            nv_file_mend() {
              nv_file_find "$1" || return 1
              nv_remove "$nv_tmp" && nv_remove_folders "$nv_dir/directories"
            }
            """
        )
        {
            Kind = ActionKind.File,
        };

    /// <summary>Plans a file's new content.</summary>
    /// <param name="path">The path on the host.</param>
    /// <param name="before">The file as it was read, or null when it is not there.</param>
    /// <param name="text">The content, a byte a character; null to remove the file.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    public static HostChange? Plan(string path, RawFile? before, string? text)
    {
        if (before?.Text == text)
        {
            return null;
        }

        string[] diff =
        [
            .. TextDiff.Compare(before?.Text ?? string.Empty, text ?? string.Empty).Select(HostEncoding.Decode),
        ];
        return new HostChange(
            path,
            Lines(diff, '-'),
            Lines(diff, '+'),
            new HostStep(Name, [path, text is null ? "remove" : DefaultMode])
            {
                Expected = before?.State ?? Absent,
                Content = text is null ? null : System.Text.Encoding.Latin1.GetBytes(text),
            }
        )
        {
            Diff = diff,
            Undo = before is null ? "removes the file" : "puts the old file back",
            EndsHardLinks = text is not null && before is { HasOtherNames: true },
        };
    }

    /// <summary>Says of a file that is replaced that its other names keep the old text.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The finding.</returns>
    internal static Finding OtherNames(string path) =>
        new(
            FindingCodes.FileHasOtherNames,
            Severity.Warning,
            $"{path} has other names (hard links), and those keep the old text: the file is replaced at once and not written in place. Undo does not join them again."
        )
        {
            Evidence = $"{path} has more than one link",
            Remedy =
                "Find the other names on the host with find / -xdev -samefile and the path, and after the change link them anew (ln -f) where they are to follow.",
        };

    private static string? Lines(IReadOnlyList<string> diff, char sign)
    {
        string[] lines = [.. diff.Where(line => line[0] == sign).Select(static line => line[1..])];
        return lines.Length == 0 ? null : string.Join('\n', lines);
    }
}
