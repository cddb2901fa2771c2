namespace NestVirt.Linux.DeviceUse;

/// <summary>What the host itself does with a PCI function, looked at by the worker just before it takes the function away.</summary>
/// <remarks>Planners say more of it (HostUseProbe); between a plan and an undo of it days may lie.</remarks>
internal static class DeviceUses
{
    /// <summary>
    /// <c>nv_device_uses FOLDER NAME</c> prints a line for each use, behind <c>never</c> (nothing overrides it: the root
    /// file system, a default route, the address of this connection) or <c>force</c>. <c>nv_device_unused</c> takes the
    /// same, tells the uses that forbid it, and fails where there are any.
    /// </summary>
    internal const string Script = """
        nv_device_uses() {
          for nv_net in "$1"/net/* "$1"/virtio*/net/*; do
            [ -e "$nv_net" ] || continue
            nv_nets=${nv_net##*/}
            for nv_upper in "/sys/class/net/$nv_nets"/upper_*; do
              [ -L "$nv_upper" ] || continue
              nv_upper=${nv_upper##*/upper_}
              printf 'force %s: %s is part of %s\n' "$2" "${nv_net##*/}" "$nv_upper"
              nv_nets="$nv_nets $nv_upper"
              for nv_top in "/sys/class/net/$nv_upper"/upper_*; do
                [ ! -L "$nv_top" ] || nv_nets="$nv_nets ${nv_top##*/upper_}"
              done
            done
            for nv_one in $nv_nets; do
              for nv_address in $(ip -o addr show dev "$nv_one" scope global 2>/dev/null | awk '{ print $4 }'); do
                nv_word=force; [ "${nv_address%/*}" != "$nv_server" ] || nv_word=never
                printf '%s %s: %s has the address %s\n' "$nv_word" "$2" "$nv_one" "$nv_address"
              done
              [ -z "$(ip route show default dev "$nv_one" 2>/dev/null; ip -6 route show default dev "$nv_one" 2>/dev/null)" ] ||
                printf 'never %s: %s has the default route\n' "$2" "$nv_one"
            done
          done
          for nv_block in "$1"/nvme/*/nvme*n* "$1"/virtio*/block/* "$1"/host*/target*/*/block/* "$1"/ata*/host*/target*/*/block/*; do
            [ -e "$nv_block/dev" ] || continue
            for nv_part in "$nv_block" "$nv_block"/"${nv_block##*/}"*; do
              [ -e "$nv_part/dev" ] || continue
              for nv_one in "$nv_part" "$nv_part"/holders/* "$nv_part"/holders/*/holders/* "$nv_part"/holders/*/holders/*/holders/*; do
                [ -e "$nv_one/dev" ] || continue
                IFS= read -r nv_dev <"$nv_one/dev"
                [ "$nv_one" = "$nv_part" ] || printf 'force %s: %s is part of %s\n' "$2" "${nv_part##*/}" "${nv_one##*/}"
                awk -v d="$nv_dev" -v n="$2" -v b="${nv_one##*/}" '$3 == d { print ($5 == "/" ? "never " : "force ") n ": " b " is mounted on " $5 }' /proc/self/mountinfo
                grep -q "^/dev/${nv_one##*/} " /proc/swaps && printf 'force %s: %s is swap\n' "$2" "${nv_one##*/}"
              done
            done
          done
        }
        nv_device_unused() {
          [ -z "$NESTVIRT_ROOT" ] || return 0
          nv_uses=$(nv_device_uses "$@")
          nv_uses_allow
        }
        # Not by way of a file: on a full disk that would tell of no use.
        nv_uses_allow() {
          [ -n "$nv_uses" ] || return 0
          if [ -n "$nv_force" ] && ! printf '%s\n' "$nv_uses" | grep -q '^never '; then return 0; fi
          printf '%s\n' "$nv_uses" | while read -r nv_word nv_line; do printf '%s\n' "$nv_line"; done
          return 1
        }

        """;
}
