#!/bin/sh
bash "$(dirname "$0")/../13-rmrr/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
printf '0x00000000bddde000 0x00000000bdddefff direct-relaxable\n0x00000000fee00000 0x00000000feefffff msi\n' > "$R/sys/kernel/iommu_groups/46/reserved_regions"
