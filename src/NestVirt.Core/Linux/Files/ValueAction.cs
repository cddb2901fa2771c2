using NestVirt.Changes;

namespace NestVirt.Linux.Files;

/// <summary>Writes a value into a file of the running kernel, and sees whether it stays.</summary>
internal static class ValueAction
{
    private const string Name = "value";

    /// <summary>Gets the action. Arguments: the path, the value.</summary>
    /// <remarks>
    /// The kernel may take a value and keep another (fewer huge pages than asked for), so the value is read back.
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            """
            nv_value_now() { IFS= read -r nv_text <"$NESTVIRT_ROOT$1" || [ -n "$nv_text" ] || return 1; printf '%s\n' "$nv_text"; }
            nv_value_save() { :; }
            nv_value_do() {
              printf '%s\n' "$2" >"$NESTVIRT_ROOT$1" || return 1
              nv_kept=$(nv_value_now "$1") || return 1
              [ "$nv_kept" = "$2" ] || { printf 'the kernel keeps %s instead of %s in %s\n' "$nv_kept" "$2" "$1"; return 1; }
            }
            nv_value_back() { nv_value_do "$1" "$(cat "$nv_dir/before")"; }
            """
        );

    /// <summary>Plans the new value of a file of the kernel.</summary>
    /// <param name="path">The path on the host, below /sys or /proc.</param>
    /// <param name="before">The value that was read.</param>
    /// <param name="value">The value wanted.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    public static HostChange? Plan(string path, string before, string value) =>
        before == value
            ? null
            : new HostChange(path, before, value, new HostStep(Name, [path, value]) { Expected = before })
            {
                Undo = $"writes {before} again",
            };
}
