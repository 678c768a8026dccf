# make demo:  set up, run the main job on real data, say where the report is.
# make quick: what one runs all day: no slow, PyMC or calibration tests.
# make test:  everything.

PYTHON ?= python3
BIN := .venv/bin
PYTEST_ARGS ?= -n 2 --dist worksteal
QUICK := not slow and not pymc and not calibration
COMPILED := $(CURDIR)/.venv/compiled
KERNELS := $(shell grep -rlE 'numba|puffin\.compiling' --include=*.py src/puffin)

.PHONY: demo quick test coverage lint types layers check wheel bench docs test-lowest test-newest test-py313 clean

# Two workers share two cores: with BLAS's own threads they would wait for each other. Bytecode is
# kept even if the environment says otherwise: tests start Python many times.
quick test coverage test-lowest test-newest: export OPENBLAS_NUM_THREADS := 1
quick test coverage test-lowest test-newest: export PYTHONDONTWRITEBYTECODE :=

demo: .venv/demo
	$(BIN)/puffin demo

quick: .venv/dev .venv/kernels
	NUMBA_CACHE_DIR=$(COMPILED) $(BIN)/python -m pytest $(PYTEST_ARGS) -m '$(QUICK)'

test: .venv/dev
	rm -rf $(COMPILED)
	touch .venv/kernels
	NUMBA_CACHE_DIR=$(COMPILED) $(BIN)/python -m pytest $(PYTEST_ARGS)

# Branches, as a table and as pages in build/coverage. Kernels are not in it; their twins are.
coverage: .venv/dev .venv/kernels
	NUMBA_CACHE_DIR=$(COMPILED) $(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report=term:skip-covered --cov-report=html

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

layers: .venv/dev
	$(BIN)/lint-imports

check: lint types layers

# The wheel, in an environment of its own: what a user installs runs the demo.
wheel: .venv/dev
	rm -rf dist .venv/wheel
	$(BIN)/python -m build --wheel --outdir dist
	$(PYTHON) -m venv .venv/wheel
	.venv/wheel/bin/python -m pip install --quiet "$$(ls dist/*.whl)[report]"
	cd .venv/wheel && bin/puffin demo --out demo.html --samples 500 --volatility-samples 300

bench: .venv/dev
	$(BIN)/python -m benchmarks

docs: .venv/docs
	rm -rf docs/reference/generated build/doctrees
	PYTHONPATH=$(CURDIR) NUMBA_CACHE_DIR=$(COMPILED) $(BIN)/python -m sphinx -W --keep-going -d build/doctrees docs build/docs

# The whole suite on the lowest versions that pyproject.toml allows, and on the newest there are, each
# in an environment of its own. PYTHON=python3.13 names the interpreter.
test-lowest: CONSTRAINT := --constraint .venv/lowest.txt
test-lowest: .venv/lowest.txt
test-lowest test-newest: test-%:
	rm -rf .venv/$*
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/python -m pip install --quiet $(CONSTRAINT) --editable '.[test]'
	NUMBA_CACHE_DIR=$(CURDIR)/.venv/$*/compiled .venv/$*/bin/python -m pytest $(PYTEST_ARGS)

.venv/lowest.txt: pyproject.toml scripts/lowest_versions.py
	mkdir -p $(@D)
	$(PYTHON) scripts/lowest_versions.py > $@

test-py313:
	@python3.13 --version || { echo 'There is no python3.13 here: install it, or put it on the PATH.' >&2; exit 1; }
	$(MAKE) test-newest PYTHON=python3.13

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Puffin needs Python 3.11 or later; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/demo: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[report]'
	touch $@

.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ .venv/demo

.venv/docs: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@ .venv/demo

# Numba compiles a kernel again when the file it stands in has changed, but not when a part that is
# compiled into it has.
.venv/kernels: $(KERNELS)
	rm -rf $(COMPILED)
	mkdir -p $(@D)
	touch $@

clean:
	rm -rf .venv dist
