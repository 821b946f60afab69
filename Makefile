# Everything here works in a fresh clone on a machine with Python 3.11+ and make; each command installs what it needs,
# in the exact versions of locks/ (see there). Only `newest` and `oldest` resolve anew: that is what they are for.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := .venv-tools/bin
# pyspark alone has no wheel; the setuptools of the locks builds one.
LOCKED := -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-binary pyspark --no-build-isolation
SUITE := -m pytest -n auto --dist loadfile -m "not shared"
CORE_TESTS := tests/record tests/enrich/prices tests/attachment/test_bad_input.py tests/handler/test_hooks.py \
	tests/runs/test_cancelled.py $(patsubst %,tests/langsmith/test_%.py,rollups seam size)

.PHONY: demo test conformance lint bench bench-peers matrix docs notebooks package newest oldest lock clean

demo: $(VENV)/.demo  ## Seven real integrations against replayed answers, and the page of enriched runs. ONCE=1 exits.
	$(BIN)/python -m langchain_respmeta.demo $(if $(ONCE),--once)

test: $(VENV)/.test  ## The whole suite; installs a browser for the page's tests when there is none.
	$(BIN)/python tests/ensure_browser.py
	$(BIN)/python $(SUITE)

lint: $(VENV)/.lint  ## ruff, mypy (strict), pyright and import-linter.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

bench: $(VENV)/.test  ## What a call costs more with each handler: plain, chain, agent, streams, async. BENCH="--quick --only plain", BENCH=--write.
	$(BIN)/python -m benchmarks $(BENCH)
	@$(MAKE) --no-print-directory bench-peers || echo "Other libraries are not measured: they could not be installed, see above."

# Other libraries have wishes of their own, so they have an environment of their own.
bench-peers: .venv-bench/.installed  ## The same calls beside Langfuse, OpenInference and OpenTelemetry GenAI.
	.venv-bench/bin/python -m benchmarks --peers $(BENCH)

matrix: $(VENV)/.test  ## Ways of calling × ways of attaching the handler: every run stamped once.
	$(BIN)/python -m tests.attachment

docs: $(VENV)/.test  ## Regenerate the tables under docs/.
	$(BIN)/python docs/generate.py

notebooks: $(VENV)/.test  ## Execute the notebooks, and store what they show.
	$(BIN)/python -m tests.notebooks

# The 25 integrations do not all agree with the newest SDKs, so they have an environment of their own.
conformance: .venv-conformance/.installed  ## Recorded answers of real providers (where they lie beside the checkout), field by field.
	.venv-conformance/bin/python -m pytest -n auto --dist loadfile -m shared

package: $(VENV)/.test $(TOOLS)/uv  ## Build wheel and sdist, and try them in bare environments: the core alone, then each extra.
	$(BIN)/python -m tests.package --uv $(TOOLS)/uv

newest: $(TOOLS)/uv  ## The suite on the newest releases of everything, which the locks may not have yet.
	$(TOOLS)/uv venv --quiet --clear --python $(PYTHON) .venv-newest
	$(TOOLS)/uv pip install --quiet --python .venv-newest/bin/python --upgrade -e '.[demo,ray,spark,otel,prometheus,pictures]' --group test
	$(TOOLS)/uv pip list --quiet --python .venv-newest/bin/python
	.venv-newest/bin/python tests/ensure_browser.py
	.venv-newest/bin/python $(SUITE)

# Two environments: some integrations need a newer langchain-core than the package does.
oldest: $(TOOLS)/uv  ## The suite on the lower bounds of pyproject.toml, and the core's on the lower bounds of the core.
	$(TOOLS)/uv venv --quiet --clear --python $(PYTHON) .venv-oldest
	$(TOOLS)/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct -e '.[demo,ray,spark,otel,prometheus,pictures]' --group test
	$(TOOLS)/uv pip list --quiet --python .venv-oldest/bin/python
	.venv-oldest/bin/python tests/ensure_browser.py
	.venv-oldest/bin/python $(SUITE)
	$(TOOLS)/uv venv --quiet --clear --python $(PYTHON) .venv-oldest-core
	$(TOOLS)/uv pip install --quiet --python .venv-oldest-core/bin/python --resolution lowest-direct -e '.[local]' \
		'langchain>=1.0' 'langgraph>=1.0' --group test-core
	.venv-oldest-core/bin/python -m pytest -n auto --dist loadfile $(CORE_TESTS)
	.venv-oldest-core/bin/python -m tests.attachment

lock: $(TOOLS)/uv  ## Resolve the locks anew, to the newest releases that pyproject.toml allows. Then: make test newest oldest.
	UV=$(TOOLS)/uv locks/refresh.sh

define new_environment
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d: make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "The module venv is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(1)
	$(1)/bin/python $(LOCKED) -r locks/tools.txt
endef

$(BIN)/python:
	$(call new_environment,$(VENV))

$(VENV)/.demo: $(BIN)/python locks/demo.txt pyproject.toml
	$(BIN)/python $(LOCKED) -r locks/demo.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.demo locks/test.txt
	$(BIN)/python $(LOCKED) -r locks/test.txt
	@touch $@

$(VENV)/.lint: $(VENV)/.test locks/lint.txt
	$(BIN)/python $(LOCKED) -r locks/lint.txt
	@touch $@

.venv-conformance/.installed: locks/conformance.txt pyproject.toml
	$(call new_environment,.venv-conformance)
	.venv-conformance/bin/python $(LOCKED) -r locks/conformance.txt
	.venv-conformance/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv-bench/.installed: locks/bench.txt pyproject.toml
	$(call new_environment,.venv-bench)
	.venv-bench/bin/python $(LOCKED) -r locks/bench.txt
	.venv-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS)/uv: locks/tools.txt
	$(call new_environment,.venv-tools)
	@touch $@

clean:
	rm -rf $(VENV) .venv-* .pytest_cache .mypy_cache .ruff_cache dist
