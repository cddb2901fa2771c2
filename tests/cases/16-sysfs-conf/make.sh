#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.5.13-5-pve "Debian GNU/Linux 12 (bookworm)"; intel "12th Gen Intel(R) Core(TM) i5-12600H" "vmx" "vnmi ept_ad"
cmdline "initrd=\\EFI\\proxmox\\6.5.13-5-pve\\initrd.img-6.5.13-5-pve root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod i915 3919872 1
pci 0000:00:02.0 030000 8086 46a6 i915 0; dev 0000:00:02.0 sriov_totalvfs 7; dev 0000:00:02.0 sriov_numvfs 0; dev 0000:00:02.0 sriov_drivers_autoprobe 1; dev 0000:00:02.0 sriov_offset 1; dev 0000:00:02.0 sriov_stride 1; dev 0000:00:02.0 sriov_vf_device 46a6; dev 0000:00:02.0 boot_vga 0
printf 'devices/pci0000:00/0000:00:02.0/sriov_numvfs = 7\n' | put etc/sysfs.conf; mkdir -p "$R/run/systemd/system"
