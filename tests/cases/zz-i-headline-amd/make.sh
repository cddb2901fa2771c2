#!/bin/sh
bash "$(dirname "$0")/../30-intel-bios-off/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
amd "AMD Ryzen 7 PRO 4750G with Radeon Graphics" "fxsr_opt"; rm -rf "$R"/sys/devices/system/cpu
