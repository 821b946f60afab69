# Everything here works in a fresh clone on a machine with Python 3.11+ and make; each command installs what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test conformance lint bench matrix docs clean

demo: $(VENV)/.demo  ## Seven real integrations against replayed answers, and the page of enriched runs. ONCE=1 exits.
	$(BIN)/python -m langchain_respmeta.demo $(if $(ONCE),--once)

test: $(VENV)/.test  ## The whole suite; installs a browser for the page's tests when there is none.
	$(BIN)/python tests/ensure_browser.py
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not shared"

conformance: $(VENV)/.conformance  ## Recorded answers of real providers (where they lie beside the checkout), field by field.
	$(BIN)/python -m pytest -n auto --dist loadfile -m shared

lint: $(VENV)/.lint  ## ruff, mypy (strict) and pyright.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(VENV)/.test  ## Added cost per call, beside a no-op handler, UsageMetadataCallbackHandler and LangChainTracer.
	$(BIN)/python -m benchmarks

matrix: $(VENV)/.test  ## Ways of calling × ways of attaching the handler: every run stamped once.
	$(BIN)/python -m tests.attachment

docs: $(VENV)/.test  ## Regenerate the tables under docs/.
	$(BIN)/python docs/generate.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "The module venv is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -U 'pip>=25.1'

$(VENV)/.demo: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install -q -e '.[demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(BIN)/python -m pip install -q --group test
	@touch $@

$(VENV)/.conformance: $(VENV)/.test
	$(BIN)/python -m pip install -q --group conformance
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/python -m pip install -q --group lint
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
