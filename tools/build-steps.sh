# The steps behind build.sh; sourced, not run. The working directory is the root of the repository.
# shellcheck shell=bash

CONFIGURATION=${CONFIGURATION:-Release}
SOLUTION=NestVirt.PowerShell.sln
RESULTS=artifacts/test-results
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

say() { printf '== %s\n' "$*" >&2; }

need_dotnet() {
  command -v dotnet >/dev/null || {
    echo 'build.sh: the .NET 10 SDK is needed, and there is no dotnet on PATH.' >&2
    exit 2
  }
}

build_all() {
  need_dotnet
  dotnet build "$SOLUTION" -c "$CONFIGURATION" -v q
  stage_module
  tools/publish-cli.sh
}

stage_module() {
  need_dotnet
  tools/stage-module.sh
}

pack_module() {
  stage_module
  local folder
  folder=$(echo artifacts/module/NestVirt/*)
  mkdir -p artifacts/package
  tar -C artifacts/module -czf "artifacts/package/NestVirt.${folder##*/}.tar.gz" NestVirt
  echo "artifacts/package/NestVirt.${folder##*/}.tar.gz"
}

# Debian package, and a command that shows it is there.
TEST_PACKAGES='openssh-server:sshd openssh-client:ssh pciutils:lspci strace:strace kmod:modprobe fish:fish tcsh:tcsh busybox-static:busybox mksh:mksh iproute2:ip'

install_test_packages() {
  local missing='' entry
  for entry in $TEST_PACKAGES; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${entry#*:}" >/dev/null || missing="$missing ${entry%%:*}"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing$missing"
    # shellcheck disable=SC2086
    (export DEBIAN_FRONTEND=noninteractive
     apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing) >"$RESULTS/apt.log" 2>&1 </dev/null \
      || say "not all could be installed ($RESULTS/apt.log); the tests that need them are skipped"
  else
    say "not installed, and so some tests are skipped:$missing"
  fi
}

# The counters of an xUnit result file: "passed failed skipped".
trx_counts() {
  sed -n 's/.*<Counters total="\([0-9]*\)" executed="\([0-9]*\)" passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2 \3 \4/p' "$1" |
    awk '{ print $3, $4, $1 - $2 }'
}

passed=0 failed=0 skipped=0
count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }

# run_xunit NAME PROJECT [FILTER]
run_xunit() {
  local name=$1 project=$2 filter=${3:-Category!=Lab} counts
  say "xUnit: $name"
  dotnet test "tests/$project/$project.csproj" -c "$CONFIGURATION" --no-build -v q --filter "$filter" \
    --logger "trx;LogFileName=$name.trx" --results-directory "$RESULTS" >"$RESULTS/$name.log" 2>&1 </dev/null || true
  counts=$(trx_counts "$RESULTS/$name.trx" 2>/dev/null || true)
  if [ -z "$counts" ]; then
    echo "$name: the test runner gave no result; its output ends:"
    tail -n 40 "$RESULTS/$name.log"
    counts='0 1 0'
  fi
  # shellcheck disable=SC2086
  count $counts
  echo "$name: $counts (passed failed skipped)"
  failures "$RESULTS/$name.trx"
  skip_reasons "$RESULTS/$name.trx"
}

# Each failed test with the start of its message.
failures() {
  awk '
    /<UnitTestResult / { failed = /outcome="Failed"/; name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); lines = 0 }
    failed && /<Message>/ { print "FAILED: " name; lines = 12 }
    lines > 0 { line = $0; sub(/.*<Message>/, "", line); sub(/<\/Message>.*/, "", line); print "  " substr(line, 1, 300); lines-- }
    /<\/Message>/ { lines = 0 }
  ' "$1" 2>/dev/null
}

# Each reason once, with how many tests it holds up.
skip_reasons() {
  awk '/outcome="NotExecuted"/ { skip = 1 } skip && /<Message>/ { sub(/.*<Message>/, ""); sub(/<\/Message>.*/, ""); print; skip = 0 }' "$1" 2>/dev/null |
    sort | uniq -c | sed 's/^ *\([0-9]*\) /  \1 skipped: /'
}

