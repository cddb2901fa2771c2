#!/bin/sh
# What answers instead of a shell on a host that was taken over: the forced command of a key of sshd.sh.
#
#   hostile.sh lie     a whole answer that is framed with a token of its own
#   hostile.sh flood   an answer without end
#   hostile.sh stall   half an answer, and then nothing
#   hostile.sh hang    nothing
set -u

# It is sent a script, whose tokens it may well use.
token=
while [ "$1" != hang ] && [ -z "$token" ] && IFS= read -r line; do
  case $line in *"begin\\n' "*) token=${line##* } ;; esac
done

frame() { printf '\n%s %s\n' "$token" "$1" >&2; printf '\n%s %s\n' "$token" "$1"; }

case $1 in
  lie)
    frame begin
    printf '\n%032d %s\n' 0 cpu 0 .
    frame 'end 0'
    ;;
  flood) frame begin; exec cat /dev/zero ;;
  stall) frame begin; printf 'half' ;;
esac
exec cat >/dev/null
