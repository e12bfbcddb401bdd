# modemd: `make demo` to see it, `make test` to trust it. Both set up everything they need.
# CONTRIBUTING.md says what each target is for.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types imports units messages picture snapshots bench races clean

help:
	@echo 'make demo       two simulated modems, a daemon and the terminal UI'
	@echo 'make test       every gate: format, lint, types, imports, translations, tests'
	@echo 'make setup      the environment alone (.venv)'
	@echo 'make bench      the figures, printed'
	@echo 'make races      the cancel-against-fuse campaign, whole'
	@echo 'make snapshots  accept the TUI screens as they are now (then read the diff)'
	@echo 'make picture    draw the README picture of the TUI afresh'
	@echo 'make messages   gather the sentences and compile the translations'

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'modemd needs Python 3.11 or newer as "$(PYTHON)". Install it (Debian: apt install python3), or name another: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo 'Python is here but cannot make environments. Install its venv module: apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV) (once) ...'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --no-build-isolation --editable .
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q -j 0 $(VENV)/lib drivers modemd tui || true
	@touch $@
