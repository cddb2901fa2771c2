#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 4.18.0-193.el8.x86_64 "CentOS Linux 8 (Core)"; intel "Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz" "vmx ept vpid"
cmdline "BOOT_IMAGE=(hd0,msdos1)/vmlinuz-4.18.0-193.el8.x86_64 root=/dev/mapper/cl-root ro"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested N; kvmdev
printf 'options kvm-intel nested=1\n' | put etc/modprobe.d/kvm-nested
printf 'options kvm_intel nested=1\n' | put etc/modules-load.d/kvm.conf
printf 'kvm_intel nested=1\n' | put etc/modules
