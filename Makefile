# Everything is run through this file; `make` alone explains it.
# Needs python3 (3.11 or newer) with pip, make and git; PostgreSQL comes with `make install`.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CONTRACTS := .venv-contracts
CONTRACTS_STAMP := $(CONTRACTS)/.installed
SOURCES := packhouse config sandbox tests

# The lock files must hold the hashes of the public registry, so a local pip configuration stays out of them.
COMPILE := cd requirements && env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make requirements" ../$(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help install demo run test test-contracts check fix docs bench bench-webhooks bench-bulk bench-faults bench-neighbours bench-planning requirements upgrade clean

help: ## Show this list
	@echo "Packhouse: order management from the order to the delivered parcel. Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Make .venv with everything, including .venv/bin/packhouse

# venv without its own pip, filled by the host's pip: works where ensurepip is packaged apart, and is faster.
$(STAMP): pyproject.toml requirements/base.in requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Packhouse needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 install"; exit 1; }
	@$(PYTHON) -m pip --version > /dev/null || \
		{ echo "$(PYTHON) has no pip; install it (Debian, Ubuntu: apt install python3-pip) and try again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@echo "Installing the locked requirements into $(VENV) (about 80 packages) ..."
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--no-deps --require-hashes --requirement requirements/dev.txt
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --no-index --editable .
	@touch $@
	@echo "Installed: $(BIN)/packhouse --help"

demo: install ## Run the main job once on a demo brand and print what happened
	$(BIN)/packhouse demo

run: install ## Run Packhouse with the demo brand and its sandboxes; Ctrl-C ends it
	$(BIN)/packhouse run --demo

test: install ## Run all tests (WORKERS=2 at once; ARGS="-k quota" to choose)
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadgroup $(ARGS)

# The public clients pin old versions of libraries that Packhouse has newer, so they live in an environment of their own.
$(CONTRACTS_STAMP): requirements/contracts.txt
	@test -x $(CONTRACTS)/bin/python || $(PYTHON) -m venv --without-pip $(CONTRACTS)
	@echo "Installing the public clients and the webhook library into $(CONTRACTS) ..."
	@$(PYTHON) -m pip --python $(CONTRACTS)/bin/python install --quiet --disable-pip-version-check \
		--no-deps --require-hashes --requirement requirements/contracts.txt
	@touch $@

test-contracts: install $(CONTRACTS_STAMP) ## Run the public clients and library, unmodified, against us and the sandbox
	PUBLIC_CLIENTS_PYTHON=$(CURDIR)/$(CONTRACTS)/bin/python $(BIN)/pytest tests/sandbox/omnitron/clients tests/webhooks/library $(ARGS)

check: install ## Lint, formatting, types, import directions and generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/packhouse docs --check

fix: install ## Repair what lint and formatting can repair alone
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## Write the generated pages under docs/
	$(BIN)/packhouse docs

bench: install ## Measure complete packaging over HTTP against bare PostgreSQL
	$(BIN)/python -m bench

bench-webhooks: install ## Measure webhooks per second, alone and beside a dead and a slow subscriber
	$(BIN)/python -m bench.webhooks

bench-bulk: install ## Measure commands in bulk beside the same commands one by one, per second and per core
	$(BIN)/python -m bench.bulk_commands

bench-faults: install ## Live the same days calm, rough, without webhooks, through an outage; compare every row (hours)
	$(BIN)/python -m bench.faults $(ARGS)

bench-neighbours: install ## Measure commands beside an invoice service and a carrier that take ten seconds
	$(BIN)/python -m bench.slow_neighbours

bench-planning: install ## Measure planning: orders per second, two planners, a burst with a kill, storms on hot stock
	$(BIN)/python -m bench.planning

requirements: install ## Recompile the hashed requirements after editing requirements/*.in
	$(COMPILE) --output-file base.txt base.in
	$(COMPILE) --output-file dev.txt dev.in
	$(COMPILE) --output-file contracts.txt contracts.in

upgrade: install ## Recompile the hashed requirements to the newest versions
	$(COMPILE) --upgrade --output-file base.txt base.in
	$(COMPILE) --upgrade --output-file dev.txt dev.in

clean: ## Remove .venv, caches and builds (keeps .data)
	rm -rf $(VENV) $(CONTRACTS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
