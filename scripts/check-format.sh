#!/usr/bin/env bash
# Go files that gofmt would write otherwise, generated ones included.
set -euo pipefail
cd "$(dirname "$0")/.."
dirs=()
for dir in cmd internal; do [ -d "$dir" ] && dirs+=("$dir"); done
[ -f ui/embed.go ] && dirs+=(ui/*.go)
[ ${#dirs[@]} -gt 0 ] || exit 0
bad=$(gofmt -l "${dirs[@]}")
[ -z "$bad" ] && exit 0
printf '%s\n' "$bad" >&2
echo "Not formatted: run gofmt -w on the files above." >&2
exit 1
