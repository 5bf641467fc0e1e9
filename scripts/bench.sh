#!/usr/bin/env bash
# The figures of docs/measures.md, on both databases. Usage: bench.sh [contacts|card|rebuild|start ...]
# Each is run SERAI_BENCH_RUNS times (3) and every line of JSON is printed; the median of each goes into the table.
# Let nothing else run on the machine meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${SERAI_TEST_POSTGRES:-}" ]; then
  exec scripts/with-postgres.sh scripts/bench.sh "$@"
fi
[ $# -gt 0 ] || set -- contacts card rebuild start
printf '# %s, %s CPUs, %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(bin/serai --version)"
for what in "$@"; do
  engines=(sqlite postgres)
  [ "$what" != card ] || engines=(none) # the card touches no database
  for engine in "${engines[@]}"; do
    args=()
    [ "$engine" = none ] || args=(--engine "$engine")
    for _ in $(seq "${SERAI_BENCH_RUNS:-3}"); do
      bin/serai bench "$what" "${args[@]}" --json
    done
  done
done
