#!/usr/bin/env bash
# Usage: with-postgres.sh command [argument ...]
# Runs the command beside a private, throwaway PostgreSQL and removes the server afterwards, however the command ends.
#   SERAI_TEST_POSTGRES       a URL that logs in as a superuser of the throwaway cluster
#   SERAI_TEST_POSTGRES_DATA  its data folder, for tests that search the bytes on disk
#   SERAI_TEST_POSTGRES_LOG   its log, for tests that search what a server writes down
# A server that is already named in SERAI_TEST_POSTGRES is used as it is.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
if [ -n "${SERAI_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

here=$(cd "$(dirname "$0")" && pwd)
bin=$("$here/postgres-bin.sh") || {
  echo "No PostgreSQL 15 or later here. scripts/setup-test.sh installs it; SERAI_POSTGRES_BIN names its folder elsewhere." >&2
  exit 1
}

# A socket's path may have 107 bytes at most, so a long TMPDIR is not used.
tmp=${TMPDIR:-/tmp}
[ ${#tmp} -le 60 ] || tmp=/tmp
dir=$(mktemp -d "$tmp/serai-pg.XXXXXX")
chmod 700 "$dir"

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  owner=postgres
  id -u "$owner" >/dev/null 2>&1 || owner=nobody
  chown "$owner" "$dir"
  as=(runuser -u "$owner" --)
fi
as_owner() { (cd "$dir" && "${as[@]}" "$@"); }

stop() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -f "$dir/data/postmaster.pid" ]; then
    as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 20 stop >/dev/null 2>&1 || true
  fi
  rm -rf "$dir"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# Other users of this machine can reach a loopback port, so even a throwaway superuser has a password.
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" | as_owner tee "$dir/password" >/dev/null
as_owner "$bin/initdb" -D "$dir/data" -U serai --pwfile="$dir/password" --auth=scram-sha-256 \
  --encoding=UTF8 --locale=C.UTF-8 --no-instructions >"$dir/initdb.log" 2>&1 || {
  cat "$dir/initdb.log" >&2
  exit 1
}

# Durable as in production (fsync and synchronous_commit stay on): tests and figures would lie otherwise.
started=
for _ in 1 2 3 4 5 6 7 8; do
  port=$((20000 + RANDOM % 12000)) # below the range from which the kernel hands out ports
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
  if as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 -s \
    -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c max_connections=200 -c log_min_error_statement=error -c fsync=on" \
    start >/dev/null 2>&1; then
    started=yes
    break
  fi
  grep -q 'Address already in use' "$dir/server.log" || break
done
[ -n "$started" ] || {
  echo "The throwaway PostgreSQL did not start:" >&2
  tail -20 "$dir/server.log" >&2
  exit 1
}

export SERAI_TEST_POSTGRES="postgres://serai:$password@127.0.0.1:$port/postgres?sslmode=disable"
export SERAI_TEST_POSTGRES_DATA="$dir/data" SERAI_TEST_POSTGRES_LOG="$dir/server.log"
"$@"
