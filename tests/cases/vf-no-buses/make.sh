#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-30-amd64 "Debian GNU/Linux 12 (bookworm)"; intel "Intel(R) Xeon(R) CPU E3-1230 v5 @ 3.40GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro intel_iommu=on"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod ixgbe 400000 0
pci 0000:00:01.0 060400 8086 1901 pcieport 1; dev 0000:00:01.0 secondary_bus_number 4; dev 0000:00:01.0 subordinate_bus_number 4
pci 0000:04:00.0 020000 8086 1528 ixgbe 1 0000:00:01.0; dev 0000:04:00.0 sriov_totalvfs 63; dev 0000:04:00.0 sriov_numvfs 0; dev 0000:04:00.0 sriov_drivers_autoprobe 1; dev 0000:04:00.0 sriov_offset 384; dev 0000:04:00.0 sriov_stride 2; dev 0000:04:00.0 sriov_vf_device 1515
net 0000:04:00.0 eno1 3
mkdir -p "$R/var/log" "$R/run/systemd/system"
printf '[    0.000000] Linux version 6.1.0-30-amd64\n[    9.1] ixgbe 0000:04:00.0: can'"'"'t enable 8 VFs (bus 05 out of range of [bus 04])\n' > "$R/var/log/dmesg"
