#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.4.0-150600.23.65-default "Harvester v1.6.0"; say proc/sys/kernel/arch aarch64
printf 'processor\t: 0\nBogoMIPS\t: 2000.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid sve sve2\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd4f\nCPU revision\t: 0\n\n' > "$R/proc/cpuinfo"
cmdline "BOOT_IMAGE=(loop0)/boot/vmlinuz console=tty1 root=LABEL=COS_STATE intel_iommu=on amd_iommu=on iommu=pt"; dmi HPE "ProLiant DL384 Gen12" HPE
par kvm halt_poll_ns 500000; kvmdev; pci 0009:01:00.0 030200 10de 2342 nvidia
mkdir -p "$R/var/log"; printf '[    0.000000] Linux version 6.4.0\n[    0.2] CPU: All CPU(s) started at EL2\n[    0.8] kvm [1]: VHE mode initialized successfully\n' > "$R/var/log/dmesg"
