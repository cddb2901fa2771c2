#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 4.19.121-microsoft-standard "Ubuntu 20.04 LTS"; intel "Intel(R) Core(TM) i7-8750H CPU @ 2.20GHz" "vmx hypervisor ept vpid"
cmdline "initrd=\\initrd.img panic=-1 pty.legacy_count=0 nr_cpus=12"
say proc/version "Linux version 4.19.121-microsoft-standard (x@y) #1 SMP"
par kvm_intel nested N; par kvm_intel ept Y; par kvm ignore_msrs N; kvmdev
printf 'options kvm-intel nested=1\n' | put etc/modprobe.d/kvm-nested.conf
printf 'modprobe kvm_intel nested=1\n' | put etc/modprobe.d/kvm.conf
mkdir -p "$R/lib/modules/4.19.121-microsoft-standard"; : > "$R/lib/modules/4.19.121-microsoft-standard/modules.dep"; printf 'kernel/arch/x86/kvm/kvm.ko\nkernel/arch/x86/kvm/kvm-intel.ko\n' > "$R/lib/modules/4.19.121-microsoft-standard/modules.builtin"
