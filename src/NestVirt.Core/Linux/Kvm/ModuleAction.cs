using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Loads a module again, so that it takes the parameters that modprobe's files give it now.</summary>
internal static class ModuleAction
{
    private const string Name = "module";

    /// <summary>Gets the action. Arguments: the module, then the parameters to look at, each as <c>module.parameter</c>.</summary>
    /// <remarks>
    /// <c>modprobe -r</c> of kvm_intel or kvm_amd takes kvm along when nothing else uses it. libvirt looks at a
    /// host's abilities with a short-lived QEMU, so a module in use is tried again for some seconds. Without udevd the
    /// new /dev/kvm is root's alone, and so is given its old owner and mode. Where modprobe does not load it on the way
    /// back, insmod does, with the parameters that it had and without those of the host's files and command line: kmod
    /// puts the latter behind whatever its configuration is (libkmod-config.c: kmod_config_parse_kcmdline), and the
    /// modprobe of busybox knows no other configuration. <c>modprobe -D</c> of both prints the files in their order.
    /// </remarks>
    public static HostAction Action { get; } =
        new(
            Name,
            OpenFiles.Script
                + GuestPower.Script
                + $$"""
                nv_module_now() {
                  [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ] || { printf 'not loaded\n'; return 0; }
                  nv_words=
                  shift
                  for nv_word do
                    nv_text=
                    { IFS= read -r nv_text <"$NESTVIRT_ROOT/sys/module/${nv_word%%.*}/parameters/${nv_word#*.}"; } 2>/dev/null
                    nv_words="$nv_words${nv_words:+ }$nv_word=$nv_text"
                  done
                  printf 'loaded %s\n' "$nv_words"
                }
                nv_module_save() {
                  : >"$nv_dir/guests" || return 1
                  for nv_file in "$NESTVIRT_ROOT/sys/module/kvm/parameters"/* "$NESTVIRT_ROOT/sys/module/$1/parameters"/*; do
                    nv_text=; { IFS= read -r nv_text <"$nv_file"; } 2>/dev/null
                    # Words may be what the module shows and does not take.
                    case $nv_text in Y | N) ;; '' | *[!0-9-]*) continue ;; esac
                    nv_name=${nv_file%/parameters/*}
                    printf '%s.%s=%s\n' "${nv_name##*/}" "${nv_file##*/}" "$nv_text"
                  done >"$nv_dir/parameters" || return 1
                  [ ! -e "$NESTVIRT_ROOT/dev/kvm" ] || stat -c '%u:%g %a' "$NESTVIRT_ROOT/dev/kvm" >"$nv_dir/device"
                }
                nv_module_do() {
                  nv_module_found "$1" && nv_guests_stop && nv_module_unload "$1" && nv_module_load "$1" || return 1
                  nv_guests_start 'warning: ' 'warning: '
                  # Who was named as off is the administrator's; where libvirt did not answer, nobody was.
                  case $? in 1) : >"$nv_dir/guests" ;; esac
                }
                nv_module_ready() {
                  nv_module_found "$1" || return 1
                  [ -z "$NESTVIRT_ROOT" ] && [ "$nv_guests" != stop ] || return 0
                  nv_tries=0
                  while nv_all=$(nv_module_users); [ -n "$nv_all" ]; do
                    nv_tries=$((nv_tries + 1))
                    [ "$nv_tries" -lt 10 ] || { nv_module_tell "$1" $nv_all; return 1; }
                    sleep 0.5
                  done
                }
                nv_module_tell() {
                  nv_name=$1; shift
                  nv_machines=" $(nv_open_files '{{KvmUsersProbe.Machines}}' | awk '{ printf "%s ", $1 }')"
                  for nv_user do
                    nv_text=; { IFS= read -r nv_text <"/proc/$nv_user/comm"; } 2>/dev/null
                    nv_end='{{KvmUser.NoGuest}}'
                    case $nv_machines in *" $nv_user "*) nv_end=')' ;; esac
                    printf '%s is in use by %s (process %s%s\n' "$nv_name" "$nv_text" "$nv_user" "$nv_end"
                  done
                }
                nv_module_back() {
                  read -r nv_word nv_words <"$nv_dir/before" || return 1
                  nv_guests_stop || { nv_module_mend; return 1; }
                  if [ "$nv_word" = not ]; then nv_module_unload "$1"; nv_code=$?
                  else nv_module_return "$1" "$nv_words" && nv_module_same "$@"; nv_code=$?
                  fi
                  nv_module_mend || nv_code=1
                  return "$nv_code"
                }
                nv_module_return() {
                  nv_module_found "$1" && nv_module_unload "$1" || return 1
                  nv_module_load "$1" "$2" && return 0
                  nv_module_insert "$1" "$2" || return 1
                  printf 'warning: %s is loaded with the values of before, and not as the files of the host ask: with those it cannot be loaded\n' "$1"
                }
                nv_module_same() {
                  [ "$(nv_module_now "$@")" != "$(cat "$nv_dir/before")" ] || return 0
                  printf '%s is loaded, and not with all the values of before\n' "$1"
                  return 1
                }
                nv_module_mend() { nv_guests_start 'warning: ' 'warning: '; }
                nv_module_users() { nv_open_files '{{KvmUsersProbe.Files}}' | awk '!seen[$1]++ { print $1 }'; }
                nv_module_unload() {
                  nv_tries=0
                  while [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ]; do
                    modprobe -r -- "$1" 2>"$nv_dir/unload"; nv_code=$?
                    [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ] || return 0
                    nv_tries=$((nv_tries + 1))
                    [ "$nv_code" = 0 ] || [ "$nv_tries" -ge 10 ] || { sleep 0.5; continue; }
                    cat "$nv_dir/unload"
                    printf 'modprobe -r ended with exit code %s, and %s is still loaded\n' "$nv_code" "$1"
                    nv_module_tell "$1" $(nv_module_users)
                    return 1
                  done
                }
                # After an upgrade of the kernel the modules of the one that runs may be gone.
                nv_module_found() {
                  [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ] || return 0
                  [ -z "$(nv_module_files "$1")" ] && [ ! -e "$NESTVIRT_ROOT/lib/modules/$(uname -r)/modules.dep" ] || return 0
                  printf 'the running kernel has no file of %s any more, so once unloaded it could not be loaded again\n' "$1"
                  return 1
                }
                nv_module_files() {
                  { modprobe -C /dev/null -D -- "$1" || modprobe -D -- "$1"; } 2>/dev/null | awk '$1 == "insmod" { print $2 }'
                }
                nv_module_load() {
                  nv_own=
                  for nv_word in ${2-}; do
                    case $nv_word in
                      "$1".*) nv_own="$nv_own ${nv_word#*.}" ;;
                      kvm.*) nv_try modprobe -- kvm "${nv_word#*.}" || return 1 ;;
                    esac
                  done
                  nv_try modprobe -- "$1" $nv_own || return 1
                  [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ] || { printf 'modprobe ended with exit code 0, and %s is not loaded\n' "$1"; return 1; }
                  nv_module_device
                }
                nv_module_insert() {
                  # modprobe may have loaded the common one, with other values.
                  rmmod kvm 2>/dev/null
                  for nv_file in $(nv_module_files "$1"); do
                    nv_name=${nv_file##*/}; nv_name=$(printf '%s\n' "${nv_name%%.*}" | tr - _)
                    [ ! -e "$NESTVIRT_ROOT/sys/module/$nv_name" ] || continue
                    insmod "$nv_file" $(nv_module_own "$nv_name" $(cat "$nv_dir/parameters" 2>/dev/null)) ||
                      insmod "$nv_file" $(nv_module_own "$nv_name" $2) || nv_try insmod "$nv_file" || return 1
                  done
                  [ -e "$NESTVIRT_ROOT/sys/module/$1/initstate" ] && nv_module_device
                }
                nv_module_own() {
                  nv_name=$1; shift
                  for nv_word do
                    case $nv_word in "$nv_name".*) printf '%s\n' "${nv_word#*.}" ;; esac
                  done
                }
                nv_module_device() {
                  ! command -v udevadm >/dev/null 2>&1 || udevadm settle --timeout=10 2>/dev/null || :
                  nv_node=$NESTVIRT_ROOT/dev/kvm
                  if [ -e "$nv_node" ] && [ -s "$nv_dir/device" ] && [ ! -e /run/udev/control ]; then
                    read -r nv_owner nv_mode <"$nv_dir/device" && chown "$nv_owner" "$nv_node" && chmod "$nv_mode" "$nv_node"
                  fi
                }
                nv_guests_stop() {
                  [ "$nv_guests" = stop ] && command -v virsh >/dev/null 2>&1 || return 0
                  nv_all=$(nv_ask list --uuid) || return 1
                  nv_short=$(nv_ask list --uuid --transient) || return 1
                  nv_ours=
                  for nv_guest in $nv_all; do
                    case $(nv_virsh dumpxml "$nv_guest" 2>/dev/null | awk 'NR == 1') in
                      "<domain type='kvm'"* | '<domain type="kvm"'*) ;;
                      *) continue ;;
                    esac
                    case $nv_short in
                      *"$nv_guest"*)
                        printf 'guest %s is transient: once shut down it could not be started again\n' "$(nv_virsh domname "$nv_guest")"
                        return 1 ;;
                    esac
                    [ -n "$nv_force" ] || nv_guest_obeys "$nv_guest" || return 1
                    nv_ours="$nv_ours $nv_guest"
                  done
                  [ -n "$nv_ours" ] || return 0
                  nv_guests_shut $nv_ours && return 0
                  if [ -n "$nv_left" ] && [ -n "$nv_force" ]; then
                    for nv_forced in $nv_left; do
                      nv_runs="$nv_runs$nv_forced=destroyed "
                      nv_guests_write || return 1
                      # It may have gone by itself at last.
                      nv_virsh destroy "$nv_forced" || { nv_shown=$(nv_listed "$nv_forced") && [ -z "$nv_shown" ]; } || return 1
                    done
                    return 0
                  fi
                  nv_guests_start '' ''
                  return 1
                }
                """
        )
        {
            Touches = static step =>
                [
                    .. step
                        .Arguments.Select(static name => $"/sys/module/{name.Split('.')[0]}")
                        .Distinct(StringComparer.Ordinal),
                ],
        };

