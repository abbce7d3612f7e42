# `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
PYTEST_ARGS ?=
BENCH_ARGS ?=
export PORT
.DEFAULT_GOAL := help
.PHONY: help run test lint bench install reset check python catalogue packages
.DELETE_ON_ERROR:

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard cluster_portal/locale/*/LC_MESSAGES/*.po))
# What the linters load the settings with; nothing connects to it.
LINT_ENV := SECRET_KEY=lint DEBUG=1 DATABASE_URL=postgres://lint@127.0.0.1:1/lint REDIS_URL=redis://127.0.0.1:1/0

help:  ## list the targets
	@awk -F ':.*## +' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' Makefile

run: python check $(VENV)/run.stamp catalogue  ## start the portal with its demo at http://127.0.0.1:8000/ (PORT=8001 changes the port)
	@exec $(BIN)/python -m cluster_portal.local_services run

test: $(VENV)/dev.stamp catalogue packages  ## run all the tests (PYTEST_ARGS="-k ballot" chooses some)
	@exec $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

lint: $(VENV)/dev.stamp catalogue packages  ## run the linters, type checks and the check of the Lithuanian catalogue
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(LINT_ENV) $(BIN)/mypy .
	@$(LINT_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	@if [ -f tests/catalogue.py ]; then $(LINT_ENV) $(BIN)/python -m tests.catalogue; fi

bench: $(VENV)/dev.stamp catalogue packages  ## measure against the goals; writes bench.json (BENCH_ARGS=directory chooses a suite)
	@exec $(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

install: python $(VENV)/run.stamp catalogue  ## install the packages and compile the catalogue, for production

reset: python  ## empty the local data (.local/, or DATA_DIR)
	@exec $(PYTHON) -m cluster_portal.local_services reset

check: python
	@$(PYTHON) -m cluster_portal.local_services check

python:
	@command -v $(PYTHON) >/dev/null || { echo "The portal needs Python 3.11 or newer; there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The portal needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])'

NOT_INSTALLED = echo "The packages could not be installed: see above, and try again." >&2; exit 1
# A stamp is written last, so that an install which was cut short is repeated.
$(VENV)/run.stamp: requirements.txt | python
	@echo "Installing the packages into $(VENV) (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make $(VENV) here: it needs a folder to write to, and on Debian python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt || { $(NOT_INSTALLED); }
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing the packages that the tests need …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt || { $(NOT_INSTALLED); }
	@touch $@

catalogue: $(CATALOGUES)

%.mo: %.po $(VENV)/run.stamp
	@$(BIN)/python -c 'import polib, sys; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])' $< $@

# The browser of the journeys and the dictionary of the spell check come from Debian, where we may install them.
packages:
	@command -v chromium >/dev/null && [ -f /usr/share/hunspell/lt_LT.dic ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium and hunspell-lt …"; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get update -q && apt-get install -qy --no-install-recommends chromium hunspell-lt; } </dev/null >/dev/null && exit 0; \
	fi; \
	echo "Without chromium the browser journeys are skipped, without hunspell-lt the spell check is. To have both:"; \
	echo "  sudo apt-get install chromium hunspell-lt"
