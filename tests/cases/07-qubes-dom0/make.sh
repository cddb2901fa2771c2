#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.4.88-1.qubes.x86_64 "Qubes OS 4.1"; amd "AMD Ryzen 5 4500U with Radeon Graphics" "hypervisor"
cmdline "placeholder root=/dev/mapper/qubes_dom0-root ro rd.luks.uuid=luks-1 rhgb quiet"
say sys/hypervisor/type xen; mkdir -p "$R/proc/xen"; say proc/xen/capabilities control_d; say sys/hypervisor/properties/features 00002705; mkdir -p "$R/sys/bus/xen" "$R/sys/bus/xen-backend"; table IVRS; rmdir "$R/sys/kernel/iommu_groups" 2>/dev/null || :
say sys/hypervisor/uuid 00000000-0000-0000-0000-000000000000
