#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.15.0-46-generic "Ubuntu 22.04.1 LTS"; amd "AMD EPYC 7742 64-Core Processor" "svm npt nrip_save vgif avic"
cmdline "BOOT_IMAGE=/vmlinuz root=UUID=1 ro pci=earlydump,realloc=on vfio-pci.ids=10de:1af1,10de:20b0 amd_iommu_intr=vapic kvm-amd.avic=1 kvm-amd.npt=0 kvm-amd.nested=0 amd_iommu=force_isolation iommu=pt usbcore.nousb hugepagesz=1G default_hugepagesz=1G hugepages=1800 transparent_hugepage=never video=efifb:off nomodeset"
mod kvm_amd 200000 0; mod kvm 1142784 1 kvm_amd,; par kvm_amd nested 0; par kvm_amd npt N; par kvm_amd avic Y; kvmdev; table IVRS; iommu ivhd0; pci 0000:00:01.0 060400 1022 1483 pcieport 1
printf 'options kvm_amd nested=1\n' | put etc/modprobe.d/kvm.conf
