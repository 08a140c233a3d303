# GNU make 4.3 or newer. Each target works alone on a fresh clone; everything is installed into .venv only.
PYTHON ?= python3

BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
# Folders too: a file that is taken away changes its folder's time.
SOURCES := pyproject.toml README.md LICENSE THIRD_PARTY.md \
	$(shell find ksfeat -name __pycache__ -prune -o -print)

.PHONY: help demo test test-all lint clean
.NOTPARALLEL: # one environment
.DELETE_ON_ERROR:

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile

demo: .venv/wheel-installed ## make the built-in phantom data and run the whole way on it
	$(BIN)/ksfeat demo --out ksfeat-demo

test: .venv/extra-test ## run the fast tests and the docstrings' examples against the built wheel
	KSFEAT_TESTS_WHEEL=1 $(BIN)/pytest -m "not slow" --doctest-modules --pyargs ./tests ksfeat

test-all: .venv/extra-test ## the same with the slow tests
	KSFEAT_TESTS_WHEEL=1 $(BIN)/pytest --doctest-modules --pyargs ./tests ksfeat

lint: .venv/extra-dev ## style, types, layers, licences, and whether the package can be published
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/licences.py --check
	rm -rf dist
	$(BIN)/pyproject-build --outdir dist
	$(BIN)/twine check --strict dist/*

clean: ## remove everything that these commands made
	rm -rf .venv build dist ksfeat.egg-info ksfeat-demo .*_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/made:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON): not found; install Python 3.11" \
		"or newer, or name yours: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python " + \
		sys.version.split()[0] + "; ksfeat needs 3.11 or newer: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv --clear .venv
	@touch $@

# From a clean build folder, or setuptools would pack files that are no longer there.
build/wheel-built: .venv/made $(SOURCES)
	rm -rf build ksfeat.egg-info
	$(PIP) wheel --no-deps --wheel-dir build/wheel .
	rm -rf build/lib build/bdist.* ksfeat.egg-info
	@touch $@

# --force-reinstall, since a rebuilt wheel has the version that is installed already.
.venv/wheel-installed: build/wheel-built constraints.txt
	@echo "installing ksfeat and what it needs into .venv (about a minute and 2 GB the first time)"
	$(PIP) install --force-reinstall --no-deps build/wheel/*.whl
	$(PIP) install --constraint constraints.txt build/wheel/*.whl
	@touch $@

.venv/extra-%: .venv/wheel-installed
	$(PIP) install --constraint constraints.txt "$$(echo build/wheel/*.whl)[$*]"
	@touch $@
