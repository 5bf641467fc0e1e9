#!/usr/bin/env bash
# Brings what the full test run needs beyond Go and Node.js: PostgreSQL 15 or later, Chromium, and a C compiler for the
# race detector. Installs nothing that is already here; the rest comes from Debian's own packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
chromium=${SERAI_CHROMIUM:-/usr/bin/chromium}

missing() {
  "$here/postgres-bin.sh" >/dev/null || echo postgresql-15
  # Without any font Chromium draws nothing; Noto brings the scripts of our languages.
  [ -x "$chromium" ] || echo chromium fonts-noto-core
  command -v gcc >/dev/null || command -v cc >/dev/null || echo gcc libc6-dev
}
wanted=$(missing | tr '\n' ' ')
[ -n "${wanted// /}" ] || { echo "PostgreSQL, Chromium and a C compiler are here already."; exit 0; }

give_up() {
  cat >&2 <<TXT
The full test run needs: $wanted
$1
Install them by hand, or point at what you have: SERAI_POSTGRES_BIN (folder with initdb) and SERAI_CHROMIUM (the program).
TXT
  exit 1
}

command -v apt-get >/dev/null || give_up "This machine has no apt-get, so they cannot be installed from here."
sudo=()
if [ "$(id -u)" != 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    [ -t 0 ] && command -v sudo >/dev/null || give_up "Installing them needs root: sudo is absent or asks for a password."
  fi
  sudo=(sudo)
fi
# Other installers hold the lock on a machine that has just started: wait for them.
apt() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@"; }

echo "Installing from Debian: $wanted"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for try in 1 2 3; do
  if apt update >"$log" 2>&1; then
    # A later Debian has a later PostgreSQL.
    apt-cache show postgresql-15 >/dev/null 2>&1 || wanted=${wanted/postgresql-15/postgresql}
    # shellcheck disable=SC2086 # a list of package names
    if apt install -y --no-install-recommends $wanted >"$log" 2>&1; then
      left=$(missing | tr '\n' ' ')
      [ -z "${left// /}" ] || give_up "They were installed and are still not found: $left"
      exit 0
    fi
  fi
  [ "$try" = 3 ] || { echo "apt-get failed (try $try of 3), trying again in 10 s" >&2; sleep 10; }
done
tail -20 "$log" >&2
give_up "apt-get could not install them: its last words are above."
