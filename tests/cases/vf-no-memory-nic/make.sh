#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.12.8-1-pve "Debian GNU/Linux 12 (bookworm)"; amd "AMD Ryzen 7 5700X 8-Core Processor" "svm npt nrip_save vgif avic"
cmdline "BOOT_IMAGE=/boot/vmlinuz root=/dev/mapper/pve-root ro quiet pci=noaer"
mod kvm_amd 200000 0; mod kvm 1142784 1 kvm_amd,; par kvm_amd nested 1; kvmdev; table IVRS; iommu ivhd0; mod mlx5_core 2400000 0
zero="0x0000000000000000 0x0000000000000000 0x0000000000000000"
for f in 0 1; do
  a=0000:01:00.$f
  pci $a 020000 15b3 1015 mlx5_core 15; dev $a sriov_totalvfs 8; dev $a sriov_numvfs 0; dev $a sriov_drivers_autoprobe 1; dev $a sriov_offset 2; dev $a sriov_stride 1; dev $a sriov_vf_device 1016; net $a enp1s0f$f 3
  { echo "0x00000000fa000000 0x00000000fbffffff 0x000000000014220c"; for i in 1 2 3 4 5; do echo "$zero"; done; echo "0x00000000fc800000 0x00000000fc8fffff 0x0000000000046200"
    if [ $f = 0 ]; then echo "0x0000000000000000 0x00000000007fffff 0x000000002014220c"; else echo "0x00000000fc000000 0x00000000fc7fffff 0x000000000014220c"; fi
    for i in 8 9 10 11 12; do echo "$zero"; done; } > "$R/sys/bus/pci/devices/$a/resource"
done
mkdir -p "$R/run/systemd/system"
