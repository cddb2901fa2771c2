#!/usr/bin/env bash
# Emulated KVM hosts that can be thrown away; `lab.sh help` says how. README.md beside this file says what they are.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.."
here=$PWD/tests/lab
# shellcheck source-path=SCRIPTDIR
. "$here/settings.sh"
. "$here/images.sh"
. "$here/hosts.sh"

usage() {
  cat <<'EOT'
usage: ./build.sh lab up [--topology FILE] [--cold] [HOST...]
       ./build.sh lab down [HOST...]
       ./build.sh lab status
       ./build.sh lab freeze|thaw HOST
       ./build.sh lab ssh HOST [COMMAND...]
       ./build.sh lab selftest [HOST...]
       ./build.sh lab cuts
       ./build.sh lab hyperv [OPTION...]
       ./build.sh lab build | clean | help

  up        build what is missing (minutes, the first time), start the hosts and write artifacts/lab.env, which names them.
            HOST is amd, intel, boot (AMD, starts from its own disk and can be restarted), or a file of tests/lab/topologies
            without its ending: an AMD host with those PCI devices. Without a name: amd intel boot deep flat.
            cuts and cuts-var are started as boot is, and what they write to their disks is logged.
            --topology FILE starts one more AMD host, named as the file is; the file holds QEMU's arguments.
            --cold starts them by systemd instead of from a saved state or by a short init.
  down      end the hosts; what was done on them is gone
  status    the hosts that run, with how to reach them
  freeze    stop the emulator of a host where it is, until thaw: that of the Intel host keeps a processor busy
  ssh       run a command on a host, or log in
  selftest  try nesting, PCI passthrough and a guest on each host
  cuts      look at every disk that a power cut in a change or its undo could leave (tests alone look at some)
  hyperv    a stand-in for a Hyper-V host, on this machine and without root, until Ctrl+C; --help lists its options
  build     only build
  clean     end the hosts and remove the cache

Root on Debian x86-64 is needed, 12 GB of disk, and 1 to 3 GB of memory for each host.
NESTVIRT_LAB_CACHE is the folder of the images, NESTVIRT_LAB_HOSTS the hosts that `up` starts, NESTVIRT_LAB_WORDS more words
for their kernels, and with NESTVIRT_LAB=no there is no lab.
EOT
}

no_lab() {
  echo "the lab was not started: $*"
  exit 1
}

check_machine() {
  [ "${NESTVIRT_LAB:-yes}" != no ] || no_lab 'NESTVIRT_LAB=no'
  [ "$(uname -m)" = x86_64 ] || no_lab 'it is made for x86-64'
  [ "$(id -u)" = 0 ] || no_lab 'building its images needs root'
  command -v apt-get >/dev/null || no_lab 'building its images needs Debian packages'
  mkdir -p "$LAB_CACHE" "$LAB_RUN"
  [ -d "$(images)" ] || [ "$(df -Pk "$LAB_CACHE" | awk 'NR == 2 { print int($4 / 1048576) }')" -ge "$LAB_CACHE_GIB" ] \
    || no_lab "it needs $LAB_CACHE_GIB GiB in $LAB_CACHE"
}

