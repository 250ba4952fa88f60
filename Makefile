# The two commands: `make demo` shows the main job, `make test` passes the tests.
# Both need only Python 3.11+ and make; everything else is installed into .venv from requirements/ by hash.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
AUDIT  := .venv-audit
OLDEST := .venv-oldest
# Commands are started hundreds of times in the tests: compiled once, not each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test check checks format lint types imports coverage test-all oldest bench soak audit sbom pictures lock clean

demo: $(READY)
	$(BIN)/waypost demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long"

# What CI runs.
check: checks test-all

# May run beside one another: with -j 2 CI has `oldest` and these. The longest is the first.
checks: coverage types lint imports

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# The rules are pure and tabled, so their own tests reach nearly every branch of them.
coverage: $(READY)
	$(BIN)/python -m coverage run -m pytest -q tests/model
	$(BIN)/python -m coverage report

# Tests that measure real time, as all attacks do, run alone. The model's own tests have run for their coverage.
test-all: $(READY)
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not quiet" --ignore=tests/model
	$(BIN)/python -m pytest -m quiet $(sort $(dir $(shell grep -rl --include=*.py pytest.mark.quiet tests)))

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m bench.accept
	$(BIN)/python -m bench.mass
	$(BIN)/python -m bench.steady
	$(BIN)/python -m bench.bytecode
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.configuration
	$(BIN)/python -m bench.claims
	$(BIN)/python -m bench.timers
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.routes
	$(BIN)/python -m bench.cancelling
	$(BIN)/python -m bench.console

# Long runs that no other target includes: make soak NAME=kill ROUNDS=200
soak: $(READY)
	$(BIN)/python -m $(subst /,.,$(basename $(wildcard tests/*/soak_$(NAME).py))) --rounds $(or $(ROUNDS),200)

# Known vulnerabilities of what runs; without advisory data it says "no verdict" and fails.
audit: $(AUDIT)/.ready
	$(AUDIT)/bin/python -m tools.audit

# A software bill of materials of what runs, in CycloneDX's form.
sbom: $(AUDIT)/.ready
	$(AUDIT)/bin/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible \
	  --of JSON -o waypost.cdx.json

# With the oldest versions of everything that pyproject.toml allows: what starts, calls, sends and stores.
oldest: $(OLDEST)/.ready
	$(OLDEST)/bin/python -m pytest -n 2 -q -m "not long" -o filterwarnings=default \
	  tests/cli/test_call.py tests/cli/test_demo.py tests/outbound tests/connectors/test_foreign_bytes.py \
	  tests/server/test_http.py tests/storage/test_ledger.py tests/storage/test_migrations.py

$(OLDEST)/.ready: requirements/oldest.txt pyproject.toml
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
	  -r requirements/oldest.txt
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(AUDIT)/.ready: requirements/audit.txt
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	touch $@

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 15), "Waypost needs Python 3.11 to 3.14"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(READY)

# The pictures of the README, taken of a sandbox in Chromium.
pictures: $(READY)
	$(BIN)/python -m tools.pictures

# Pins every dependency with its hashes; needs uv on the PATH.
lock:
	uv pip compile pyproject.toml -c requirements/held-back.txt --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements/run.txt
	uv pip compile pyproject.toml --group dev -c requirements/held-back.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements/dev.txt
	uv pip compile pyproject.toml --resolution lowest-direct --universal --python-version 3.11 \
	  --no-emit-index-url --no-annotate --no-header --quiet -o .oldest.txt
	uv pip compile pyproject.toml --group dev -c .oldest.txt --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements/oldest.txt
	rm .oldest.txt
	uv pip compile --group audit --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements/audit.txt
	uv pip compile pyproject.toml --group outside --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements/outside.txt

clean:
	rm -rf $(VENV) $(AUDIT) $(OLDEST) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
