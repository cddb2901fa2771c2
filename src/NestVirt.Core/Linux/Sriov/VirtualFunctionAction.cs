using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Files;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;

namespace NestVirt.Linux.Sriov;

/// <summary>Gives a physical function a number of virtual ones.</summary>
internal static class VirtualFunctionAction
{
    private const string Name = "vf";

    /// <summary>Gets the action. Arguments: the address, the number, 1 or 0 for sriov_drivers_autoprobe or nothing to leave it.</summary>
    /// <remarks>
    /// The rules are those of sriov_numvfs_store in drivers/pci/iov.c: from one number to another the way leads through 0,
    /// a driver may make fewer than asked for, and the switch for drivers counts for functions made after it. A write of 0
    /// waits for whoever holds a function through vfio to let it go. So the use is looked at again just before, and on the
    /// way back, too. bnxt_en makes none, and says no error, while its interface is down (bnxt_sriov_configure): so where none
    /// were made, interfaces that are down are set up, and set down again when that did not help and on the way back.
    /// Functions that stay in number keep their settings, which the kernel forgets. <c>tee</c> writes, because
    /// some shells do not say why a write failed.
    /// </remarks>
    internal static HostAction Action { get; } =
        new(
            Name,
            DeviceUses.Script
                + OpenFiles.Script
                + $$"""
                nv_vf_path() { nv_path=$NESTVIRT_ROOT/sys/bus/pci/devices/$1; }
                nv_vf_read() { nv_text=; { IFS= read -r nv_text <"$nv_path/$1"; } 2>/dev/null; }
                nv_vf_now() {
                  nv_vf_path "$1"
                  nv_vf_read sriov_numvfs; [ -n "$nv_text" ] || return 1
                  nv_count=$nv_text
                  nv_vf_read sriov_drivers_autoprobe
                  printf '%s autoprobe %s\n' "$nv_count" "${nv_text:--}"
                }
                nv_vf_save() { :; }
                nv_vf_do() { nv_vf_put "$1" "$2" "$3"; }
                nv_vf_ready() {
                  read -r nv_count nv_text nv_bind <"$nv_dir/before" || return 0
                  nv_vf_path "$1"; nv_vf_read sriov_numvfs
                  case $nv_text in 0 | "$nv_count") return 0 ;; esac
                  nv_vf_unused
                }
                nv_vf_back() { read -r nv_count nv_text nv_bind <"$nv_dir/before" && nv_vf_put "$1" "$nv_count" "${nv_bind#-}" && nv_vf_down; }
                nv_vf_put() {
                  nv_vf_path "$1"
                  nv_vf_read sriov_numvfs
                  nv_old=$nv_text
                  if [ "$nv_old" != "$2" ] && [ "$nv_old" != 0 ]; then
                    nv_vf_unused && nv_vf_settings >"$nv_dir/settings" && nv_vf_write "$1" 0 || return 1
                  fi
                  nv_vf_read sriov_drivers_autoprobe
                  if [ -n "$3" ] && [ "$nv_text" != "$3" ]; then printf '%s\n' "$3" >"$nv_path/sriov_drivers_autoprobe" || return 1; fi
                  [ "$nv_old" = "$2" ] || [ "$2" = 0 ] || nv_vf_write "$1" "$2" || return 1
                  if [ -z "$NESTVIRT_ROOT" ] && [ -e /run/udev/control ]; then udevadm settle --timeout=20 2>/dev/null || :; fi
                  [ "$nv_old" = "$2" ] || nv_vf_set_again "$1" "$2"
                }
                nv_vf_settings() {
                  [ -z "$NESTVIRT_ROOT" ] || return 0
                  for nv_net in "$nv_path"/net/*; do
                    if [ -e "$nv_net" ]; then ip link show dev "${nv_net##*/}" | awk '{{VirtualFunctionProbe.SettingsAwk}}'; fi
                  done
                }
                # Functions made anew have lost what they were told: first what each boot gives them, then what they had.
                nv_vf_set_again() {
                  nv_net=
                  for nv_line in "$nv_path"/net/*; do
                    if [ -e "$nv_line" ]; then nv_net=${nv_line##*/}; break; fi
                  done
                  [ -n "$nv_net" ] && [ -z "$NESTVIRT_ROOT" ] || return 0
                  if [ -f /etc/nestvirt/sriov.conf ]; then
                    while read -r nv_at nv_word nv_index nv_line; do
                      if [ "$nv_at $nv_word" = "$1 vf" ]; then nv_vf_set "$2" "$nv_index" $nv_line; fi
                    done </etc/nestvirt/sriov.conf
                  fi
                  [ -f "$nv_dir/settings" ] || return 0
                  while read -r nv_word nv_index nv_line; do
                    nv_had=
                    for nv_word in $nv_line; do
                      case $nv_word in
                        *[!a-z0-9=]* | *= | mac=* | vlan=0 | qos=0 | spoofchk=on | state=auto | trust=off) ;;
                        *) nv_had="$nv_had ${nv_word%%=*} ${nv_word#*=}" ;;
                      esac
                    done
                    [ -z "$nv_had" ] || nv_vf_set "$2" "$nv_index" $nv_had
                  done <"$nv_dir/settings"
                }
                nv_vf_set() {
                  nv_number=$2
                  case $2 in '' | *[!0-9]*) return 0 ;; esac
                  [ "$2" -lt "$1" ] || return 0
                  shift 2
                  ip link set dev "$nv_net" vf "$nv_number" "$@" || printf 'warning: function %s of %s did not get again: %s\n' "$nv_number" "$nv_net" "$*"
                }
                nv_vf_ip() { [ -z "$NESTVIRT_ROOT" ] && ip "$@"; }
                nv_vf_up() {
                  nv_up=
                  for nv_net in "$nv_path"/net/*; do
                    nv_text=; { IFS= read -r nv_text <"$nv_net/flags"; } 2>/dev/null
                    case $nv_text in '' | 0x*[13579bdf]) continue ;; esac
                    printf '%s\n' "${nv_net##*/}" >>"$nv_dir/links"
                    if nv_why=$(nv_vf_ip link set dev "${nv_net##*/}" up 2>&1); then nv_up=1
                    else nv_why="; its interface ${nv_net##*/} is down, and was not set up: ${nv_why:-no ip}"; fi
                  done
                  [ -n "$nv_up" ]
                }
                nv_vf_down() {
                  [ -f "$nv_dir/links" ] || return 0
                  while read -r nv_net; do nv_vf_ip link set dev "$nv_net" down; done <"$nv_dir/links"
                  rm -f "$nv_dir/links"
                }
                nv_vf_try() {
                  nv_error=$(printf '%s\n' "$2" | tee "$nv_path/sriov_numvfs" 2>&1 >/dev/null)
                  nv_vf_read sriov_numvfs
                  [ "$nv_text" = "$2" ]
                }
                nv_vf_write() {
                  nv_why=
                  nv_vf_try "$1" "$2" && return 0
                  if [ "$nv_text" = 0 ] && nv_vf_up; then nv_vf_try "$1" "$2" && return 0; fi
                  nv_vf_read sriov_numvfs
                  nv_made=$nv_text
                  nv_driver=$(readlink -- "$nv_path/driver") && nv_driver=${nv_driver##*/}
                  nv_vf_read sriov_totalvfs
                  if [ -z "$nv_driver" ]; then
                    printf 'no driver is bound to %s, and only a driver can make virtual functions: load its driver first\n' "$1"
                  elif [ "$2" -gt "${nv_text:-0}" ]; then
                    printf '%s can have at most %s virtual functions, not %s\n' "$1" "$nv_text" "$2"
                  elif [ "$nv_made" -gt 0 ] && [ "$2" -gt 0 ] && [ -z "$nv_error" ]; then
                    printf 'the driver %s made only %s of %s virtual functions on %s\n' "$nv_driver" "$nv_made" "$2" "$1"
                  elif [ "$nv_made" = 0 ] && [ -z "$nv_error" ]; then
                    printf 'the driver %s made none of %s virtual functions on %s, and named no error%s\n' "$nv_driver" "$2" "$1" "$nv_why"
                  else
                    case $nv_error in
                      *'No such file'*) printf 'the driver %s does not make virtual functions of %s through sysfs: see its own documentation and settings\n' "$nv_driver" "$1" ;;
                      *busy*) printf '%s has %s virtual functions already, and they did not go\n' "$1" "$nv_made" ;;
                      *) printf 'the driver %s did not make %s virtual functions on %s: %s%s\n' "$nv_driver" "$2" "$1" "${nv_error##*: }" "$nv_why" ;;
                    esac
                  fi
                  nv_vf_down
                  [ -n "$NESTVIRT_ROOT" ] || dmesg 2>/dev/null | grep -F -e "$1" | tail -n 3
                  return 1
                }
                nv_vf_unused() {
                  [ -z "$NESTVIRT_ROOT" ] || return 0
                  nv_uses=$(nv_vf_uses)
                  nv_uses_allow
                }
                nv_vf_uses() {
                  nv_holders=$(nv_open_files '{{VfioUsersProbe.Files}}' | awk '{ print $2 }')
                  for nv_link in "$nv_path"/virtfn*; do
                    [ -e "$nv_link" ] || continue
                    nv_name=$(readlink -f -- "$nv_link"); nv_name=${nv_name##*/}
                    nv_group=$(readlink -- "$nv_link/iommu_group"); nv_group=${nv_group##*/}
                    for nv_node in "/dev/vfio/${nv_group:-none}" "$nv_link"/vfio-dev/*; do
                      case $nv_node in */vfio-dev/*) nv_node=/dev/vfio/devices/${nv_node##*/} ;; esac
                      case "
                $nv_holders
                " in *"
                $nv_node
                "*) printf 'force %s is held by a process that has %s open\n' "$nv_name" "$nv_node" ;; esac
                    done
                    nv_device_uses "$nv_link" "$nv_name"
                  done
                }
                """
        )
        {
            Touches = static step => [PciPaths.Functions(step.Arguments[0])],
        };

