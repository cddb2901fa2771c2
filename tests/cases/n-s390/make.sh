#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-28-s390x "Debian GNU/Linux 12 (bookworm)"; say proc/sys/kernel/arch s390x; cmdline "root=/dev/dasda1 ro"
printf 'vendor_id       : IBM/S390\n# processors    : 2\nfeatures\t: esan3 zarch stfle msa ldisp eimm dfp edat etf3eh highgprs te vx sie\nprocessor 0: version = FF,  identification = 0133E8,  machine = 8561\n' > "$R/proc/cpuinfo"
printf 'Manufacturer:         IBM\nType:                 8561\nLPAR Number:          5\n' > "$R/proc/sysinfo"
deps kvm; kvmdev; mod kvm 380928 0; par kvm nested 0; par kvm hpage 1
mkdir -p "$R/etc/modprobe.d"; printf 'options kvm hpage=1\n' > "$R/etc/modprobe.d/kvm.conf"
