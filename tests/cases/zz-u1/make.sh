#!/bin/sh
bash "$(dirname "$0")/../28-amd-nested-Y/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
printf 'options kvm_amd nested=1\r\n' > "$R/etc/modprobe.d/kvm_amd.conf"
