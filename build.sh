#!/usr/bin/env bash
# The targets of this repository: build, test, format, api, bench, fuzz, lab, stage, pack, clean. `./build.sh help` lists them.
set -euo pipefail
cd "$(dirname "$0")"
. tools/build-steps.sh

case ${1:-build} in
  build) build_all ;;
  test) run_tests ;;
  format) format_all ;;
  api) tools/accept-api.sh ;;
  bench) run_benchmarks "${@:2}" ;;
  fuzz) fuzz "${@:2}" ;;
  lab) tests/lab/lab.sh "${@:2}" ;;
  stage) stage_module ;;
  pack) pack_all ;;
  clean) rm -rf artifacts ;;
  help | -h | --help)
    cat <<'EOT'
usage: ./build.sh [TARGET]
  build   compile everything, stage the module and the command-line program (the default)
  test    install what the tests need (when root), run every test this machine can run, print one line of totals
  format  format the code as the tests want it
  api     accept what NestVirt.Core offers publicly now
  bench   print each speed budget as a ratio against its peer, measured in one run
  fuzz    damage everything that hosts, files and users send, for MINUTES, and report what does not stand it
  lab     emulated KVM hosts to try every change on, and a stand-in for a Hyper-V host (lab up, down, status, ssh, hyperv, help)
  stage   put the module at artifacts/module/NestVirt/<version>
  pack    make the packages: the module, the program as a tarball and for Debian, checksums, what they contain
  clean   remove everything that was built
EOT
    ;;
  *)
    echo "build.sh: there is no target '$1'; './build.sh help' lists the targets." >&2
    exit 2
    ;;
esac
