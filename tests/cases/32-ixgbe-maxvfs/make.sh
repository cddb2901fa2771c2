#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 4.18.0-193.el8.x86_64 "CentOS Linux 8 (Core)"; intel "Intel(R) Xeon(R) CPU D-1541 @ 2.10GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=(hd0)/vmlinuz root=/dev/mapper/cl-root ro intel_iommu=on ixgbe.max_vfs=3"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod ixgbe 400000 0
pci 0000:03:00.0 020000 8086 15ac ixgbe 15; dev 0000:03:00.0 sriov_numvfs 0;  dev 0000:03:00.0 sriov_totalvfs 63; dev 0000:03:00.0 sriov_drivers_autoprobe 1; dev 0000:03:00.0 sriov_offset 128; dev 0000:03:00.0 sriov_stride 2; dev 0000:03:00.0 sriov_vf_device 15a8; net 0000:03:00.0 eno1 3
printf 'options ixgbe max_vfs=3\n' | put etc/modprobe.d/ixgbe.conf; mkdir -p "$R/run/systemd/system"
