using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Pci;

namespace NestVirt.Linux.Sriov;

/// <summary>Gives a virtual function settings through its physical one, as <c>ip link set DEV vf N</c> does.</summary>
internal static class VirtualFunctionSettingAction
{
    private const string Name = "vfsetting";

    /// <summary>Gets the action. Arguments: the address of the physical function, the number of the virtual one, then words and values of <c>ip</c>.</summary>
    /// <remarks>
    /// Drivers take some settings and not others, and iproute2 prints only those that the driver reports. The interface is
    /// looked up each time: the kernel may give it another name at another boot.
    /// </remarks>
    internal static HostAction Action { get; } =
        new(
            Name,
            $$"""
            nv_vfsetting_net() {
              for nv_net in "$NESTVIRT_ROOT/sys/bus/pci/devices/$1/net"/*; do
                if [ -e "$nv_net" ]; then nv_net=${nv_net##*/}; return 0; fi
              done
              printf '%s has no network interface\n' "$1"
              return 1
            }
            nv_vfsetting_now() {
              [ -z "$NESTVIRT_ROOT" ] || return 1
              nv_text=
              ! nv_vfsetting_net "$1" >/dev/null ||
                nv_text=$(ip link show dev "$nv_net" | awk '{{VirtualFunctionProbe.SettingsAwk}}' | awk -F '\t' -v n="$2" '$2 == n { print $3 }')
              printf '%s\n' "${nv_text:-none}"
            }
            nv_vfsetting_save() { :; }
            nv_vfsetting_do() {
              nv_vfsetting_net "$1" || return 1
              nv_address=$1 nv_index=$2; shift 2
              ip link set dev "$nv_net" vf "$nv_index" "$@" || {
                printf 'the driver of %s refuses this setting of its function %s\n' "$nv_net" "$nv_index"
                return 1
              }
              nv_text=" $(nv_vfsetting_now "$nv_address" "$nv_index") "
              while [ $# -gt 1 ]; do
                case $nv_text in
                  *" $1=$2 "*) ;;
                  *" $1= "*) printf 'warning: the driver of %s does not say whether %s is %s\n' "$nv_net" "$1" "$2" ;;
                  *) printf 'function %s of %s does not keep %s %s: it shows%s\n' "$nv_index" "$nv_net" "$1" "$2" "$nv_text"; return 1 ;;
                esac
                shift 2
              done
            }
            # What is as it was is not written again: a driver may refuse even that.
            nv_vfsetting_back() {
              nv_old=" $(cat "$nv_dir/before") "
              case $nv_old in ' none ') return 0 ;; esac
              nv_new=" $(nv_vfsetting_now "$1" "$2") "
              [ "$nv_new" != ' none ' ] || return 0
              nv_vfsetting_net "$1" || return 1
              nv_index=$2; shift 2
              nv_words=
              while [ $# -gt 1 ]; do
                nv_text=${nv_old#*" $1="}; nv_text=${nv_text%% *}
                nv_line=${nv_new#*" $1="}; nv_line=${nv_line%% *}
                case $1 in
                  vlan)
                    nv_qos=${nv_old#*" qos="}; nv_qos=${nv_qos%% *}
                    nv_now=${nv_new#*" qos="}; nv_now=${nv_now%% *}
                    [ "$nv_text $nv_qos" = "$nv_line $nv_now" ] || nv_words="$nv_words vlan ${nv_text:-0} qos ${nv_qos:-0}" ;;
                  qos) ;;
                  *) [ -z "$nv_text" ] || [ "$nv_text" = "$nv_line" ] || nv_words="$nv_words $1 $nv_text" ;;
                esac
                shift 2
              done
              [ -z "$nv_words" ] || ip link set dev "$nv_net" vf "$nv_index" $nv_words
            }
            """
        )
        {
            Touches = static step => [PciPaths.Function(step.Arguments[0], step.Arguments[1])],
        };

    /// <summary>Plans settings.</summary>
    /// <param name="address">The address of the physical function.</param>
    /// <param name="network">Its interface, for the user.</param>
    /// <param name="index">The number of the virtual one.</param>
    /// <param name="shown">The settings as the host shows them, or null when the function is yet to be made.</param>
    /// <param name="now">The same, by word.</param>
    /// <param name="wanted">The settings wanted, by word.</param>
    /// <param name="order">The order of the words.</param>
    /// <returns>The change.</returns>
    internal static HostChange Plan(
        string address,
        string network,
        int index,
        string? shown,
        IReadOnlyDictionary<string, string> now,
        IReadOnlyDictionary<string, string> wanted,
        IEnumerable<string> order
    )
    {
        string[] keys = [.. order.Where(wanted.ContainsKey)];
        string number = index.ToString(CultureInfo.InvariantCulture);
        return new HostChange(
            $"{network} vf {number}",
            shown is null ? null : string.Join(' ', keys.Select(key => $"{key} {now.GetValueOrDefault(key, "?")}")),
            string.Join(' ', keys.Select(key => $"{key} {wanted[key]}")),
            new HostStep(Name, [address, number, .. keys.SelectMany(key => new[] { key, wanted[key] })])
            {
                Expected = shown ?? HostStep.AnyState,
            }
        )
        {
            Undo = shown is null ? "nothing: the function goes" : "gives the function its old settings",
        };
    }
}
