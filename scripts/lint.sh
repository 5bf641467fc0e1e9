#!/usr/bin/env bash
# What a machine can say about the source without running the program.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
step "words" scripts/check-words.sh
step "links" scripts/check-links.sh
step "gofmt" scripts/check-format.sh
step "go vet" "${GO:-go}" vet ./...
step "staticcheck" "${GO:-go}" tool staticcheck ./...
step "walls" "${GO:-go}" test ./internal/walls/
finish
