using NestVirt.Changes;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Files;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;

namespace NestVirt.Linux.Drivers;

/// <summary>Gives a PCI function another driver.</summary>
internal static class DriverAction
{
    /// <summary>What the kernel shows where no driver is named in driver_override.</summary>
    public const string NoOverride = "(null)";

    private const string Name = "driver";
    private const string Rebind = "rebind";
    private const string Keep = "keep";

    /// <summary>Gets the action. Arguments: the address; the driver, or nothing for the host's own choice; whether to bind anew.</summary>
    /// <remarks>
    /// As Documentation/ABI/testing/sysfs-bus-pci says: only the driver named in driver_override may bind, a newline
    /// takes the name away, and writing it neither unbinds nor loads anything. The write to <c>unbind</c> waits in the
    /// kernel for as long as a guest holds the device through VFIO, so that is looked at first. On the way back the
    /// former driver is named in driver_override until it has the device, whatever else would take it.
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            DeviceUses.Script
                + OpenFiles.Script
                + $$"""
                nv_driver_find() {
                  nv_bus=$NESTVIRT_ROOT/sys/bus/pci
                  nv_device=$nv_bus/devices/$1
                  nv_bound= nv_override=
                  [ -d "$nv_device" ] || return 1
                  if [ -L "$nv_device/driver" ]; then nv_bound=$(readlink -- "$nv_device/driver") || return 1; fi
                  nv_bound=${nv_bound##*/}
                  { IFS= read -r nv_override <"$nv_device/driver_override"; } 2>/dev/null || [ -n "$nv_override" ] || nv_override='(null)'
                }
                nv_driver_now() {
                  nv_driver_find "$1" || { printf 'gone\n'; return 0; }
                  printf 'driver=%s driver_override=%s\n' "$nv_bound" "$nv_override"
                }
                nv_driver_save() {
                  nv_driver_find "$1" || return 1
                  nv_text=
                  if [ -L "$nv_device/driver/module" ]; then nv_text=$(readlink -- "$nv_device/driver/module") || return 1; fi
                  printf '%s\n' "${nv_text##*/}" >"$nv_dir/module" || return 1
                  nv_text=
                  { IFS= read -r nv_text <"$nv_device/sriov_numvfs"; } 2>/dev/null
                  printf '%s\n' "$nv_text" >"$nv_dir/functions"
                }
                nv_driver_do() {
                  nv_driver_find "$1" || { printf '%s is gone\n' "$1"; return 1; }
                  [ "$3" = rebind ] || { printf '%s\n' "$2" >"$nv_device/driver_override"; return; }
                  nv_driver_load "$2" "$2" && nv_driver_free "$1" && nv_driver_give "$1" "$2" || return 1
                  nv_driver_find "$1" || return 1
                  if [ -z "$2" ]; then
                    [ -n "$nv_bound" ] || printf 'warning: no driver of this host takes %s\n' "$1"
                    return 0
                  fi
                  [ "$nv_bound" = "$2" ] || { nv_driver_tell "$1" "$2"; return 1; }
                }
                nv_driver_ready() {
                  read -r nv_former nv_text <"$nv_dir/before" && nv_driver_find "$1" || return 0
                  case $nv_former in driver=gone | "driver=$nv_bound") return 0 ;; esac
                  nv_driver_leave "$1"
                }
                nv_driver_leave() {
                  nv_driver_free "$1" || return 1
                  case $nv_bound in '' | *vfio*) ;; *) nv_device_unused "$nv_device" "$1" ;; esac
                }
                nv_driver_back() {
                  read -r nv_former nv_text <"$nv_dir/before" || return 1
                  nv_former=${nv_former#driver=} nv_text=${nv_text#driver_override=}
                  [ "$nv_former" != gone ] || return 0
                  [ "$nv_text" != '(null)' ] || nv_text=
                  nv_driver_find "$1" || { printf '%s is gone\n' "$1"; return 1; }
                  if [ "$nv_bound" != "$nv_former" ]; then
                    nv_driver_leave "$1" || return 1
                    nv_line=; { IFS= read -r nv_line <"$nv_dir/module"; } 2>/dev/null
                    if [ -z "$nv_former" ]; then printf '%s\n' "$1" >"$nv_device/driver/unbind" || return 1
                    else nv_driver_load "$nv_former" "${nv_line:-$nv_former}" && nv_driver_give "$1" "$nv_former" || return 1
                    fi
                  fi
                  printf '%s\n' "$nv_text" >"$nv_device/driver_override" || return 1
                  nv_driver_find "$1" && [ "$nv_bound" = "$nv_former" ] || { nv_driver_tell "$1" "$nv_former"; return 1; }
                  nv_driver_mend "$1"
                }
                nv_driver_mend() {
                  nv_driver_find "$1" || return 0
                  nv_line= nv_text=
                  { IFS= read -r nv_line <"$nv_dir/functions"; IFS= read -r nv_text <"$nv_device/sriov_numvfs"; } 2>/dev/null
                  case $nv_line in '' | 0 | "$nv_text") return 0 ;; esac
                  printf '%s\n' "$nv_line" >"$nv_device/sriov_numvfs" || printf 'warning: %s did not get its %s virtual functions again\n' "$1" "$nv_line"
                }
                nv_driver_load() {
                  if [ -z "$1" ]; then
                    nv_line=; { IFS= read -r nv_line <"$nv_device/modalias"; } 2>/dev/null
                    [ -n "$NESTVIRT_ROOT" ] || [ -z "$nv_line" ] || modprobe -qb -- "$nv_line" || :
                    return 0
                  fi
                  [ -d "$nv_bus/drivers/$1" ] || [ -n "$NESTVIRT_ROOT" ] || modprobe -- "$2"
                  [ -d "$nv_bus/drivers/$1" ] || { printf 'the kernel has no PCI driver %s\n' "$1"; return 1; }
                }
                nv_driver_free() {
                  case $nv_bound in *vfio*) ;; *) return 0 ;; esac
                  nv_line=; if [ -L "$nv_device/iommu_group" ]; then nv_line=$(readlink -- "$nv_device/iommu_group"); fi
                  set -- "$1" "/dev/vfio/${nv_line##*/}"
                  for nv_line in "$nv_device"/vfio-dev/vfio*; do
                    [ ! -e "$nv_line" ] || set -- "$@" "/dev/vfio/devices/${nv_line##*/}"
                  done
                  nv_line=$1; shift
                  nv_users=$(nv_open_files '{{VfioUsersProbe.Files}}' | awk -v paths=" $* " 'index(paths, " " $2 " ") && !seen[$1]++ { print $1 }')
                  [ -z "$nv_users" ] || { printf '%s is in use through VFIO by process %s\n' "$nv_line" "$(printf '%s' "$nv_users" | tr '\n' ' ')"; return 1; }
                }
                nv_driver_give() {
                  printf '%s\n' "$2" >"$nv_device/driver_override" || return 1
                  if [ -n "$nv_bound" ] && { [ -z "$2" ] || [ "$nv_bound" != "$2" ]; }; then
                    printf '%s\n' "$1" >"$nv_device/driver/unbind" || return 1
                  fi
                  # The kernel says nothing useful here: what counts is who has the device afterwards.
                  [ -L "$nv_device/driver" ] || printf '%s\n' "$1" >"$nv_bus/drivers_probe" 2>/dev/null || :
                }
                nv_driver_tell() {
                  printf '%s has not taken %s: %s has it\n' "${2:-nobody}" "$1" "${nv_bound:-no driver}"
                  [ -n "$NESTVIRT_ROOT" ] || dmesg 2>/dev/null | grep -F -- "$1" | tail -n 3
                }
                """
        )
        {
            Touches = static step => [PciPaths.Device(step.Arguments[0])],
        };

    /// <summary>Plans another driver.</summary>
    /// <param name="address">The address of the function.</param>
    /// <param name="driver">The driver that has it, or null.</param>
    /// <param name="driverOverride">What driver_override names, or null.</param>
    /// <param name="wanted">The driver wanted; null for the host's own choice.</param>
    /// <param name="rebind">Whether the function is taken from its driver; otherwise only driver_override changes.</param>
    /// <param name="disrupts">What is interrupted, or null.</param>
    /// <returns>The change.</returns>
    public static HostChange Plan(
        string address,
        string? driver,
        string? driverOverride,
        string? wanted,
        bool rebind,
        string? disrupts
    )
    {
        string state = State(driver, driverOverride ?? NoOverride);
        string after = State(rebind ? wanted ?? "(the host's choice)" : driver, wanted ?? NoOverride);
        return new HostChange(
            $"PCI device {address}",
            state,
            after,
            new HostStep(Name, [address, wanted ?? string.Empty, rebind ? Rebind : Keep]) { Expected = state }
        )
        {
            Disrupts = disrupts,
            Undo =
                driver is null ? "takes the driver away again"
                : rebind ? $"gives the device back to {driver}"
                : "restores driver_override",
        };
    }

    private static string State(string? driver, string driverOverride) =>
        $"driver={driver} driver_override={driverOverride}";
}
