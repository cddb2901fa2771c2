using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Guests;

/// <summary>
/// Asks libvirt for all guests of its system daemon: which there are, and their definitions, of those that run also the one in effect.
/// Starts two programs, and where there are guests two more for each thousand of their definitions.
/// </summary>
/// <remarks>
/// One virsh lists, one dumps. Commands are one argument, of which Linux allows 128 KiB (MAX_ARG_STRLEN), since on standard input virsh
/// writes its prompt among the answers. Guests are named by UUID alone. A mark parts the answers: U+0001, which no XML 1.0 document can
/// hold, so that no definition can pretend to be another's. One that vanishes between list and dump leaves an empty answer. The filters of
/// <c>virsh list</c> tell states without the words of a language. What is read of a definition is passed by libvirt's own indentation; the
/// rest, which is most of it, does not travel: each element is weighed by its path, which that indentation by two tells. What is left out
/// is followed tag by tag to its end, past comments, CDATA and instructions, which people may have put into the metadata. A line with one
/// tag, as most are, is not split for that. Of words for QEMU's command line those travel that name a processor, VFIO, NVMe or vDPA; what
/// else is in them is cut away where they arrive.
/// A daemon that has not run since the boot is let be: whoever connects to the socket that systemd holds for it starts it, and so the guests
/// that are started with the host (virDriverShouldAutostart in libvirt).
/// </remarks>
internal static class LibvirtProbe
{
    /// <summary>The file of the answer that holds the domain capabilities.</summary>
    internal const string Capabilities = "capabilities";

    /// <summary>The file of the answer, empty, that says that the definitions took too long.</summary>
    internal const string Cut = "cut";

    /// <summary>The fact that names a definition that was too long.</summary>
    internal const string LeftOut = "leftout";

    /// <summary>The fact that names a socket that the account may not open.</summary>
    internal const string Closed = "closed";

    /// <summary>The fact that names by its path in sysfs what drivers made of devices for guests: mediated and vDPA devices. One without a path says that somebody looked.</summary>
    internal const string Made = "made";

    private const string Name = "guests";

    // The rest of an answer, whose limit AnswerLimits says, is for what else is asked.
    private const int AllCharacters = 8 << 20;
    private const int Characters = 1 << 20;
    private const int AllLines = 200_000;

    /// <summary>The functions of whoever asks libvirt: <c>nv_virsh</c> runs virsh, and gives it some time; <c>nv_sleeps</c> tells whether it would start the daemon.</summary>
    internal const string Functions = """
        nv_virsh() {
          if command -v timeout >/dev/null 2>&1; then timeout 25 virsh "$@" </dev/null
          else virsh "$@" </dev/null
          fi
        }
        nv_sleeps() {
          [ -d /run/systemd/system ] && [ ! -d /run/libvirt/qemu ] || return 1
          for f in /run/libvirtd.pid /run/virtqemud.pid; do
            nv_pid=; [ ! -r "$f" ] || read -r nv_pid < "$f"
            [ -z "$nv_pid" ] || [ ! -d "/proc/$nv_pid" ] || return 1
          done
        }
        nv_mark=$(printf '\001')
        """;

