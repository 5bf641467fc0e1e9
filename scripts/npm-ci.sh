#!/usr/bin/env bash
# Installs the desk app's build tools exactly as ui/package-lock.json says. The marker file makes the next call free;
# install scripts of packages are not run, since none of ours needs one.
set -euo pipefail
cd "$(dirname "$0")/../ui"

node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null || {
  echo "Node.js 20 or newer is needed to build the desk app; here is $(node --version 2>/dev/null || echo none)." >&2
  exit 1
}
want="$(sha256sum package.json package-lock.json | sha256sum | cut -d' ' -f1) $(node --version)"
if [ "$(cat node_modules/.installed 2>/dev/null || true)" = "$want" ]; then
  touch node_modules/.installed
  exit 0
fi
for try in 1 2 3; do
  if npm ci --no-audit --no-fund --ignore-scripts --loglevel=error; then
    mkdir -p node_modules
    printf '%s\n' "$want" >node_modules/.installed
    exit 0
  fi
  [ "$try" = 3 ] || { echo "npm ci failed (try $try of 3), trying again in 5 s" >&2; sleep 5; }
done
echo "The desk app's packages could not be installed: see npm's message above." >&2
exit 1
