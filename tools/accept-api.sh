#!/bin/sh
# Makes src/NestVirt.Core/PublicAPI.*.txt say what is public now: the build's own RS0016 and RS0017 say what to add and remove.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C
project=src/NestVirt.Core
log=$(mktemp)
trap 'rm -f "$log" "$log".*' EXIT

# Analyzers run when the compiler does, and the others have nothing to say here.
dotnet build "$project" -c "${CONFIGURATION:-Release}" -t:Rebuild -v q -clp:NoSummary -p:TreatWarningsAsErrors=false \
  -p:EnableNETAnalyzers=false -p:EnforceCodeStyleInBuild=false >"$log" || { cat "$log" >&2; exit 1; }

sed -n "s/.* RS0016: Symbol '\(.*\)' is not part of the declared.*/\1/p" "$log" | sort -u >"$log.added"
sed -n "s/.* RS0017: Symbol '\(.*\)' is part of the declared.*/\1/p" "$log" | sort -u >"$log.removed"
for list in Shipped Unshipped; do
  file=$project/PublicAPI.$list.txt
  {
    echo '#nullable enable'
    {
      grep -v -x -F -f "$log.removed" "$file" || true
      [ "$list" = Shipped ] || cat "$log.added"
    } | grep -v '^#' | sort -u
  } >"$log.new"
  cat "$log.new" >"$file"
done
echo "$(wc -l <"$log.added") added, $(wc -l <"$log.removed") removed" >&2
