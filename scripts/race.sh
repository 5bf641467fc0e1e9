#!/usr/bin/env bash
# The packages where goroutines meet, under the race detector. The pure rooms have none and would only cost time.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=()
for room in store journal seal audit access web jobs sync app; do
  [ -d "internal/$room" ] && packages+=("./internal/$room/...")
done
[ ${#packages[@]} -gt 0 ] || exit 0
exec "${GO:-go}" test -race -short -timeout 10m "${packages[@]}"
