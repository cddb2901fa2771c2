#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.2.0-kali2-amd64 "Kali GNU/Linux Rolling"; intel "Intel(R) Core(TM) i5-4210U CPU @ 1.70GHz" "vmx ept vpid tpr_shadow vnmi flexpriority"
cmdline "BOOT_IMAGE=/boot/vmlinuz-5.2.0-kali2-amd64 root=UUID=11111111-2222-3333-4444-555555555555 ro initrd=/install/gtk/initrd.gz scsi_mod.use_blk_mq=1 quiet nvidia-drm.modeset=1 iommu=pt intel_iommu=on vfio-pci.ids=8086:9c31"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev
pci 0000:00:14.0 0c0330 8086 9c31 xhci_hcd
