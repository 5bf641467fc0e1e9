#!/usr/bin/env bash
# Nothing committed may name a path of somebody's machine or the host of a package registry or mirror: it would build
# there and nowhere else. Nor may anything unfinished be marked and left. Lock files may name the public npm registry.
set -euo pipefail
cd "$(dirname "$0")/.."
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "Not a Git checkout: nothing is committed here."; exit 0; }

failed=0
forbid() { # what it is, pattern, pathspecs ...
  local what=$1 pattern=$2 found
  shift 2
  found=$(git grep -nIE -e "$pattern" -- "$@" || true)
  [ -n "$found" ] || return 0
  cut -c1-200 <<<"$found" | head -20 >&2
  echo "^ $what" >&2
  failed=1
}

not_locks=(':!go.sum' ':!*package-lock.json' ':!scripts/check-words.sh')
forbid "names a path of one machine: make it relative, or take it from the environment" \
  '(^|[^a-z.])/(work|farm|root)/|(^|[^A-Za-z0-9_.])/(home|Users)/[a-z]+/' "${not_locks[@]}"
forbid "names a package registry or mirror: the machine's own settings choose it" \
  '//(proxy|registry|deb|pypi|repo1?)\.' "${not_locks[@]}"
forbid "looks unfinished: finish it, or write an issue" \
  '(^|[^A-Za-z])(TODO|FIXME|XXX|HACK)([^A-Za-z]|$)|t\.Skip(f|Now)?\(|\.skip\(' '*.go' '*.ts' '*.vue' '*.sh' '*.sql' "${not_locks[@]}"

found=$(git grep -nE '"resolved":' -- '*package-lock.json' | grep -vE '"resolved": "https://registry\.npmjs\.org/' || true)
if [ -n "$found" ]; then
  head -5 <<<"$found" >&2
  echo "^ the lock file names a registry of one machine: omit-lockfile-registry-resolved=true in ui/.npmrc prevents it" >&2
  failed=1
fi
exit "$failed"
