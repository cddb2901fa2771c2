#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.18.48-talos "Talos (v1.14.0)"; amd "AMD RYZEN AI MAX+ 395" "svm npt nrip_save vgif"
cmdline "talos.platform=metal amd_iommu=on iommu=pt video=efifb:off initcall_blacklist=sysfb_init"
mod kvm_amd 200000 0; mod kvm 1142784 1 kvm_amd,; par kvm_amd nested 1; kvmdev; table IVRS; iommu ivhd0
pci 0000:00:08.1 060400 1022 1507 pcieport 10; pci 0000:c3:00.0 038000 1002 1586 vfio-pci 20 0000:00:08.1; dev 0000:c3:00.0 boot_vga 1
printf '2800000000-2fffffffff : PCI Bus 0000:c3\n  2800000000-2fffffffff : 0000:c3:00.0\n    2800000000-2801fa3fff : BOOTFB\n      2800000000-2801fa3fff : simpledrm\n' > "$R/proc/iomem"
mkdir -p "$R/sys/bus/platform/drivers/simple-framebuffer" "$R/sys/devices/platform/simple-framebuffer.0" "$R/sys/class/drm"; ln -s ../../../../devices/platform/simple-framebuffer.0 "$R/sys/bus/platform/drivers/simple-framebuffer/simple-framebuffer.0"
printf '0 simpledrmdrmfb\n' > "$R/proc/fb"
