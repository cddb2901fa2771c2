#!/usr/bin/env bash
# lab.sh up|down|down intel: emulated KVM hosts for the tests tagged Lab: an AMD host under QEMU, an Intel host under bochs.
# Each file in topologies/ is a further AMD host with other PCI devices; boot-host.sh starts one that can be restarted.
# `up` writes artifacts/lab.env, which names them. The last line of its output says why there is no lab.
# Settings: NESTVIRT_LAB_SCRIPTS (scripts that build and boot the hosts), NESTVIRT_LAB_CACHE (images, about 7 GB),
# NESTVIRT_LAB=no (no lab at all), NESTVIRT_LAB_RESTARTS=no (without the host that GRUB starts, whose disk is built first).
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts=${NESTVIRT_LAB_SCRIPTS:-../shared/lab}
cache=${NESTVIRT_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nestvirt/lab}
amd_port=${NESTVIRT_LAB_AMD_PORT:-2461}
boot_port=$((amd_port - 1))
intel_port=2322
needed_gib=14

no_lab() {
  echo "the lab was not started: $*"
  exit 1
}

check_machine() {
  [ "${NESTVIRT_LAB:-yes}" != no ] || no_lab 'NESTVIRT_LAB=no'
  [ -x "$scripts/render.sh" ] || no_lab 'its scripts are not beside this repository'
  [ "$(uname -m)" = x86_64 ] || no_lab 'it is made for x86-64'
  [ "$(id -u)" = 0 ] || no_lab 'building its images needs root'
  command -v apt-get >/dev/null || no_lab 'building its images needs Debian packages'
  [ -f "$cache/host61.img" ] && return
  mkdir -p "$cache"
  [ "$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }')" -ge $needed_gib ] || no_lab "it needs $needed_gib GiB in $cache"
}

build_images() {
  [ -f "$cache/lab-up.sh" ] || "$scripts/render.sh" "$cache"
  # The script that boots a host with its devices taken from a file that we name.
  sed 's,TOPO=topo-snap.args IN=,TOPO=${TOPO_FILE:?} IN=,' "$cache/lab-up.sh" >"$cache/lab-up-topology.sh"
  chmod +x "$cache/lab-up-topology.sh"
  if [ ! -f "$cache/.built" ]; then
    BOCHS=1 "$cache/lab-build.sh" && touch "$cache/.built" || no_lab 'its images could not be built'
  fi
}

start_amd() {
  "$cache/lab-up.sh" "$amd_port" || {
    # A snapshot that another QEMU or another machine made cannot be resumed: make it again.
    "$cache/lab-down.sh" "$amd_port" || true
    rm -f "$cache/state-sysd" "$cache/base-sysd.qcow2"
    "$cache/lab-up.sh" "$amd_port"
  }
}

# What the hosts do not have; tests bring the packages along.
fetch_packages() {
  local package
  mkdir -p "$cache/packages"
  for package in sudo driverctl dracut-core network-manager libnm0 libndp0 libteamdctl0 libbluetooth3 libmm-glib0 libnewt0.52; do
    [ -f "$cache/packages/$package.deb" ] || (cd "$cache/packages" && apt-get -qq download "$package" && mv "$package"_*.deb "$package.deb")
  done
}

# A log-in takes seconds on an emulated host, and longer while others boot.
answers() {
  local attempt
  for attempt in 1 2 3 4; do
    timeout 60 ssh -i "$cache/id_ed25519" -p "$1" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
      -o LogLevel=ERROR -o BatchMode=yes root@127.0.0.1 true </dev/null && return 0
  done
  echo "no answer on port $1 in $attempt attempts" >&2
  return 1
}

# The tests that need a host which does not answer are skipped.
name_host() {
  if answers "$2"; then
    echo "export NESTVIRT_LAB_$1=root@127.0.0.1:$2"
  fi
}

# Ports of the topology hosts follow the AMD host's, in the order of their file names.
topology_ports() {
  local port=$amd_port file
  for file in tests/lab/topologies/*.args; do
    port=$((port + 1))
    echo "$port $(basename "$file" .args)"
  done
}

start_topologies() {
  local port name
  topology_ports | while read -r port name; do
    cp "tests/lab/topologies/$name.args" "$cache/"
    TOPO_FILE=$name.args "$cache/lab-up-topology.sh" "$port" tiny </dev/null || echo "the host $name did not boot"
  done
}

up() {
  check_machine
  build_images
  "$cache/bochs-up.sh" &
  local intel=$! boot port name
  start_amd || no_lab 'the AMD host did not boot'
  if [ "${NESTVIRT_LAB_RESTARTS:-yes}" = yes ]; then
    tests/lab/boot-host.sh up "$cache" "$boot_port" </dev/null &
    boot=$!
  fi
  start_topologies
  wait "$intel" || true
  [ -z "${boot:-}" ] || wait "$boot" || {
    echo 'the host boot did not boot'
    "$cache/lab-down.sh" "$boot_port" || true
  }
  mkdir -p artifacts
  {
    echo "export NESTVIRT_LAB_AMD=root@127.0.0.1:$amd_port"
    echo "export NESTVIRT_LAB_KEY='$cache/id_ed25519'"
    if fetch_packages; then echo "export NESTVIRT_LAB_PACKAGES='$cache/packages'"; fi
    name_host INTEL $intel_port
    [ -z "${boot:-}" ] || name_host BOOT "$boot_port"
    topology_ports | while read -r port name; do
      name_host "$(echo "$name" | tr a-z A-Z)" "$port"
    done
  } >artifacts/lab.env
  echo 'the lab is up'
}

down_intel() {
  [ ! -f "$cache/pid-bochs" ] || kill "$(cat "$cache/pid-bochs")" 2>/dev/null || true
}

down() {
  [ -x "$cache/lab-down.sh" ] || return 0
  "$cache/lab-down.sh" "$amd_port" || true
  "$cache/lab-down.sh" "$boot_port" || true
  local port name
  topology_ports | while read -r port name; do
    "$cache/lab-down.sh" "$port" || true
  done
  down_intel
  rm -f artifacts/lab.env
}

case ${*:-up} in
  up | down) "${1:-up}" ;;
  'down intel') down_intel ;;
  *)
    echo 'usage: lab.sh up | down [intel]' >&2
    exit 2
    ;;
esac
