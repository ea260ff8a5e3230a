# One command for each thing people do here. `make help` prints them.
PYTHON ?= python3
BIN := .venv/bin
CORES ?= $(shell nproc 2>/dev/null || echo 2)
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
FAULT_SECONDS ?= 600
FAULT_SEED ?= $(shell date +%Y%m%d)
.DEFAULT_GOAL := help
.PHONY: help demo frontend test install check format lint types imports generated openapi schema fuzz fuzz-long money-long simulate-long simulate-tables faults e2e pictures bench bench-plans docker-check audit licences sbom lock clean

help: ## print this
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: .venv/.runtime ## install and run everything with the sample network on http://127.0.0.1:8000
	$(BIN)/interpreters demo

test: .venv/.dev ## install and run the tests
	$(BIN)/pytest -q -n $(CORES) --dist worksteal

install: .venv/.dev ## install everything into .venv

check: .venv/.dev lint types imports generated docker-check ## what CI runs: format, lint, types, imports, generated files, tests, a short bench
	$(MAKE) test
	$(MAKE) bench SHORT=1

frontend: .venv/.dev ## build what browsers run anew, from frontend/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

format: .venv/.dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src

types: .venv/.dev
	$(BIN)/mypy
	$(BIN)/pyright

imports: .venv/.dev
	$(BIN)/lint-imports

generated: .venv/.dev ## fail when a generated file is not what would be generated now
	$(BIN)/interpreters openapi | diff -u openapi/interpreters.json -

openapi: .venv/.dev ## write openapi/interpreters.json anew
	$(BIN)/interpreters openapi > openapi/interpreters.json.new
	mv openapi/interpreters.json.new openapi/interpreters.json

schema: .venv/.dev ## write migrations/schema.sql anew
	$(BIN)/python tests/sql/dump.py > migrations/schema.sql.new
	mv migrations/schema.sql.new migrations/schema.sql

fuzz-long: .venv/.dev ## try the whole contract with a hundred thousand made-up calls, alone and in sequences
	FUZZ_EXAMPLES=350 $(BIN)/pytest -q -n $(CORES) tests/contract/test_schemathesis.py tests/contract/test_stateful.py --timeout 14400

money-long: .venv/.dev ## price a million made-up sessions beside an arithmetic that shares no code
	MONEY_SESSIONS=1000000 $(BIN)/pytest -q -n $(CORES) tests/domain/test_pricing_at_random.py tests/domain/test_cancelling_at_random.py --timeout 36000

simulate-long: .venv/.runtime ## play ten thousand requests through dispatch, for each of the three networks
	for roster in centre court city; do $(BIN)/interpreters simulate --requests 10000 --roster $$roster || exit 1; done

simulate-tables: .venv/.runtime ## write the tables and the picture of docs/simulation.md and docs/dispatch.md anew
	$(BIN)/python -m interpreters.simulation docs/simulation.md docs/dispatch.md docs/simulation.svg

faults: .venv/.dev ## break everything under load for ten minutes, then look (FAULT_SECONDS, FAULT_SEED); nothing acknowledged may be lost
	PYTHONPATH=tests $(BIN)/python -m faults.run --seconds $(FAULT_SECONDS) --seed $(FAULT_SEED)
	INTERPRETERS_TEST_ROUNDS=10 $(BIN)/pytest -q tests/faults tests/jobs --timeout 3600

e2e: .venv/.dev ## click through every page in a real browser, in every complete language
	E2E=all $(BIN)/pytest -q -n $(CORES) --dist worksteal tests/web --timeout 3600

pictures: .venv/.dev ## take the pictures of the README anew, of the sample network
	PYTHONPATH=tests $(BIN)/python -m pictures

bench: .venv/.dev ## measure searches and bookings beside the same SQL in pgbench (SHORT=1: a small form)
	$(BIN)/python -m bench $(if $(SHORT),--short,)

bench-plans: .venv/.dev ## measure planning together: ten thousand open requests of twenty candidates
	PYTHONPATH=tests $(BIN)/python -m bench.plans

docker-check: .venv/.dev
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/yamllint -s docker/compose.yaml

audit: .venv/.dev ## ask whether anything locked has a known weakness; needs the network
	$(BIN)/python requirements/audit.py

licences: .venv/.dev ## write docs/licences.md anew
	$(BIN)/python requirements/licences.py > docs/licences.md.new
	mv docs/licences.md.new docs/licences.md

sbom: .venv/.dev ## write dist/sbom.json: what the product is made of, as CycloneDX
	mkdir -p dist
	$(BIN)/python requirements/sbom.py > dist/sbom.json

lock: .venv/.dev ## pin the dependencies anew, with hashes, and list their licences
	requirements/lock.sh
	$(MAKE) licences

clean: ## remove what was installed and made, and the data of `make demo`
	rm -rf .venv data dist .mypy_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements/runtime.txt pyproject.toml hatch_build.py $(FRONTEND) | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@
