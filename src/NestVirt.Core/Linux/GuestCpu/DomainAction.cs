using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Kvm;
using NestVirt.Text;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Changes the saved definition of a guest of libvirt, and starts the guest anew where it may be shut down.</summary>
internal static class DomainAction
{
    /// <summary>The name by which steps call the action.</summary>
    internal const string Name = "domain";

    // libvirt's answers, beside the time for the guest, which a way back may stop where the change did not.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    /// <summary>Gets the action. Arguments: the UUID; then the new definition as those see it who may not see passwords.</summary>
    /// <remarks>
    /// <para>
    /// A plan is made from the definition without its passwords (virsh dumpxml without --security-info), and holds neither them nor
    /// anything that depends on them. Of the new definition the processor, the features and the clock alone are taken; they take the
    /// place of those of the full one, which does not leave the host, and the plan may differ in nothing else. The way back puts the
    /// old ones into the definition as it is then: disks, memory and names may have moved on. libvirt reads a file that root alone may
    /// read and that is removed then, and libvirt defines for any file: so right before, the definition has to be what the new one was
    /// made of. What is kept of the full definition lies in the journal, which root alone reads, as libvirt's own files are.
    /// </para>
    /// <para>
    /// While a change is looked at before it is begun, the state is the hash of the definition without passwords, as the plan has it;
    /// from then on it is that of the three parts. <c>known</c> in the journal holds the states that the change made: at first what it is
    /// about to define, without what libvirt adds by itself, then what became of that. Where there is none, nothing was defined.
    /// </para>
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            GuestPower.Script
                + """
                nv_domain_now() {
                  [ -z "$NESTVIRT_ROOT" ] && nv_line=$(nv_listed "$1" --all --persistent) || return 1
                  [ -n "$nv_line" ] || { printf 'not defined\n'; return 0; }
                  nv_xml=$(nv_domain_dump "$1") || return 1
                  if [ "$nv_verb" = check ]; then printf '%s\n' "$nv_xml" | nv_domain_sum; else nv_domain_state parts "$nv_xml"; fi
                }
                nv_domain_save() {
                  umask 077
                  : >"$nv_dir/guests" && nv_domain_read "$1" old && nv_domain_live "$1" >"$nv_dir/live" || return 1
                  [ "$(nv_domain_state parts "$(cat "$nv_dir/old.xml")")" = "$nv_found" ] || nv_domain_raced
                }
                nv_domain_do() {
                  umask 077
                  [ "$(nv_domain_sum <"$nv_dir/old.shown")" = "$nv_expected" ] || { nv_domain_raced; return 1; }
                  nv_line=$(nv_listed "$1" --all --with-managed-save) || return 1
                  [ -z "$nv_line" ] || { printf 'the virtual machine was saved meanwhile\n'; return 1; }
                  [ -n "$2" ] || { printf 'there is no definition\n'; return 1; }
                  nv_text "$2" >"$nv_dir/wanted.xml" && nv_domain_change "$1"; nv_code=$?
                  nv_domain_tidy
                  [ "$nv_code" = 0 ] || return "$nv_code"
                  [ "$nv_guests" != stop ] || nv_domain_restart "$1"
                }
                nv_domain_ours() {
                  [ "$nv_found" != 'not defined' ] && [ -e "$nv_dir/known" ] || return 0
                  nv_xml=$(nv_domain_dump "$1") || return 1
                  nv_states=" $(nv_domain_state parts "$nv_xml") $(nv_domain_state bare "$nv_xml") "
                  for nv_word in $(cat "$nv_dir/before" "$nv_dir/known"); do
                    case $nv_states in *" $nv_word "*) return 0 ;; esac
                  done
                  return 1
                }
                nv_domain_back() {
                  umask 077
                  nv_domain_tidy
                  [ "$nv_found" != 'not defined' ] || { printf 'the virtual machine is not defined any more, and nothing of it can be put back\n'; return 1; }
                  [ -e "$nv_dir/known" ] || { nv_guests_start; return; }
                  nv_domain_return "$1"; nv_code=$?
                  nv_domain_tidy
                  [ "$nv_code" = 0 ] || { nv_guests_start; return 1; }
                  nv_live=$(nv_domain_live "$1") && nv_guests_start || return 1
                  [ -n "$nv_live" ] && [ "$nv_live" != "$(cat "$nv_dir/live")" ] || return 0
                  if [ "$nv_guests" = stop ]; then nv_domain_restart "$1"
                  else printf 'warning: guest %s runs with the processor of the change until it is shut down and started\n' "$(nv_virsh domname "$1")"
                  fi
                }
                nv_domain_mend() { nv_domain_tidy; nv_guests_start; }
                nv_domain_tidy() {
                  rm -f -- "$nv_dir/wanted.xml" "$nv_dir/new.xml" "$nv_dir/now.xml" "$nv_dir/now.shown" "$nv_dir/base.xml" "$nv_dir/base.shown"
                }
                nv_domain_raced() { printf 'the definition was changed meanwhile\n'; return 1; }
                nv_domain_dump() { nv_xml=$(nv_ask dumpxml --domain "$1" --inactive $2) && printf '%s\n' "$nv_xml"; }
                nv_domain_read() { nv_domain_dump "$1" --security-info >"$nv_dir/$2.xml" && nv_domain_dump "$1" >"$nv_dir/$2.shown"; }
                nv_domain_sum() { nv_sum=$(sha256sum) && printf '%s\n' "${nv_sum%% *}"; }
                nv_domain_state() { nv_parts=$(printf '%s\n' "$2" | nv_domain_cut "$1") && printf '%s\n' "$nv_parts" | nv_domain_sum; }
                # Whether two definitions have the same parts, or the same rest.
                nv_domain_same() {
                  nv_one=$(nv_domain_cut "$1" <"$nv_dir/$2") && nv_other=$(nv_domain_cut "$1" <"$nv_dir/$3") && [ "$nv_one" = "$nv_other" ]
                }
                # What it runs with: nothing where it does not run. A clock that is set by the guest says so there.
                nv_domain_live() {
                  nv_line=$(nv_listed "$1") || return 1
                  [ -n "$nv_line" ] || return 0
                  nv_xml=$(nv_ask dumpxml --domain "$1") && printf '%s\n' "$nv_xml" | nv_domain_cut live
                }
                # Of a definition the lines of the processor, the features and the clock, or the rest; bare: without what libvirt adds by
                # itself. Tags are followed, since a line of the metadata may look like any other; other than libvirt's own layout, in which
                # such an element has its lines for itself, is refused.
                nv_domain_cut() {
                  awk -v what="$1" '
                    function step(tag, start, rest,   name) {
                      name = tag
                      sub(/^<\/?/, "", name); sub(/[ \t\/>].*/, "", name)
                      if (tag ~ /^<\//) depth--
                      else {
                        if (depth == 1 && (name == "cpu" || name == "features" || name == "clock" && what != "live")) {
                          inside = taken = 1
                          if (start !~ /^ *$/) bad = 1
                        }
                        if (tag !~ /\/>$/) depth++
                      }
                      if (inside && depth == 1) { inside = 0; if (rest != "") bad = 1 }
                    }
                    {
                      taken = inside + 0; line = $0
                      while (line != "") {
                        if (!(at = index(line, end == "" ? "<" : end))) break
                        if (end != "") { line = substr(line, at + length(end)); end = ""; continue }
                        line = substr(line, at)
                        end = line ~ /^<!--/ ? "-->" : line ~ /^<!\[CDATA\[/ ? "]]>" : line ~ /^<\?/ ? "?>" : ""
                        if (end != "") { line = substr(line, 3); continue }
                        if (line ~ /^<!/ || !(at = index(line, ">"))) { bad = 1; break }
                        rest = substr(line, at + 1)
                        step(substr(line, 1, at), substr($0, 1, length($0) - length(line)), rest)
                        line = rest
                      }
                      if (what == "bare") {
                        if ($0 ~ /^ *<\//) next
                        gsub(/ (match|check|migratable|fallback|dies|clusters)=[^ \/>]*/, ""); sub(/\/>$/, ">")
                      }
                      if (taken == (what != "rest")) print
                    }
                    END { exit (bad || depth != 0 || end != "" || NR == 0) }'
                }
                # The first with the parts of the second, at its end: libvirt has its own order.
                nv_domain_splice() {
                  nv_rest=$(nv_domain_cut rest <"$nv_dir/$1") && nv_parts=$(nv_domain_cut parts <"$nv_dir/$2") || return 1
                  [ "$nv_rest" != "${nv_rest%</domain>}" ] || { printf 'the definition could not be read\n'; return 1; }
                  printf '%s%s\n</domain>\n' "${nv_rest%</domain>}" "$nv_parts" >"$nv_dir/new.xml"
                }
                # Of the rest, the lines that one of two definitions has alone.
                nv_domain_difference() {
                  { nv_domain_cut rest <"$nv_dir/$1.shown" | awk '{ print "-" $0 }'; nv_domain_cut rest <"$nv_dir/$2.shown" | awk '{ print "+" $0 }'; } | awk '
                    { line[NR] = substr($0, 2); count[line[NR]] += /^[+]/ ? 1 : -1 }
                    END {
                      for (i = 1; i <= NR; i++) {
                        text = line[i]; sign = count[text] > 0 ? "+" : "-"
                        if (count[text] == 0) continue
                        count[text] = 0; sub(/^ */, "", text)
                        if (shown++ < 6) all = all (all == "" ? "" : "; ") sign text
                      }
                      print all == "" ? "a password" : all (shown > 6 ? "; and more" : "")
                    }'
                }
                # Defines new.xml, which was made of the other file.
                nv_domain_define() {
                  nv_domain_dump "$2" --security-info >"$nv_dir/now.xml" || return 1
                  [ "$(nv_domain_sum <"$nv_dir/now.xml")" = "$(nv_domain_sum <"$nv_dir/$1")" ] || { nv_domain_raced; return 1; }
                  nv_line=$(nv_domain_state bare "$(cat "$nv_dir/new.xml")") && nv_domain_note "$nv_line" $(cat "$nv_dir/known" 2>/dev/null) || return 1
                  nv_virsh define --file "$nv_dir/new.xml" >/dev/null && nv_domain_read "$2" now || return 1
                  nv_line=$(nv_domain_state parts "$(cat "$nv_dir/now.xml")") && nv_domain_note "$nv_line"
                }
                nv_domain_note() { nv_put "$nv_dir/known" "$*\n" && nv_sync "$nv_dir"; }
                nv_domain_change() {
                  [ "$(cat "$nv_dir/wanted.xml")" != "$(cat "$nv_dir/old.shown")" ] || return 0
                  nv_domain_same rest wanted.xml old.shown || { printf 'the plan changes more of the definition than the processor, the features and the clock\n'; return 1; }
                  nv_domain_same parts old.shown old.xml || { printf 'among the lines that change is a password\n'; return 1; }
                  nv_domain_splice old.xml wanted.xml && nv_domain_define old.xml "$1" || return 1
                  ! nv_domain_same rest now.xml old.xml || return 0
                  printf 'libvirt took the definition, and changed more of it than was asked for: %s\n' "$(nv_domain_difference old now)"
                  mv -- "$nv_dir/now.xml" "$nv_dir/base.xml" && cp -- "$nv_dir/old.xml" "$nv_dir/new.xml" && nv_domain_define base.xml "$1" || return 1
                  nv_domain_same rest now.xml old.xml || printf 'of the old definition it makes the same, which so stays\n'
                  return 1
                }
                nv_domain_return() {
                  nv_domain_read "$1" base || return 1
                  nv_domain_ours "$1" || [ -n "$nv_force" ] || { printf 'its processor, features or clock were changed since by somebody else\n'; return 1; }
                  nv_domain_splice base.xml old.xml && nv_domain_define base.xml "$1" || return 1
                  nv_domain_same rest now.xml base.xml ||
                    printf 'warning: libvirt put the old processor in, and changed more of the definition by itself: %s\n' "$(nv_domain_difference base now)"
                  nv_domain_same parts now.xml old.xml || printf 'warning: libvirt took the old processor, and writes it in another way now\n'
                }
                nv_domain_restart() {
                  nv_line=$(nv_listed "$1") || return 1
                  [ -n "$nv_line" ] || return 0
                  printf '%s\n' "$1" >"$nv_dir/guests" && nv_sync "$nv_dir/guests" || return 1
                  if nv_guests_shut "$1"; then nv_guests_start; return; fi
                  : >"$nv_dir/guests"
                  nv_guests_watch "$1"
                  printf 'warning: guest %s did not shut down within %s s, and keeps its processor until it is shut down and started%s\n' "$(nv_virsh domname "$1")" "$nv_guest_timeout" "$nv_watched"
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
    /// <param name="request">Whether guests may be stopped, and how long that may take.</param>
    /// <returns>What makes the change.</returns>
    internal static HostStep Step(string id, string before, string after, ChangeRequest request) =>
        new(Name, [id])
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
