#!/bin/sh
bash "$(dirname "$0")/../27-not-conf/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
rm -f "$R"/etc/modprobe.d/*; par kvm_intel ept Y; par kvm_intel nested Y; printf 'options kvm_intel nested=1 ept=maybe\n' | put etc/modprobe.d/kvm.conf
