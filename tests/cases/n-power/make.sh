#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-28-powerpc64le "Debian GNU/Linux 12 (bookworm)"; say proc/sys/kernel/arch ppc64le; cmdline "root=/dev/sda2 ro"
printf 'processor\t: 0\ncpu\t\t: POWER9, altivec supported\nrevision\t: 2.2 (pvr 004e 1202)\n\nplatform\t: PowerNV\nmodel\t\t: 9006-22P\nmachine\t\t: PowerNV 9006-22P\nfirmware\t: OPAL\nMMU\t\t: Radix\n' > "$R/proc/cpuinfo"
deps kvm kvm-hv kvm-pr; kvmdev; mod kvm 380928 1 kvm_hv,; mod kvm_hv 380928 0; par kvm_hv nested N
