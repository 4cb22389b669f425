# TITAN. `make help` lists what there is; every target sets up what it needs and is quick the second time.
# PYTHON=/path/to/python3.12 chooses the interpreter, TITAN_PORT the port, TITAN_HOME the data folder.
# make test TESTS="core web" runs only these of the folders in tests/; make test-services TESTS="production" likewise.

SHELL := /bin/sh
.SHELLFLAGS := -ec
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
SPA := frontend/react_app
STAMPS := .stamps
# Modules are compiled when first imported: a minute of byte-compiling libraries nobody opens is saved.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --prefer-binary \
       --constraint constraints.txt
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error

SPA_SOURCES := $(shell find $(SPA)/src $(SPA)/public $(SPA)/index.html $(SPA)/vite.config.ts $(SPA)/tsconfig*.json \
                 -type f 2>/dev/null | sed 's/ /\\ /g')
KERNELS := $(shell find titan_core -name 'kernels*' -not -name '*.pyc' 2>/dev/null | sort)

.PHONY: help run setup test test-services check bench client format clean clean-all
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## Set up what is missing, then start TITAN and print its address and the demo account
	@tools/preflight.sh --port
	@$(MAKE) -j4 setup
	@exec $(BIN)/titan up

setup: $(STAMPS)/server $(STAMPS)/spa $(STAMPS)/kernels ## Only set up: Python and Node parts side by side
	@:

test: $(STAMPS)/dev $(STAMPS)/spa $(STAMPS)/kernels ## Run every test; browser tests too where Chromium is installed
	@$(BIN)/python tools/run_tests.py $(TESTS)

test-services: $(STAMPS)/dev $(STAMPS)/spa $(STAMPS)/kernels ## Run the server's tests on a private TimescaleDB and Redis, with production's processes
	@$(BIN)/python tools/run_tests.py --on-services $(TESTS)

check: $(STAMPS)/dev $(STAMPS)/spa ## Lint, types, import contracts, generated client, size, migrations, deployment, docs
	@$(BIN)/python tools/check.py

bench: $(STAMPS)/dev $(STAMPS)/kernels ## Run the benchmarks and print their tables
	@$(BIN)/python -m benchmarks

client: $(STAMPS)/dev $(STAMPS)/npm ## Regenerate openapi.json and the TypeScript client after a change of the API
	@$(BIN)/python tools/check_client.py --write

format: $(STAMPS)/dev ## Rewrite the Python sources in the house style
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

clean: ## Remove what set-up and builds made; your data in var/ stays
	rm -rf $(VENV) $(STAMPS) $(SPA)/node_modules $(SPA)/dist build test-results *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

clean-all: ## Like clean, and after a question your data in var/ too
	@tools/confirm.sh "Delete every price, scan and account in var/ ?"
	rm -rf var
	@$(MAKE) clean

# A stamp is written last, so a set-up that was interrupted is taken up again and never believed.

$(STAMPS)/venv:
	@tools/preflight.sh
	@tools/make_venv.sh $(VENV)
	@mkdir -p $(STAMPS) && touch $@

# The engine first: its kernels compile while the server's packages arrive.
$(STAMPS)/engine: $(STAMPS)/venv pyproject.toml constraints.txt
	@echo "· Python packages"
	@$(PIP) --editable .
	@touch $@

$(STAMPS)/server: $(STAMPS)/engine
	@$(PIP) --editable '.[server]'
	@$(PIP) --no-deps skfolio
	@touch $@

$(STAMPS)/dev: $(STAMPS)/server
	@echo "· Python packages for development"
	@$(PIP) --editable '.[dev]'
	@touch $@

$(STAMPS)/npm: $(SPA)/package.json $(SPA)/package-lock.json
	@tools/preflight.sh
	@echo "· Node packages"
	@cd $(SPA) && $(NPM_CI)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/spa: $(STAMPS)/npm $(SPA_SOURCES)
	@echo "· the application for the browser"
	@cd $(SPA) && npm run --silent build
	@touch $@

$(STAMPS)/kernels: $(STAMPS)/engine $(KERNELS)
	@echo "· compiling the numerical kernels"
	@TITAN_HOME="$${TITAN_HOME:-var}" $(BIN)/python -c 'import titan_core; titan_core.warm_up(side_by_side=True)'
	@touch $@
