#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.15.0-1035-oracle "Debian GNU/Linux 11 (bullseye)"; say proc/sys/kernel/arch aarch64
printf 'processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n' > "$R/proc/cpuinfo"
cmdline "BOOT_IMAGE=/vmlinuz-5.15.0-1035-oracle root=UUID=1 ro console=tty1"; dmi QEMU "KVM Virtual Machine" "EFI Development Kit II / OVMF"
mkdir -p "$R/var/log"; printf '[    0.000000] Linux version 5.15.0-1035-oracle\n[    0.080000] CPU: All CPU(s) started at EL1\n[    0.900000] kvm [1]: HYP mode not available\n' > "$R/var/log/dmesg"
