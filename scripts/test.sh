#!/usr/bin/env bash
# Everything a change must pass, on a machine with Go and Node.js; the rest it installs itself (setup-test.sh).
# Works as root or not, in a fresh clone, with empty caches. The order puts the quick and talkative steps first.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
export GO=${GO:-go}
# A missing server or browser fails a run that is meant to be complete; it must never pass by skipping.
export SERAI_REQUIRE_POSTGRES=1
export SERAI_CHROMIUM=${SERAI_CHROMIUM:-/usr/bin/chromium}

setup() {
  # The two downloads share the wait. Listing fetches the modules that the build uses, and no others.
  scripts/setup-test.sh &
  local packages=$! listed=0
  "$GO" list -deps -test ./... >/dev/null || listed=$?
  wait "$packages" && return "$listed"
}
desk() { npm --prefix ui run --silent "$@"; }

need "set-up" setup
step "words" scripts/check-words.sh
step "links" scripts/check-links.sh
step "gofmt" scripts/check-format.sh
step "walls" "$GO" test ./internal/walls/

if [ -f ui/package.json ]; then
  need "desk: packages" scripts/npm-ci.sh
  step "desk: types" desk typecheck
  step "desk: unit tests" desk test
  need "desk: build" make desk
  step "desk: bytes of the first load" node scripts/desk-bytes.mjs
fi

step "go vet" "$GO" vet ./...
step "staticcheck" "$GO" tool staticcheck ./...
need "build" make binary
step "size" scripts/check-size.sh
step "go test, SQLite and PostgreSQL" scripts/with-postgres.sh "$GO" test -timeout 15m ./...
step "go test, race detector" scripts/with-postgres.sh scripts/race.sh
if [ -f ui/package.json ]; then
  step "desk: browser journeys" desk journeys
fi
finish
