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

BUILD_UI := $(BIN)/python -m deploy.ui

.PHONY: help run ui ui-dev sandbox test check format coverage drill screenshots bench bench-ui schemas setup clean

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

run: ui ## Start Chatloom, with its own PostgreSQL and Redis, a sample bot and the web UI
	@$(BIN)/chatloom up

ui: $(VENV)/.run ## Build the web UI, where its sources have changed
	@$(BUILD_UI)

ui-dev: $(VENV)/.dev ## Serve the web UI's sources, anew at each change; the API is that of a running `make run`
	@$(BUILD_UI) npm run dev

sandbox: $(VENV)/.dev ui ## Link a number with phones that a web page plays: no phone and no net are involved
	@$(BIN)/chatloom sandbox

test: $(VENV)/.dev ui ## All tests but the long ones (a few minutes)
	@$(BIN)/pytest -n 3 --dist worksteal -m "not drill"

check: $(VENV)/.dev ## Lint, format, types, layers, lock file, exported schemas and docs, one chain of migrations, the UI's own
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
	@$(BUILD_UI) npm run --silent check

format: $(VENV)/.dev ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BUILD_UI) npm run --silent format

coverage: $(VENV)/.dev ## What the tests of the engine, the keys and the vault leave out
	@$(BIN)/pytest tests/flows tests/keys tests/vault -m "not drill" --cov=flows --cov=keys --cov=sessions.vault --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

drill: $(VENV)/.dev ui ## The long tests: kills, waits, fuzzing (at most 40 minutes)
	@$(BIN)/pytest -n 1 -m drill -o faulthandler_timeout=900

screenshots: $(VENV)/.dev ui ## Pictures of the web UI's pages in data/screenshots: themes, languages, widths
	@$(BIN)/python -m tests.ui.screenshots data/screenshots

bench: $(VENV)/.dev ## Speed and memory, as a table and JSON
	@$(BIN)/python -m bench

bench-ui: $(VENV)/.dev ui ## The web UI in a browser: what it loads, how soon it shows, how it keeps up
	@$(BIN)/python -m bench.ui

schemas: $(VENV)/.dev ## Write schemas/json/ and the generated parts of docs/ anew from the code
	@$(BIN)/python -m cli.export_schemas
	@$(BIN)/python -m cli.reference
	@$(BIN)/python -m deploy.licences

clean: ## Remove the virtual environment and caches (data/ stays)
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .coverage* htmlcov \
		admin_ui/node_modules admin_ui/dist admin_ui/src/api/schema.d.ts