# Every host that runs, one in a line.
running() {
  local run
  for run in "$LAB_RUN"/*/; do
    run=$(basename "$run")
    ! is_running "$run" || echo "$run"
  done
}

# Tests read the names of the hosts from there; a host that did not start is not in it, and its tests are skipped.
write_env() {
  local name
  {
    echo "export NESTVIRT_LAB_KEY='$(images)/key'"
    echo "export NESTVIRT_LAB_PACKAGES='$(images)/packages'"
    echo "export NESTVIRT_LAB_FOLDER='$LAB_RUN'"
    for name in $(running); do
      echo "export NESTVIRT_LAB_$(echo "$name" | tr 'a-z-' 'A-Z_')=root@127.0.0.1:$(cat "$LAB_RUN/$name/port")"
    done
  } >"$LAB_ENV.$BASHPID"
  mv "$LAB_ENV.$BASHPID" "$LAB_ENV"
}

# up_one NAME HOW [TOPOLOGY]: by a process of its own, which ends at the first error ("set -e" is off in a condition).
up_one() {
  local start=$SECONDS
  if tests/lab/lab.sh start-host "$@"; then
    echo "$1: up in $((SECONDS - start)) s, on port $(cat "$LAB_RUN/$1/port")"
  else
    echo "$1: did not start ($((SECONDS - start)) s); the end of its console:"
    tail -n 5 "$LAB_RUN/$1/console.log" 2>/dev/null || true
    stop_host "$1"
    return 1
  fi
}

# up_each HOW HOST...: one after the other, each a second time where it does not start: a saved state may not do any more,
# and a kernel of a busy machine may find its timer too slow.
up_each() {
  local cold=$1 name how failed=0
  shift
  for name; do
    case $name in
      intel) how=bochs ;;
      boot) how=boot ;;
      cuts | cuts-var) how=logged ;;
      amd) how=${cold:-saved} ;;
      *) how=${cold:-fast} ;;
    esac
    up_one "$name" "$how" || up_one "$name" "$how" || failed=1
    write_env
  done
  return $failed
}

up() {
  local names=() files=() cold='' name file failed=0 quick=() slow=() lane
  while [ $# -gt 0 ]; do
    case $1 in
      --cold) cold=systemd ;;
      --topology) files+=("$(realpath "${2:?--topology needs a file}")") && shift ;;
      -*) usage >&2 && exit 2 ;;
      amd | intel | boot | cuts | cuts-var) names+=("$1") ;;
      *) [ -f "$here/topologies/$1.args" ] || { echo "lab: there is no host '$1' and no topologies/$1.args" >&2 && exit 2; }
         names+=("$1") ;;
    esac
    shift
  done
  [ ${#names[@]} -gt 0 ] || [ ${#files[@]} -gt 0 ] || read -ra names <<<"$LAB_HOSTS"
  check_machine
  tests/lab/lab.sh build || no_lab 'its images could not be built'
  # Two at a time: an emulated host wants a processor for itself, and is not there in time where too many want one.
  for name in "${names[@]}"; do
    case $name in
      boot | cuts-var) slow=("$name" "${slow[@]}") ;;
      # Its emulator keeps a processor busy from then on.
      intel) slow+=(intel) ;;
      *) quick+=("$name") ;;
    esac
  done
  up_each "$cold" "${slow[@]}" & lane=$!
  up_each "$cold" "${quick[@]}" || failed=1
  for file in "${files[@]}"; do
    up_one "$(basename "$file" .args)" "${cold:-fast}" "$file" || failed=1
  done
  wait "$lane" || failed=1
  write_env
  [ -n "$(running)" ] || no_lab 'no host did'
  [ $failed = 0 ] || echo 'not every host started; the tests that need the others are skipped'
  echo 'the lab is up: ./build.sh lab status'
}

# shellcheck disable=SC2120
down() {
  local names=("$@") name
  [ $# -gt 0 ] || mapfile -t names < <(ls "$LAB_RUN" 2>/dev/null)
  for name in "${names[@]}"; do stop_host "$name"; done
  if [ -n "$(running)" ]; then write_env; else rm -f "$LAB_ENV"; fi
}

status() {
  local name
  [ -n "$(running)" ] || echo 'no host runs; ./build.sh lab up starts them'
  for name in $(running); do
    echo "$name  root@127.0.0.1:$(cat "$LAB_RUN/$name/port")  --identity $(images)/key  (process $(cat "$LAB_RUN/$name/pid"))"
  done
}

ssh_command() {
  is_running "${1:-}" || { echo "lab: the host '${1:-}' does not run; ./build.sh lab status names those that do" >&2 && exit 2; }
  ssh_to "$@"
}

selftest() {
  local names=("$@") name failed=0
  [ $# -gt 0 ] || mapfile -t names < <(running)
  for name in "${names[@]}"; do
    echo "$name:"
    ssh_to "$name" sh -s <"$here/selftest-host.sh" || failed=1
  done
  return $failed
}

# The tests of `./build.sh test`, without a limit of the cuts.
cuts() {
  local code=0
  dotnet build tests/NestVirt.Core.Tests -c Release -v q -clp:NoSummary
  up cuts cuts-var
  # shellcheck disable=SC1090
  . "$LAB_ENV"
  NESTVIRT_LAB_MOST_CUTS=100000 artifacts/bin/NestVirt.Core.Tests/release/NestVirt.Core.Tests -noLogo -noColor \
    -filterVSTest 'Category=Lab&Host=Cuts' -showLiveOutput || code=$?
  down cuts cuts-var
  return $code
}

# It answers over WS-Management as Windows does, and has virtual machines that can be changed; nothing is virtualized.
hyperv() {
  local project=tests/NestVirt.StandIn login=(--port 15985 --ntlm administrator:hyperv)
  dotnet build "$project" -c Release -v q -clp:NoSummary
  if [ $# = 0 ]; then
    echo 'Another terminal reaches it by: ./nestvirt support wsman:127.0.0.1:15985 --user administrator --ask-password' >&2
    echo 'Its virtual machines can be changed, too: ./nestvirt enable nesting wsman:127.0.0.1:15985 --user administrator --ask-password' >&2
    echo 'The password is: hyperv' >&2
    set -- "${login[@]}"
  fi
  exec dotnet artifacts/bin/NestVirt.StandIn/release/NestVirt.StandIn.dll "$@"
}

# shellcheck disable=SC2119
clean() {
  down
  remove_folder "$LAB_CACHE"
}

command=${1:-up}
[ $# = 0 ] || shift
case $command in
  build) check_machine && build ;;
  up | down | status | selftest | cuts | hyperv | clean) "$command" "$@" ;;
  start-host) start_host "$@" ;; # up_one's
  freeze | thaw) "${command}_host" "${1:?$command needs a host}" ;;
  ssh) ssh_command "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
