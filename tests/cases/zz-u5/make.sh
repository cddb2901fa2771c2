#!/bin/sh
bash "$(dirname "$0")/../25-grub-not-written/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
printf 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\342\200\234quiet intel_iommu=on\342\200\235\nGRUB_CMDLINE_LINUX=""\n' > "$R/etc/default/grub"
