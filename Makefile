# modemd: `make demo` to see it, `make test` to trust it. Both set up everything they need.
# CONTRIBUTING.md says more.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
PEERS := gammu gammu-smsd smstools kannel libdbd-sqlite3

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports tests races crashes campaign soak bench peers snapshots picture messages udev lock clean

help:
	@echo 'make demo       two simulated modems, a daemon and the terminal UI'
	@echo 'make test       every gate: format, lint, types, imports, translations, units, tests'
	@echo 'make setup      the environment alone (.venv)'
	@echo 'make races      2,000 races of cancel against fuse (RACES=, SEED=)'
	@echo 'make crashes    kill -9 at every write of a message to disk and port, and start again'
	@echo 'make campaign   the fault campaign: the seed of this day, long, or SEEDS=1-366 MESSAGES=30'
	@echo 'make soak       races, crashes and campaign'
	@echo 'make bench      every figure beside its target and the peers (NAMES="api tui" for some)'
	@echo 'make peers      install what the bench sets beside ours (Debian): gammu-smsd, smstools, Kannel'
	@echo 'make snapshots  accept the screens of the TUI as they are now (then read the diff)'
	@echo 'make picture    draw the picture of the TUI in the README afresh'
	@echo 'make messages   gather the sentences and compile the translations'
	@echo 'make udev       write udev/*.rules from drivers/profiles.json'
	@echo 'make lock       lock the dependencies anew (needs uv)'

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'modemd needs Python 3.11 or newer, and $(PYTHON) is not that.' \
	  'Install it (Debian: sudo apt install python3) or name another: make PYTHON=python3.12 setup' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'Python cannot make environments here: sudo apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV), once ...'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --require-hashes \
	  -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --no-deps \
	  --no-build-isolation --editable .
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -W ignore -m compileall -q -j 0 $(VENV)/lib drivers modemd tui
	@touch $@

demo: setup
	@$(BIN)/modemd demo

test: lint types imports tests

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

tests: setup
	$(BIN)/pytest -n $$((2 * $$(nproc))) --dist worksteal  # half of a test is waiting, and the long ones come first

races: setup
	RACES=$${RACES:-2000} $(BIN)/pytest tests/acceptance/test_races.py --timeout 0

crashes: setup
	$(BIN)/python -m tests.acceptance.crash

campaign: setup
	$(BIN)/python -m tests.acceptance.soak $(if $(SEEDS),--seeds $(SEEDS)) $(if $(MESSAGES),--messages $(MESSAGES))

soak: races crashes campaign
	SOAK=1 $(BIN)/pytest tests/acceptance/test_supervision.py --timeout 0

bench: setup
	$(BIN)/python -m tests.bench $(NAMES) $(if $(NAMES),,--page tests/bench/RESULTS.md)

# Their services are not started: the bench and the tests start their own.
peers:
	$(if $(filter-out 0,$(shell id -u)),sudo) sh -ec 'policy=/usr/sbin/policy-rc.d; \
	  [ -e $$policy ] || { trap "rm $$policy" EXIT; printf "#!/bin/sh\nexit 101\n" > $$policy; chmod 755 $$policy; }; \
	  export DEBIAN_FRONTEND=noninteractive; apt-get -qq update; apt-get -qq install -y --no-install-recommends $(PEERS)'

snapshots: setup
	SNAPSHOT_UPDATE=1 $(BIN)/pytest tests/tui/test_snapshots.py

picture: setup
	$(BIN)/python -m tests.tui.picture tests/tui/picture.svg

messages: setup
	$(BIN)/python -m tests.catalogue

udev: setup
	$(BIN)/python -m tests.udev_rules

lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 \
	  --no-header --no-annotate --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
