#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 6.1.0-30-amd64 "Debian GNU/Linux 12 (bookworm)"; intel "Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz" "vmx ept vpid pdpe1gb"
cmdline "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro intel_iommu=on hugepagesz=1G hugepages=16"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR; iommu dmar0
printf 'MemTotal:       32650000 kB\nMemFree:        10000000 kB\nMemAvailable:   12000000 kB\nHugepagesize:       2048 kB\n' | put proc/meminfo
for s in 2048:1024 1048576:11; do d=sys/kernel/mm/hugepages/hugepages-${s%:*}kB
  say $d/nr_hugepages ${s#*:}; say $d/free_hugepages ${s#*:}; say $d/resv_hugepages 0; say $d/surplus_hugepages 0; done
printf '# for guests\nvm.nr_hugepages = 1024\n' | put etc/sysctl.d/40-guests.conf
mkdir -p "$R/run/systemd/system"; tool systemd-tmpfiles; mkdir -p "$R/usr/bin"; mv "$R/usr/sbin/systemd-tmpfiles" "$R/usr/bin"
