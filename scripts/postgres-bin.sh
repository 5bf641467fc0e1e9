#!/usr/bin/env bash
# Prints the folder of the newest PostgreSQL server programs of version 15 or later; fails when there is none.
# SERAI_POSTGRES_BIN names the only folder to look in.
set -euo pipefail

major() { "$1/postgres" --version 2>/dev/null | sed -E 's/.* ([0-9]+).*/\1/'; }

if [ -n "${SERAI_POSTGRES_BIN:-}" ]; then
  set -- "$SERAI_POSTGRES_BIN"
else
  set -- /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"
fi
best='' newest=14
for dir in "$@"; do
  [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] || continue
  version=$(major "$dir")
  if [ "${version:-0}" -gt "$newest" ]; then
    best=$dir newest=$version
  fi
done
[ -n "$best" ] || exit 1
printf '%s\n' "$best"
