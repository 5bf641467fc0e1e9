#!/usr/bin/env bash
# The stripped binary has to fit on a small laptop and through a thin line: under 45 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=45000000
size=$(stat -c %s bin/serai)
echo "bin/serai: $size bytes of $limit"
[ "$size" -lt "$limit" ] || { echo "The binary is too large: see what grew with 'go version -m bin/serai' and 'go tool nm -size'." >&2; exit 1; }