# PowerShell, the formatter and Pester: none of them is looked for on this machine.
restore_test_tools() {
  dotnet tool restore >"$RESULTS/tools.log" 2>&1 </dev/null &&
    dotnet build tools/TestTools -restore -t:StagePester -v q >>"$RESULTS/tools.log" 2>&1 </dev/null && return
  cat "$RESULTS/tools.log" >&2
  echo 'build.sh: the tools of the tests cannot be restored.' >&2
  exit 2
}

# run_pester NAME FOLDER
run_pester() {
  local name=$1 folder=$2 counts
  say "$name"
  rm -f "$RESULTS/pester.counts"
  tools/pwsh.sh -NoProfile -NonInteractive -File tests/pester/run.ps1 -ResultPath "$RESULTS/pester.counts" -Path "$folder" </dev/null || true
  counts=$(cat "$RESULTS/pester.counts" 2>/dev/null || echo '0 1 0')
  # shellcheck disable=SC2086
  count $counts
  echo "$name: $counts (passed failed skipped)"
}

run_fresh_clone() {
  local counts
  say 'a fresh clone'
  tests/fresh-clone.sh >"$RESULTS/fresh-clone.log" 2>&1 </dev/null || true
  sed '$d' "$RESULTS/fresh-clone.log"
  counts=$(tail -n 1 "$RESULTS/fresh-clone.log")
  # shellcheck disable=SC2086
  count $counts
  echo "fresh clone: $counts (passed failed skipped)"
}

run_tests() {
  need_dotnet
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
  install_test_packages
  restore_test_tools
  say 'build'
  dotnet build "$SOLUTION" -c "$CONFIGURATION" -v q </dev/null
  stage_module
  tools/publish-cli.sh

  # The hosts boot while the other tests run.
  tests/lab/lab.sh up >"$RESULTS/lab-hosts.log" 2>&1 </dev/null &
  local lab=$!

  run_xunit core NestVirt.Core.Tests
  run_xunit module NestVirt.Module.Tests
  run_xunit cli NestVirt.Cli.Tests
  run_pester Pester tests/pester
  run_fresh_clone
  run_lab_tests "$lab"

  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

run_lab_tests() {
  local reason=''
  say 'waiting for the lab'
  if wait "$1"; then
    # shellcheck disable=SC1091
    . artifacts/lab.env
  else
    reason=$(tail -n 1 "$RESULTS/lab-hosts.log")
    echo "Lab: ${reason:-the lab did not start}"
  fi
  export NESTVIRT_LAB_REASON=$reason
  # The Intel host's emulator keeps a CPU busy, even when nobody asks it anything: it goes first.
  run_xunit lab-intel NestVirt.Core.Tests 'Category=Lab&Host=Intel'
  tests/lab/lab.sh down intel >>"$RESULTS/lab-hosts.log" 2>&1 </dev/null || true
  run_pester 'Pester in the lab' tests/lab
  run_xunit lab NestVirt.Core.Tests 'Category=Lab&Host!=Intel'
  tests/lab/lab.sh down >>"$RESULTS/lab-hosts.log" 2>&1 </dev/null || true
}

run_benchmarks() {
  build_all
  mkdir -p "$RESULTS" artifacts/bench
  restore_test_tools
  # The peer is PowerShell itself, without the start of the .NET command that finds the tool.
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nexec %s "$@"\n' "$(tools/pwsh.sh -NoProfile -Command \
    '. ./tests/pester/common.ps1; (Get-PwshCommand | ForEach-Object { "`"$_`"" }) -join " "')" >artifacts/bench/pwsh
  chmod +x artifacts/bench/pwsh
  export PATH="$PWD/artifacts/bench:$PATH"
  dotnet build benchmarks/NestVirt.Benchmarks -c Release -v q
  dotnet run --project benchmarks/NestVirt.Benchmarks -c Release --no-build -- "$@"
}
