#!/bin/sh
bash "$(dirname "$0")/../27-not-conf/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
rm -f "$R"/etc/modprobe.d/*; printf 'options kvm_intel nested = 1\n' | put etc/modprobe.d/kvm.conf
