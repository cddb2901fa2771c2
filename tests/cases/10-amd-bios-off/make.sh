#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.0.6-arch1-1 "Arch Linux"; amd "AMD Ryzen 5 3600 6-Core Processor" "fxsr_opt rdtscp 3dnowprefetch topoext"
cmdline "BOOT_IMAGE=/vmlinuz-linux root=UUID=1 rw amd_iommu=on iommu=pt loglevel=3 quiet"
mod kvm 1105920 0; mod irqbypass 16384 1 kvm,; table IVRS; iommu ivhd0; pci 0000:00:00.2 080600 1022 1481 - 0
mkdir -p "$R/var/log"; printf '[    0.000000] Linux version 6.0.6-arch1-1 (linux@archlinux)\n[    4.1] kvm: disabled by bios\n' > "$R/var/log/dmesg"
