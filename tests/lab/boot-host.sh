#!/usr/bin/env bash
# boot-host.sh build|up CACHE [PORT]: the AMD host once more, started by GRUB from its own disk: its kernel command line
# is its own, and it can be restarted. `build` makes its disk, in a few minutes, and does nothing when the disk is there.
# CACHE is the folder of lab.sh, with its images built.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$2" && pwd)
port=${3:-2464}
disk=$cache/boot61-disk.img

# The scripts of the lab, with names of our own, so that both hosts are built side by side.
derive() {
  # What it takes to boot by itself: GRUB for the BIOS, and an initramfs that can be built again.
  sed -e 's,ethtool,ethtool\,grub-pc-bin\,grub2-common\,initramfs-tools,' -e 's,rootfs\.tar,boot61-rootfs.tar,g' \
    "$cache/build-rootfs.sh" >"$cache/boot61-rootfs.sh"
  # GRUB 2.06 cannot read a file system that has this feature; older makers of file systems do not have it.
  sed 's,-O ^has_journal,-O ^has_journal\,^metadata_csum_seed,' "$cache/build-image.sh" >"$cache/boot61-image.sh"
  sed 's,host61,boot61,g' "$cache/lab-up.sh" >"$cache/boot61-install.sh"
  sed -e 's,host61\.img,boot61-disk.img,g' -e '/ -kernel /d' "$cache/lab-up.sh" >"$cache/boot61-up.sh"
  chmod +x "$cache"/boot61-*.sh
}

# A partition table, 1 MiB for GRUB, and the file system.
partition() {
  local part=$cache/boot61.img whole=$cache/boot61.tmp
  truncate -s $(($(stat -c %s "$part") + 1048576)) "$whole"
  echo 'start=2048, type=83, bootable' | sfdisk --quiet "$whole"
  dd if="$part" of="$whole" bs=1M seek=1 conv=notrunc,sparse status=none
  mv "$whole" "$part"
}

on_host() {
  ssh -i "$cache/id_ed25519" -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o BatchMode=yes root@127.0.0.1 "$@"
}

# The host is started by QEMU once, and installs GRUB on its own disk.
install_loader() {
  local pid attempt
  "$cache/boot61-install.sh" "$port" tiny
  pid=$(cat "$cache/pid-r$port")
  on_host sh -s <"$here/boot-host-install.sh"
  # Written back, mounted read-only and off: this host has no systemd that would shut it down.
  on_host 'sync; for key in s u o; do sleep 2; echo $key >/proc/sysrq-trigger; done' || true
  for attempt in $(seq 60); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 1
  done
  kill "$pid" 2>/dev/null || true
  qemu-img convert -O raw "$cache/ov-r$port.qcow2" "$cache/boot61-disk.tmp"
  "$cache/lab-down.sh" "$port" || true
}

build() {
  [ ! -f "$disk" ] || return 0
  command -v sfdisk >/dev/null || apt-get install -y -qq --no-install-recommends fdisk >/dev/null
  local kernel
  kernel=$(basename "$cache"/kern/lib/modules/*)
  [ -f "$cache/boot61-rootfs.tar" ] || "$cache/boot61-rootfs.sh" >"$cache/boot61-rootfs.log" 2>&1 || {
    rm -f "$cache/boot61-rootfs.tar"
    return 1
  }
  ROOTFS=boot61-rootfs.tar ROOTDEV=vda1 "$cache/boot61-image.sh" "$kernel" boot61
  partition
  install_loader
  rm -f "$cache/boot61.img" "$cache/boot61-rootfs.tar"
  mv "$cache/boot61-disk.tmp" "$disk"
}

derive
build
[ "$1" = build ] || "$cache/boot61-up.sh" "$port" cold
