# Everything a newcomer needs; `make` alone lists the targets.
PYTHON ?= python3
UV_VERSION = 0.9
VENV = .venv
BIN = $(VENV)/bin
ROOMS = deploy desk huiyao processors producers publishers schemas streams
EXIT ?=
# Processes of the tests; 0 is one, in which -s and a debugger work.
WORKERS ?= 2
ARGS ?=
export UV_PROJECT_ENVIRONMENT = $(VENV)
export UV_LINK_MODE = copy

.PHONY: help setup demo test lint format types check chaos bench gold train ablation train-reader train-spelling train-wording schemas clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Huiyao needs Python 3.11 or later; set PYTHON=…")'
	@test -x $(BIN)/uv || ($(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=$(UV_VERSION)")
	$(BIN)/uv sync --quiet --frozen --all-groups --inexact --compile-bytecode
	@$(BIN)/python -m compileall -q $(ROOMS)
	@touch $@

setup: $(VENV)/.ready ## make .venv from the lock file

demo: setup ## play the sample day on real engines; EXIT=1 stops by itself
	$(BIN)/huiyao demo $(if $(filter 1,$(EXIT)),--exit)

test: setup ## the whole suite, engines included
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy strict
	$(BIN)/mypy

format: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint types test ## all of the above

chaos: setup ## faults under load, the long form
	HUIYAO_CHAOS=full $(BIN)/python -m pytest tests/chaos -m chaos --timeout 3600 -s $(ARGS)

bench: setup ## timings, as ratios within one run
	$(BIN)/python -m tests.bench $(ARGS)

gold: setup ## quality of judgement on the gold data
	$(BIN)/python -m tests.gold.report $(ARGS)

train: setup ## train the category, emergency, opinion, claim and story models from gold and corrections
	$(BIN)/python -m training.category $(ARGS)
	$(BIN)/python -m training.opinion
	$(BIN)/python -m training.content
	$(BIN)/python -m training.stories

ablation: setup ## what each part of the category and emergency models brings
	$(BIN)/python -m training.category.ablation $(ARGS)

train-reader: setup ## train the second reader (an hour; torch and onnx come for the run only)
	$(BIN)/uv run --frozen --all-groups --with torch --with onnx python -m training.reader $(ARGS)

train-spelling: setup ## train the spelling reader (an hour of one core; torch and onnx come for the run only)
	$(BIN)/uv run --frozen --all-groups --with torch --with onnx python -m training.spelling $(ARGS)

train-wording: setup ## train the wording model from the official-prose corpus
	$(BIN)/python -m training.wording $(ARGS)

schemas: setup ## write the JSON Schemas
	$(BIN)/python -m schemas.generate

clean: ## remove what the demo and the tests made (not .venv, not downloads)
	rm -rf out data .pytest_cache .mypy_cache .ruff_cache .hypothesis
