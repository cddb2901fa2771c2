#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.8.0-49-generic "Ubuntu 24.04.1 LTS"; intel "Intel(R) Xeon(R) CPU E5-2665 0 @ 2.40GHz" "vmx" "vnmi ept_ad"
cmdline "BOOT_IMAGE=/vmlinuz-6.8.0-49-generic root=UUID=1 ro intel_iommu=on iommu=pt"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; dmi HP "ProLiant DL380p Gen8" HP
pci 0000:00:1c.0 060400 8086 1d10 pcieport 20; pci 0000:04:00.0 020000 8086 1521 igb 45 0000:00:1c.0;  pci 0000:04:00.1 020000 8086 1521 vfio-pci 46 0000:00:1c.0; net 0000:04:00.0 eno1
for g in 45 46; do printf '0x00000000000e8000 0x00000000000e8fff direct\n0x00000000bddde000 0x00000000bdddefff direct\n0x00000000fee00000 0x00000000feefffff msi\n' > "$R/sys/kernel/iommu_groups/$g/reserved_regions"; done
