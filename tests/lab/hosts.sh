# Starts and ends hosts. What belongs to a running host is in a folder of its own, $LAB_RUN/NAME: pid, port, console.log, disk.
# shellcheck shell=bash disable=SC2154

run_of() { echo "$LAB_RUN/$1"; }

# The pid is that of an emulator only as long as its command line names the host's folder.
is_running() {
  local run
  run=$(run_of "$1")
  [ -f "$run/pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$run/pid")/cmdline" | grep -qF "$run/"
}

stop_host() {
  local run
  run=$(run_of "$1")
  if is_running "$1"; then
    kill "$(cat "$run/pid")"
    thaw_host "$1"
    while is_running "$1"; do sleep 0.1; done
  fi
  remove_folder "$run"
}

# An emulator that stands still takes no processor from others, and the host notices nothing.
freeze_host() { ! is_running "$1" || kill -STOP "$(cat "$(run_of "$1")/pid")"; }

thaw_host() { ! is_running "$1" || kill -CONT "$(cat "$(run_of "$1")/pid")"; }

# ssh_to NAME [COMMAND...]: the hosts are disposable, so their keys are not pinned.
ssh_to() { connect "$1" root@127.0.0.1 "${@:2}"; }

connect() {
  local run
  run=$(run_of "$1")
  ssh -i "$run/key" -p "$(cat "$run/port")" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \
    -o LogLevel=ERROR -o ConnectTimeout=30 -o ServerAliveInterval=20 "${@:2}"
}

