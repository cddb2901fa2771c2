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

    // libvirt's answers, beside the time for guests.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    /// <summary>Gets the action. Arguments: the UUID; then the new definition as those see it who may not see passwords.</summary>
    /// <remarks>
    /// A plan is made from the definition without its passwords (virsh dumpxml without --security-info), and holds neither them nor
    /// anything that depends on them. The lines that are new there take the place of the same lines in the full definition, which
    /// does not leave the host but for that: where these differ, so that a password stands among them, nothing is done. In both
    /// libvirt writes the same lines. What is kept of the full definition lies in the journal, which root alone reads, as libvirt's own
    /// files are. While a change is looked at before it is begun, the state is the hash of the definition without passwords, as the
    /// plan has it; from then on it is that of the full one, so that a new password is seen. libvirt reads a file that root alone may
    /// read and that is removed then; afterwards all but the processor, the features and the clock has to stand as it did.
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            GuestPower.Script
                + """
                nv_domain_dump() {
                  nv_xml=$(nv_virsh dumpxml --domain "$1" --inactive $2) && printf '%s\n' "$nv_xml"
                }
                nv_domain_sum() { nv_sum=$(sha256sum) && printf '%s\n' "${nv_sum%% *}"; }
                nv_domain_listed() {
                  nv_list=" $(nv_virsh list --uuid $2 | tr '\n' ' ') "
                  case $nv_list in *" $1 "*) ;; *) return 1 ;; esac
                }
                nv_domain_now() {
                  [ -z "$NESTVIRT_ROOT" ] && nv_list=$(nv_virsh list --uuid --all --persistent) || return 1
                  case " $(printf '%s' "$nv_list" | tr '\n' ' ') " in *" $1 "*) ;; *) printf 'not defined\n'; return 0 ;; esac
                  nv_way=--security-info
                  [ "$nv_verb" != check ] || nv_way=
                  nv_xml=$(nv_domain_dump "$1" $nv_way) && printf '%s\n' "$nv_xml" | nv_domain_sum
                }
                nv_domain_save() {
                  umask 077
                  : >"$nv_dir/guests" && nv_domain_dump "$1" --security-info >"$nv_dir/old.xml" &&
                    nv_domain_dump "$1" >"$nv_dir/shown.xml" && nv_domain_live "$1" >"$nv_dir/live"
                }
                # What it runs with: nothing where it does not run.
                nv_domain_live() {
                  ! nv_domain_listed "$1" || nv_virsh dumpxml --domain "$1" | awk '
                    /^  <cpu[ >\/]/ { own = 1 } own { print } /^  <\/cpu>/ || /^  <cpu.*\/>$/ { own = 0 }'
                }
                nv_domain_splice() {
                  nv_dir=$nv_dir awk '
                    function load(name, lines,   line, count) {
                      while ((getline line < (ENVIRON["nv_dir"] "/" name)) > 0) lines[++count] = line ""
                      return count + 0
                    }
                    function refuse(why) { print why > "/dev/stderr"; exit 1 }
                    BEGIN {
                      a = load("shown.xml", shown); b = load("old.xml", full); c = load("wanted.xml", wanted)
                      if (a == 0 || c == 0) refuse("the definition could not be read")
                      if (a != b) refuse("the definition has other lines for those who may see passwords")
                      while (first < a && first < c && shown[first + 1] "" == wanted[first + 1] "") first++
                      while (last < a - first && last < c - first && shown[a - last] "" == wanted[c - last] "") last++
                      for (i = first + 1; i <= a - last; i++)
                        if (shown[i] "" != full[i] "") refuse("among the lines that change is a password")
                      for (i = 1; i <= first; i++) print full[i]
                      for (i = first + 1; i <= c - last; i++) print wanted[i]
                      for (i = a - last + 1; i <= a; i++) print full[i]
                    }'
                }
                nv_domain_rest() {
                  awk '
                    skip == "" && /^  <(cpu|features|clock)[ >\/]/ {
                      if ($0 !~ /\/>$/) { skip = $1; sub(/^</, "", skip); sub(/>.*/, "", skip) }
                      next
                    }
                    skip != "" { if ($0 == "  </" skip ">") skip = ""; next }
                    { print }' "$1"
                }
                nv_domain_define() {
                  nv_virsh define --file "$1" >/dev/null && nv_domain_dump "$2" --security-info >"$nv_dir/now.xml" || return 1
                  [ "$(nv_domain_rest "$nv_dir/now.xml")" != "$(nv_domain_rest "$nv_dir/old.xml")" ] || return 0
                  printf 'libvirt took the definition, and changed more of it than was asked for\n'
                  return 1
                }
                nv_domain_tidy() { rm -f -- "$nv_dir/wanted.xml" "$nv_dir/new.xml" "$nv_dir/now.xml"; }
                nv_domain_do() {
                  umask 077
                  [ "$(nv_domain_sum <"$nv_dir/shown.xml")" = "$nv_expected" ] || { printf 'the definition was changed meanwhile\n'; return 1; }
                  ! nv_domain_listed "$1" '--all --with-managed-save' || { printf 'the virtual machine was saved meanwhile\n'; return 1; }
                  [ -n "$2" ] || { printf 'there is no definition\n'; return 1; }
                  nv_text "$2" >"$nv_dir/wanted.xml" && nv_domain_splice >"$nv_dir/new.xml" && nv_domain_define "$nv_dir/new.xml" "$1"
                  nv_code=$?
                  nv_domain_tidy
                  [ "$nv_code" = 0 ] || return "$nv_code"
                  [ "$nv_guests" != stop ] || nv_domain_restart "$1"
                }
                nv_domain_restart() {
                  nv_domain_listed "$1" || return 0
                  printf '%s\n' "$1" >"$nv_dir/guests" && nv_sync "$nv_dir/guests" || return 1
                  if ! nv_guests_shut "$1"; then
                    : >"$nv_dir/guests"
                    printf 'warning: guest %s did not shut down within %s s, and keeps its processor until it is shut down and started; if it goes down in the next five minutes, it is started again (rm /run/nestvirt/watch ends that)\n' "$(nv_virsh domname "$1")" "$nv_guest_timeout"
                    nv_guests_watch "$1"
                    return 0
                  fi
                  nv_virsh start --domain "$1" >/dev/null || return 1
                  : >"$nv_dir/guests"
                }
                nv_domain_ready() {
                  [ "$(nv_domain_now "$1")" != 'not defined' ] || { printf 'the virtual machine is not defined any more\n'; return 1; }
                }
                nv_domain_back() {
                  umask 077
                  nv_domain_tidy
                  nv_domain_ready "$1" && nv_domain_define "$nv_dir/old.xml" "$1" || return 1
                  nv_domain_tidy
                  if [ "$(nv_domain_now "$1")" != "$(cat "$nv_dir/before")" ]; then
                    printf 'libvirt took the old definition, and writes it in another way now\n'
                    return 1
                  fi
                  nv_domain_mend "$1"
                  nv_xml=$(nv_domain_live "$1")
                  [ -n "$nv_xml" ] && [ "$nv_xml" != "$(cat "$nv_dir/live")" ] || return 0
                  if [ "$nv_guests" = stop ]; then nv_domain_restart "$1"
                  else printf 'warning: guest %s runs with the processor of the change until it is shut down and started\n' "$(nv_virsh domname "$1")"
                  fi
                }
                nv_domain_mend() {
                  nv_domain_tidy
                  nv_guests_start
                  : >"$nv_dir/guests"
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
            Timeout =
                s_timeout + (request.StopGuests ? TimeSpan.FromSeconds(request.GuestTimeoutSeconds) : TimeSpan.Zero),
        };

    /// <summary>Gets the state that the action prints of a definition without passwords.</summary>
    /// <param name="text">The definition.</param>
    /// <returns>Its hash.</returns>
    internal static string StateOf(string text) => Sha256.Hex(Encoding.UTF8.GetBytes(text));
}
