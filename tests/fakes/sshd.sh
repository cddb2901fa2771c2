#!/bin/sh
# A real sshd on the loopback address, for tests: fresh keys and its own configuration, for root as for anybody else.
#
#   sshd.sh start DIR [DIRECTIVE...]   starts one in the empty or absent folder DIR; a DIRECTIVE is a line of sshd_config
#   sshd.sh run DIR [DIRECTIVE...]     the same, and stops it and removes DIR when standard input ends
#   sshd.sh key DIR NAME [OPTIONS]     makes DIR/NAME a key that logs in, with OPTIONS as authorized_keys has them, such
#                                      as 'command="exec yes"': what was asked is in $SSH_ORIGINAL_COMMAND
#   sshd.sh stop DIR                   stops it; DIR stays
#
# Once log-ins are answered, start and run print one line: port=N user=NAME. DIR then holds the files that a client
# needs: key (it may do anything), known_hosts, and ssh_config, which has all of it under the host name "loopback".
set -eu

fail() { echo "sshd.sh: $*" >&2; exit 1; }

make_key() { # NAME [OPTIONS]
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/$1"
  printf '%s %s\n' "${2-}" "$(cat "$dir/$1.pub")" >>"$dir/authorized_keys"
}

write_config() { # PORT [DIRECTIVE...]
  port=$1
  shift
  # The first value of a directive counts, so the caller's come first.
  [ $# -eq 0 ] || printf '%s\n' "$@" >"$dir/sshd_config"
  # Without SHLVL, bash takes a command of sshd's for a log-in and reads .bashrc.
  cat >>"$dir/sshd_config" <<EOF
Port $port
ListenAddress 127.0.0.1
HostKey "$dir/host_key"
AuthorizedKeysFile "$dir/authorized_keys"
PidFile "$dir/sshd.pid"
AuthenticationMethods publickey
PermitRootLogin yes
PermitUserEnvironment yes
SetEnv SHLVL=5
StrictModes no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
EOF
  # Since 9.8 a server shuts out addresses whose log-ins fail, which tests want to see more than once.
  if printf 'PerSourcePenalties no\n' | cat "$dir/sshd_config" - >"$dir/sshd_config.new" \
    && "$sshd" -t -f "$dir/sshd_config.new" 2>/dev/null; then
    mv "$dir/sshd_config.new" "$dir/sshd_config"
  else
    rm -f "$dir/sshd_config.new"
  fi
  printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$dir/host_key.pub")" >"$dir/known_hosts"
  cat >"$dir/ssh_config" <<EOF
Host loopback
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile "$dir/key"
  IdentitiesOnly yes
  UserKnownHostsFile "$dir/known_hosts"
  GlobalKnownHostsFile none
EOF
}

# True once the server listens; false when it ended, as it does when the port is taken.
await_listening() {
  while kill -0 "$1" 2>/dev/null; do
    ! grep -q 'Server listening' "$dir/sshd.log" || return 0
    sleep 0.05
  done
  return 1
}

start() { # [DIRECTIVE...]
  # sshd starts itself anew for each log-in, so it wants its whole path.
  sshd=$(command -v sshd || ls /usr/sbin/sshd 2>/dev/null) || fail 'there is no sshd on this machine'
  [ "$(id -u)" -ne 0 ] || mkdir -p -m 755 /run/sshd
  ssh-keygen -q -t ed25519 -N '' -C host -f "$dir/host_key"
  make_key key
  for attempt in 1 2 3 4 5 6 7 8; do
    # Below the ports that outgoing connections take.
    port=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
    : >"$dir/sshd_config"
    write_config "$port" "$@"
    : >"$dir/sshd.log"
    "$sshd" -D -f "$dir/sshd_config" -E "$dir/sshd.log" </dev/null >/dev/null 2>&1 &
    if await_listening $!; then
      echo "port=$port user=$(id -un)"
      return
    fi
  done
  fail "sshd does not start (attempt $attempt): $(tail -n 3 "$dir/sshd.log")"
}

# It takes its file away itself when it ends: whoever removes the folder meanwhile would look for it in vain.
stop() {
  [ -s "$dir/sshd.pid" ] || return 0
  pid=$(cat "$dir/sshd.pid") && kill "$pid" 2>/dev/null || return 0
  left=50
  while [ "$left" -gt 0 ] && [ -e "$dir/sshd.pid" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
    left=$((left - 1))
  done
}

[ $# -ge 2 ] || fail 'usage: start|run|key|stop DIR ...'
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2
case $command in
  start) start "$@" ;;
  run)
    [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty"
    trap 'stop; rm -rf "$dir"' EXIT
    trap 'exit 1' HUP INT TERM
    start "$@"
    cat >/dev/null
    ;;
  key) make_key "$@" ;;
  stop) stop ;;
  *) fail "unknown command '$command'" ;;
esac
