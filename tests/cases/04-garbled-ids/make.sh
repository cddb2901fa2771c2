#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.0.0-16-generic "Ubuntu 19.04"; intel "Intel(R) Core(TM) i7-8550U CPU" "vmx ept vpid"
cmdline "BOOT_IMAGE=/boot/vmlinuz-5.0.0-16-generic root=UUID=1 ro quiet iommu=pt intel_iommu=on vfio-pci.ids=8086:5917,1=8086:9d71"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; iommu dmar1
pci 0000:00:02.0 030000 8086 5917 i915 0; dev 0000:00:02.0 boot_vga 1; pci 0000:00:1f.0 060100 8086 9d4e - 6;  pci 0000:00:1f.3 040300 8086 9d71 snd_hda_intel 6
