#!/bin/sh
bash "$(dirname "$0")/../16-sysfs-conf/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
rm "$R/etc/sysfs.conf"; mkdir -p "$R/boot/config"; printf '%s\n' 'echo 7 > /sys/devices/pci0000:00/0000:00:02.0/sriov_numvfs' > "$R/boot/config/go"
