using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Files;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Pci;
using NestVirt.Text;

namespace NestVirt.Linux.GuestDevices;

/// <summary>Puts devices of the host into the saved definition of a guest of libvirt, or takes them out of it.</summary>
internal static class GuestDeviceAction
{
    /// <summary>The name by which steps call the action.</summary>
    internal const string Name = "guestdevice";

    // What no XML 1.0 document can hold stands for the ends of lines.
    private const char LineEnd = '\u0001';

    // libvirt's answers, beside the time for the guest.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    /// <summary>Gets the action. Arguments: the UUID; whether the guest is started anew (restart, or stay); the file in the place of a ROM, or nothing; the addresses of the devices; then the edit.</summary>
    /// <remarks>
    /// <para>
    /// An edit has a line for each element: <c>-</c> or <c>+</c>, and the lines of the element as libvirt writes them, with U+0001 for
    /// their ends. Only interfaces, hostdevs and controllers are elements of it: they hold no passwords. It is made in the full definition,
    /// which does not leave the host, and libvirt takes that or refuses it as a whole, so that there is no state in between. libvirt adds
    /// what is missing, such as addresses, MAC addresses and the controllers that devices are plugged into: <c>undo</c> in the journal is the edit
    /// that takes back what it has made of ours, under the hash of the definition then. Where that is still what is there, the way back
    /// defines the old one, byte for byte; where others have edited it since, it takes ours out of theirs.
    /// </para>
    /// <para>
    /// <c>asked</c> is there from right before libvirt is asked: without it nothing is ours, whatever the definition has. libvirt defines
    /// for any file, so right before, the definition has to be what the new one was made of.
    /// </para>
    /// </remarks>
    internal static HostAction Action { get; } =
        new(
            Name,
            DefinitionScript.Script
                + DeviceUses.Script
                + $$"""
                nv_guestdevice_now() {
                  [ -z "$NESTVIRT_ROOT" ] && nv_line=$(nv_listed "$1" --all --persistent) || return 1
                  [ -n "$nv_line" ] || { printf 'not defined\n'; return 0; }
                  nv_domain_room && nv_domain_dump "$1" "$nv_room/state.xml" || return 1
                  if [ "$nv_verb" = check ]; then nv_domain_sum <"$nv_room/state.xml"
                  else nv_device_list held "$nv_room/state.xml" >"$nv_room/cut" && nv_domain_sum <"$nv_room/cut"
                  fi
                  nv_code=$?
                  rm -f -- "$nv_room/state.xml" "$nv_room/cut"
                  return "$nv_code"
                }
                nv_guestdevice_save() {
                  nv_domain_room && (: >"$nv_dir/guests") && nv_text "$5" >"$nv_dir/edit" || return 1
                  nv_domain_dump "$1" "$nv_dir/old.shown" && nv_domain_dump "$1" "$nv_dir/old.xml" --security-info || return 1
                  nv_device_list rest "$nv_dir/old.xml" >/dev/null || { printf 'the definition is not laid out as libvirt lays them out, and nothing is made of it\n'; return 1; }
                  nv_device_live "$1" "$nv_dir/live" || { printf 'libvirt does not tell what the guest runs with\n'; return 1; }
                  # One that is off is compared with what it would have run with.
                  [ -s "$nv_dir/live" ] || { printf 'runs\n' && nv_device_part keys "$nv_dir/edit" | awk '/^-/ { print substr($0, 2) }'; } >"$nv_dir/live"
                }
                nv_guestdevice_do() {
                  nv_domain_room || return 1
                  [ "$(nv_domain_sum <"$nv_dir/old.shown")" = "$nv_expected" ] || { nv_domain_raced; return 1; }
                  nv_domain_unsaved "$1" || return 1
                  if [ -s "$nv_dir/edit" ]; then
                    [ -z "$3" ] || [ -f "$3" ] || { printf 'the host has no file %s\n' "$3"; return 1; }
                    nv_device_looked "$nv_dir/edit" || return 1
                    nv_device_change "$1"; nv_code=$?
                    nv_domain_tidy
                    [ "$nv_code" = 0 ] || return "$nv_code"
                  fi
                  [ "$2" != restart ] || [ "$nv_guests" != stop ] || nv_domain_restart "$1" devices
                }
                nv_guestdevice_ours() {
                  [ "$nv_found" != 'not defined' ] && [ -e "$nv_dir/asked" ] || return 0
                  nv_domain_room && nv_domain_dump "$1" "$nv_room/state.xml" --security-info && nv_device_ours
                }
                # Days may lie between, in which the host has come to live by what it was given back. What cannot be looked at, the way back says.
                nv_guestdevice_ready() {
                  [ "$nv_found" != 'not defined' ] && [ -e "$nv_dir/asked" ] && [ -z "$nv_force" ] || return 0
                  nv_domain_room && nv_domain_dump "$1" "$nv_room/state.xml" --security-info 2>/dev/null || return 0
                  nv_device_learn "$nv_room/state.xml"
                  nv_device_fit "$nv_room/undo" "$nv_room/state.xml" >"$nv_room/fit" || return 0
                  nv_device_looked "$nv_room/fit"
                }
                nv_guestdevice_back() {
                  nv_domain_room || return 1
                  nv_domain_tidy
                  [ "$nv_found" != 'not defined' ] || { printf 'warning: the virtual machine is not defined any more, and nothing of it is put back\n'; return 0; }
                  if [ -e "$nv_dir/asked" ]; then
                    nv_device_return "$1"; nv_code=$?
                    nv_domain_tidy
                    [ "$nv_code" = 0 ] || { nv_guests_start '' 'warning: '; return 1; }
                  fi
                  nv_domain_settle "$1" nv_device_live asked devices
                }
                nv_guestdevice_mend() {
                  nv_domain_room || return 1
                  nv_domain_tidy
                  nv_domain_settle "$1" nv_device_live asked devices
                }
                # What it runs with: nothing where it does not run.
                nv_device_live() {
                  nv_line=$(nv_listed "$1") && (: >"$2") || return 1
                  [ -n "$nv_line" ] || return 0
                  nv_ask dumpxml --domain "$1" >"$nv_room/runs.xml" && nv_device_list keys "$nv_room/runs.xml" >"$nv_room/keys" || return 1
                  { printf 'runs\n' && { nv_device_part keys "$nv_dir/edit" | awk '{ print "?" substr($0, 2) }' && awk '{ print "=" $0 }' "$nv_room/keys"; } | awk '
                    /^[?]/ { ours[substr($0, 2)] = 1 }
                    /^=/ && (substr($0, 2) in ours) { print substr($0, 2) }'; } >"$2"
                }
                # Whether the host can do without what libvirt takes from its drivers for what comes into a definition, and is not in it.
                nv_device_looked() {
                  for nv_address in $(awk '
                    function address_of(text,   count, name, sign, i, at, part, address) {
                      text = substr(text, index(text, "<source"))
                      count = split("domain bus slot function", name, " "); split(":,:,.,", sign, ",")
                      for (i = 1; i <= count; i++) {
                        at = index(text, " " name[i] "=")
                        if (!at) return ""
                        part = substr(text, at + length(name[i]) + 5); sub(/[^0-9a-f].*/, "", part)
                        address = address part sign[i]
                      }
                      return address
                    }
                    /^-.*<source/ { stays[address_of($0)] = 1 }
                    /^[+].*managed=.yes/ && /<source/ { comes[++total] = address_of($0) }
                    END { for (i = 1; i <= total; i++) if (comes[i] != "" && !(comes[i] in stays)) print comes[i] }' "$1"); do
                    nv_device=$NESTVIRT_ROOT/sys/bus/pci/devices/$nv_address
                    nv_device_unused "$nv_device" "$nv_address" || return 1
                    for nv_function in "$nv_device"/virtfn*; do
                      [ -e "$nv_function" ] || continue
                      case $(readlink -- "$nv_function/driver") in *vfio*) printf '%s: a virtual function of it is with VFIO\n' "$nv_address"; return 1 ;; esac
                      nv_device_unused "$nv_function" "$nv_address" || return 1
                    done
                  done
                }
                nv_device_change() {
                  nv_device_edit "$nv_dir/edit" "$nv_dir/old.xml" >"$nv_room/new.xml" || { printf 'the definition does not have what is to be taken out of it, or the plan does not say what comes into it\n'; return 1; }
                  nv_device_list rest "$nv_dir/old.xml" >"$nv_room/rest" && nv_device_list rest "$nv_room/new.xml" >"$nv_room/cut" &&
                    [ "$(nv_domain_sum <"$nv_room/rest")" = "$(nv_domain_sum <"$nv_room/cut")" ] || { printf 'the plan changes more of the definition than devices of the host\n'; return 1; }
                  nv_device_define "$1" "$nv_dir/old.xml" || return 1
                  nv_domain_dump "$1" "$nv_room/now.xml" --security-info && nv_device_list rest "$nv_room/now.xml" >"$nv_room/cut" || return 1
                  nv_device_compare "$nv_dir/old.xml" "$nv_room/now.xml" >"$nv_room/learnt" || return 1
                  if [ "$(nv_domain_sum <"$nv_room/rest")" = "$(nv_domain_sum <"$nv_room/cut")" ] && nv_device_only; then
                    nv_device_note "$(nv_domain_sum <"$nv_room/now.xml")" "$nv_room/learnt"
                    return
                  fi
                  { nv_device_turn "$nv_dir/edit" && awk '/^- *<controller type=.pci/' "$nv_room/learnt"; } >"$nv_room/undo" && nv_device_note changed "$nv_room/undo" || return 1
                  nv_domain_dump "$1" "$nv_room/now.shown"
                  printf 'libvirt took the definition, and more of it has changed than was asked for, by libvirt or by somebody else (the old one is %s; what libvirt changes by itself it has changed once virsh edit has saved any change): %s\n' "$nv_dir/old.xml" "$(nv_domain_difference nv_device_list "$nv_dir/old.shown" "$nv_room/now.shown")"
                  return 1
                }
                # Defines new.xml, which was made of the other file: nothing that takes time lies between the comparison and that.
                nv_device_define() {
                  nv_new=; [ -e "$nv_dir/asked" ] || nv_new=yes
                  if [ -n "$nv_new" ]; then nv_put "$nv_dir/asked" '' && nv_sync "$nv_dir" || return 1; fi
                  nv_one=$(nv_domain_sum <"$2") && nv_domain_dump "$1" "$nv_room/now.xml" --security-info && [ "$(nv_domain_sum <"$nv_room/now.xml")" = "$nv_one" ] || {
                    [ -z "$nv_new" ] || nv_remove "$nv_dir/asked"
                    nv_domain_raced
                    return 1
                  }
                  nv_virsh define --file "$nv_room/new.xml" >/dev/null
                }
                # The hash is the first line, so that both are written at once; another word where more was changed, which is not taken back.
                nv_device_note() {
                  { printf '%s\n' "$1" && cat -- "$2"; } >"$nv_dir/undo.tmp" &&
                    nv_sync "$nv_dir/undo.tmp" && nv_try mv -f -- "$nv_dir/undo.tmp" "$nv_dir/undo" && nv_sync "$nv_dir"
                }
                # Whether what differs from the old definition is what was asked for, and what libvirt makes of that.
                nv_device_only() {
                  nv_device_turn "$nv_dir/edit" >"$nv_room/turned" && [ "$(nv_device_part keys "$nv_room/learnt")" = "$(nv_device_part keys "$nv_room/turned")" ] &&
                    [ -z "$(nv_device_part others "$nv_room/learnt")" ]
                }
                # What takes it back, in memory. Who was killed when libvirt had just taken it, or found the disk full, did not see what became of
                # it: where nothing else differs from the old definition but controllers that came, it is that; elsewhere what was asked for is
                # all that is known.
                nv_device_learn() {
                  if [ -e "$nv_dir/undo" ]; then cat -- "$nv_dir/undo" >"$nv_room/undo"; return; fi
                  nv_device_compare "$nv_dir/old.xml" "$1" >"$nv_room/learnt" && nv_device_turn "$nv_dir/edit" >"$nv_room/undo" || return 1
                  if [ -s "$nv_room/learnt" ]; then
                    nv_device_list rest "$nv_dir/old.xml" >"$nv_room/one" && nv_device_list rest "$1" >"$nv_room/other" &&
                      [ "$(nv_domain_sum <"$nv_room/one")" = "$(nv_domain_sum <"$nv_room/other")" ] && nv_device_only || return 1
                  fi
                  nv_line=$(nv_domain_sum <"$1") && { printf '%s\n' "$nv_line" && cat -- "$nv_room/learnt"; } >"$nv_room/undo"
                }
                # Whether state.xml has what was made, or nothing of it any more: others may have edited what is beside that.
                nv_device_ours() {
                  nv_device_learn "$nv_room/state.xml" || return 1
                  nv_other=; { IFS= read -r nv_other <"$nv_room/undo"; } 2>/dev/null
                  nv_one=$(nv_domain_sum <"$nv_room/state.xml") && [ "$nv_one" != "$nv_other" ] || return 0
                  nv_device_fit "$nv_room/undo" "$nv_room/state.xml" >"$nv_room/fit" || return 1
                  nv_rest=$(nv_device_part held "$nv_room/fit")
                  [ -z "$nv_rest" ] || [ "$nv_rest" = "$(nv_device_part held "$nv_room/undo")" ]
                }
                nv_device_return() {
                  nv_domain_dump "$1" "$nv_room/state.xml" --security-info || return 1
                  nv_device_ours || [ -n "$nv_force" ] || { printf 'the devices were changed since by somebody else\n'; return 1; }
                  nv_one=$(nv_domain_sum <"$nv_room/state.xml") || return 1
                  nv_other=; { IFS= read -r nv_other <"$nv_room/undo"; } 2>/dev/null
                  if [ "$nv_one" = "$nv_other" ]; then cat -- "$nv_dir/old.xml" >"$nv_room/new.xml" || return 1
                  else
                    nv_device_fit "$nv_room/undo" "$nv_room/state.xml" >"$nv_room/fit" || return 1
                    [ -s "$nv_room/fit" ] || return 0
                    nv_device_edit "$nv_room/fit" "$nv_room/state.xml" >"$nv_room/new.xml" || { printf 'the definition could not be edited\n'; return 1; }
                  fi
                  # What a change that failed took seconds ago is put back whatever the host has begun with it.
                  [ -n "$nv_failed" ] || { nv_device_compare "$nv_room/new.xml" "$nv_room/state.xml" >"$nv_room/coming" && nv_device_looked "$nv_room/coming"; } || return 1
                  nv_device_define "$1" "$nv_room/state.xml" && nv_domain_dump "$1" "$nv_room/now.xml" --security-info || return 1
                  [ "$nv_one" != "$nv_other" ] || [ "$(nv_domain_sum <"$nv_room/now.xml")" = "$(nv_domain_sum <"$nv_dir/old.xml")" ] ||
                    printf 'warning: libvirt took the old definition, and writes it in another way now\n'
                }
                # Of a definition the elements of devices, each on a line (list); those that give devices of the host (held), or what
                # tells them apart (keys); or all lines beside (rest). With an edit, the definition after that (edit).
                nv_device_list() { nv_device_awk "$1" '' "$2"; }
                nv_device_edit() { nv_device_awk edit "$1" "$2"; }
                nv_device_awk() {
                  awk -v what="$1" -v edit="$2" '
                    {{DefinitionScript.TagFollower}}
                    {{BlockNames}}
                    function step(tag, first, last,   name) {
                      name = name_of(tag)
                      if (tag ~ /^\//) depth--
                      else {
                        if (depth == 2 && above == "devices" && (name == "interface" || name == "hostdev" || name == "controller")) {
                          inside = taken = 1
                          if (!first) bad = 1
                        }
                        if (depth == 1) above = name
                        if (tag !~ /\/>$/) depth++
                      }
                      if (inside && depth == 2) { inside = 0; if (!last) bad = 1 }
                      if (depth == 1 && tag ~ /^\// && above == "devices") { leaves = 1; if (!first || !last) bad = 1 }
                      if (depth == 0) whole = 1
                    }
                    function text_of(block) { gsub("\001", "\n", block); return block }
                    BEGIN {
                      if (what == "edit") while ((getline line < edit) > 0) {
                        if (line ~ /^-/) minus[substr(line, 2)]++
                        else if (line ~ /^[+]/) plus = plus text_of(substr(line, 2)) "\n"
                      }
                    }
                    {
                      ends = whole + 0; taken = inside + 0; leaves = 0
                      follow()
                      if (ends) next
                      if (taken) {
                        block = block (block == "" ? "" : "\001") $0
                        if (inside) next
                        if (what == "list" || what == "held" && is_held(block)) print block
                        if (what == "keys" && is_held(block)) print key_of(block)
                        if (what == "edit") { if (minus[block] > 0) minus[block]--; else print text_of(block) }
                        block = ""
                        next
                      }
                      if (leaves && what == "edit") { printf "%s", plus; plus = "" }
                      if (what == "rest" || what == "edit") print
                    }
                    END {
                      for (block in minus) if (minus[block] > 0) bad = 1
                      exit !followed() || plus != ""
                    }' "$3"
                }
                # The edit that makes the first definition out of the second.
                nv_device_compare() {
                  nv_device_list list "$1" >"$nv_room/one" && nv_device_list list "$2" >"$nv_room/other" || return 1
                  { awk '{ print "+" $0 }' "$nv_room/one" && awk '{ print "-" $0 }' "$nv_room/other"; } | awk '
                    { line[NR] = $0; count[$0]++ }
                    END {
                      for (i = 1; i <= NR; i++) {
                        twin = (line[i] ~ /^[+]/ ? "-" : "+") substr(line[i], 2)
                        if (count[twin] > 0) count[twin]--; else print line[i]
                      }
                    }'
                }
                # An edit the other way round.
                nv_device_turn() { awk '/^[+]/ { print "-" substr($0, 2) } /^-/ { print "+" substr($0, 2) }' "$1"; }
                # Of an edit what a definition can still have done: what is there is taken out, and then what is not there is put in. What
                # others have made of ours is known by what it gives.
                nv_device_fit() {
                  nv_device_list list "$2" >"$nv_room/there" || return 1
                  { awk '{ print "=" $0 }' "$nv_room/there" && cat -- "$1"; } | awk '
                    {{BlockNames}}
                    { text = substr($0, 2) }
                    /^=/ { there[text]++; if (is_held(text)) by_key[key_of(text)] = text }
                    /^-/ {
                      if (!there[text] && is_held(text) && (key_of(text) in by_key)) text = by_key[key_of(text)]
                      if (!(there[text] > 0)) { if (!is_held(text)) missed = 1; next }
                      there[text]--
                      if (is_held(text)) delete by_key[key_of(text)]
                      print "-" text
                    }
                    /^[+]/ { plus[++count] = text }
                    END {
                      for (i = 1; i <= count; i++)
                        if (is_held(plus[i]) ? !(key_of(plus[i]) in by_key) : !missed) print "+" plus[i]
                    }'
                }
                # Of an edit what gives devices of the host (held), or what tells them apart (keys), without those that it changes alone; or
                # what is neither such nor a controller that came (others).
                nv_device_part() {
                  awk -v what="$1" '
                    {{BlockNames}}
                    # libvirt says of function 0 of a slot that there are others, whatever it is.
                    function plain(text) { gsub(/ multifunction=.on./, "", text); alone[text]++ }
                    /^[-+]/ && what == "others" {
                      text = substr($0, 2)
                      if (!is_held(text)) { if ($0 !~ /^- *<controller type=.pci/) plain(text); next }
                      key = key_of(text); gsub(/ multifunction=.on./, "", text)
                      if (!(key in other)) other[key] = text
                      else if (other[key] != text) print text
                      next
                    }
                    /^[-+]/ && is_held(substr($0, 2)) {
                      line[++count] = what == "held" ? $0 : substr($0, 1, 1) key_of(substr($0, 2))
                      seen[line[count]]++
                    }
                    END {
                      for (text in alone) if (alone[text] % 2) print text
                      for (round = 1; round <= 2; round++)
                        for (i = 1; i <= count; i++) {
                          sign = substr(line[i], 1, 1)
                          if (sign != (round == 1 ? "-" : "+")) continue
                          if (what == "keys" && seen[(sign == "-" ? "+" : "-") substr(line[i], 2)]) continue
                          print line[i]
                        }
                    }' "$2"
                }
                """
        )
        {
            Touches = static step =>
                [
                    $"/libvirt/{step.Arguments[0]}",
                    .. step.Arguments[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(PciPaths.Device),
                ],
        };

    // Of an element on one line: whether it gives a device of the host, and which.
    private const string BlockNames = """
        function is_held(block) { return block ~ /^ *<hostdev [^>]*type=.pci/ || block ~ /^ *<interface type=.hostdev/ }
        function key_of(block,   from, to) {
          from = index(block, "<source"); to = index(block, "</source>")
          if (!from || !to) return block
          block = substr(block, from, to - from); gsub(/ type=.pci./, "", block)
          return block
        }
        """;

    /// <summary>Plans another definition.</summary>
    /// <param name="id">The UUID of the guest.</param>
    /// <param name="before">The definition without passwords, as libvirt writes it.</param>
    /// <param name="edit">What is taken out of it and put into it.</param>
    /// <param name="isRestarted">Whether it runs, and is shut down and started.</param>
    /// <param name="request">How long that may take.</param>
    /// <returns>What makes the change.</returns>
    internal static HostStep Step(
        string id,
        string before,
        GuestDeviceEdit edit,
        bool isRestarted,
        ChangeRequest request
    ) =>
        new(
            Name,
            [id, isRestarted ? "restart" : "stay", edit.RomFile ?? string.Empty, string.Join(' ', edit.Addresses)]
        )
        {
            Expected = Sha256.Hex(Encoding.UTF8.GetBytes(before)),
            Content = Encoding.UTF8.GetBytes(string.Concat(Lines('-', edit.Removed).Concat(Lines('+', edit.Added)))),
            Timeout = s_timeout + GuestPower.TimeFor(1, request),
        };

    private static IEnumerable<string> Lines(char sign, IEnumerable<string> elements) =>
        elements.Select(element => $"{sign}{element.Replace('\n', LineEnd)}\n");
}
