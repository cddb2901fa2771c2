#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-17-amd64 "Debian GNU/Linux 12 (bookworm)"; intel "Intel(R) Xeon(R) CPU E3-1230 v5" "vmx" "vnmi ept_ad"
cmdline "BOOT_IMAGE=/vmlinuz root=UUID=1 ro kvm-intel.nested=1 intel_iommu=on vfio_pci.ids=15b3:1003 modprobe.blacklist=bnx2x bnx2x.blacklist=1 rd.driver.blacklist=bnx2x"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0; mod vfio_pci 16384 0
printf 'install bnx2x /bin/true\noptions vfio-pci ids=14e4:168e\nsoftdep bnx2x pre: vfio-pci\n' | put etc/modprobe.d/00-netextreme-vfio.conf
pci 0000:03:00.0 020000 14e4 168e - 20; pci 0000:04:00.0 020000 15b3 1003 vfio-pci 21; mkdir -p "$R/run/udev"; : > "$R/run/udev/control"; dev 0000:03:00.0 reset_method flr
