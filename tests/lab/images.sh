# Builds what the hosts need from Debian packages, into folders of the cache that are named by what went in; sourced.
# shellcheck shell=bash disable=SC2154

# A short name for the text on standard input.
digest() { sha256sum | cut -c 1-12; }

qemu_tree() { echo "$LAB_CACHE/qemu-$(echo "$LAB_QEMU_SUITE $LAB_QEMU_PACKAGES" | digest)"; }
bochs_tree() { echo "$LAB_CACHE/bochs-$(echo "$LAB_BOCHS_SUITE $LAB_BOCHS_PACKAGES" | digest)"; }
# The images of every host, with the key that opens them.
images() {
  echo "$LAB_CACHE/hosts-$({ cat "$here/images.sh" "$here"/host/*; set | grep -E '^LAB_(HOST|BOOT|TEST|BOCHS|QEMU)_|^LAB_.*_(WORDS|MIB)='; } | digest)"
}

# source_of LABEL: where this machine's apt finds that archive of Debian, and the keys it trusts for it.
source_of() {
  local uri entry keys
  read -r uri entry < <(
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(SOURCESENTRY)' 'Identifier: Packages' 'Origin: Debian' "Label: $1"
  ) || return 0
  keys=$(grep -oiP '(^Signed-By: *|signed-by=)\K/[^] ]+' "${entry%:*}" 2>/dev/null | head -n 1 || true)
  echo "${keys:+[signed-by=$keys] }$uri"
}

# bootstrap SUITE PACKAGES TREE [ARGUMENT...]: of a backports suite with the suite that it is for.
bootstrap() {
  local suite=${1%-backports} main security extra options=()
  main=$(source_of Debian)
  security=$(source_of Debian-Security)
  extra=("deb $main $suite main")
  [ -z "$security" ] || extra+=("deb $security $suite-security main")
  if [ "$1" != "$suite" ]; then
    extra+=("deb $main $1 main")
    options=(--aptopt="APT::Default-Release \"$1\"")
  fi
  # The proxy and the checks that this machine's apt is set to.
  apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|Force)' >"$LAB_CACHE/apt.conf" || true
  mmdebstrap --quiet --variant=minbase --aptopt="$LAB_CACHE/apt.conf" --aptopt='Apt::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --include="$2" "${options[@]}" "${@:4}" "$suite" "$3" "${extra[@]}"
}

# in_tree TREE COMMAND...: becomes a program of a tree. The cache and the folder of running hosts are at their own paths
# there, by mounts that nobody else sees and that end with the program: nothing is left to unmount.
in_tree() {
  # shellcheck disable=SC2016
  exec unshare --mount sh -ec '
    tree=$1; shift
    for folder in "$1" "$2"; do mkdir -p "$tree$folder"; mount --bind "$folder" "$tree$folder"; done
    shift 2
    mount --rbind /dev "$tree/dev"; mount -t proc proc "$tree/proc"
    exec chroot "$tree" "$@"' sh "$1" "$LAB_CACHE" "$LAB_RUN" "${@:2}"
}

# Whatever is mounted below a folder is unmounted first, and another file system is never entered.
remove_folder() {
  local mounted
  findmnt -rno TARGET | { grep "^$1/" || true; } | sort -r | while read -r mounted; do umount "$mounted"; done
  rm -rf --one-file-system "$1"
}

build_tree() {
  [ ! -d "$3" ] || return 0
  echo "building $(basename "$3")"
  remove_folder "$3.tmp"
  bootstrap "$1" "$2" "$3.tmp"
  mv "$3.tmp" "$3"
}

