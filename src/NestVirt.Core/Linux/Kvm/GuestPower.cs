namespace NestVirt.Linux.Kvm;

/// <summary>Shuts guests of libvirt down by their own system, and starts them again, in the scripts of actions.</summary>
internal static class GuestPower
{
    /// <summary>Gets constant POSIX sh.</summary>
    /// <remarks>
    /// <c>nv_virsh</c> runs libvirt's client. <c>nv_guests_shut UUID…</c> waits <c>$nv_guest_timeout</c> seconds, and fails with the rest in
    /// <c>$nv_left</c>. <c>nv_guests_watch UUID…</c> starts for five minutes those that go down late. <c>nv_guests_start</c> starts those that
    /// <c>$nv_dir/guests</c> names. Guests are named by UUID alone.
    /// </remarks>
    internal const string Script = """
        nv_virsh() { timeout 60 virsh -q -c qemu:///system "$@"; }
        nv_uptime() { read -r nv_up nv_line </proc/uptime && nv_up=${nv_up%.*}; }
        nv_guests_running() {
          # While libvirt does not answer, none is known to have ended.
          nv_list=$(nv_virsh list --uuid 2>/dev/null) || nv_list=$*
          for nv_guest in $nv_list; do
            case " $* " in *" $nv_guest "*) printf '%s\n' "$nv_guest" ;; esac
          done
        }
        nv_guests_shut() {
          for nv_guest do nv_virsh shutdown "$nv_guest" || :; done
          nv_uptime
          nv_end=$((nv_up + nv_guest_timeout)) nv_again=$((nv_up + 10))
          while nv_left=$(nv_guests_running "$@"); nv_uptime; [ -n "$nv_left" ] && [ "$nv_up" -lt "$nv_end" ]; do
            sleep 1
            [ "$nv_up" -ge "$nv_again" ] || continue
            nv_again=$((nv_up + 10))
            for nv_guest in $nv_left; do nv_virsh shutdown "$nv_guest" 2>/dev/null || :; done
          done
          [ -z "$nv_left" ]
        }
        # Nobody can take back what a guest was asked: for five minutes it is looked whether it went. The lock is let go,
        # and the next change ends the watch.
        nv_guests_watch() {
          nv_uptime
          printf '%s\n' "$nv_up" >/run/nestvirt/watch || return 0
          (
            exec 9>&-
            nv_begin=$nv_up
            while sleep 3; nv_uptime; [ $# -gt 0 ] && [ "$nv_up" -lt $((nv_begin + 300)) ]; do
              [ "$(cat /run/nestvirt/watch)" = "$nv_begin" ] || exit 0
              nv_running=" $(nv_virsh list --uuid | tr '\n' ' ')" || continue
              nv_left=
              for nv_guest do
                case $nv_running in
                  *" $nv_guest "*) nv_left="$nv_left $nv_guest" ;;
                  *) nv_virsh start "$nv_guest" ;;
                esac
              done
              set -- $nv_left
            done
            rm -f /run/nestvirt/watch
          ) >/dev/null 2>&1 </dev/null &
        }
        nv_guests_start() {
          [ -s "$nv_dir/guests" ] || return 0
          nv_ours=$(cat "$nv_dir/guests")
          nv_running=" $(nv_virsh list --uuid | tr '\n' ' ')" || return 0
          for nv_guest in $nv_ours; do
            case $nv_running in *" $nv_guest "*) continue ;; esac
            nv_virsh start "$nv_guest" || printf 'warning: guest %s did not start again\n' "$(nv_virsh domname "$nv_guest")"
          done
        }

        """;
}
