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
    /// <para>
    /// <c>nv_virsh</c> runs libvirt's client, <c>nv_ask</c> for what only asks, again while the daemon is away, and <c>nv_listed UUID WORDS</c>
    /// prints the guest where libvirt lists it. <c>nv_guest_obeys UUID</c> says why a guest would not go off by being asked, and fails then.
    /// </para>
    /// <para>
    /// <c>$nv_dir/guests</c> names the guests that are owed a start, one on a line, by UUID alone: <c>UUID=BOOT.NUMBER</c> for one that was
    /// asked to shut down when it ran under that number of libvirt's, which begin anew with each boot; <c>UUID=off</c> for one that was seen
    /// to go off by that; <c>UUID=destroyed</c> for one that was turned off by force. A UUID alone is of an earlier release, and owed as
    /// if it were off. <c>nv_guests_shut UUID…</c> writes that, asks, waits <c>$nv_guest_timeout</c> seconds, and fails with the rest in
    /// <c>$nv_left</c>. <c>nv_guests_start OFF ON</c> starts those of the file that are off, and has those watched that still run, which are in
    /// <c>$nv_left</c> then; it says OFF before the names of those that do not start, and ON before those of the others. It fails while one
    /// is off or nobody knows, which stays in the file.
    /// </para>
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
              for nv_each in $nv_list; do [ "$nv_each" != "$nv_guest" ] || printf '%s\n' "$nv_guest"; done
            }
            # What is started anew when its system powers it off never goes by being asked, and would be asked for ever.
            nv_guest_obeys() {
              nv_said=$(nv_ask dumpxml --domain "$1" | awk '/^  <on_poweroff>/ { print } END { exit NR == 0 }') || { printf 'libvirt does not tell of guest %s\n' "$1"; return 1; }
              case $nv_said in *restart* | *preserve*)
                printf 'guest %s is started anew by libvirt when its system powers it off (on_poweroff), and was not asked to shut down\n' "$(nv_virsh domname "$1")"
                return 1 ;;
              esac
            }
            # Nothing for one that is off.
            nv_guest_runs() {
              nv_number=$(nv_ask domid "$1" 2>/dev/null) || return 1
              [ "$nv_number" = - ] || printf '%s=%s.%s\n' "$1" "$nv_boot" "$nv_number"
            }
            nv_guest_boot() { nv_boot=; IFS= read -r nv_boot </proc/sys/kernel/random/boot_id; }
            # Those that were asked to shut down, and run. Under another number one was started anew since, by somebody else.
            nv_guests_left() {
              nv_list=$(nv_ask list --uuid 2>/dev/null) || return 1
              for nv_guest in $nv_list; do
                case " $* " in *" $nv_guest "*) ;; *) continue ;; esac
                nv_each=$(nv_guest_runs "$nv_guest") || return 1
                [ -n "$nv_each" ] || continue
                case $nv_runs in *" $nv_each "*) printf '%s\n' "$nv_guest" ;; esac
              done
            }
            nv_guests_write() { nv_put "$nv_dir/guests" "$(for nv_each in $nv_runs; do printf '%s\\n' "$nv_each"; done)"; }
            nv_guests_shut() {
              nv_left= nv_runs=' ' nv_asked=
              nv_guest_boot
              # Whom a worker asked that was killed then is not forgotten.
              for nv_each in $(cat "$nv_dir/guests" 2>/dev/null); do
                case " $* " in *" ${nv_each%%=*} "*) ;; *) nv_runs="$nv_runs$nv_each " ;; esac
              done
              for nv_guest do
                nv_each=$(nv_guest_runs "$nv_guest") && [ -n "$nv_each" ] || continue
                nv_runs="$nv_runs$nv_each " nv_asked="$nv_asked $nv_guest"
              done
              nv_guests_write || return 1
              set -- $nv_asked
              for nv_guest do nv_virsh shutdown "$nv_guest" || :; done
              nv_uptime
              nv_left=$* nv_end=$((nv_up + nv_guest_timeout)) nv_again=$((nv_up + 10))
              while nv_each=$(nv_guests_left "$@") && nv_left=$nv_each; nv_uptime; [ -n "$nv_left" ] && [ "$nv_up" -lt "$nv_end" ]; do
                sleep 1
                [ "$nv_up" -ge "$nv_again" ] || continue
                nv_again=$((nv_up + 10))
                for nv_guest in $nv_left; do nv_virsh shutdown "$nv_guest" 2>/dev/null || :; done
              done
              nv_waited=" within $nv_guest_timeout s"
              nv_guests_mark "$@"
              [ -z "$nv_left" ]
            }
            # libvirt forgets why a guest is off when its daemon ends.
            nv_guests_mark() {
              for nv_guest do
                case " $(printf '%s ' $nv_left)" in *" $nv_guest "*) continue ;; esac
                nv_guest_ended "$nv_guest" >/dev/null || continue
                nv_runs="$nv_runs$nv_guest=off "
              done
              nv_guests_write
            }
            # Nobody can take back what a guest was asked: for five minutes it is looked whether it went. The lock is let go, and while a
            # change has it that may want guests off, nothing is started. Each watch has a file of its own.
            nv_guests_watch() {
              nv_watched=
              read -r nv_up nv_line </proc/uptime
              nv_watch=/run/nestvirt/watch.$nv_up
              (: >"$nv_watch") || return 0
              nv_watched="; if it goes down in the next five minutes, it is started again (rm $nv_watch ends that)"
              (
                exec 9>&- 8>>/run/nestvirt/lock
                nv_uptime
                nv_end=$((nv_up + 300)) nv_gone= nv_rest=
                while sleep 3; [ -e "$nv_watch" ]; do
                  nv_uptime
                  if [ "$nv_up" -lt "$nv_end" ]; then
                    nv_left=$(nv_guests_left "$@") || nv_left=$*
                    for nv_each do
                      case " $(printf '%s ' $nv_left)" in *" $nv_each "*) continue ;; esac
                      nv_guest_ended "$nv_each"
                      case $? in
                        0) nv_gone="$nv_gone $nv_each" nv_runs="$nv_runs$nv_each=off " ;;
                        2) nv_left="$nv_left $nv_each" ;;
                      esac
                    done
                    set -- $nv_left
                  else set --
                  fi
                  if [ -n "$nv_gone" ] && flock -n 8 8>&8; then
                    printf 'a watch of guests that were asked to shut down\n' >/run/nestvirt/holder
                    nv_rest=
                    for nv_each in $nv_gone; do nv_guest_start "$nv_each" '' || nv_rest="$nv_rest $nv_each"; done
                    flock -u 8 8>&8
                    nv_gone=; [ "$nv_up" -ge "$nv_end" ] || nv_gone=$nv_rest
                  fi
                  [ $# -gt 0 ] || [ -n "$nv_gone" ] || break
                done
                [ -z "$nv_rest" ] || logger -t nestvirt "guests that were asked to shut down did not start again:$nv_rest"
                rm -f "$nv_watch"
              ) >/dev/null 2>&1 </dev/null &
            }
            # Whether one that does not run went off because it was asked to, or by force: another is running elsewhere, or was saved or
            # turned off on purpose. It says why not, and fails with 1; where libvirt does not answer, with 2.
            nv_guest_ended() {
              nv_shown=$(nv_listed "$1" --all) || { printf 'libvirt does not tell of guest %s, which may be off\n' "$1"; return 2; }
              [ -n "$nv_shown" ] || { printf 'guest %s is not on this host any more, and is not started\n' "$1"; return 1; }
              nv_shown=$(nv_listed "$1" --all --with-managed-save) && nv_state=$(nv_ask domstate --domain "$1" --reason) || { printf 'libvirt does not tell of guest %s, which may be off\n' "$1"; return 2; }
              nv_why=
              case $nv_state in
                *'(migrated)'* | *'(saved)'* | *snapshot*) nv_why=$nv_state ;;
                *'(destroyed)'*) case $nv_runs in *" $1=destroyed "* | *" $1 "*) ;; *) nv_why=$nv_state ;; esac ;;
                *'(unknown)'* | *'(daemon)'*) case $nv_runs in *" $1=destroyed "* | *" $1=off "* | *" $1 "*) ;; *) nv_why="$nv_state, and perhaps not by being asked" ;; esac ;;
              esac
              [ -z "$nv_shown" ] || nv_why='it has a managed save'
              [ -n "$nv_why" ] || return 0
              printf 'somebody else has ended guest %s, and it is not started: %s\n' "$(nv_virsh domname "$1")" "$nv_why"
              return 1
            }
            # One that somebody else has started, as what manages a cluster does, runs, too.
            nv_guest_start() {
              nv_shown=$(nv_listed "$1") && [ -n "$nv_shown" ] && return 0
              nv_said=$(nv_guest_ended "$1")
              case $? in
                1) printf 'warning: %s\n' "$nv_said"; return 0 ;;
                2) printf '%s%s\n' "$2" "$nv_said"; return 1 ;;
              esac
              nv_said=$(nv_within "$(({{s_start.TotalSeconds}} + nv_guest_timeout))" start --domain "$1" 2>&1) && return 0
              nv_shown=$(nv_listed "$1") && [ -n "$nv_shown" ] && return 0
              printf '%sguest %s did not start: %s\n' "$2" "$(nv_virsh domname "$1")" "$(printf '%s' "$nv_said" | tr '\n' ' ')"
              return 1
            }
            nv_guests_start() {
              nv_left=
              [ -s "$nv_dir/guests" ] || return 0
              nv_guest_boot
              nv_runs=" $(tr '\n' ' ' <"$nv_dir/guests")" nv_words=$1 nv_late=$2 nv_off= nv_owed=' '
              set -- $(awk '{ sub(/=.*/, "") } !seen[$0]++' "$nv_dir/guests")
              nv_left=$(nv_guests_left "$@") || { printf '%slibvirt does not answer, and guests may be off\n' "$nv_words"; return 2; }
              for nv_owes do
                case " $(printf '%s ' $nv_left)" in *" $nv_owes "*) continue ;; esac
                nv_guest_start "$nv_owes" "$nv_words" || nv_off="$nv_off $nv_owes"
              done
              if [ -n "$nv_left" ]; then
                nv_guests_watch $nv_left
                for nv_guest in $nv_left; do
                  printf '%sguest %s did not shut down%s%s\n' "$nv_late" "$(nv_virsh domname "$nv_guest")" "${nv_waited- yet}" "$nv_watched"
                done
              fi
              for nv_each in $nv_runs; do
                case "$nv_off " in *" ${nv_each%%=*} "*) nv_owed="$nv_owed$nv_each " ;; esac
              done
              nv_runs=$nv_owed
              nv_guests_write && [ -z "$nv_off" ]
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
