#!/bin/sh
# The README's two commands in a fresh clone, with no package cache and no build output: what a new user does.
# Prints "PASSED FAILED SKIPPED" as its last line.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d)
passed=0 failed=0
server=

finish() {
  [ -z "$server" ] || tests/fakes/sshd.sh stop "$folder/sshd" >/dev/null 2>&1
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

check() {
  if [ "$2" = 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1"
    sed 's/^/  /' "$folder/out" "$folder/err" 2>/dev/null | tail -n 20
  fi
}

git clone -q . "$folder/clone" || { echo '0 1 0'; exit 1; }
export NUGET_PACKAGES="$folder/packages"

(cd "$folder/clone" && ./nestvirt support) >"$folder/out" 2>"$folder/err" </dev/null
check './nestvirt support, on first use, ends well' $?
grep -qE 'Ready|Configurable|Blocked|Unknown' "$folder/out"
check './nestvirt support says a verdict' $?
[ -z "$(cd "$folder/clone" && git status --porcelain)" ]
check 'building leaves nothing that git sees' $?

if PATH=$PATH:/usr/sbin:/sbin command -v sshd >/dev/null && tests/fakes/sshd.sh start "$folder/sshd" >"$folder/sshd.out" 2>"$folder/err"; then
  server=yes
  read -r port user <"$folder/sshd.out"
  (cd "$folder/clone" && ./nestvirt support kvm1 kvm2 \
    --user "${user#user=}" --port "${port#port=}" --identity "$folder/sshd/key" \
    --ssh-option HostName=127.0.0.1 --ssh-option "UserKnownHostsFile=$folder/sshd/known_hosts") >"$folder/out" 2>"$folder/err" </dev/null
  check './nestvirt support kvm1 kvm2 ends well' $?
  grep -q kvm1 "$folder/out" && grep -q kvm2 "$folder/out"
  check './nestvirt support kvm1 kvm2 names both hosts' $?
  echo "$passed $failed 0"
else
  echo "skipped: kvm1 and kvm2 over SSH: there is no sshd"
  echo "$passed $failed 2"
fi
