#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.18.5+deb13-amd64 "Debian GNU/Linux 13 (trixie)"; amd "AMD EPYC 9354P 32-Core Processor" "svm npt nrip_save vgif avic"
cmdline "BOOT_IMAGE=/boot/vmlinuz root=UUID=1 ro"
mod kvm_amd 200000 0; mod kvm 1142784 1 kvm_amd,; par kvm_amd nested 1; kvmdev; table IVRS; iommu ivhd0; mod bnxt_en 400000 0
pci 0000:01:00.0 020000 14e4 16d7 bnxt_en 15; for f in sriov_numvfs; do dev 0000:01:00.0 $f 0; done; dev 0000:01:00.0 sriov_totalvfs 16; dev 0000:01:00.0 sriov_drivers_autoprobe 1; dev 0000:01:00.0 sriov_offset 8; dev 0000:01:00.0 sriov_stride 1; dev 0000:01:00.0 sriov_vf_device 16dc; net 0000:01:00.0 wan 3
printf '[Match]\nMACAddress=aa:bb:cc:dd:ee:ff\nType=ether\n\n[Link]\nDescription=WAN\nName=wan\nSR-IOVVirtualFunctions=4\n' | put etc/systemd/network/10-wan.link
mkdir -p "$R/run/systemd/system"
dev 0000:01:00.0 net/wan/address aa:bb:cc:dd:ee:ff
