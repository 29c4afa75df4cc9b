# Every target sets up what it needs; a bare machine has git, make and Python 3.11 or later.
# Packages come from wherever the machine's own pip and uv settings say, and only as requirements.lock knows them.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(BIN)/uv
RUNTIME := $(VENV)/.runtime
EVERYTHING := $(VENV)/.everything

INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(PY)
LOCKED := $(INSTALL) --require-hashes --constraint requirements.lock --requirement pyproject.toml
EDITABLE := $(INSTALL) --no-deps --build-constraint requirements.lock --editable .

# uv does not read pip's name for a mirror.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check bench reliability scale judgement record format schemas lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

install: $(EVERYTHING) ## make .venv with every extra and the development tools

demo: $(RUNTIME) ## start the service, check the seed articles, print the claims with both sides
	$(PY) -m service.demo $(ARGS)

serve: $(RUNTIME) ## run the service; settings are SECONDSOURCE_* in the environment
	$(BIN)/secondsource serve $(ARGS)

test: $(EVERYTHING) ## run the tests, offline, with the coverage floor
	$(BIN)/pytest --cov --cov-report=term:skip-covered $(ARGS)

check: $(EVERYTHING) ## the gate: format, lint, types, import rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(EVERYTHING) ## time the service's own work
	$(PY) -m tests.bench $(ARGS)

reliability: $(EVERYTHING) ## kill, starve and flood it: ARGS=crash, workers, faults or load
	$(PY) -m tests.reliability $(ARGS)

scale: $(EVERYTHING) ## search over many passages: ARGS="--passages 100000 --database sqlite"
	$(PY) -m tests.scale $(ARGS)

judgement: $(EVERYTHING) ## make the tables of docs/judgement.md from the answers in docs/judgement
	$(PY) -m tests.judgement

record: $(EVERYTHING) ## record the cassettes anew: make record MODEL=openai/NAME
	@test -n '$(MODEL)' || { echo 'Name a model: make record MODEL=openai/NAME'; exit 2; }
	$(PY) -m tests.record --model $(MODEL) $(ARGS)

format: $(EVERYTHING) ## format the code and apply the safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: $(EVERYTHING) ## write schemas/json from the models
	$(PY) -m schemas.export

lock: $(UV) ## write requirements.lock anew; ARGS=--upgrade takes newer releases
	$(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	  --all-extras --group dev --group build --no-header --no-emit-index-url --output-file requirements.lock $(ARGS)

clean: ## remove .venv and all that tools left behind
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): $(UV) pyproject.toml requirements.lock
	$(LOCKED)
	$(EDITABLE)
	@touch $@

$(EVERYTHING): $(UV) pyproject.toml requirements.lock
	$(LOCKED) --all-extras --group dev
	$(EDITABLE)
	@touch $(RUNTIME) $@

# pip installs one package, uv, by the hashes of the lock; uv installs the rest.
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo 'Python 3.11 to 3.14 is needed. Name one: make PYTHON=/path/to/python3.13'; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv --without-pip $(VENV)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null || \
	  { echo 'This Python has no ensurepip. Install it (Debian, Ubuntu: apt install python3-venv), or make PYTHON=/path/to/another'; exit 1; }
	awk '/^uv==/, !/\\$$/' requirements.lock > $(VENV)/uv.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	@touch $@
