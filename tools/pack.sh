#!/bin/sh
# Makes in artifacts/package: the module as a package for a repository, and the command-line program as a tarball and a
# Debian package, with what they contain and their checksums. The same sources give the same bytes on the same machine.
set -eu
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

# Of a tree without git: the day of the newest release in the changelog, or the earliest day that an archive can name.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || {
    day=$(sed -n 's/^## \[.*\] - \([0-9-]*\).*/\1/p' CHANGELOG.md | head -n 1)
    SOURCE_DATE_EPOCH=$(date -d "${day:-1980-01-02}" +%s)
  }
fi
export SOURCE_DATE_EPOCH

say() { printf '== %s\n' "$*" >&2; }

value() { sed -n "s/^ *$1 *= *'\([^']*\)'.*/\1/p" NestVirt.psd1; }
label=$(value Prerelease)
version=$(value ModuleVersion)${label:+-$label}

out=artifacts/package
work=artifacts/pack
rm -rf "$out" "$work"
mkdir -p "$out" "$work"

builder() { dotnet artifacts/bin/PackageBuilder/release/PackageBuilder.dll "$@"; }

say 'the module'
# The manual pages need the program as an ordinary assembly, so this comes before the native one is restored.
tools/stage-module.sh >&2
dotnet build tools/PackageBuilder -c Release -v q -clp:NoSummary >&2
builder nupkg artifacts/module/NestVirt/* "$out" >/dev/null
builder sbom NestVirt "$version" artifacts/obj/NestVirt.SshNet/project.assets.json "$out/NestVirt.$version.cdx.json"

say 'the program'
NESTVIRT_NATIVE=only tools/publish-cli.sh
assets=artifacts/obj/NestVirt.Cli/project.assets.json
program=artifacts/bin/nestvirt
rid=$(sed -n 's/.*"runtime\.\(.*\)\.Microsoft\.DotNet\.ILCompiler".*/\1/p' "$assets" | head -n 1)

files=$work/files
builder man "$files/man"
mkdir "$files/completions"
for shell in bash zsh fish pwsh; do "$program" completion "$shell" >"$files/completions/nestvirt.$shell"; done
builder native-sbom nestvirt "$version" "$assets" "$files/nestvirt.cdx.json"
builder dotnet-notices "$assets" "$files/DOTNET-NOTICES.txt"
cp LICENSE CHANGELOG.md THIRD-PARTY-NOTICES.txt "$files"
cp "$files/nestvirt.cdx.json" "$out/nestvirt-$version-$rid.cdx.json"

# put MODE FILE TARGET: under the folder of the package.
put() { install -D -m "$1" "$2" "$tree$3"; }

# Whatever the umask and the clock were.
same_time() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

say 'the tarball'
name=nestvirt-$version-$rid
tree=$work/$name
cp -r "$files" "$tree"
put 755 "$program" /nestvirt
same_time "$tree"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" | gzip -9n >"$out/$name.tar.gz"

if command -v dpkg-deb >/dev/null; then
  say 'the Debian package'
  architecture=$(dpkg --print-architecture)
  debian=$(printf %s "$version" | tr - '~')
  tree=$work/deb
  put 755 "$program" /usr/bin/nestvirt
  for page in "$files"/man/*; do
    put 644 "$page" "/usr/share/man/man1/${page##*/}"
  done
  put 644 "$files/completions/nestvirt.bash" /usr/share/bash-completion/completions/nestvirt
  put 644 "$files/completions/nestvirt.zsh" /usr/share/zsh/vendor-completions/_nestvirt
  put 644 "$files/completions/nestvirt.fish" /usr/share/fish/vendor_completions.d/nestvirt.fish
  documents=/usr/share/doc/nestvirt
  for file in THIRD-PARTY-NOTICES.txt DOTNET-NOTICES.txt nestvirt.cdx.json; do put 644 "$files/$file" "$documents/$file"; done
  put 644 "$files/CHANGELOG.md" "$documents/changelog"
  {
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: nestvirt\n'
    printf 'Source: %s\n\nFiles: *\nCopyright: %s\nLicense: Expat\n' "$(value ProjectUri)" "$(sed -n 's/^Copyright (c) //p' LICENSE)"
    sed -n '/^Permission/,$s/^$/./; /^Permission/,$s/^/ /p' LICENSE
    printf '\nFiles: usr/bin/nestvirt\nCopyright: see THIRD-PARTY-NOTICES.txt and DOTNET-NOTICES.txt, beside this file\nLicense: Expat\n'
  } >"$work/copyright"
  put 644 "$work/copyright" "$documents/copyright"
  gzip -9n "$tree$documents/changelog" "$tree"/usr/share/man/man1/*
  # What it was linked with says which C library it needs. OpenSSL is loaded by the built-in SSH client alone.
  libc=$(readelf -V "$program" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  mkdir "$tree/DEBIAN"
  cat >"$tree/DEBIAN/control" <<EOF
Package: nestvirt
Version: $debian
Architecture: $architecture
Maintainer: $(value Author) <nestvirt@users.noreply.github.com>
Installed-Size: $(du -k --apparent-size -s "$tree/usr" | cut -f 1)
Depends: libc6 (>= ${libc#GLIBC_})
Recommends: openssh-client, libssl3t64 | libssl3 | libssl1.1
Section: admin
Priority: optional
Homepage: $(value ProjectUri)
Description: nested virtualization and PCI passthrough of KVM and Hyper-V hosts
 Tells whether guests of KVM and Hyper-V hosts can run hypervisors of their own
 and own PCI devices, and why not; makes it so, safely; and takes it back.
EOF
  (cd "$tree" && find usr -type f -exec md5sum {} + | sort -k 2 >DEBIAN/md5sums)
  same_time "$tree"
  dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$tree" "$out/nestvirt_${debian}_$architecture.deb" >/dev/null
fi

sums=$(cd "$out" && sha256sum -- *)
printf '%s\n' "$sums" >"$out/SHA256SUMS"
rm -rf "$work"
ls "$out"/*
