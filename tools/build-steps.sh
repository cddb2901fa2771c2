# The steps behind build.sh; sourced, not run. The working directory is the root of the repository.
# shellcheck shell=bash

CONFIGURATION=${CONFIGURATION:-Release}
SOLUTION=NestVirt.PowerShell.sln
RESULTS=artifacts/test-results
# How long the lab may take to come up; the second of the run from which none of its tests is begun any more, and the one at
# which what still runs is interrupted: on a slow machine, too.
LAB_UP_SECONDS=2400
LAB_LAST_SECONDS=2850
LAB_END_SECONDS=3250
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

pack_all() {
  need_dotnet
  tools/pack.sh
}

# Debian package, and a command that shows it is there; a file where it brings no command.
TEST_PACKAGES='openssh-server:sshd openssh-client:ssh pciutils:lspci strace:strace kmod:modprobe fish:fish tcsh:tcsh busybox-static:busybox mksh:mksh original-awk:original-awk sudo:sudo iproute2:ip xfsprogs:mkfs.xfs g++:g++ mmdebstrap:mmdebstrap man-db:man curl:curl wsl:wslenum libxml2-utils:xmllint uuid-runtime:uuidgen krb5-kdc:krb5kdc krb5-admin-server:kadmin.local krb5-user:kinit libvirt-clients:virsh libvirt-daemon-system:/etc/libvirt/qemu.conf libvirt-daemon:libvirtd qemu-system-x86:qemu-system-x86_64 python3-winrm:/usr/lib/python3/dist-packages/winrm/protocol.py'

