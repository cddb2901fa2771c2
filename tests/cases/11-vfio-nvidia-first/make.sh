#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 4.13.0-32-generic "Ubuntu 16.04.3 LTS"; intel "Intel(R) Core(TM) i5-4690K CPU @ 3.50GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=/boot/vmlinuz-4.13.0-32-generic root=UUID=1 ro quiet splash intel_iommu=on"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested N; kvmdev; table DMAR; iommu dmar0
printf 'options vfio-pci ids=10de:1187,10de:0e0a\n' | put etc/modprobe.d/vfio.conf
mod vfio_pci 45056 0; mod nvidia 14000000 30 nvidia_modeset,; mod snd_hda_intel 40960 5
pci 0000:00:01.0 060400 8086 0c01 pcieport 1; pci 0000:01:00.0 030000 10de 1187 nvidia 1 0000:00:01.0; pci 0000:01:00.1 040300 10de 0e0a snd_hda_intel 1 0000:00:01.0
pci 0000:00:02.0 030000 8086 0412 i915 0; dev 0000:00:02.0 boot_vga 1; dev 0000:01:00.0 boot_vga 0
mkdir -p "$R/sys/bus/pci/drivers/vfio-pci"; tool update-initramfs
