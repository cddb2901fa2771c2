using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>Changes the saved definition of a guest of libvirt, and starts the guest anew where it may be shut down.</summary>
internal static class DomainAction
{
    /// <summary>The name by which steps call the action.</summary>
    internal const string Name = "domain";

    // libvirt's answers, beside the time for the guest, which a way back may stop where the change did not.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    /// <summary>Gets the action. Arguments: the UUID; whether the guest is started anew (restart, or stay); the parts that change, with a blank between; then the new definition as those see it who may not see passwords.</summary>
    /// <remarks>
    /// <para>
    /// A plan is made from the definition without its passwords (virsh dumpxml without --security-info), and holds neither them nor
    /// anything that depends on them. Of the new definition the parts alone are taken that are named; they take the place of those of
    /// the full one, which does not leave the host, and the plan may differ in nothing else. A part is an element at the top, such as
    /// <c>cpu</c>; or the driver of a device that a name tells apart, such as <c>disk/vda</c>, <c>interface/52:54:00:00:00:01</c> and
    /// <c>controller/scsi0</c>; or <c>memballoon</c>. The way back puts the old ones into the definition as it is then: what else it
    /// has may have moved on, and what has gone stays so. libvirt reads a file that root alone may
    /// read and that is removed then, and libvirt defines for any file: so right before, the definition has to be what the new one was
    /// made of. What is kept of the full definition lies in the journal, which root alone reads, as libvirt's own files are; what is
    /// worked with lies in memory, so that the way back needs no room on the disk. No definition is in a word of a program: printf is
    /// one in some shells, and others see the words of programs.
    /// </para>
    /// <para>
    /// While a change is looked at before it is begun, the state is the hash of the definition without passwords, as the plan has it;
    /// from then on it is that of the parts. <c>known</c> in the journal holds the states that the change made: at first what it is
    /// about to define, without what libvirt adds by itself, then what became of that. Where there is none, nothing was defined.
    /// </para>
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            DefinitionScript.Script
                + $$"""
                # What changes is the processor where a step says nothing: so do those that older releases wrote.
                nv_domain_parts() {
                  nv_parts= nv_what=settings
                  for nv_word in $1; do
                    case $nv_word in
                      cpu | features | clock | vcpu | iothreads | cputune | numatune | memoryBacking | memballoon) ;;
                      */*/* | *[!a-z0-9:/-]*) nv_parts=; break ;;
                      disk/?* | interface/?* | controller/?*) ;;
                      *) nv_parts=; break ;;
                    esac
                    nv_parts="$nv_parts $nv_word"
                  done
                  case $nv_parts in '' | ' cpu features clock') nv_parts=' cpu features clock' nv_what=processor ;; esac
                }
                nv_domain_now() {
                  nv_domain_parts "$3"
                  [ -z "$NESTVIRT_ROOT" ] && nv_line=$(nv_listed "$1" --all --persistent) || return 1
                  [ -n "$nv_line" ] || { printf 'not defined\n'; return 0; }
                  nv_domain_room && nv_domain_dump "$1" "$nv_room/state.xml" || return 1
                  if [ "$nv_verb" = check ]; then nv_domain_sum <"$nv_room/state.xml"; else nv_domain_state parts "$nv_room/state.xml"; fi; nv_code=$?
                  rm -f -- "$nv_room/state.xml" "$nv_room/cut"
                  return "$nv_code"
                }
                nv_domain_save() {
                  nv_domain_parts "$3"
                  nv_domain_room && (: >"$nv_dir/guests") && nv_domain_read "$1" "$nv_dir/old" || return 1
                  nv_domain_live "$1" "$nv_dir/live" || { printf 'libvirt does not tell what the guest runs with\n'; return 1; }
                  [ "$(nv_domain_state parts "$nv_dir/old.xml")" = "$nv_found" ] || nv_domain_raced
                }
                nv_domain_do() {
                  nv_domain_parts "$3"
                  nv_domain_room || return 1
                  [ "$(nv_domain_sum <"$nv_dir/old.shown")" = "$nv_expected" ] || { nv_domain_raced; return 1; }
                  nv_domain_unsaved "$1" || return 1
                  [ -n "$4" ] || { printf 'there is no definition\n'; return 1; }
                  nv_text "$4" >"$nv_room/wanted.xml" && nv_domain_change "$1"; nv_code=$?
                  nv_domain_tidy
                  [ "$nv_code" = 0 ] || return "$nv_code"
                  [ "$2" != restart ] || [ "$nv_guests" != stop ] || nv_domain_restart "$1" "$nv_what"
                }
                nv_domain_ours() {
                  nv_domain_parts "$3"
                  nv_domain_unedited "$1"
                }
                nv_domain_unedited() {
                  [ "$nv_found" != 'not defined' ] && [ -e "$nv_dir/known" ] || return 0
                  nv_domain_room && nv_domain_dump "$1" "$nv_room/state.xml" || return 1
                  nv_states=" $(nv_domain_state parts "$nv_room/state.xml") $(nv_domain_state bare "$nv_room/state.xml") "
                  for nv_word in $(cat "$nv_dir/before" "$nv_dir/known"); do
                    case $nv_states in *" $nv_word "*) return 0 ;; esac
                  done
                  return 1
                }
                nv_domain_back() {
                  nv_domain_parts "$3"
                  nv_domain_room || return 1
                  nv_domain_tidy
                  [ "$nv_found" != 'not defined' ] || { printf 'the virtual machine is not defined any more, and nothing of it can be put back\n'; return 1; }
                  if [ -e "$nv_dir/known" ]; then
                    nv_domain_return "$1"; nv_code=$?
                    nv_domain_tidy
                    [ "$nv_code" = 0 ] || { nv_guests_start '' 'warning: '; return 1; }
                  fi
                  nv_domain_settle "$1" nv_domain_live known "$nv_what"
                }
                nv_domain_mend() {
                  nv_domain_parts "$3"
                  nv_domain_room || return 1
                  nv_domain_tidy
                  nv_domain_settle "$1" nv_domain_live known "$nv_what"
                }
                nv_domain_read() {
                  nv_domain_dump "$1" "$2.shown" && nv_domain_dump "$1" "$2.xml" --security-info && nv_domain_laid "$2.xml"
                }
                nv_domain_laid() {
                  nv_domain_cut rest "$1" >/dev/null || { printf 'a definition is not laid out as libvirt lays them out, and nothing is made of it\n'; return 1; }
                }
                nv_domain_state() { nv_domain_cut "$1" "$2" >"$nv_room/cut" && nv_domain_sum <"$nv_room/cut"; }
                # Whether two definitions have the same parts, or the same rest.
                nv_domain_same() {
                  nv_one=$(nv_domain_state "$1" "$2") && nv_other=$(nv_domain_state "$1" "$3") && [ "$nv_one" = "$nv_other" ]
                }
                # What it runs with: nothing where it does not run. A clock that is set by the guest says so there.
                nv_domain_live() {
                  nv_line=$(nv_listed "$1") && (: >"$2") || return 1
                  [ -n "$nv_line" ] || return 0
                  nv_ask dumpxml --domain "$1" >"$nv_room/runs.xml" && nv_domain_cut live "$nv_room/runs.xml" >"$2"
                }
                # Of a definition the lines of its parts, or the rest; bare: without what libvirt adds by itself; splice: the rest with the
                # parts of the other file in their places. Parts of devices come behind a line that names them. Tags are followed, since a
                # line of the metadata may look like any other; other than libvirt's own layout, in which such an element has its lines for
                # itself, is refused.
                nv_domain_cut() {
                  awk -v what="$1" -v parts="$nv_parts " '
                    {{DefinitionScript.TagFollower}}
                    function step(tag, first, last,   name) {
                      name = name_of(tag)
                      if (tag ~ /^\//) depth--
                      else {
                        if (depth == 1) {
                          top = name
                          if (name == "devices") opens = first && tag !~ /\/>$/
                          else if (has(name) && name != "memballoon" && (name != "clock" || what != "live")) starts(first)
                        } else if (depth == 2 && top == "devices") {
                          if (name == "memballoon" && has(name)) { key = name; starts(first) }
                          else if (name ~ /^(disk|interface|controller)$/ && has_any(name)) begins(tag, name, first)
                        } else if (depth == 3 && held) {
                          if (name == "driver") starts(first)
                          else if (kind == "disk" && name == "target") id = value_of(tag, "dev")
                          else if (kind == "interface" && name == "mac") id = value_of(tag, "address")
                        }
                        if (tag !~ /\/>$/) depth++
                      }
                      if (inside && depth == inside) { inside = 0; if (!last) bad = 1 }
                      if (held && depth == 2) { ends_device = 1; if (!last) bad = 1 }
                      if (top == "devices" && depth == 1) { closes = 1; if (tag ~ /^\// && !first) bad = 1; top = "" }
                      if (depth == 0) whole = 1
                    }
                    function has(name) { return index(parts, " " name " ") }
                    function has_any(name) { return index(parts, " " name "/") }
                    function starts(first) { inside = depth; taken = 1; if (!first) bad = 1 }
                    function begins(tag, name, first) {
                      held = 1; lines = 0; kind = name; id = ""; if (!first) bad = 1
                      if (kind == "controller") id = value_of(tag, "type") value_of(tag, "index")
                    }
                    function value_of(tag, name,   at, sign) {
                      at = index(tag, " " name "="); if (!at) return ""
                      tag = substr(tag, at + length(name) + 2); sign = substr(tag, 1, 1); tag = substr(tag, 2)
                      return substr(tag, 1, index(tag, sign) - 1)
                    }
                    # A device is told by what may follow its driver.
                    function let_go(   i, ours) {
                      held = 0; key = kind "/" id; ours = has(key)
                      for (i = 1; i <= lines; i++) {
                        show(line[i], ours && mark[i], key)
                        if (i == 1 && ours && (key in other)) { printf "%s", other[key]; delete other[key] }
                      }
                      key = ""
                    }
                    function show(text, is_part, name) {
                      if (what == "rest" || what == "splice") { if (!is_part) print text; return }
                      if (!is_part) return
                      if (what == "bare") {
                        if (text ~ /^ *<\//) return
                        gsub(/ (match|check|migratable|fallback|dies|clusters)=[^ \/>]*/, "", text); sub(/\/>$/, ">", text)
                      }
                      if (name != "" && name != named) { print "@" name; named = name }
                      print text
                    }
                    function place_top() { printf "%s", tops; tops = "" }
                    # The parts of the other file come first.
                    what == "splice" && !second {
                      if (sub(/^@/, "")) at_key = $0
                      else if (at_key == "") tops = tops $0 "\n"
                      else other[at_key] = other[at_key] $0 "\n"
                      next
                    }
                    {
                      ends = whole + 0; taken = inside > 0; opens = closes = ends_device = 0
                      follow()
                      if (ends) next
                      if (what == "splice") {
                        if (opens) place_top()
                        if (closes) { if ("memballoon" in other) printf "%s", other["memballoon"]; delete other["memballoon"] }
                        if (whole) place_top()
                      }
                      if (held) {
                        line[++lines] = $0; mark[lines] = taken
                        if (ends_device) let_go()
                      } else { show($0, taken, taken ? key : ""); if (!inside) key = "" }
                    }
                    END { exit !followed() || held }' "$2" ${3:+second=1 "$3"}
                }
                # The first with the parts of the second: libvirt has its own order.
                nv_domain_splice() {
                  nv_domain_cut parts "$2" >"$nv_room/parts" || return 1
                  nv_domain_cut splice "$nv_room/parts" "$1" >"$nv_room/new.xml" || { printf 'the definition could not be read\n'; return 1; }
                }
                # What the processor has and what KVM gives are two answers, and libvirt takes both together at the start
                # (virQEMUCapsInitHostCPUModel): a feature that KVM emulates is missing in the first alone. What cannot be told is none.
                nv_domain_compare() {
                  for nv_way in cpu-compare 'hypervisor-cpu-compare --virttype kvm'; do
                    nv_answer=$(nv_virsh $nv_way --error "$1" 2>&1) && return 0
                    case $nv_answer in *incompatible*) ;; *) return 0 ;; esac
                  done
                  printf '%s\n' "$nv_answer"
                  return 1
                }
                # Who could not be started before is not worse off.
                nv_domain_fits() {
                  [ -z "$nv_force" ] || return 0
                  case $(awk 'NR == 1' "$nv_room/new.xml") in *" type='kvm'"*) ;; *) return 0 ;; esac
                  case $(awk '/^  <cpu / { print; exit }' "$nv_room/parts") in '' | *" check='none'"* | *host-passthrough* | *maximum*) return 0 ;; esac
                  nv_said=$(nv_domain_compare "$nv_room/new.xml") && return 0
                  nv_domain_compare "$nv_dir/old.xml" >/dev/null || return 0
                  printf 'the virtual machine would not start so: %s\n' "$(printf '%s' "$nv_said" | awk 'END { sub(/^error: /, ""); print }')"
                  return 1
                }
                # Defines new.xml, which was made of the other file: nothing that takes time lies between the comparison and that.
                # The way back does not end because the disk is full.
                nv_domain_define() {
                  nv_line=$(nv_domain_state bare "$nv_room/new.xml") && nv_domain_note "$nv_line" $(cat "$nv_dir/known" 2>/dev/null) || [ "$nv_verb" = back ] || return 1
                  nv_one=$(nv_domain_sum <"$1") && nv_domain_dump "$2" "$nv_room/now.xml" --security-info || return 1
                  [ "$(nv_domain_sum <"$nv_room/now.xml")" = "$nv_one" ] || { nv_domain_raced; return 1; }
                  nv_virsh define --file "$nv_room/new.xml" >/dev/null && nv_domain_read "$2" "$nv_room/now" || return 1
                  nv_line=$(nv_domain_state parts "$nv_room/now.xml") && nv_domain_note "$nv_line" || [ "$nv_verb" = back ]
                }
                nv_domain_note() { nv_put "$nv_dir/known" "$*\n" && nv_sync "$nv_dir"; }
                nv_domain_change() {
                  [ "$(nv_domain_sum <"$nv_room/wanted.xml")" != "$nv_expected" ] || return 0
                  nv_domain_laid "$nv_room/wanted.xml" || return 1
                  nv_domain_same rest "$nv_room/wanted.xml" "$nv_dir/old.shown" || { printf 'the plan changes more of the definition than it names\n'; return 1; }
                  nv_domain_same parts "$nv_dir/old.shown" "$nv_dir/old.xml" || { printf 'among the lines that change is a password\n'; return 1; }
                  nv_domain_splice "$nv_dir/old.xml" "$nv_room/wanted.xml" && nv_domain_fits && nv_domain_define "$nv_dir/old.xml" "$1" || return 1
                  ! nv_domain_same rest "$nv_room/now.xml" "$nv_dir/old.xml" || return 0
                  printf 'libvirt took the definition, and more of it has changed than was asked for, by libvirt or by somebody else (the old one is %s): %s\n' "$nv_dir/old.xml" "$(nv_domain_difference nv_domain_cut "$nv_dir/old.shown" "$nv_room/now.shown")"
                  return 1
                }
                nv_domain_return() {
                  nv_domain_read "$1" "$nv_room/base" || return 1
                  nv_domain_unedited "$1" || [ -n "$nv_force" ] || { printf 'what was changed of it was changed since by somebody else\n'; return 1; }
                  nv_domain_splice "$nv_room/base.xml" "$nv_dir/old.xml" || return 1
                  nv_said=$(nv_domain_define "$nv_room/base.xml" "$1" 2>&1) || {
                    case $nv_parts in *' memballoon'*) ;; *) printf '%s\n' "$nv_said"; return 1 ;; esac
                    # The place of a balloon that went may be another device's by now.
                    awk '/^@/ { at = $0 } !(at == "@memballoon" && /^ *<address /)' "$nv_room/parts" >"$nv_room/elsewhere" &&
                      nv_domain_cut splice "$nv_room/elsewhere" "$nv_room/base.xml" >"$nv_room/new.xml" && nv_domain_define "$nv_room/base.xml" "$1" || return 1
                  }
                  nv_domain_same rest "$nv_room/now.xml" "$nv_room/base.xml" ||
                    printf 'warning: libvirt put the old %s in, and changed more of the definition by itself: %s\n' "$nv_what" "$(nv_domain_difference nv_domain_cut "$nv_room/base.shown" "$nv_room/now.shown")"
                  nv_domain_same parts "$nv_room/now.xml" "$nv_dir/old.xml" || printf 'warning: libvirt took the old %s, and writes it in another way now\n' "$nv_what"
                }
                """
        )
        {
            Touches = static step => [$"/libvirt/{step.Arguments[0]}"],
        };

    /// <summary>Plans a new definition.</summary>
    /// <param name="id">The UUID of the guest.</param>
    /// <param name="before">The definition without passwords, as libvirt writes it.</param>
    /// <param name="after">The new one.</param>
    /// <param name="parts">What of it changes.</param>
    /// <param name="isRestarted">Whether it runs, and is shut down and started.</param>
    /// <param name="request">How long that may take.</param>
    /// <returns>What makes the change.</returns>
    internal static HostStep Step(
        string id,
        string before,
        string after,
        IReadOnlyList<string> parts,
        bool isRestarted,
        ChangeRequest request
    ) =>
        new(Name, [id, isRestarted ? "restart" : "stay", string.Join(' ', parts)])
        {
            Expected = StateOf(before),
            Content = Encoding.UTF8.GetBytes(after),
            Timeout = s_timeout + GuestPower.TimeFor(1, request),
        };

    /// <summary>Gets the state that the action prints of a definition without passwords.</summary>
    /// <param name="text">The definition.</param>
    /// <returns>Its hash.</returns>
    internal static string StateOf(string text) => Sha256.Hex(Encoding.UTF8.GetBytes(text));
}
