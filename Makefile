# Everything that is needed is set up by the targets themselves: Python 3.11+ and make are enough.
# `make run` starts Chatloom, `make test` tests it; `make help` names the rest.

PYTHON ?= python3
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_LINK_MODE ?= copy
# Commands and tests start many processes: compiled modules are kept, else each start compiles them again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run sandbox test check format coverage drill bench schemas setup clean

help: ## What each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(BIN)/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Chatloom needs Python 3.11 or later: none was found as '$(PYTHON)'."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Chatloom needs Python 3.11 or later; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) deploy/bootstrap.py $(VENV) $(UV_VERSION)

$(VENV)/.run: $(BIN)/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --frozen --no-default-groups --inexact
	@touch $@

$(VENV)/.dev: $(BIN)/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --frozen --inexact
	@touch $@ $(VENV)/.run

setup: $(VENV)/.dev ## Install everything for working on Chatloom

run: $(VENV)/.run ## Start Chatloom, with its own PostgreSQL and Redis, and a sample bot to chat with
	@$(BIN)/chatloom up

sandbox: $(VENV)/.dev ## Link a number with phones that a web page plays: no phone and no net are involved
	@$(BIN)/chatloom sandbox

test: $(VENV)/.dev ## All tests but the long ones (a few minutes)
	@$(BIN)/pytest -n 2 --dist worksteal -m "not drill"

check: $(VENV)/.dev ## Lint, format, types, layers, lock file, exported schemas and docs, one chain of migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/pyright
	@$(BIN)/uv lock --check --quiet
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	@test "$$(uname)" != Linux || $(BIN)/hadolint Dockerfile
	@$(BIN)/python -m cli.export_schemas --check
	@$(BIN)/python -m cli.reference --check
	@$(BIN)/python -m deploy.licences --check
	@$(BIN)/python -W error::UserWarning -c "from alembic.script import ScriptDirectory; ScriptDirectory('store/migrations').get_current_head()"

format: $(VENV)/.dev ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

coverage: $(VENV)/.dev ## What the tests of the engine, the keys and the vault leave out
	@$(BIN)/pytest tests/flows tests/keys tests/vault -m "not drill" --cov=flows --cov=keys --cov=sessions.vault --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

drill: $(VENV)/.dev ## The long tests: kills, waits, fuzzing (at most 40 minutes)
	@$(BIN)/pytest -n 1 -m drill

bench: $(VENV)/.dev ## Speed and memory, as a table and JSON
	@$(BIN)/python -m bench

schemas: $(VENV)/.dev ## Write schemas/json/ and the generated parts of docs/ anew from the code
	@$(BIN)/python -m cli.export_schemas
	@$(BIN)/python -m cli.reference
	@$(BIN)/python -m deploy.licences

clean: ## Remove the virtual environment and caches (data/ stays)
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .coverage* htmlcov