# Downloads the kernel, busybox and what tests bring along, as the tree's own apt finds them.
download() {
  local tree=$1 work=$2 package
  cp /etc/resolv.conf "$tree/etc/"
  # shellcheck disable=SC2016,SC2086
  chroot "$tree" sh -ec 'mkdir /debs; cd /debs; apt-get -qq download busybox-static "$@" \
    "$(apt-cache depends linux-image-amd64 | sed -n "s/.*Depends: //p" | head -n 1)"' sh $LAB_TEST_PACKAGES
  mkdir "$work/packages" "$work/kernel"
  for package in $LAB_TEST_PACKAGES; do mv "$tree/debs/$package"_*.deb "$work/packages/$package.deb"; done
  for package in "$tree"/debs/*.deb; do dpkg -x "$package" "$work/kernel"; done
  rm -r "$tree/debs"
}

# add_kernel TREE WORK: without its package, which would bring initramfs-tools.
add_kernel() {
  local tree=$1 work=$2 version
  version=$(basename "$work"/kernel/lib/modules/*)
  mkdir -p "$tree/lib/modules" "$tree/boot"
  cp -a "$work/kernel/lib/modules/$version" "$tree/lib/modules/"
  cp "$work/kernel/boot/vmlinuz-$version" "$work/kernel/boot/config-$version" "$tree/boot/"
  cp "$work/kernel/boot/vmlinuz-$version" "$work/vmlinuz"
  chroot "$tree" depmod "$version"
}

pack_cpio() {
  # shellcheck disable=SC2016
  (in_tree "$(qemu_tree)" sh -c 'cd "$1" && find . | cpio -o -H newc --quiet' sh "$1")
}

# Mounts the root file system, wherever it is, and starts what labinit= names.
make_initramfs() {
  local tree=$1 work=$2 version root=$2/initramfs.d module
  version=$(basename "$work"/kernel/lib/modules/*)
  mkdir -p "$root"/{bin,modules,proc,sys,dev,new}
  cp "$work/kernel/bin/busybox" "$root/bin/"
  install "$here/host/initramfs-init" "$root/init"
  for module in crc32c_generic virtio_pci virtio_blk ata_piix sd_mod ext4; do
    chroot "$tree" modprobe -S "$version" --show-depends "$module"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
    cp "$tree$module" "$root/modules/"
    basename "$module"
  done >"$root/modules/order"
  pack_cpio "$root" >"$work/initramfs"
}

# What a Debian host has from its installer, and a guest for the self-test.
configure() {
  local tree=$1 work=$2 unit guest=$2/guest.d libvirt=$1/var/lib/libvirt/images
  echo lab >"$tree/etc/hostname"
  echo '127.0.0.1 localhost lab' >"$tree/etc/hosts"
  echo 'nameserver 10.0.2.3' >"$tree/etc/resolv.conf"
  : >"$tree/etc/fstab"
  echo 0123456789abcdef0123456789abcdef >"$tree/etc/machine-id"
  install -d -m 700 "$tree/root/.ssh"
  install -m 600 "$work/key.pub" "$tree/root/.ssh/authorized_keys"
  rm -f "$tree"/etc/ssh/ssh_host_*
  ssh-keygen -q -t ed25519 -N '' -f "$tree/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$here/host/sshd_config" "$tree/etc/ssh/sshd_config"
  install -m 644 "$here/host/10.network" "$tree/etc/systemd/network/10.network"
  install -m 644 "$here/host/lab-ready.service" "$tree/etc/systemd/system/"
  install -m 755 "$here/host/lab-init" "$tree/usr/sbin/lab-init"
  for unit in systemd-networkd ssh libvirtd.service libvirtd.socket virtlogd.socket lab-ready; do
    chroot "$tree" systemctl --quiet enable "$unit"
  done
  for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer \
    libvirt-guests.service systemd-networkd-wait-online.service systemd-timesyncd.service; do
    ln -sf /dev/null "$tree/etc/systemd/system/$unit"
  done
  mkdir -p "$guest/bin" "$libvirt"
  cp "$work/kernel/bin/busybox" "$guest/bin/"
  install "$here/host/guest-init" "$guest/init"
  pack_cpio "$guest" | gzip >"$libvirt/selftest.cpio.gz"
  cp "$work/vmlinuz" "$libvirt/vmlinuz"
  install -m 644 "$here/host/guest.xml" "$libvirt/selftest.xml"
}

# make_image TREE IMAGE: an ext4 with a journal. GRUB 2.06 cannot read one whose checksum seed is stored apart.
make_image() {
  truncate -s $(($(du -sm "$1" | cut -f 1) * 13 / 10 + LAB_DISK_SPARE_MIB))M "$2"
  (in_tree "$(qemu_tree)" mke2fs -q -t ext4 -O has_journal,^metadata_csum_seed -d "$1" "$2")
}

# partition IMAGE: a partition table and 1 MiB for GRUB before the file system.
partition() {
  truncate -s $(($(stat -c %s "$1") + 1048576)) "$1.whole"
  echo 'start=2048, type=83, bootable' | (in_tree "$(qemu_tree)" sfdisk --quiet "$1.whole")
  dd if="$1" of="$1.whole" bs=1M seek=1 conv=notrunc,sparse status=none
  mv "$1.whole" "$1"
}

build_hosts() {
  local folder work tree
  folder=$(images) work=$(images).tmp tree=$(images).tmp/tree
  [ ! -d "$folder" ] || return 0
  echo "building $(basename "$folder")"
  remove_folder "$work"
  mkdir -p "$work"
  ssh-keygen -q -t ed25519 -N '' -C lab -f "$work/key"
  bootstrap "$LAB_HOST_SUITE" "$LAB_HOST_PACKAGES" "$tree" --skip=cleanup/apt
  download "$tree" "$work"
  add_kernel "$tree" "$work"
  make_initramfs "$tree" "$work"
  # The disk that GRUB starts from is finished by the host itself (see install_loader); its packages are added last.
  cp -a --reflink=auto "$tree" "$tree.boot"
  # shellcheck disable=SC2086
  (export DEBIAN_FRONTEND=noninteractive
   in_tree "$tree.boot" apt-get -qq install -y --no-install-recommends $LAB_BOOT_PACKAGES) >"$work/boot-packages.log" 2>&1
  for tree in "$tree" "$tree.boot"; do
    rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*
    configure "$tree" "$work"
  done
  make_image "$work/tree" "$work/host.img"
  make_image "$work/tree.boot" "$work/boot.img"
  partition "$work/boot.img"
  for tree in tree tree.boot kernel initramfs.d guest.d; do remove_folder "${work:?}/$tree"; done
  mv "$work" "$folder"
}

# bochs starts from a disc. The loader's files are those of its own tree.
build_disc() {
  local folder disc
  folder=$(images) disc=$(images)/intel.d
  [ ! -f "$folder/intel.iso" ] || return 0
  mkdir -p "$disc/isolinux"
  cp "$(bochs_tree)/usr/lib/ISOLINUX/isolinux.bin" "$(bochs_tree)/usr/lib/syslinux/modules/bios/ldlinux.c32" "$disc/isolinux/"
  cp "$folder/vmlinuz" "$folder/initramfs" "$disc/"
  printf '%s\n' 'DEFAULT lab' 'LABEL lab' 'KERNEL /vmlinuz' \
    "APPEND initrd=/initramfs $LAB_KERNEL_WORDS $LAB_INTEL_WORDS labinit=/usr/sbin/lab-init" >"$disc/isolinux/isolinux.cfg"
  (in_tree "$(bochs_tree)" xorriso -as mkisofs -quiet -o "$folder/intel.tmp" -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$disc") 2>/dev/null
  rm -r "$disc"
  mv "$folder/intel.tmp" "$folder/intel.iso"
}

# A second lab that starts meanwhile waits, and finds everything built.
build() {
  mkdir -p "$LAB_CACHE" "$LAB_RUN"
  exec 9>"$LAB_CACHE/lock"
  flock 9
  if [ ! -d "$(images)" ] || [ ! -d "$(qemu_tree)" ] || [ ! -d "$(bochs_tree)" ]; then
    apt-get -qq update
    command -v mmdebstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap >/dev/null
    [ -n "$(source_of Debian)" ] || no_lab 'building its images needs Debian packages, and apt has no source of them'
  fi
  build_tree "$LAB_QEMU_SUITE" "$LAB_QEMU_PACKAGES" "$(qemu_tree)"
  build_tree "$LAB_BOCHS_SUITE" "$LAB_BOCHS_PACKAGES" "$(bochs_tree)"
  build_hosts
  build_disc
  exec 9>&-
}
