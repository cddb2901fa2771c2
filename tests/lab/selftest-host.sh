#!/bin/sh
# shellcheck disable=SC2010,SC2012
# Tries on a host, which it knows nothing of, what the lab promises; the host is left as it was. Prints "ok" or "FAILED" a line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
images=/var/lib/libvirt/images devices=/sys/bus/pci/devices failed=0

# check NAME WANTED FOUND
check() {
  if [ "$2" = "$3" ]; then echo "  ok      $1: $3"; else echo "  FAILED  $1: $3 instead of $2" && failed=1; fi
}
skip() { echo "  absent  $1"; }

wait_for() {
  for _ in $(seq 90); do
    "$@" >/dev/null 2>&1 && return
    sleep 1
  done
  return 1
}

check 'journal of the root file system' 1 "$(ls -d /proc/fs/jbd2/* | wc -l)"

if grep -q ' svm' /proc/cpuinfo; then module=kvm_amd flag=svm; else module=kvm_intel flag=vmx; fi
nested() { sed 'y/YN/10/' /sys/module/$module/parameters/nested; }
check "$module" 1 "$(nested)"
reload() { modprobe -r $module && modprobe $module "nested=$1"; }
reload 0 && check 'nesting off after a reload' 0 "$(nested)"
reload 1 && check 'nesting on after a reload' 1 "$(nested)"
wait_for test -c /dev/kvm

# A function that a guest can have: a virtual one.
function=''
card=$(ls $devices/*/sriov_totalvfs 2>/dev/null | head -n 1)
card=${card%/*}
if [ -n "$card" ]; then
  echo 2 >"$card/sriov_numvfs"
  check "virtual functions of ${card##*/}" 2 "$(ls -d "$card"/virtfn* | wc -l)"
  function=$(basename "$(readlink "$card/virtfn0")")
else
  skip 'a card with SR-IOV'
fi

groups=$(ls /sys/kernel/iommu_groups | wc -l)
if [ "$groups" -gt 0 ]; then
  check 'functions in a group' "$(ls -d $devices/*/iommu_group | wc -l)" "$(ls /sys/kernel/iommu_groups/*/devices | grep -c :..:)"
else
  skip 'an IOMMU' && function=''
fi

hostdev=''
if [ -n "$function" ]; then
  hostdev=$(echo "$function" | sed -E "s,(.*):(.*):(.*)\.(.*),<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x\1' bus='0x\2' slot='0x\3' function='0x\4'/></source></hostdev>,")
fi
sed "s,</devices>,$hostdev</devices>," $images/selftest.xml >/run/selftest.xml
: >$images/selftest.log
virsh -q create /run/selftest.xml
[ -z "$function" ] || check "driver of $function in a guest" vfio-pci "$(basename "$(readlink "$devices/$function/driver")")"
wait_for grep -q 'guest is up' $images/selftest.log
check 'a guest that can have guests' "guest is up: $flag" "$(tr -d '\r' <$images/selftest.log | grep 'guest is up')"
virsh -q destroy selftest
rm -f $images/selftest.log /run/selftest.xml
[ -z "$card" ] || echo 0 >"$card/sriov_numvfs"
exit $failed
