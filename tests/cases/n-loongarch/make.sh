#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 4.19.0-19-loongson-3 "Kylin Linux"; say proc/sys/kernel/arch loongarch64; cmdline "root=/dev/sda2 ro"
printf 'system type\t\t: generic-loongson-machine\nprocessor\t\t: 0\ncpu family\t\t: Loongson-64bit\nmodel name\t\t: Loongson-3A5000\nisa\t\t\t: loongarch32 loongarch64\nfeatures\t\t: cpucfg lam ual fpu lsx lasx complex crypto lvz lbt_x86\n' > "$R/proc/cpuinfo"
dmi Loongson "Loongson-3A5000-7A1000-1w-A2101"; deps kvm; kvmdev; mod kvm 380928 0
