#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.3.18-22-default "SUSE Linux Enterprise Server 15 SP2"; amd "AMD EPYC 7351P 16-Core Processor" "svm npt nrip_save vgif avic"
cmdline "BOOT_IMAGE=/boot/vmlinuz-5.3.18-22-default root=UUID=1 splash=silent quiet mitigations=auto"
mod kvm 1142784 0; deps arch/x86/kvm/kvm arch/x86/kvm/kvm-intel arch/x86/kvm/kvm-amd
printf 'options kvm_amd nested=Y\n' | put etc/modprobe.d/kvm_amd.conf
