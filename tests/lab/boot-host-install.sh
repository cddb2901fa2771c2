# Runs on the host that boot-host.sh builds: it becomes one that starts from its own disk.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
echo '/dev/vda1 / ext4 defaults 0 0' >/etc/fstab
printf '%s\n' virtio_pci virtio_blk ext4 >>/etc/initramfs-tools/modules
sed -i 's,^MODULES=.*,MODULES=list,' /etc/initramfs-tools/initramfs.conf

# Debian's own file, with what this host needs. An emulated timer may be late for the kernel's check of it.
sed -e 's,^GRUB_TIMEOUT=.*,GRUB_TIMEOUT=0,' -e 's,^GRUB_CMDLINE_LINUX=.*,GRUB_CMDLINE_LINUX="console=ttyS0 net.ifnames=0 intel_iommu=on iommu=pt no_timer_check",' \
  -e 's,^#GRUB_TERMINAL=.*,GRUB_TERMINAL=console,' /usr/share/grub/default/grub >/etc/default/grub

update-initramfs -c -k "$(uname -r)"
grub-install --target=i386-pc /dev/vda
update-grub
