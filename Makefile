# The commands a person types. Each of them sets up what it needs; the longer ones live in scripts/.
#
#   make         build bin/serai (with the desk app, where Node.js is present)
#   make demo    build, then two nodes of two Societies with simulated people
#   make test    everything that a change must pass
#   make e2e     the browser journeys alone, with their figures (E2E="offline figures" for some of them)
#   make lint    the quick part of it: format, vet, staticcheck, walls, words
#   make bench   the figures of docs/measures.md
#   make clean   remove what was built

SHELL         := /bin/bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
MAKEFLAGS     += --no-print-directory

# A service account often has no home; the Go and npm caches then stay inside the checkout.
export HOME ?= $(CURDIR)/.cache/home

GO      ?= go
# Git may be absent, or refuse a checkout that belongs to somebody else: the build must not fail on that.
VCS     := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo true || echo false)
# Node.js is a convenience for the build and a need for the tests.
DESK    := $(and $(wildcard ui/package.json),$(shell command -v npm 2>/dev/null),ui/dist/index.html)
UI_SRC  := $(shell find ui -type d \( -name node_modules -o -name dist -o -name coverage -o -name test-results \) -prune -o -type f -print 2>/dev/null)

.PHONY: build desk binary demo test e2e lint bench clean

build: desk binary

ifeq ($(DESK),)
desk:
	@echo "No Node.js (npm) here, or no ui/: building without the desk app. The program works and says so at /desk/."
else
desk: $(DESK)
endif

binary:
	$(GO) build -buildvcs=$(VCS) -trimpath -ldflags "-s -w" -o bin/serai ./cmd/serai

ui/node_modules/.installed: ui/package.json ui/package-lock.json
	@scripts/npm-ci.sh

# Vite empties the folder, and the Go build embeds it: the kept file lets it exist in a fresh clone.
ui/dist/index.html: ui/node_modules/.installed $(UI_SRC)
	@cd ui && npm run --silent build
	@touch ui/dist/.keep ui/dist/index.html

demo: build
	@exec bin/serai demo $(DEMO_FLAGS)

test:
	@scripts/test.sh

e2e: build
	@scripts/setup-test.sh
	@cd ui && SERAI_CHROMIUM=$${SERAI_CHROMIUM:-/usr/bin/chromium} npm run --silent journeys -- $(or $(E2E),all)

lint:
	@scripts/lint.sh

bench: build
	@scripts/bench.sh $(BENCH)

clean:
	@chmod -R u+w .cache 2>/dev/null || true # Go keeps its modules read-only
	rm -rf bin .cache coverage ui/coverage ui/test-results
	find ui/dist -mindepth 1 ! -name .keep -delete 2>/dev/null || true
