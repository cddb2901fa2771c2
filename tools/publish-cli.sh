#!/bin/sh
# Puts the command-line program at artifacts/bin/nestvirt. All output goes to standard error.
# It is one native file where the compiler's package can be had and a C program can be linked; NESTVIRT_NATIVE=no asks
# for the other form, which needs .NET where it runs and is built faster, and NESTVIRT_NATIVE=only for no other.
set -u
cd "$(dirname "$0")/.." || exit
exec 1>&2

command -v dotnet >/dev/null || {
  echo 'nestvirt: the .NET 10 SDK is needed to build it, and there is no dotnet on PATH (https://dot.net/download).'
  exit 127
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
mkdir -p artifacts/bin

# Two first uses at once must not build into the same files.
if command -v flock >/dev/null; then
  exec 9>artifacts/publish-cli.lock
  flock 9
fi

# What is edited while the build runs is newer than this, and so built the next time.
started=artifacts/publish-cli.started
: >"$started"
begun=$(date +%s)

step() { echo "nestvirt: $1 of 3: $2… ($(($(date +%s) - begun)) s)"; }

# msbuild TARGET OPTION…: what it says is in $log, and shown when it fails.
msbuild() {
  target=$1
  shift
  log=$(dotnet "$target" src/NestVirt.Cli --use-current-runtime -v q "$@" </dev/null 2>&1 9>&-)
}

# publish STEP OPTION…
publish() {
  last=$1
  shift
  step 1 'restoring packages'
  msbuild restore "$@" || return
  step 2 'compiling'
  msbuild build -c Release --no-restore -p:DebugType=embedded "$@" || return
  step 3 "$last"
  rm -rf artifacts/publish-cli
  msbuild publish -c Release --no-build -p:DebugType=embedded -o artifacts/publish-cli "$@"
}

# A linker may be there without the C library's files that it needs.
can_link() {
  linker=$(command -v clang || command -v gcc) || return
  echo 'int main(void) { return 0; }' | "$linker" -x c - -o artifacts/publish-cli.linked 2>/dev/null
  linked=$?
  rm -f artifacts/publish-cli.linked
  return "$linked"
}

case ${NESTVIRT_NATIVE:-yes} in
  no) forms='quick plain' ;;
  only) forms=native ;;
  *) forms='native quick plain' ;;
esac
if [ "$forms" != 'quick plain' ] && ! can_link; then
  [ "$forms" != native ] || {
    echo 'nestvirt: one native file needs clang or gcc, and the C library to link with (Debian: gcc and libc6-dev).'
    exit 2
  }
  forms='quick plain'
fi

# Each form in turn: the next one where no feed has the packages that the compiler of this one is in.
for form in $forms; do
  case $form in
    native) publish 'making one native file' -p:PublishAot=true ;;
    quick) publish 'making one file' -p:PublishReadyToRun=true -p:PublishSingleFile=true ;;
    plain) publish 'making one file' -p:PublishReadyToRun=false -p:PublishSingleFile=true ;;
  esac
  code=$?
  case $code$log in
    0*) break ;;
    *NU11[0-9][0-9]* | *NU13[0-9][0-9]* | *NETSDK1094*)
      [ "$form" = "${forms##* }" ] || echo 'nestvirt: the packages for this form cannot be had; making another, which starts slower.'
      ;;
    *) break ;;
  esac
done
[ "$code" = 0 ] || {
  printf '%s\n' "$log"
  exit "$code"
}

# A program that runs keeps its file; the new one takes the name.
program=nestvirt
[ -e artifacts/publish-cli/nestvirt ] || program=nestvirt.exe
touch -r "$started" "artifacts/publish-cli/$program"
mv -f "artifacts/publish-cli/$program" "artifacts/bin/$program" || exit
cp -f THIRD-PARTY-NOTICES.txt artifacts/bin/