    /// <summary>Plans a reload.</summary>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="before">The parameters to look at, as module.parameter, with the values that sysfs shows; null when the module is not loaded.</param>
    /// <param name="names">The parameters to look at, as module.parameter.</param>
    /// <param name="after">What the module will show, for the user.</param>
    /// <param name="request">Whether guests may be stopped, and how long that may take.</param>
    /// <param name="guests">The guests that will be stopped.</param>
    /// <returns>The change.</returns>
    public static HostChange Plan(
        string module,
        IReadOnlyDictionary<string, string>? before,
        IReadOnlyList<string> names,
        string after,
        ChangeRequest request,
        IReadOnlyList<string> guests
    )
    {
        string state = before is null
            ? "not loaded"
            : $"loaded {string.Join(' ', names.Select(name => $"{name}={before.GetValueOrDefault(name)}"))}";
        return new HostChange(
            $"module {module}",
            state,
            after,
            new HostStep(Name, [module, .. names])
            {
                Expected = state,
                Timeout = TimeSpan.FromMinutes(2) + GuestPower.TimeFor(guests.Count, request),
            }
        )
        {
            Disrupts =
                guests.Count > 0
                    ? $"shuts down and starts again: {string.Join(", ", guests.Select(static guest => HostText.ForDisplay(guest, 60)))}"
                    : null,
            Undo = before is null ? "unloads the module" : "loads the module again with the old values",
        };
    }
}