    /// <summary>Gets the probe.</summary>
    /// <remarks>libvirt tells domain capabilities only on a connection that may write, which root alone opens here: polkit might ask a person at a screen.</remarks>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            Functions
                + $$"""

                [ -z "$NESTVIRT_ROOT" ] || return 0
                for f in /run/libvirt/libvirt-sock /run/libvirt/virtqemud-sock; do
                  [ -e "$f" ] || continue
                  printf 'socket\t%s\n' "$f"
                  [ -w "$f-ro" ] || printf '{{Closed}}\t%s\n' "$f-ro"
                done
                if ! command -v virsh >/dev/null 2>&1; then printf 'absent\tvirsh\n'; return 0; fi
                if nv_sleeps; then printf 'asleep\t\n'; return 0; fi
                nv_way=-r; [ "$nv_uid" != 0 ] || nv_way=-q
                nv_commands=
                for f in active: all:--all running:'--all --state-running' paused:'--all --state-paused' \
                  off:'--all --state-shutoff' transient:'--all --transient' autostart:'--all --autostart' \
                  saved:'--all --with-managed-save'; do
                  nv_commands="${nv_commands}echo '$nv_newline$nv_mark@list/${f%%:*}$nv_newline';list --uuid ${f#*:};"
                done
                nv_out=$(nv_virsh "$nv_way" -q -c qemu:///system "$nv_commands" 2>&1)
                nv_status=$?
                printf 'status\t%s\n' "$nv_status"
                printf '{{Made}}\t\n'
                (for f in /sys/bus/mdev/devices/* /sys/bus/vdpa/devices/*/vhost-vdpa-*; do
                  [ -d "$f" ] && cd -P "$f" 2>/dev/null && printf '{{Made}}\t%s\n' "$PWD"
                done)
                if [ "$nv_status" != 0 ]; then
                  printf '%s\n' "$nv_out" | while IFS= read -r line; do
                    case $line in ''|"$nv_mark"*) ;; error:*) printf 'error\t%s\n' "$line" ;; esac
                  done
                  return 0
                fi
                set --
                nv_commands= nv_count=0 nv_list= nv_asked=
                while IFS= read -r line; do
                  case $line in
                    "$nv_mark"@*) nv_list=${line#"$nv_mark"@list/}; printf '@list/%s\n' "$nv_list" ;;
                    *[!0-9a-f-]*) ;;
                    ????????-????-????-????-????????????)
                      printf '|%s\n' "$line"
                      case $nv_list in
                        active) nv_what=running nv_option= ;;
                        all) nv_what=saved nv_option='--inactive ' ;;
                        *) continue ;;
                      esac
                      if [ "$nv_uid" = 0 ] && [ -z "$nv_asked" ]; then
                        nv_commands="echo '$nv_newline$nv_mark@{{Capabilities}}$nv_newline';domcapabilities;" nv_asked=yes
                      fi
                      nv_commands="${nv_commands}echo '$nv_newline$nv_mark@$nv_what/$line$nv_newline';dumpxml $nv_option$line;"
                      nv_count=$((nv_count + 1))
                      if [ "$nv_count" = 1000 ]; then set -- "$@" "$nv_commands"; nv_commands= nv_count=0; fi ;;
                  esac
                done <<EOF
                $nv_out
                EOF
                [ -z "$nv_commands" ] || set -- "$@" "$nv_commands"
                nv_dump() {
                  for nv_commands do
                    nv_virsh "$nv_way" -q -c qemu:///system "$nv_commands" 2>/dev/null
                    [ $? != 124 ] || printf '\n%s@{{Cut}}' "$nv_mark"
                    printf '\n'
                  done
                  printf '%s@\n' "$nv_mark"
                }
                if nv_feed guests; then nv_dump "$@"; nv_feed; else
                  nv_size=0
                  nv_dump "$@" | while IFS= read -r line; do
                    case $line in
                      '') continue ;;
                      "$nv_mark"@) continue ;;
                      "$nv_mark"@*) line=${line#"$nv_mark"} ;;
                      *) line="|$line" ;;
                    esac
                    nv_size=$((nv_size + ${#line}))
                    [ "$nv_size" -le {{AllCharacters}} ] || { printf '{{LeftOut}}\t\n'; break; }
                    printf '%s\n' "$line"
                  done
                fi
                """
        )
        {
            AwkFunction = $$"""
                function guests_walk(line, at, word, kind, count, piece, i) {
                  if (guest_end == "") {
                    if (!(at = index(line, "<"))) return
                    word = substr(line, at + 1); kind = substr(word, 1, 1)
                    if (!index(word, "<")) {
                      if (kind == "/") { guest_level--; return }
                      if (kind != "!" && kind != "?" && (at = index(word, ">"))) { if (substr(word, at - 1, 1) != "/") guest_level++; return }
                    }
                  }
                  count = split(line, piece, "<")
                  for (i = 1; i <= count; i++) {
                    if (i > 1 && guest_end == "") {
                      guest_end = piece[i] ~ /^!--/ ? "-->" : piece[i] ~ /^!\[CDATA\[/ ? "]]>" : piece[i] ~ /^[?]/ ? "?>" : ">"
                      if (piece[i] ~ /^\//) { guest_end = ""; guest_level--; if (guest_level == 0) return; continue }
                      if (guest_end != ">") piece[i] = substr(piece[i], 3)
                    }
                    if (guest_end == "" || !(at = index(piece[i], guest_end))) continue
                    if (guest_end == ">" && (at == 1 || substr(piece[i], at - 1, 1) != "/")) guest_level++
                    guest_end = ""
                    if (guest_level == 0) return
                  }
                }
                function guests_pass(line, depth, name, parent, path, count, list, i) {
                  if (!guest_read || !match(line, /^ *<[A-Za-z_][^ \/>]*/)) return 1
                  if (!guests_ready) {
                    count = split("{{DomainElements.Paths}}", list, " ")
                    for (i = 1; i <= count; i++) guest_paths[list[i]] = 1
                    guests_ready = 1
                  }
                  depth = index(line, "<") - 1
                  name = substr(line, depth + 2, RLENGTH - depth - 1)
                  if (index(name, ":")) sub(/^.*:/, "", name)
                  parent = depth > 1 ? guest_at[depth - 2] : ""
                  path = depth > 1 ? parent "/" name : name
                  guest_at[depth] = path
                  if (((path in guest_paths) || ((parent "/*") in guest_paths)) && guests_needs(line, path)) return 1
                  guest_at[depth] = "-"
                  guests_walk(line)
                  return 0
                }
                function guests_needs(line, path) {
                  if (path == "domain/devices/disk") return line ~ / type=.(nvme|vhostvdpa)./
                  if (path == "domain/commandline/arg") return line ~ /value=.--?(cpu|accel|machine|M|global).\/>|cpu|vfio-pci|nvme|vdpa/
                  return 1
                }
                function guests(line) {
                  if (substr(line, 1, 2) == "\001@") {
                    guest = substr(line, 3); guest_size = 0; guest_out = 0; guest_end = ""; guest_level = 0; guest_at[0] = ""
                    guest_read = guest ~ /^(running|saved)\//
                    if (guest == "") return
                    if (guests_size > {{AllCharacters}} || guests_lines > {{AllLines}}) { guest_out = 1; print "{{LeftOut}}\t" guest; return }
                    print "@" guest
                    return
                  }
                  if (guest_out) return
                  if (guest_level > 0 || guest_end != "") { guests_walk(line); return }
                  if (!guests_pass(line)) return
                  sub(/^[ \t\r]+/, "", line)
                  if (line == "") return
                  guest_size += length(line) + 1; guests_size += length(line) + 1; guests_lines++
                  if (guest_size > {{Characters}}) { guest_out = 1; print "{{LeftOut}}\t" guest; return }
                  print "|" line
                }
                """,
        };

    /// <summary>Gets the probe that asks for the domain capabilities where sudo makes the user root; starts two programs.</summary>
    public static ShellProbe CapabilitiesProbe { get; } =
        new(
            "guestcapabilities",
            Functions
                + $$"""

                [ -z "$NESTVIRT_ROOT" ] && [ -n "$nv_by_sudo" ] || return 0
                command -v virsh >/dev/null 2>&1 && ! nv_sleeps || return 0
                printf '@{{Capabilities}}\n'
                nv_virsh -q -c qemu:///system domcapabilities 2>/dev/null | while IFS= read -r line; do
                  [ -z "$line" ] || printf '|%s\n' "$line"
                done
                """
        )
        {
            NeedsRoot = true,
        };
}
