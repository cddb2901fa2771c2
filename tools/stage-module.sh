#!/bin/sh
# Puts the module, with its help, at artifacts/module/NestVirt/<version>.
set -eu
cd "$(dirname "$0")/.."
exec dotnet build src/NestVirt.PowerShell -c "${CONFIGURATION:-Release}" -t:StageModule -v q "$@"
