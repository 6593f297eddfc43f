# People's commands. Each says what it does when it is run; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
CATALYST := $(TARGET)/debug/catalyst
CARGO_FLAGS ?= --locked

.PHONY: help setup build release demo test check lint unit secrets stack-tests crash-test up down reset bench crash fuzz-api drill corruptions

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Postgres with pg_cron and pgTAP, Node
	@scripts/setup

build: setup ## Build the functions and the tool
	cargo build $(CARGO_FLAGS) -p catalyst-cli
	cargo build $(CARGO_FLAGS)

release: setup ## Build both as they are shipped
	cargo build $(CARGO_FLAGS) --release -p catalyst-cli
	cargo build $(CARGO_FLAGS) --release

demo: build ## Run the whole loop once for a new user; CATALOG=FILE.csv takes a real channel
	@$(CATALYST) demo $(if $(CATALOG),--catalog "$(CATALOG)")

up: build ## Start the local stack until Ctrl-C
	@$(CATALYST) up $(if $(CATALOG),--catalog "$(CATALOG)")

down: ## Stop the local stack
	@$(CATALYST) down

reset: ## Stop the local stack and forget its data
	@$(CATALYST) reset

test: setup lint secrets unit build check stack-tests crash-test ## Run every check and every test
	@echo "all checks and tests passed"

lint: ## Formatting and lints
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings

unit: ## Unit, vector and property tests
	cargo test $(CARGO_FLAGS) -p catalyst -p postgrest -p fakes -p catalyst-cli

secrets: setup ## No secret in the tree and its history, and every kind of them is noticed
	@tests/secrets/run

check: ## api/, Cargo.toml, vercel.json and the OpenAPI document must agree
	@$(CATALYST) check

stack-tests: ## Database, routes, flows and supabase-js, on one throwaway stack
	@$(CATALYST) exec -- scripts/stack-tests

crash-test: ## The crash rig with 200 jobs, 40 kills and 6 stalls, on a stack of its own
	@$(CATALYST) crash

bench: setup ## Measure performance; the report is under target/
	cargo build $(CARGO_FLAGS) --release
	cargo build $(CARGO_FLAGS) --profile tool -p catalyst-cli
	@$(TARGET)/tool/catalyst bench

JOBS ?= 200
KILLS ?= 40
STALLS ?= 6
SEED ?= 1

crash: setup ## Kill workers while they render and upload, and count what the world saw; JOBS, KILLS, STALLS, SEED, RELEASE=1
	cargo build $(CARGO_FLAGS) $(if $(RELEASE),--profile tool) -p catalyst-cli
	cargo build $(CARGO_FLAGS) $(if $(RELEASE),--release)
	@$(if $(RELEASE),$(TARGET)/tool/catalyst,$(CATALYST)) crash --jobs $(JOBS) --kills $(KILLS) --stalls $(STALLS) --seed $(SEED) $(if $(RELEASE),--release)

drill: build ## Lose the database in the middle of uploads and recover; CATALOG=FILE.csv takes a real channel
	@$(CATALYST) drill $(if $(CATALOG),--catalog "$(CATALOG)")

CORRUPTIONS ?= 1000

corruptions: ## Change one byte of a backup in each of CORRUPTIONS random places, and see each noticed
	CORRUPTIONS=$(CORRUPTIONS) cargo test $(CARGO_FLAGS) -p catalyst-cli --test backup a_changed_byte -- --nocapture

fuzz-api: build ## Send made-up requests to every operation of the OpenAPI document; EXAMPLES=n cases of each and phase
	@ENABLE_RATE_LIMITING=false $(CATALYST) exec -- tests/schemathesis/run
