#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-17-amd64 "Debian GNU/Linux 12 (bookworm)"; intel "Intel(R) Core(TM) i7-6700K CPU" "vmx" "vnmi ept_ad"
cmdline "BOOT_IMAGE=/boot/vmlinuz-6.1.0-17-amd64 root=UUID=11111111-2222-3333-4444-555555555555 ro quiet"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; tool update-grub grub-mkconfig
printf 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\nGRUB_CMDLINE_LINUX=""\n' | put etc/default/grub
printf 'set default="0"\nmenuentry "Debian GNU/Linux" --class debian $menuentry_id_option "gnulinux-simple-1" {\n\tlinux\t/boot/vmlinuz-6.1.0-17-amd64 root=UUID=11111111-2222-3333-4444-555555555555 ro  quiet\n\tinitrd\t/boot/initrd.img-6.1.0-17-amd64\n}\n' | put boot/grub/grub.cfg
pci 0000:00:02.0 030000 8086 1912 i915