    /// <summary>Plans another number of virtual functions.</summary>
    /// <param name="address">The physical function.</param>
    /// <param name="before">How many there are.</param>
    /// <param name="count">How many there shall be.</param>
    /// <param name="isProbed">Whether new ones get a driver; null when the kernel does not say.</param>
    /// <param name="bind">Whether new ones shall get a driver; null to leave it.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    internal static HostChange? Plan(string address, int before, int count, bool? isProbed, bool? bind)
    {
        bool isSwitched = bind is not null && bind != isProbed;
        if (before == count && !isSwitched)
        {
            return null;
        }

        return new HostChange(
            $"/sys/bus/pci/devices/{address}/sriov_numvfs",
            Describe(before, isSwitched ? isProbed : null),
            Describe(count, isSwitched ? bind : null),
            new HostStep(Name, [address, Number(count), isSwitched ? Digit(bind) : string.Empty])
            {
                Expected = $"{Number(before)} autoprobe {Digit(isProbed)}",
                Timeout = TimeSpan.FromSeconds(180),
            }
        )
        {
            Disrupts =
                before > 0 && before != count
                    ? $"takes away the {Number(before)} virtual functions of {address}"
                    : null,
            Undo =
                before == 0 ? "takes the virtual functions away"
                : before == count ? "sets the switch as it was"
                : $"makes {Number(before)} virtual functions again; their random MAC addresses and the settings made by hand may differ",
        };
    }

    private static string Describe(int count, bool? bind) =>
        bind switch
        {
            true => $"{Number(count)} (drivers bound)",
            false => $"{Number(count)} (no drivers bound)",
            null => Number(count),
        };

    private static string Digit(bool? value) =>
        value switch
        {
            true => "1",
            false => "0",
            null => "-",
        };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
