#!/bin/bash
# What `./build.sh pack` makes is installed and run where it will be: the program in a Debian root that has no .NET, ICU,
# OpenSSL or ssh, the module from a folder repository. Packing in another folder gives the same bytes.
# Prints "PASSED FAILED SKIPPED" as its last line.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d)
root=$folder/root
out=$PWD/artifacts/package
# Once for both times that are packed.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
passed=0 failed=0 skipped=0

finish() {
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  rm -rf --one-file-system "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

# check SENTENCE COMMAND…
check() {
  local sentence=$1
  shift
  if "$@" >"$folder/said" 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $sentence"
    tail -n 20 "$folder/said" | sed 's/^/  /'
  fi
}

skip() {
  skipped=$((skipped + $1))
  echo "skipped: $2"
}

same() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }

# The third-party components of a bill of materials.
components() { sed -n '/"components"/,$s/^ *"name": "\(.*\)",$/\1/p' "$1"; }

# in_root COMMAND…
in_root() { chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }

says() { # PATTERN COMMAND…: ends well or not, and says so
  local pattern=$1 text
  shift
  text=$("$@" 2>&1)
  printf '%s\n' "$text"
  grep -qE -- "$pattern" <<<"$text"
}

# The root is kept for the next time: it is as old as the lists of packages that apt has.
make_root() {
  # shellcheck source=tests/lab/settings.sh
  . tests/lab/settings.sh
  # shellcheck source=tests/lab/images.sh
  . tests/lab/images.sh
  local suite archive kept
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  archive=$(source_of Debian)
  [ -n "$suite" ] && [ -n "$archive" ] || return
  mkdir -p "$LAB_CACHE" "$root"
  kept=$LAB_CACHE/minbase-$suite.tar
  if [ ! -e "$kept" ]; then
    apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|Force)' >"$folder/apt.conf" || true
    mmdebstrap --quiet --variant=minbase --format=tar --aptopt="$folder/apt.conf" "$suite" "$kept.new" \
      "deb $archive $suite main" </dev/null && mv "$kept.new" "$kept" || return
  fi
  tar -C "$root" -xf "$kept" && mount -t proc proc "$root/proc"
}

test_documents() {
  local program=$out/nestvirt-*.cdx.json module=$out/NestVirt.*.cdx.json modules=artifacts/module/NestVirt/*
  # shellcheck disable=SC2086
  {
    check 'the bill of the program names each package that was linked in' same \
      "$(sed -n 's#^-r:.*/packages/\([^/]*\)/.*#\1#p' "$(ls -t artifacts/obj/NestVirt.Cli/release*/native/nestvirt.ilc.rsp | head -n 1)" |
        grep -v -e ilcompiler -e '^microsoft.netcore.app' | sort -u)" \
      "$(components $program | grep -v '^\.NET Runtime$' | tr '[:upper:]' '[:lower:]' | sort)"
    check 'the notices name each component of the program' same \
      "$(sed -n '/^MIT License$/q;/^Copyright/{x;p;d};h' THIRD-PARTY-NOTICES.txt | sort)" "$(components $program | sort)"
    check 'the notices say how many of them the module contains' same \
      "$(sed -n '/^MIT License$/q;/^Copyright/{x;p;d};h' THIRD-PARTY-NOTICES.txt | head -n "$(components $module | wc -l)" | sort)" \
      "$(components $module | sort)"
    check 'the bill of the module names what it brings' same \
      "$(ls $modules/SshNet | grep -c '\.dll$')" "$(($(components $module | wc -l) + 1))"
  }
}

test_repeat() {
  if [ "${NESTVIRT_TEST_ALL:-no}" != yes ]; then
    skip 2 'packing in another folder: it compiles everything once more (NESTVIRT_TEST_ALL=yes ./build.sh test)'
    return
  fi
  mkdir "$folder/again"
  git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$folder/again" -xf -
  check 'packing works in a folder without git' "$folder/again/build.sh" pack
  check 'packing in another folder gives the same bytes' diff "$out/SHA256SUMS" "$folder/again/artifacts/package/SHA256SUMS"
}

