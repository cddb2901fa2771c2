#!/bin/sh
# Runs once on the host whose disk has partitions: from then on GRUB starts it from there.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
echo '/dev/vda1 / ext4 defaults 0 0' >/etc/fstab
printf '%s\n' virtio_pci virtio_blk ext4 >>/etc/initramfs-tools/modules
sed -i 's,^MODULES=.*,MODULES=list,' /etc/initramfs-tools/initramfs.conf

# Debian's own file, with what this host needs: $1 is its kernel command line.
sed -e 's,^GRUB_TIMEOUT=.*,GRUB_TIMEOUT=0,' -e "s,^GRUB_CMDLINE_LINUX=.*,GRUB_CMDLINE_LINUX=\"$1\"," \
  -e 's,^#GRUB_TERMINAL=.*,GRUB_TERMINAL=console,' /usr/share/grub/default/grub >/etc/default/grub

update-initramfs -c -k "$(uname -r)"
grub-install --target=i386-pc /dev/vda
update-grub
