#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.12.0-riscv64 "Debian GNU/Linux 13 (trixie)"; say proc/sys/kernel/arch riscv64; cmdline "root=/dev/vda1 ro"
printf 'processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdch_zicbom_zicsr_zba_sstc\nmmu\t\t: sv57\nmvendorid\t: 0x0\n' > "$R/proc/cpuinfo"
d=sys/firmware/devicetree/base; mkdir -p "$R/$d"; printf 'riscv-virtio\0' > "$R/$d/compatible"; printf 'riscv-virtio,qemu\0' > "$R/$d/model"
ln -s ../sys/firmware/devicetree/base "$R/proc/device-tree"; deps kvm; kvmdev; mod kvm 380928 0
