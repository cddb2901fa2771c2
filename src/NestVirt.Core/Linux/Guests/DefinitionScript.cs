using NestVirt.Linux.Kvm;

namespace NestVirt.Linux.Guests;

/// <summary>Reads definitions of guests of libvirt, and says what became of guests, in the scripts of actions that change definitions.</summary>
internal static class DefinitionScript
{
    /// <summary>Gets constant functions of awk that follow the tags of a definition, since a line of the metadata may look like any other.</summary>
    /// <remarks>
    /// <c>follow()</c> reads the present line, and calls <c>step(tag, first, last)</c> for each tag in it, without its first sign: whether
    /// nothing but blanks is before it on the line, and nothing behind it. <c>step</c> sets <c>whole</c> behind the last tag. What libvirt
    /// does not write sets <c>bad</c>; at the end, <c>followed()</c> tells whether all was read.
    /// </remarks>
    internal const string TagFollower = """
        function ended(text) { if (index(text, end)) end = "" }
        function follow(   count, piece, i, text, at) {
          if (whole) { if ($0 != "") bad = 1; return }
          count = split($0, piece, "<")
          if (end != "") ended(piece[1])
          for (i = 2; i <= count; i++) {
            text = piece[i]
            if (end != "") { ended(text); continue }
            end = text ~ /^!--/ ? "-->" : text ~ /^!\[CDATA\[/ ? "]]>" : text ~ /^\?/ ? "?>" : ""
            if (end != "") { ended(substr(text, 2)); continue }
            if (text ~ /^!/ || !(at = index(text, ">"))) { bad = 1; break }
            step(substr(text, 1, at), i == 2 && piece[1] ~ /^ *$/, i == count && at == length(text))
          }
        }
        function name_of(tag) { sub(/^\//, "", tag); sub(/[ \t\/>].*/, "", tag); return tag }
        function followed() { return !bad && whole && end == "" }
        """;

    /// <summary>Gets constant POSIX sh, with <see cref="GuestPower.Script"/>.</summary>
    /// <remarks>
    /// <c>nv_domain_dump UUID FILE WORDS</c> writes the definition that a guest starts with, and <c>nv_domain_sum</c> its hash.
    /// <c>nv_domain_difference CUT ONE OTHER</c> says which lines one of two files has alone, of those that CUT leaves of them. <c>nv_domain_settle UUID LIVE MARK WHAT</c>
    /// starts guests that were asked to shut down, and says what still runs of a change that was taken back, or starts that guest anew:
    /// LIVE is the function that writes what a guest runs with to a file, nothing for one that does not run, and <c>$nv_dir/live</c> has
    /// what that was before the change; MARK is the file that is there where something was changed.
    /// </remarks>
    internal static string Script { get; } =
        GuestPower.Script
        + """
            # What is worked with lies in memory, so that the way back needs no room on the disk.
            nv_domain_room() { umask 077; nv_room=$nv_run/domain; mkdir -p -- "$nv_room"; }
            nv_domain_tidy() { rm -f -- "$nv_room"/*; }
            nv_domain_raced() { printf 'the definition was changed meanwhile\n'; return 1; }
            nv_domain_dump() { nv_ask dumpxml --domain "$1" --inactive $3 >"$2"; }
            # Empty lines at the end are some versions' of libvirt's client.
            nv_domain_sum() {
              nv_sum=$(awk '$0 == "" { blank++; next } { for (; blank > 0; blank--) print ""; print }' | sha256sum) && printf '%s\n' "${nv_sum%% *}"
            }
            nv_domain_difference() {
              { "$1" rest "$2" | awk '{ print "-" $0 }'; "$1" rest "$3" | awk '{ print "+" $0 }'; } | awk '
                { line[NR] = substr($0, 2); count[line[NR]] += /^[+]/ ? 1 : -1 }
                END {
                  for (i = 1; i <= NR; i++) {
                    text = line[i]; sign = count[text] > 0 ? "+" : "-"
                    if (count[text] == 0) continue
                    count[text] = 0; sub(/^ */, "", text)
                    if (shown++ < 6) all = all (all == "" ? "" : "; ") sign text
                  }
                  print (all == "" ? "a password" : all (shown > 6 ? "; and more" : ""))
                }'
            }
            # It would go on as it was saved, whatever is defined.
            nv_domain_unsaved() {
              nv_line=$(nv_listed "$1" --all --with-managed-save) || return 1
              [ -z "$nv_line" ] || { printf 'the virtual machine was saved meanwhile\n'; return 1; }
            }
            nv_domain_settle() {
              "$2" "$1" "$nv_room/live" || return 1
              nv_live=; [ ! -s "$nv_room/live" ] || nv_live=$(nv_domain_sum <"$nv_room/live") || return 1
              nv_domain_tidy
              nv_guests_start '' 'warning: ' || return 1
              [ -e "$nv_dir/$3" ] && [ -z "$nv_left" ] || return 0
              if [ -z "$nv_live" ]; then
                nv_line=$(nv_listed "$1" --all --with-managed-save)
                [ -z "$nv_line" ] || printf 'warning: guest %s was saved, and goes on with the %s that it was saved with\n' "$(nv_virsh domname "$1")" "$4"
                return 0
              fi
              [ "$nv_live" != "$(nv_domain_sum <"$nv_dir/live")" ] || return 0
              if [ "$nv_guests" = stop ]; then nv_domain_restart "$1" "$4"
              else printf 'warning: guest %s runs with the %s of the change until it is shut down and started\n' "$(nv_virsh domname "$1")" "$4"
              fi
            }
            nv_domain_restart() {
              nv_line=$(nv_listed "$1") || return 1
              [ -n "$nv_line" ] || return 0
              nv_said=$(nv_guest_obeys "$1") || { printf 'warning: %s: it keeps its %s until it is turned off and started\n' "$nv_said" "$2"; return 0; }
              nv_guests_shut "$1" || [ -n "$nv_left" ] || return 1
              nv_guests_start '' 'warning: '
            }

            """;
}
