using System.Globalization;
using NestVirt.Changes;

namespace NestVirt.Linux.Kvm;

/// <summary>Shuts guests of libvirt down by their own system, and starts them again, in the scripts of actions.</summary>
internal static class GuestPower
{
    // Devices of VFIO have all the memory of their guest pinned before it starts, and huge pages are cleared.
    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(5);

    /// <summary>Gets constant POSIX sh.</summary>
    /// <remarks>
    /// <c>nv_virsh</c> runs libvirt's client, <c>nv_ask</c> for what only asks, again while the daemon is away, and <c>nv_listed UUID WORDS</c>
    /// prints the guest where libvirt lists it. <c>nv_guests_shut UUID…</c> writes into <c>$nv_dir/guests</c> whom it asks, and the number that
    /// each runs under; it waits <c>$nv_guest_timeout</c> seconds, and fails with the rest in <c>$nv_left</c>. <c>nv_guests_start OFF ON</c> starts
    /// those of that file that went down by themselves, and has those watched that still run, which are in <c>$nv_left</c> then; it says OFF
    /// before the names of those that do not start, and ON before those of the others. It fails while one is off, whose name stays there.
    /// Guests are named by UUID alone.
    /// </remarks>
    internal static string Script { get; } =
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            nv_within() { nv_limit=$1; shift; timeout "$nv_limit" virsh -q -c qemu:///system "$@"; }
            nv_virsh() { nv_within 60 "$@"; }
            nv_uptime() { read -r nv_up nv_line </proc/uptime && nv_up=${nv_up%.*}; }
            # The daemon may just be starting anew, and that it does not answer is no answer.
            nv_ask() {
              nv_uptime
              nv_patience=$((nv_up + 20))
              until nv_virsh "$@" 2>/dev/null; do
                nv_uptime
                [ "$nv_up" -lt "$nv_patience" ] || { nv_virsh "$@"; return; }
                sleep 2
              done
            }
            nv_listed() {
              nv_guest=$1; shift
              nv_list=$(nv_ask list --uuid "$@") || return 1
              for nv_word in $nv_list; do [ "$nv_word" != "$nv_guest" ] || printf '%s\n' "$nv_guest"; done
            }
            # What is started anew when its system powers it off never goes by being asked, and would be asked for ever.
            nv_guest_ends() {
              case $(nv_ask dumpxml --domain "$1" | awk '/^  <on_poweroff>/') in *restart* | *preserve*) return 1 ;; esac
            }
            # Those that were asked to shut down, and run. While libvirt does not answer, none is known to have ended.
            nv_guests_left() {
              nv_list=$(nv_virsh list --uuid 2>/dev/null) || nv_list=$*
              for nv_guest in $nv_list; do
                case " $* " in *" $nv_guest "*) ;; *) continue ;; esac
                nv_domid=$(nv_virsh domid "$nv_guest" 2>/dev/null) || nv_domid=
                # Under another number it was started anew since, by somebody else.
                case $nv_runs in *" $nv_guest= "* | *" $nv_guest=$nv_domid "*) ;; *) [ -z "$nv_domid" ] || continue ;; esac
                printf '%s\n' "$nv_guest"
              done
            }
            nv_guests_shut() {
              nv_left= nv_runs=' '
              # Whom a worker asked that was killed then is not forgotten.
              for nv_word in $(cat "$nv_dir/guests"); do
                case " $* " in *" ${nv_word%%=*} "*) ;; *) nv_runs="$nv_runs$nv_word " ;; esac
              done
              for nv_guest do
                nv_domid=$(nv_virsh domid "$nv_guest" 2>/dev/null) || nv_domid=
                nv_runs="$nv_runs$nv_guest=$nv_domid "
              done
              printf '%s\n' $nv_runs >"$nv_dir/guests" && nv_sync "$nv_dir/guests" || return 1
              for nv_guest do nv_virsh shutdown "$nv_guest" || :; done
              nv_uptime
              nv_end=$((nv_up + nv_guest_timeout)) nv_again=$((nv_up + 10))
              while nv_left=$(nv_guests_left "$@"); nv_uptime; [ -n "$nv_left" ] && [ "$nv_up" -lt "$nv_end" ]; do
                sleep 1
                [ "$nv_up" -ge "$nv_again" ] || continue
                nv_again=$((nv_up + 10))
                for nv_guest in $nv_left; do nv_virsh shutdown "$nv_guest" 2>/dev/null || :; done
              done
              nv_waited=" within $nv_guest_timeout s"
              [ -z "$nv_left" ]
            }
            # Nobody can take back what a guest was asked: for five minutes it is looked whether it went. The lock is let go, and while a
            # change has it that may want guests off, nothing is started. Each watch has a file of its own.
            nv_guests_watch() {
              nv_watched=
              read -r nv_up nv_line </proc/uptime
              nv_watch=/run/nestvirt/watch.$nv_up
              : >"$nv_watch" || return 0
              nv_watched="; if it goes down in the next five minutes, it is started again (rm $nv_watch ends that)"
              (
                exec 9>&- 8>>/run/nestvirt/lock
                nv_uptime
                nv_end=$((nv_up + 300))
                while sleep 3; [ $# -gt 0 ] && [ -e "$nv_watch" ]; do
                  flock -n 8 8>&8 || continue
                  nv_left=$(nv_guests_left "$@")
                  for nv_guest do
                    case " $(printf '%s ' $nv_left)" in *" $nv_guest "*) continue ;; esac
                    [ ! -e "$nv_watch" ] || nv_guest_start "$nv_guest" ''
                  done
                  set -- $nv_left
                  flock -u 8 8>&8
                  nv_uptime
                  [ "$nv_up" -lt "$nv_end" ] || break
                done
                rm -f "$nv_watch"
              ) >/dev/null 2>&1 </dev/null &
            }
            # One that somebody else has started, as what manages a cluster does, runs, too; and one that somebody has moved to another
            # host, saved or turned off is not started.
            nv_guest_start() {
              nv_running=$(nv_listed "$1") && [ -n "$nv_running" ] && return 0
              nv_running=$(nv_listed "$1" --all) || return 1
              if [ -z "$nv_running" ]; then
                printf 'warning: guest %s is not on this host any more, and is not started\n' "$1"
                return 0
              fi
              nv_state=$(nv_ask domstate --domain "$1" --reason) || return 1
              # By force it was turned off here.
              case $nv_runs in *" $1=destroyed "*) nv_state= ;; esac
              case $nv_state in
                *'(migrated)'* | *'(saved)'* | *'(destroyed)'* | *snapshot*)
                  printf 'warning: somebody else has ended guest %s, and it is not started: %s\n' "$(nv_virsh domname "$1")" "$nv_state"
                  return 0 ;;
              esac
              nv_said=$(nv_within "$(({{s_start.TotalSeconds}} + nv_guest_timeout))" start --domain "$1" 2>&1) && return 0
              nv_running=$(nv_listed "$1") && [ -n "$nv_running" ] && return 0
              printf '%sguest %s did not start: %s\n' "$2" "$(nv_virsh domname "$1")" "$(printf '%s' "$nv_said" | tr '\n' ' ')"
              return 1
            }
            nv_guests_start() {
              nv_left=
              [ -s "$nv_dir/guests" ] || return 0
              nv_runs=" $(tr '\n' ' ' <"$nv_dir/guests")" nv_words=$1 nv_late=$2 nv_off=
              set -- $(awk '{ sub(/=.*/, "") } !seen[$0]++' "$nv_dir/guests")
              nv_left=$(nv_guests_left "$@")
              for nv_guest do
                case " $(printf '%s ' $nv_left)" in *" $nv_guest "*) continue ;; esac
                nv_guest_start "$nv_guest" "$nv_words" || nv_off="$nv_off$nv_guest\n"
              done
              nv_put "$nv_dir/guests" "$nv_off" || return 1
              if [ -n "$nv_left" ]; then
                nv_guests_watch $nv_left
                for nv_guest in $nv_left; do
                  printf '%sguest %s did not shut down%s%s\n' "$nv_late" "$(nv_virsh domname "$nv_guest")" "${nv_waited- yet}" "$nv_watched"
                done
              fi
              [ -z "$nv_off" ]
            }

            """
        );

    /// <summary>Gets how long the script may wait for guests.</summary>
    /// <param name="count">How many may be shut down together and started again one after the other.</param>
    /// <param name="request">How long they may take to shut down; to start, each has five minutes more.</param>
    /// <returns>The time.</returns>
    internal static TimeSpan TimeFor(int count, ChangeRequest request)
    {
        TimeSpan shutdown = TimeSpan.FromSeconds(request.GuestTimeoutSeconds);
        return count == 0 ? TimeSpan.Zero : shutdown + (count * (s_start + shutdown));
    }
}
