#!/bin/sh
bash "$(dirname "$0")/../28-amd-nested-Y/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
intel "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz" "vmx" "vnmi"; rm "$R"/etc/modprobe.d/*; printf 'options kvm_intel nested=2\n' | put etc/modprobe.d/kvm.conf
