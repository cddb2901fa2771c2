#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-30-amd64 "Debian GNU/Linux 12 (bookworm)"; intel "Intel(R) Xeon(R) CPU E3-1230 v5 @ 3.40GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro intel_iommu=on"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod igb 400000 0
pci 0000:03:00.0 020000 8086 1521 igb 1; dev 0000:03:00.0 sriov_totalvfs 8; dev 0000:03:00.0 sriov_numvfs 4; dev 0000:03:00.0 sriov_drivers_autoprobe 1; dev 0000:03:00.0 sriov_offset 128; dev 0000:03:00.0 sriov_stride 4; dev 0000:03:00.0 sriov_vf_device 1520; net 0000:03:00.0 eno1 3
printf 'ACTION=="add", SUBSYSTEM=="net", ENV{ID_NET_DRIVER}=="igb", KERNEL=="eno1", ATTR{device/sriov_numvfs}="8"\n' | put etc/udev/rules.d/80-vf.rules
mkdir -p "$R/var/log" "$R/run/systemd/system"
printf '[    0.000000] Linux version 6.1.0-30-amd64\n[    9.1] igb 0000:03:00.0: 8 VFs requested; only 4 enabled\n' > "$R/var/log/dmesg"
