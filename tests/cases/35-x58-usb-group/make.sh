#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.3.0-23-generic "Ubuntu 19.10"; intel "Intel(R) Xeon(R) CPU X5670 @ 2.93GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=/vmlinuz root=UUID=1 ro iommu=pt intel_iommu=on vfio-pci.ids=10de:1c03,10de:10f1"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0
for f in 0:3a34 1:3a35 2:3a36; do pci 0000:00:1d.${f%:*} 0c0300 8086 ${f#*:} uhci_hcd 8; done; pci 0000:00:1d.7 0c0320 8086 3a3a ehci-pci 8
