#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.12.54-Unraid "Unraid OS 7.2 x86_64"; amd "AMD Ryzen 9 9950X3D 16-Core Processor" "svm npt nrip_save vgif"
cmdline "BOOT_IMAGE=/bzimage"
mod kvm_amd 200000 0; mod kvm 1142784 1 kvm_amd,; par kvm_amd nested 1; kvmdev; table IVRS; iommu ivhd0
printf 'default menu.c32\nlabel Unraid OS\n  menu default\n  kernel /bzimage\n  append vfio-pci.ids=10de:2805,10de:22bd amd_iommu=on pcie_acs_override=downstream,multifunction initrd=/bzroot\n' | put boot/syslinux/syslinux.cfg
printf 'timeout: 5\n/Unraid OS\n    protocol: linux\n    kernel_path: boot():/bzimage\n    module_path: boot():/bzroot\n' | put boot/limine.conf
pci 0000:00:01.1 060400 1022 14db pcieport 5;  pci 0000:01:00.0 030000 10de 2805 nvidia 14 0000:00:01.1; pci 0000:01:00.1 040300 10de 22bd snd_hda_intel 14 0000:00:01.1; mkdir -p "$R/sys/firmware/efi"
