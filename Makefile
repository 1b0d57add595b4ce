# Firstcall. `make run` tries it, `make test` proves it; `make help` lists the rest.
# Every path is relative, so that a clone may lie in a folder with spaces in its name.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
SEED ?= 20261201
WORKERS ?= 2
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

export PYTHONUNBUFFERED := 1
export UV_NO_PROGRESS := 1

.PHONY: help run test check format bench soak lock messages screenshots gallery clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run.stamp ## start the whole clinic on this machine, with a demo in it
	@exec $(PY) -m config.embedded

test: .venv/dev.stamp ## the whole suite, on real servers and a real browser
	@.ci/chromium
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --randomly-seed=$(SEED) --ignore=tests/browser $(ARGS)
	$(PY) -m pytest --randomly-seed=$(SEED) tests/browser $(ARGS)

check: .venv/dev.stamp ## lint, format, types, floors, templates, migrations, translations, audit
	@.ci/check

format: .venv/dev.stamp ## lint fixes and formatting, of Python and templates
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format --quiet .
	@find config inquiries scheduling notifications -path '*/templates/*.html' -print0 | \
		xargs -r -0 .venv/bin/djade --target-version 5.2

bench: .venv/dev.stamp ## the benchmark table of ratios
	@exec $(PY) -m tests.servers $(PY) -m benchmarks $(ARGS)

soak: .venv/dev.stamp ## the long forms: a thousand walks, 20 simulated months, then the suite in other orders: make soak ROUNDS=20
	RESTARTS=$${RESTARTS:-100} FLUSHES=$${FLUSHES:-30} CRASHES=$${CRASHES:-20} $(PY) -m pytest tests/faults --randomly-seed=$(SEED) --timeout=0
	WALKS=$${WALKS:-1000} RACE_ROUNDS=1000 $(PY) -m pytest tests/scheduling -p randomly --randomly-seed=$(SEED) --timeout=0
	@for seed in $$(seq 1 $${SIMULATIONS:-20}); do \
		$(PY) -m tests.servers $(PY) manage.py simulate --days 30 --seed $$seed || exit 1; done
	@for round in $$(seq 1 $${ROUNDS:-10}); do $(MAKE) --no-print-directory test SEED=$$RANDOM; done

lock: .venv/dev.stamp ## newest versions that fit, into the lock files
	cd requirements && for set in prod embedded dev; do \
		PATH="$$PWD/../.venv/bin:$$PATH" $(LOCK) --upgrade $$set.in -o $$set.txt; done

messages: .venv/dev.stamp ## collect the texts to translate into locale/
	@$(PY) -m config.translations extract

screenshots: .venv/dev.stamp ## the pictures of the README, from a fresh demo
	@.ci/chromium
	@exec $(PY) -m tests.servers $(PY) -m tests.browser.screenshots

gallery: .venv/dev.stamp ## every page and state of visitors and desk as a picture, into .data/gallery (not committed)
	@.ci/chromium
	@exec $(PY) -m tests.servers $(PY) -m tests.browser.screenshots .data/gallery

clean: ## remove what can be made again; data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/run.stamp: requirements/prod.txt requirements/embedded.txt requirements/install
	@requirements/install prod embedded
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@requirements/install dev
	@touch $@
