using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>
/// Asks libvirt for the definitions that guests start with, byte for byte and without their passwords; starts two programs, and one
/// more for each further thousand guests.
/// </summary>
internal static class DefinitionProbe
{
    private const string Name = "guestxml";

    // With what else is asked when a guest is changed, it stays below what AnswerLimits allows.
    private const int AllCharacters = 3 << 20;
    private const int AllLines = 80_000;

    /// <summary>Gets the probe.</summary>
    /// <remarks>
    /// A mark parts the answers, U+0001, which no XML 1.0 document can hold. Guests are named by UUID alone. Letters are told as those 13
    /// places on, and some signs as others: what looks like a password to <see cref="ProbeAnswers"/>, as in a description, would be
    /// marked, and the definition would not be the host's any more. Where it looks so, no snapshot holds it.
    /// </remarks>
    internal static ShellProbe Probe { get; } =
        new(
            Name,
            LibvirtProbe.Functions
                + $$"""

                [ -z "$NESTVIRT_ROOT" ] && command -v virsh >/dev/null 2>&1 && ! nv_sleeps || return 0
                [ -e /run/libvirt/libvirt-sock ] || [ -e /run/libvirt/virtqemud-sock ] || return 0
                nv_way=-r; [ "$nv_uid" != 0 ] || nv_way=-q
                nv_definitions() { nv_virsh "$nv_way" -q -c qemu:///system "$@"; }
                nv_list=$(nv_definitions list --all --persistent --uuid) || return 0
                set --
                nv_commands= nv_count=0
                for nv_guest in $nv_list; do
                  case $nv_guest in *[!0-9a-f-]*) continue ;; esac
                  nv_commands="${nv_commands}echo '$nv_newline$nv_mark@$nv_guest$nv_newline';dumpxml --inactive --domain $nv_guest;"
                  nv_count=$((nv_count + 1))
                  if [ "$nv_count" = 1000 ]; then set -- "$@" "$nv_commands"; nv_commands= nv_count=0; fi
                done
                [ -z "$nv_commands" ] || set -- "$@" "$nv_commands"
                nv_dump() {
                  for nv_commands do nv_definitions "$nv_commands" 2>/dev/null; printf '\n'; done | tr 'A-Za-z$=:/' 'N-ZA-Mn-za-m=$/:'
                  printf '%s@\n' "$nv_mark"
                }
                if nv_feed guestxml; then nv_dump "$@"; nv_feed; else
                  nv_size=0
                  nv_dump "$@" | while IFS= read -r line; do
                    case $line in "$nv_mark"@) continue ;; "$nv_mark"@*) line=${line#"$nv_mark"} ;; *) line="|$line" ;; esac
                    nv_size=$((nv_size + ${#line}))
                    [ "$nv_size" -le {{AllCharacters}} ] || break
                    printf '%s\n' "$line"
                  done
                fi
                """
        )
        {
            AwkFunction = $$"""
                function guestxml(line) {
                  if (substr(line, 1, 1) == "\001") {
                    guestxml_on = substr(line, 3) != "" && guestxml_size <= {{AllCharacters}} && guestxml_lines <= {{AllLines}}
                    if (guestxml_on) print "@" substr(line, 3)
                    return
                  }
                  if (!guestxml_on || guestxml_size > {{2 * AllCharacters}}) return
                  guestxml_size += length(line) + 1; guestxml_lines++
                  print "|" line
                }
                """,
            MayHoldSecrets = static text => SecretText.IsIn(Turned(text)),
        };

    /// <summary>Gets the reading of the answer: the definitions by UUID, as libvirt writes them.</summary>
    internal static ProbeReading<IReadOnlyDictionary<string, string>> Reading { get; } = new(Probe, Parse);

    private static Dictionary<string, string> Parse(string text)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (ListedFile file in ProbeListing.Parse(Name, text).Files)
        {
            string definition = Turned(string.Join('\n', file.Lines)).TrimEnd('\n');
            if (definition.EndsWith("</domain>", StringComparison.Ordinal))
            {
                texts[Turned(file.Path)] = $"{definition}\n";
            }
        }

        return texts;
    }

    private static string Turned(string text) =>
        string.Create(
            text.Length,
            text,
            static (turned, given) =>
            {
                for (int i = 0; i < turned.Length; i++)
                {
                    turned[i] = given[i] switch
                    {
                        >= 'a' and <= 'z' => (char)('a' + ((given[i] - 'a' + 13) % 26)),
                        >= 'A' and <= 'Z' => (char)('A' + ((given[i] - 'A' + 13) % 26)),
                        '$' => '=',
                        '=' => '$',
                        ':' => '/',
                        '/' => ':',
                        var other => other,
                    };
                }
            }
        );
}
