#!/bin/sh
bash "$(dirname "$0")/../16-sysfs-conf/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
rm "$R/etc/sysfs.conf"; mkdir -p "$R/etc/systemd/system/vfs.service.d"; printf '%s\n' 'ExecStart=/bin/sh -c "echo 7 > /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs"' > "$R/etc/systemd/system/vfs.service.d/x.conf"
