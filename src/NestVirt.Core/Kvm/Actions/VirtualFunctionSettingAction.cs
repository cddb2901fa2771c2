using System.Globalization;
using NestVirt.Planning;

namespace NestVirt.Kvm;

/// <summary>Gives a virtual function settings through its physical one, as <c>ip link set DEV vf N</c> does.</summary>
internal static class VirtualFunctionSettingAction
{
    private const string Name = "vfsetting";

    /// <summary>Gets the action. Arguments: the interface, the number of the function, then words and values of <c>ip</c>.</summary>
    /// <remarks>Drivers take some settings and not others, and iproute2 prints only those that the driver reports.</remarks>
    internal static HostAction Action { get; } = new(Name, $$"""
        nv_vfsetting_now() {
          [ -z "$NESTVIRT_ROOT" ] || return 1
          nv_text=$(ip link show dev "$1" | awk '{{VirtualFunctionProbe.SettingsAwk}}' | awk -F '\t' -v n="$2" '$2 == n { print $3 }')
          printf '%s\n' "${nv_text:-none}"
        }
        nv_vfsetting_save() { :; }
        nv_vfsetting_do() {
          nv_net=$1 nv_index=$2; shift 2
          ip link set dev "$nv_net" vf "$nv_index" "$@" || {
            printf 'the driver of %s refuses this setting of its function %s\n' "$nv_net" "$nv_index"
            return 1
          }
          nv_text=" $(nv_vfsetting_now "$nv_net" "$nv_index") "
          while [ $# -gt 1 ]; do
            case $nv_text in
              *" $1=$2 "*) ;;
              *" $1= "*) printf 'warning: the driver of %s does not say whether %s is %s\n' "$nv_net" "$1" "$2" ;;
              *) printf 'function %s of %s does not keep %s %s: it shows%s\n' "$nv_index" "$nv_net" "$1" "$2" "$nv_text"; return 1 ;;
            esac
            shift 2
          done
        }
        nv_vfsetting_back() {
          nv_old=" $(cat "$nv_dir/before") "
          case $nv_old in ' none ') return 0 ;; esac
          [ "$(nv_vfsetting_now "$1" "$2")" != none ] || return 0
          nv_net=$1 nv_index=$2; shift 2
          nv_words=
          while [ $# -gt 1 ]; do
            nv_text=${nv_old#*" $1="}; nv_text=${nv_text%% *}
            case $1 in
              qos) nv_words="$nv_words qos ${nv_text:-0}" ;;
              *) [ -z "$nv_text" ] || nv_words="$nv_words $1 $nv_text" ;;
            esac
            shift 2
          done
          [ -z "$nv_words" ] || ip link set dev "$nv_net" vf "$nv_index" $nv_words
        }
        """);

    /// <summary>Plans settings.</summary>
    /// <param name="network">The interface of the physical function.</param>
    /// <param name="index">The number of the virtual one.</param>
    /// <param name="shown">The settings as the host shows them, or null when the function is yet to be made.</param>
    /// <param name="now">The same, by word.</param>
    /// <param name="wanted">The settings wanted, by word.</param>
    /// <param name="order">The order of the words.</param>
    /// <returns>The change.</returns>
    internal static HostChange Plan(
        string network,
        int index,
        string? shown,
        IReadOnlyDictionary<string, string> now,
        IReadOnlyDictionary<string, string> wanted,
        IEnumerable<string> order)
    {
        string[] keys = [.. order.Where(wanted.ContainsKey)];
        string number = index.ToString(CultureInfo.InvariantCulture);
        return new HostChange(
            $"{network} vf {number}",
            shown is null ? null : string.Join(' ', keys.Select(key => $"{key} {now.GetValueOrDefault(key, "?")}")),
            string.Join(' ', keys.Select(key => $"{key} {wanted[key]}")),
            new HostStep(Name, [network, number, .. keys.SelectMany(key => new[] { key, wanted[key] })])
            {
                Expected = shown ?? HostStep.AnyState,
            })
        {
            Undo = shown is null ? "nothing: the function goes" : "gives the function its old settings",
        };
    }
}