install_test_packages() {
  local missing='' entry
  for entry in $TEST_PACKAGES; do
    case ${entry#*:} in
      /*) [ -e "${entry#*:}" ] ;;
      *) PATH=$PATH:/usr/sbin:/sbin command -v "${entry#*:}" >/dev/null ;;
    esac || missing="$missing ${entry%%:*}"
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

# Whether the tests take the time that all of them need.
takes_all() { [ "${NESTVIRT_TEST_ALL:-no}" = yes ]; }

# run_xunit NAME PROJECT [FILTER [SECONDS]]: at that second of the whole run it is interrupted, and reports what it got to.
run_xunit() {
  local name=$1 project=$2 filter=${3:-Category!=Lab} limit=() code=0
  takes_all || [ -z "${4:-}" ] ||
    limit=(timeout --foreground --signal=INT --kill-after=60 $(($4 > SECONDS + 60 ? $4 - SECONDS : 60)))
  "${limit[@]}" "artifacts/bin/$project/$(lower "$CONFIGURATION")/$project" -noLogo -noColor -filterVSTest "$filter" \
    -result-xml "$RESULTS/$name.xml" >"$RESULTS/$name.log" 2>&1 </dev/null || code=$?
  # One that does not end when it is interrupted is killed, and then its time was up, too.
  [ ${#limit[@]} = 0 ] || [ "$code" != 137 ] || [ "$SECONDS" -lt "$4" ] || code=124
  tools/pwsh.sh -NoProfile -NonInteractive -File tools/test-report.ps1 \
    -Name "$name" -Folder "$RESULTS" -ExitCode "$code" </dev/null
}

lower() { printf %s "$1" | tr '[:upper:]' '[:lower:]'; }

# suite NAME COMMAND…: runs a suite and prints in one piece what it said. The command writes "PASSED FAILED SKIPPED" to
# NAME.counts; one that does not get there has failed.
suite() {
  local name=$1 said start=$SECONDS
  shift
  echo '0 1 0' >"$RESULTS/$name.counts"
  said=$("$@" 2>&1) || true
  printf '== %s (%d s)\n%s\n' "$name" $((SECONDS - start)) "$said" | tee "$RESULTS/$name.said"
}

# has_time NAME SECONDS: false, and NAME is counted as skipped, where the tests have taken so long already that it would not end
# in the hour that CI is meant to take at most.
has_time() {
  if takes_all || [ "$SECONDS" -lt "$2" ]; then return 0; fi
  printf '== %s\n  1 skipped: %d s have gone by on this machine already (NESTVIRT_TEST_ALL=yes takes the time)\n' "$1" "$SECONDS"
  echo '0 0 1' >"$RESULTS/$1.counts"
  return 1
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
  tools/pwsh.sh -NoProfile -NonInteractive -File tests/pester/run.ps1 \
    -ResultPath "$RESULTS/$1.counts" -Path "$2" </dev/null
}

run_fresh_clone() {
  tests/fresh-clone.sh >"$RESULTS/fresh-clone.log" 2>&1 </dev/null || true
  cat "$RESULTS/fresh-clone.log"
  tail -n 1 "$RESULTS/fresh-clone.log" >"$RESULTS/fresh-clone.counts"
}

run_packages() {
  tests/packages.sh >"$RESULTS/packages.log" 2>&1 </dev/null || true
  cat "$RESULTS/packages.log"
  tail -n 1 "$RESULTS/packages.log" >"$RESULTS/packages.counts"
}

# The other forms of the program carry .NET, which is C++.
is_native() { ! ldd artifacts/bin/nestvirt | grep -q libstdc++; }

# The program as it is released. As one native file it starts in a tenth of the time that .NET takes to start it.
run_cli() {
  if is_native; then
    NESTVIRT_PROGRAM=$PWD/artifacts/bin/nestvirt run_xunit cli NestVirt.Cli.Tests
  else
    run_xunit cli NestVirt.Cli.Tests
  fi
}

# What was built, on the Windows runtime, where there is a Wine.
run_windows() {
  timeout --kill-after=10 540 tests/windows/run.sh >"$RESULTS/windows.log" 2>&1 </dev/null || true
  cat "$RESULTS/windows.log"
  tail -n 1 "$RESULTS/windows.log" | grep -xE '[0-9]+ [0-9]+ [0-9]+' >"$RESULTS/windows.counts" ||
    echo '0 1 0' >"$RESULTS/windows.counts"
}

# The solution builds it, too, but does not count the branches that are taken.
build_fuzz() { dotnet build tests/NestVirt.Fuzz -c "$CONFIGURATION" -p:FuzzCoverage=true -v q -clp:NoSummary; }

# fuzz [MINUTES] [OPTIONS…]
fuzz() {
  need_dotnet
  dotnet tool restore >/dev/null
  build_fuzz
  "artifacts/bin/NestVirt.Fuzz/$(lower "$CONFIGURATION")/NestVirt.Fuzz" "$@"
}

# The inputs that were found once, and the same short walk from each seed in every run.
run_fuzz() {
  "artifacts/bin/NestVirt.Fuzz/$(lower "$CONFIGURATION")/NestVirt.Fuzz" 20 --rounds 60 >"$RESULTS/fuzz.log" 2>&1 </dev/null || true
  grep '^FOUND' "$RESULTS/fuzz.log"
  tail -n 1 "$RESULTS/fuzz.log"
  tail -n 1 "$RESULTS/fuzz.log" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' >"$RESULTS/fuzz.counts"
}

check_format() {
  dotnet csharpier check . </dev/null || {
    echo 'FAILED: these files are not formatted; ./build.sh format does it.'
    return
  }
  echo '1 0 0' >"$RESULTS/format.counts"
}

format_all() {
  need_dotnet
  dotnet tool restore >/dev/null
  dotnet csharpier format .
}

run_tests() {
  need_dotnet
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
  install_test_packages
  restore_test_tools
  say 'build'
  dotnet build "$SOLUTION" -c "$CONFIGURATION" -v q </dev/null
  build_fuzz </dev/null
  stage_module
  tools/publish-cli.sh

  # The hosts boot while the other tests run. The Intel host's emulator keeps a CPU busy, even when nobody asks it anything.
  rm -f artifacts/lab.env
  { timeout --kill-after=10 "$LAB_UP_SECONDS" tests/lab/lab.sh up && tests/lab/lab.sh freeze intel; } \
    >"$RESULTS/lab-hosts.log" 2>&1 </dev/null &
  local lab=$!

  suite format check_format
  # Two lanes, of about the same length: the suites start servers and processes, and wait for them with limits.
  {
    suite module run_xunit module NestVirt.Module.Tests
    suite cli run_cli
    suite stand-in run_xunit stand-in NestVirt.StandIn.Tests
    suite pester run_pester pester tests/pester
    suite fuzz run_fuzz
  } &
  local lane=$!
  suite core run_xunit core NestVirt.Core.Tests
  wait "$lane"
  run_lab_tests "$lab"

  # What compiles has both processors, since the lab is down.
  suite fresh-clone run_fresh_clone &
  lane=$!
  suite windows run_windows
  if takes_all && is_native; then suite cli-dotnet run_xunit cli-dotnet NestVirt.Cli.Tests; fi
  wait "$lane"
  if has_time packages 3200; then suite packages run_packages; fi

  # What failed is said once more: whoever sees the end of a long log alone must know it.
  grep -hA 2 '^FAILED' "$RESULTS"/*.said || true
  cat "$RESULTS"/*.counts | {
    local passed=0 failed=0 skipped=0 p f s
    while read -r p f s; do
      passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
  }
}

run_lab_tests() {
  local reason=''
  say 'waiting for the lab'
  # Those that are up serve, also where there was no time for the others.
  if wait "$1" || [ -s artifacts/lab.env ]; then
    # shellcheck disable=SC1091
    . artifacts/lab.env
  else
    reason=$(tail -n 1 "$RESULTS/lab-hosts.log")
    echo "Lab: ${reason:-the lab did not start}"
  fi
  export NESTVIRT_LAB_REASON=$reason
  takes_all || export NESTVIRT_LAB_END=$(($(date +%s) - SECONDS + LAB_LAST_SECONDS))
  tests/lab/lab.sh thaw intel
  suite lab-intel run_xunit lab-intel NestVirt.Core.Tests 'Category=Lab&Host=Intel' "$LAB_END_SECONDS"
  tests/lab/lab.sh down intel >>"$RESULTS/lab-hosts.log" 2>&1 </dev/null || true
  suite lab-pester run_pester lab-pester tests/lab
  suite lab run_xunit lab NestVirt.Core.Tests 'Category=Lab&Host!=Intel&Host!=Cuts' "$LAB_END_SECONDS"
  tests/lab/lab.sh down >>"$RESULTS/lab-hosts.log" 2>&1 </dev/null || true
  has_time lab-cuts 2600 || return 0
  # Two hosts more, whose disks are logged, when the others have left the memory and the processors to them.
  if [ -z "$reason" ]; then
    if tests/lab/lab.sh up cuts cuts-var >"$RESULTS/lab-cuts-hosts.log" 2>&1 </dev/null; then
      # shellcheck disable=SC1091
      . artifacts/lab.env
    else
      NESTVIRT_LAB_REASON=$(tail -n 1 "$RESULTS/lab-cuts-hosts.log")
    fi
  fi
  suite lab-cuts run_xunit lab-cuts NestVirt.Core.Tests 'Category=Lab&Host=Cuts' "$LAB_END_SECONDS"
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
