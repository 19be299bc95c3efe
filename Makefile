# What a person types. Every target first sets up what it needs; done again, that takes no time.

PYTHON := .venv/bin/python
GO := $(PYTHON) distribution/golang.py
QUICK := -m "not slow and not network"
LONG := -m "not network"

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all wheel lint format bench schemas clean

help: ## say what there is
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## prepare .venv and the engine (all other targets do)
	@distribution/setup.sh

demo: setup ## check an example platform, break it, check it again; generate one
	@$(PYTHON) examples/demo.py

test: setup ## run the quick tests, offline
	@$(GO) test -vet=off -ldflags='-s -w' ./internal/fault/... ./internal/jail/... ./internal/parse/... ./internal/quick/... ./internal/wire/... ./internal/worker/...
	@$(PYTHON) -m pytest $(QUICK)

test-all: setup ## run all tests, slow matrices and the wheel too
	@$(GO) test -vet=off -ldflags='-s -w' ./...
	@$(PYTHON) -m pytest $(LONG)

wheel: setup ## build the wheel into build/wheel
	@rm -rf build/wheel
	@$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .

lint: setup ## ruff, mypy, go vet, gofmt
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@$(GO) vet ./...
	@unformatted=$$($(GO) gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on: $$unformatted"; exit 1; }

format: setup ## write Python and Go as the linters want them
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .
	@$(GO) gofmt -w .

bench: setup ## measure, beside kubeconform and flate where they are installed
	@$(PYTHON) bench/run.py

schemas: setup ## make the bundle of custom kinds again from the pinned modules
	@$(PYTHON) schemas/make.py

clean: ## remove what the other targets made (Go's own cache stays)
	rm -rf .venv build dist validators/gitops_validate/_engine .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
