# Needs Python 3.11 or newer, make and the package registry; everything else lands in .venv.

PYTHON ?= python3
JOBS   ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; echo $$n)
TESTS  ?= tests
ARGS   ?=

py      := .venv/bin/python
stamp   := .venv/installed-at
pip     := $(py) -m pip --disable-pip-version-check --quiet
compile := $(py) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url
bench   := $(wildcard bench)

# A folder that was moved or copied has a .venv that points to the old place: forget that it was installed.
$(shell [ "$$(cat $(stamp) 2>/dev/null)" = "$$(pwd -P)" ] || rm -f $(stamp))

# The tests start Dealwright hundreds of times: it is compiled once, whatever the machine's habits are.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install run test check fast lint format types bench lock clean

help:     ## show this list
	@sed -n 's/^\([a-z]*\): [^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-15s %s\n", $$1, $$2}'

install: $(stamp)  ## make .venv with everything locked, and Dealwright itself in it

run: install  ## start a server with a demo company (ARGS="--port 9000" passes more)
	$(py) -m dealwright serve --demo $(ARGS)

test: install  ## run every test this machine can, on SQLite and PostgreSQL (TESTS=… for some, ARGS=… passes more)
	$(py) -m pytest -n $(JOBS) --dist loadgroup $(TESTS) $(ARGS)

check: lint types test  ## everything a change must pass: lint, format, types, every test, floors, docs

fast: lint types  ## the part of check that needs neither PostgreSQL nor a browser, under a minute
	$(py) -m pytest -n $(JOBS) --dist loadgroup -m "not postgres and not browser and not slow" $(TESTS) $(ARGS)

lint: install  ## ruff: rules and format
	$(py) -m ruff check .
	$(py) -m ruff format --check .

types: install  ## mypy --strict
	$(py) -m mypy src tests $(bench)

format: install  ## write the format and the repairs that ruff is sure of
	$(py) -m ruff check --fix .
	$(py) -m ruff format .

bench: install  ## take the measurements again (ARGS=… chooses)
	$(py) -m bench $(ARGS)

lock: install  ## write requirements/*.txt anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(pip) install --require-hashes -r requirements/lock.txt
	$(compile) $(ARGS) pyproject.toml -o requirements/run.txt
	$(compile) $(ARGS) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(compile) $(ARGS) --group lock -o requirements/lock.txt

clean:    ## remove .venv and every cache; databases stay
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(stamp): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dealwright needs Python 3.11 or newer; name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(py) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(pip) install --require-hashes -r requirements/dev.txt
	$(pip) install --no-deps --no-build-isolation --editable .
	@pwd -P > $@
