#!/bin/sh
# Puts the command-line program at artifacts/bin/nestvirt. All output goes to standard error.
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

publish() {
  dotnet publish src/NestVirt.Cli -c Release --use-current-runtime --no-self-contained -v q --nologo \
    -p:PublishReadyToRun="$1" -p:PublishSingleFile=true -p:DebugType=embedded -o artifacts/publish-cli </dev/null 9>&-
}

# Compiling ahead of time needs two packages (crossgen2 and the runtime pack). Where no feed has them, the program
# only starts slower.
if ! log=$(publish true 2>&1); then
  case $log in
    *NU11[0-9][0-9]* | *NU13[0-9][0-9]* | *NETSDK1094*)
      echo 'nestvirt: the packages for a fast start cannot be had; building without.'
      publish false || exit
      ;;
    *)
      printf '%s\n' "$log"
      exit 1
      ;;
  esac
fi

# A program that runs keeps its file; the new one takes the name.
program=nestvirt
[ -e artifacts/publish-cli/nestvirt ] || program=nestvirt.exe
touch -r "$started" "artifacts/publish-cli/$program"
mv -f "artifacts/publish-cli/$program" "artifacts/bin/$program" || exit
cp -f THIRD-PARTY-NOTICES.txt artifacts/bin/