# keep_connection NAME: a log-in takes an emulated host seconds, so that tests may share one (ssh_config(5), ControlPath).
# It ends with the host; nobody waits for it, and without it each log-in is its own.
keep_connection() {
  local control
  control=$(run_of "$1")/control
  [ ${#control} -lt 80 ] || return 0
  connect "$1" -fNM -o ControlPath="$control-%r" root@127.0.0.1 </dev/null >/dev/null 2>&1 || true
}

# launch NAME TREE PROGRAM...: waits until the emulator listens, on a port of 127.0.0.1 that was free.
launch() {
  local run port=''
  run=$(run_of "$1")
  (in_tree "$2" setsid "${@:3}") >"$run/emulator.log" 2>&1 </dev/null &
  echo $! >"$run/pid"
  while [ -z "$port" ]; do
    sleep 0.2
    kill -0 "$(cat "$run/pid")" 2>/dev/null || { cat "$run/emulator.log"; return 1; }
    port=$(ss -Hltnp 'src 127.0.0.1' | grep "pid=$(cat "$run/pid")," | awk '{ sub(/.*:/, "", $4); print $4; exit }') || true
  done
  echo "$port" >"$run/port"
}

# wait_for NAME [TEXT]: until the console shows the text, and then until sshd answers.
wait_for() {
  local run end=$((SECONDS + LAB_START_SECONDS))
  run=$(run_of "$1")
  until [ -z "${2:-}" ] || grep -qaF "$2" "$run/console.log" 2>/dev/null; do
    is_running "$1" && [ $SECONDS -lt $end ] || return 1
    ! grep -qaF 'Kernel panic' "$run/console.log" 2>/dev/null || return 1
    sleep 0.2
  done
  # The clock of a host that was asleep is behind; on a slow machine udev may not have loaded KVM yet.
  until ssh_to "$1" "date -s @$(date +%s); udevadm settle -t 120" >/dev/null 2>&1 </dev/null; do
    is_running "$1" && [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

# start_qemu NAME TOPOLOGY DISK FORMAT [ARGUMENT...]: beside a file writes.log, whatever the host writes and flushes is logged there.
start_qemu() {
  local name=$1 topology=$2 run disk
  run=$(run_of "$name")
  # A topology may bring its own nodes.
  local nodes="-object memory-backend-ram,id=m0,size=$((LAB_MEMORY_MIB / 2))M -object memory-backend-ram,id=m1,size=$((LAB_MEMORY_MIB / 2))M
    -numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,cpus=1,memdev=m1 -numa dist,src=0,dst=1,val=21"
  ! grep -q '^ *-numa' "$topology" || nodes=''
  disk="-drive id=d0,if=none,file=$3,format=$4,cache=unsafe"
  if [ -e "$run/writes.log" ]; then
    disk="-blockdev driver=file,node-name=f0,filename=$3,cache.no-flush=on -blockdev driver=$4,node-name=q0,file=f0
      -blockdev driver=file,node-name=l0,filename=$run/writes.log,cache.no-flush=on
      -blockdev driver=blklogwrites,node-name=d0,file=q0,log=l0,log-sector-size=512"
  fi
  # shellcheck disable=SC2046,SC2086
  launch "$name" "$(qemu_tree)" qemu-system-x86_64 -name "lab-$name" -nodefaults -no-user-config -nographic \
    -M q35 -accel tcg,thread=multi -cpu "$LAB_CPU" -smp 2,sockets=2 -m "$LAB_MEMORY_MIB" $nodes \
    -serial "file:$run/console.log" \
    $disk -device virtio-blk-pci,drive=d0,write-cache=on \
    -netdev user,id=n0,hostfwd=tcp:127.0.0.1:0-:22 -device virtio-net-pci,netdev=n0,romfile= \
    -device intel-iommu,intremap=on,device-iotlb=on \
    -global e1000e.romfile= -global e1000.romfile= -global igb.romfile= \
    $(sed 's/#.*//' "$topology") "${@:5}"
}

# overlay NAME BASE FORMAT: a disk that forgets.
overlay() {
  (in_tree "$(qemu_tree)" qemu-img create -q -f qcow2 -b "$2" -F "$3" "$(run_of "$1")/disk.qcow2")
}

# kernel INIT [INITRAMFS [WORDS]]: QEMU loads the lab's kernel itself.
kernel() {
  printf '%s\n' -kernel "$(images)/vmlinuz" -initrd "${2:-$(images)/initramfs}" -append \
    "$LAB_KERNEL_WORDS $LAB_AMD_WORDS labinit=$1${3:+ $3}${NESTVIRT_LAB_WORDS:+ $NESTVIRT_LAB_WORDS}"
}

# initramfs_with TABLE FOLDER: the lab's, behind a table of the firmware's (in hexadecimal), which the kernel then takes in
# place of the one it has (admin-guide/acpi/initrd_table_override).
initramfs_with() {
  local tables=$2/firmware/kernel/firmware/acpi
  mkdir -p "$tables"
  # shellcheck disable=SC2059
  printf "$(sed 's/#.*//' "$1" | tr -s ' \n' '\n' | sed -n 's/^../\\x&/p' | tr -d '\n')" >"$tables/DMAR.aml"
  pack_cpio "$2/firmware" >"$2/initramfs"
  cat "$(images)/initramfs" >>"$2/initramfs"
  echo "$2/initramfs"
}

# start_kernel NAME TOPOLOGY INIT: beside the topology may be words for its kernel, and a table of its firmware.
start_kernel() {
  local words more='' initramfs='' beside=${2%.args}
  [ ! -f "$beside.words" ] || more=$(sed 's/#.*//' "$beside.words" | xargs)
  [ ! -f "$beside.dmar" ] || initramfs=$(initramfs_with "$beside.dmar" "$(run_of "$1")")
  mapfile -t words < <(kernel "$3" "$initramfs" "$more")
  overlay "$1" "$(images)/host.img" raw
  start_qemu "$1" "$2" "$(run_of "$1")/disk.qcow2" qcow2 "${words[@]}"
  wait_for "$1" 'lab: ready'
}

state_of() { echo "$LAB_CACHE/state-$(cat "$1" <(echo "$(images) $(qemu_tree)") "$here/hosts.sh" | digest)"; }

# save_state TOPOLOGY: boots a host and keeps its disk and memory, so that others start from there in seconds.
save_state() {
  local state run words
  state=$(state_of "$1") run=$(run_of saved)
  stop_host saved
  remove_folder "$state.tmp"
  mkdir -p "$run" "$state.tmp"
  ln -s "$(images)/key" "$run/key"
  mkfifo "$run/monitor.in" "$run/monitor.out"
  mapfile -t words < <(kernel /sbin/init)
  overlay saved "$(images)/host.img" raw
  start_qemu saved "$1" "$run/disk.qcow2" qcow2 "${words[@]}" -chardev "pipe,id=monitor,path=$run/monitor" -mon chardev=monitor
  cat "$run/monitor.out" >"$run/monitor.log" &
  wait_for saved 'lab: ready'
  # What libvirt finds out about QEMU once, and keeps.
  ssh_to saved 'virsh domcapabilities --virttype kvm >/dev/null; virsh capabilities >/dev/null; sync'
  printf '%s\n' 'migrate_set_parameter max-bandwidth 10G' "migrate file:$state.tmp/memory" 'info migrate' quit >"$run/monitor.in"
  while is_running saved; do sleep 0.2; done
  grep -q 'status: completed' "$run/monitor.log"
  mv "$run/disk.qcow2" "$state.tmp/disk.qcow2"
  stop_host saved
  mv "$state.tmp" "$state"
}

# resume NAME TOPOLOGY: from the saved state, which is made when there is none.
resume() {
  local state words
  state=$(state_of "$2")
  exec 9>"$LAB_CACHE/lock"
  flock 9
  [ -d "$state" ] || save_state "$2"
  exec 9>&-
  mapfile -t words < <(kernel /sbin/init)
  overlay "$1" "$state/disk.qcow2" qcow2
  start_qemu "$1" "$2" "$(run_of "$1")/disk.qcow2" qcow2 "${words[@]}" -incoming "file:$state/memory"
  wait_for "$1" && return
  # What another QEMU has saved may not do: the next start makes it again.
  remove_folder "$state"
  return 1
}

# finish_boot_image NAME TOPOLOGY: once, QEMU starts what is built, and it installs GRUB on its disk.
finish_boot_image() {
  local disk words run
  disk=$(images)/boot.img run=$(run_of "$1")
  exec 9>"$LAB_CACHE/lock-boot"
  flock 9
  if [ ! -f "$(images)/boot.ready" ]; then
    mapfile -t words < <(kernel /sbin/init)
    overlay "$1" "$disk" raw
    start_qemu "$1" "$2" "$run/disk.qcow2" qcow2 "${words[@]}"
    wait_for "$1" 'lab: ready'
    ssh_to "$1" sh -s -- "'$LAB_KERNEL_WORDS $LAB_AMD_WORDS $LAB_BOOT_WORDS'" <"$here/host/install-loader.sh" >"$(images)/boot.log" 2>&1
    ssh_to "$1" systemctl poweroff || true
    while is_running "$1"; do sleep 0.2; done
    (in_tree "$(qemu_tree)" qemu-img commit -q "$run/disk.qcow2")
    touch "$(images)/boot.ready"
    rm "$run/console.log"
  fi
  exec 9>&-
}

# start_disk NAME TOPOLOGY DISK: GRUB starts it from a disk of its own, which stays as it is.
start_disk() {
  overlay "$1" "$3" raw
  start_qemu "$1" "$2" "$(run_of "$1")/disk.qcow2" qcow2
  wait_for "$1" 'lab: ready'
}

start_boot() {
  finish_boot_image "$@"
  start_disk "$@" "$(images)/boot.img"
}

# start_logged NAME TOPOLOGY: as boot, and logged is all that it writes. Its disk as it was is base.img.
start_logged() {
  local run
  run=$(run_of "$1")
  finish_boot_image "$@"
  cp --sparse=always "$(images)/boot.img" "$run/base.img"
  [ "$1" != cuts-var ] || part_var "$run/base.img"
  : >"$run/writes.log"
  start_disk "$@" "$run/base.img"
}

# part_var DISK: /var on an XFS of its own, and the root file system does not flush what is renamed.
part_var() {
  local start
  start=$(stat -c %s "$1")
  truncate -s "+$((LAB_APART_SECTORS * 512))" "$1"
  echo "start=$((start / 512)), type=83" | (in_tree "$(qemu_tree)" sfdisk --quiet --append "$1")
  # shellcheck disable=SC2016
  unshare --mount sh -ec '
    mount -t tmpfs tmpfs /mnt; mkdir /mnt/root /mnt/var
    mount -o loop,offset=1048576 "$1" /mnt/root
    var=$(losetup --find --show --offset "$2" "$1")
    trap "losetup --detach $var" EXIT
    mkfs.xfs -q "$var"; mount "$var" /mnt/var
    cp -a /mnt/root/var/. /mnt/var; rm -r /mnt/root/var/*
    printf "%s\n" "/dev/vda1 / ext4 noauto_da_alloc 0 0" "/dev/vda2 /var xfs defaults 0 0" >/mnt/root/etc/fstab' sh "$1" "$start"
}

# QEMU has the kernel choose a port (0); bochs needs a number.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && ss -Hltn "sport = :$port" | grep -q .; do :; done
  echo "$port"
}

start_bochs() {
  local run
  run=$(run_of "$1")
  printf '%s\n' '# slirp config' "hostfwd = tcp:127.0.0.1:$(free_port)-10.0.2.15:22" >"$run/slirp.conf"
  sed -e "s,@RUN@,$run,g" -e "s,@IMAGES@,$(images),g" -e "s,@MEMORY@,$LAB_INTEL_MEMORY_MIB,g" "$here/intel.bochsrc" >"$run/bochsrc"
  launch "$1" "$(bochs_tree)" bochs -q -f "$run/bochsrc"
  wait_for "$1" 'lab: sshd'
}

# start_host NAME HOW [TOPOLOGY [DISK]]
start_host() {
  local topology=${3:-$here/topologies/$1.args}
  ! is_running "$1" || return 0
  case $2 in boot | logged | disk) topology=$here/topologies/amd.args ;; esac
  stop_host "$1"
  mkdir -p "$(run_of "$1")"
  ln -s "$(images)/key" "$(run_of "$1")/key"
  case $2 in
    saved) resume "$1" "$topology" ;;
    systemd) start_kernel "$1" "$topology" /sbin/init ;;
    fast) start_kernel "$1" "$topology" /usr/sbin/lab-init ;;
    boot) start_boot "$1" "$topology" ;;
    logged) start_logged "$1" "$topology" ;;
    disk) start_disk "$1" "$topology" "$4" ;;
    bochs) start_bochs "$1" ;;
  esac
  # The others are restarted, or are not asked often.
  case $2 in saved | systemd | fast) keep_connection "$1" ;; esac
}
