#!/bin/sh
# Starts the PowerShell of the tests: the .NET tool of .config/dotnet-tools.json, whatever else is on PATH, or the
# program that NESTVIRT_PWSH names. `dotnet tool restore` brings the tool.
set -eu
[ -z "${NESTVIRT_PWSH:-}" ] || exec "$NESTVIRT_PWSH" "$@"
folder=$PWD
cd "$(dirname "$0")/.."
exec dotnet tool run pwsh -- -WorkingDirectory "$folder" "$@"
