#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.8.0-63-generic "Ubuntu 20.04.2 LTS"; intel "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz" "sse4_2 aes avx2"
cmdline "BOOT_IMAGE=/boot/vmlinuz-5.8.0-63-generic root=UUID=1 ro quiet splash"
mod kvm 598016 0; deps arch/x86/kvm/kvm arch/x86/kvm/kvm-intel
say sys/devices/system/cpu/vulnerabilities/itlb_multihit "KVM: Mitigation: VMX unsupported"
say sys/devices/system/cpu/vulnerabilities/l1tf "Mitigation: PTE Inversion"
