#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.5.11-6-pve "Debian GNU/Linux 12 (bookworm)"; intel "13th Gen Intel(R) Core(TM) i7-13700" "vmx" "vnmi ept_ad"
cmdline "BOOT_IMAGE=/boot/vmlinuz-6.5.11-6-pve root=/dev/mapper/pve-root ro quiet intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod i915 3919872 1
pci 0000:00:02.0 030000 8086 a780 i915 0; dev 0000:00:02.0 sriov_totalvfs 7; dev 0000:00:02.0 sriov_numvfs 0; dev 0000:00:02.0 sriov_offset 1; dev 0000:00:02.0 sriov_stride 1; dev 0000:00:02.0 sriov_vf_device a780; dev 0000:00:02.0 sriov_drivers_autoprobe 1; dev 0000:00:02.0 boot_vga 1
# BAR 7-12 of the VFs: none is assigned
{ printf '0x0000006000000000 0x0000006000ffffff 0x0000000000140204\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x0000004000000000 0x000000400fffffff 0x000000000014220c\n0x0000000000000000 0x0000000000000000 0x0000000000000000\n0x0000000000003000 0x000000000000303f 0x0000000000040101\n'; for i in 5 6 7 8 9 10 11 12; do echo "0x0000000000000000 0x0000000000000000 0x0000000000000000"; done; } > "$R/sys/bus/pci/devices/0000:00:02.0/resource"
printf 'devices/pci0000:00/0000:00:02.0/sriov_numvfs = 7\n' | put etc/sysfs.conf
mkdir -p "$R/var/log" "$R/run/systemd/system"; printf '[    0.000000] Linux version 6.5.11-6-pve\n[    3.9] i915 0000:00:02.0: not enough MMIO resources for SR-IOV\n[    3.9] i915 0000:00:02.0: [drm] *ERROR* Failed to enable 7 VFs (-ENOMEM)\n' > "$R/var/log/dmesg"