test_root() {
  if [ "$(id -u)" != 0 ]; then
    skip 11 'the program in a root of Debian: chroot is for root'
    return
  elif ! command -v mmdebstrap >/dev/null || ! make_root >"$folder/said" 2>&1; then
    skip 11 "the program in a root of Debian: it cannot be made here ($(tail -n 1 "$folder/said" 2>/dev/null))"
    return
  fi
  tar -C "$root/opt" --strip-components=1 -xzf "$out"/nestvirt-*.tar.gz
  cp "$out"/nestvirt_*.deb "$root/opt/"
  check 'the root has no .NET, ICU, OpenSSL and ssh' says '^none$' in_root sh -c \
    'command -v dotnet ssh; find / -xdev -name "libicu*" -o -xdev -name "libssl*" -o -xdev -name libhostfxr.so | grep . || echo none'
  check 'the copied program says its version' says '^nestvirt [0-9]' in_root /opt/nestvirt --version
  check 'the copied program judges the machine' says '^  Processor ' in_root /opt/nestvirt support
  check 'it records a host, addresses replaced' in_root /opt/nestvirt snapshot --redact --to /opt/host.json
  # The plan has a fingerprint.
  mkdir -p "$root/opt/host/proc" "$root/opt/host/sys/kernel/mm/hugepages/hugepages-2048kB"
  echo 0 >"$root/opt/host/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
  check 'it plans over a recorded host' in_root /opt/nestvirt \
    set hugepages --root /opt/host --count 4 --size 2M --plan /opt/plan.json
  check 'its SSH client says that OpenSSL is missing' says 'there is no libssl' \
    in_root /opt/nestvirt support --ssh-client library root@127.0.0.1
  check 'the Debian package installs' in_root sh -c 'dpkg -i /opt/nestvirt_*.deb && dpkg --verify nestvirt'
  check 'the installed program runs' says '^  Processor ' in_root nestvirt support
  check 'each command has a manual page' same "$(find "$root/usr/share/man/man1" -name 'nestvirt*.1.gz' | wc -l)" \
    "$(find "$root/opt/man" -name '*.1' | wc -l)"
  check 'completions are where shells look' in_root sh -c 'cd /usr/share && grep -q nestvirt \
    bash-completion/completions/nestvirt zsh/vendor-completions/_nestvirt fish/vendor_completions.d/nestvirt.fish'
  check 'the Debian package goes without a rest' in_root sh -c 'dpkg -P nestvirt && ! find /usr -name "*nestvirt*" | grep .'
}

test_pages() {
  if command -v man >/dev/null; then
    mkdir "$folder/man"
    tar -C "$folder/man" -xzf "$out"/nestvirt-*.tar.gz
    # shellcheck disable=SC2016
    check 'the manual pages are well formed' sh -c 'for page in "$1"/*/man/*.1; do
      said=$(MANWIDTH=80 man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null); [ -z "$said" ] || { echo "$page: $said"; exit 1; }
    done' sh "$folder/man"
  else
    skip 1 'the manual pages: there is no man'
  fi
}

# shellcheck disable=SC2016
test_module() {
  check 'the module installs from a folder repository, and runs' env FOLDER="$folder/modules" PACKAGES="$out" tools/pwsh.sh -NoProfile -NonInteractive -Command '
    $ErrorActionPreference = "Stop"
    $folder = $env:FOLDER
    $name = "NestVirtPackages$PID"
    Register-PSResourceRepository -Name $name -Uri $env:PACKAGES -Trusted
    try {
        Save-PSResource -Name NestVirt -Prerelease -Repository $name -Path $folder
    }
    finally {
        Unregister-PSResourceRepository -Name $name
    }
    $env:PSModulePath = $folder
    $found = Get-NestedSupport
    if ((Get-Module NestVirt).Path -notlike "$folder*") { throw "another module was loaded" }
    if (-not $found.Verdict) { throw "no verdict" }
    '
}

if ! NESTVIRT_NATIVE=only ./build.sh pack >"$folder/pack.log" 2>&1 </dev/null; then
  case $(cat "$folder/pack.log") in
    *'needs clang or gcc'*) skip 1 "packages: $(grep 'needs clang or gcc' "$folder/pack.log")" ;;
    *)
      failed=1
      echo 'FAILED: ./build.sh pack'
      tail -n 20 "$folder/pack.log" | sed 's/^/  /'
      ;;
  esac
  echo "$passed $failed $skipped"
  exit
fi
mkdir -p "$folder/modules"
check 'the checksums are those of the files' sh -c 'cd "$1" && sha256sum -c SHA256SUMS' sh "$out"
test_documents
test_pages
test_root
test_module
test_repeat
echo "$passed $failed $skipped"
