# People's commands. Each says what it does when it is run; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
CATALYST_DEV := $(TARGET)/debug/catalyst-dev
CARGO_FLAGS ?= --locked
# What differs from its snapshot fails, and nothing is written.
export INSTA_UPDATE ?= no
# Built in one invocation, the functions and the tools share their dependencies with one set of features, which every target
# here keeps. Releases build the functions alone, as the platform does.
DEVELOPMENT := -p content-catalyst-engine -p catalyst-dev

# Every target is a command, and none a file.
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Postgres with pg_cron and pgTAP, Node
	@scripts/setup

build: setup ## Build the functions and the development tools
	@scripts/pages without-console
	cargo build $(CARGO_FLAGS) $(DEVELOPMENT)

console: setup ## Build the web console into public/
	@scripts/pages

console-test: console ## The console: types, calculations, budgets, and each screen once in headless Chromium
	@cd console && PATH="$$(../scripts/node 22):$$PATH" && npm run --silent check && npm test --silent
	@$(CATALYST_DEV) exec -- tests/pages/run short

workspace: setup ## Build everything, with the operator's tool
	@scripts/pages without-console
	cargo build $(CARGO_FLAGS) --workspace

release: setup ## Build the functions and the operator's tool as they are shipped
	cargo build $(CARGO_FLAGS) --release -p catalyst-cli
	cargo build $(CARGO_FLAGS) --release

demo: build ## Run the whole loop once for a new user; CATALOG=FILE.csv takes a real channel
	@$(CATALYST_DEV) demo $(if $(CATALOG),--catalog "$(CATALOG)")

up: build console ## Start the local stack until Ctrl-C
	@$(CATALYST_DEV) up $(if $(CATALOG),--catalog "$(CATALOG)")

down: ## Stop the local stack
	@$(CATALYST_DEV) down

reset: ## Stop the local stack and forget its data
	@$(CATALYST_DEV) reset

test: setup lint secrets release-test unit workspace docs-test check openapi vercel-test stack-tests console-test crash-test erasure-test withdrawal-test spending-test fairness-test ## Run every check and every test
	@echo "all checks and tests passed"

lint: ## Formatting, structure and lints, and the functions with the features that the platform gives them
	cargo fmt --all --check
	cargo run $(CARGO_FLAGS) --quiet -p structure
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	cargo check $(CARGO_FLAGS) -p content-catalyst-engine --bins

unit: ## Unit, vector and property tests
	@scripts/setup pgbouncer minisign age
	cargo test $(CARGO_FLAGS) --workspace --exclude content-catalyst-engine

secrets: setup ## No secret in the tree and its history, and every kind of them is noticed
	@tests/secrets/run

docs-test: workspace ## Every command of the documentation: run, tried dry, or listed with what runs it instead
	@CATALYST_DEV=$(abspath $(CATALYST_DEV)) tests/docs/run commands

check: ## api/, Cargo.toml, vercel.json and the OpenAPI document must agree
	@$(CATALYST_DEV) check

openapi: setup ## The OpenAPI document: validators, generators, examples, and no breaking change that CHANGELOG.md does not list
	@tests/openapi/run

sdk: build ## Write sdk/ anew from the OpenAPI document
	@# An operation that is new has no example yet: `make api-examples` calls it with this client.
	@$(CATALYST_DEV) check --write || true
	@cd sdk && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run generate

api-examples: build ## Record the examples of the OpenAPI document anew, with the SDK on a throwaway stack
	@cd sdk && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run build
	@RECORD=$(abspath tests/openapi/examples.json) $(CATALYST_DEV) exec -- node --test sdk/test/operations.test.js
	@$(CATALYST_DEV) check --write

api-release: setup ## What CHANGELOG.md has under "Unreleased" becomes VERSION's
	@tests/openapi/run release $(VERSION)

data-api: build ## The reads of the product and of supabase-js by @supabase/lite too, on the same database
	@$(CATALYST_DEV) exec -- tests/data-api/run

example: build ## examples/next beside the stack, in headless Chromium
	@$(CATALYST_DEV) exec -- examples/next/test/run

vercel-test: build console ## The route table of Vercel's own builder, beside the local stack's reading of vercel.json
	@CATALYST_DEV=$(abspath $(CATALYST_DEV)) node --test tests/vercel/*.test.js

stack-tests: console ## Database with Supabase's linter, routes, flows and supabase-js, on throwaway stacks
	@# Flows wait more than they work, so they run beside the routes.
	@scripts/beside "$(CATALYST_DEV) exec -- scripts/stack-tests routes" "$(CATALYST_DEV) exec -- scripts/stack-tests flows"
	@$(CATALYST_DEV) exec -- scripts/stack-tests doctor

snapshots: export INSTA_UPDATE := always
snapshots: build ## Write the snapshots of the error bodies and the schemas of the tools for programs anew
	@cargo test $(CARGO_FLAGS) --workspace --lib input_schema
	@$(CATALYST_DEV) exec -- cargo test $(CARGO_FLAGS) --workspace --test api problems

supabase-lint: build ## Supabase's own linter, its types and its reading of the history, against a throwaway stack
	@$(CATALYST_DEV) exec -- tests/supabase-cli/run

supabase-types: build ## Write the TypeScript types of the schema `public` anew
	@$(CATALYST_DEV) exec -- tests/supabase-cli/run types

crash-test: ## The crash rig with 200 jobs, 40 kills and 6 stalls, on a stack of its own
	@$(CATALYST_DEV) crash

erasure-test: ## The erasure rig with a channel of 1,000 videos, on a stack of its own
	@$(CATALYST_DEV) erasure

withdrawal-test: ## The withdrawal rig with some stages and conditions, on a stack of its own
	@$(CATALYST_DEV) withdrawals --quick

spending-test: ## The spending rig with 12 accounts, on a stack of its own
	@$(CATALYST_DEV) spending

deploy-test: ## Cut `catalyst deploy` off at every call of both APIs, before and after its effect, and complete it
	@scripts/setup
	DEPLOY_EVERY_FAILURE=1 cargo test $(CARGO_FLAGS) -p catalyst-cli --test deploy -- --nocapture

fairness-test: ## The fairness rig with 10 channels, on a stack of its own
	@$(CATALYST_DEV) fairness --channels 10 --lead 8

pages: build console ## The pages in headless Chromium: pictures under target/pages
	@$(CATALYST_DEV) exec -- tests/pages/run

page-speed: ## How quickly the public pages of SITE=https://… show on a slow telephone
	@tests/pages/run speed

LAMBDA := api_health api_channels api_cron

lambda: build ## The functions as AWS Lambda runs them, against a stand-in of its runtime interface
	cargo build $(CARGO_FLAGS) $(DEVELOPMENT) --features content-catalyst-engine/lambda $(addprefix --bin ,$(LAMBDA))
	@rm -rf $(TARGET)/lambda && mkdir -p $(TARGET)/lambda && cp $(addprefix $(TARGET)/debug/,$(LAMBDA)) $(TARGET)/lambda
	cargo build $(CARGO_FLAGS) $(DEVELOPMENT)
	@BINARIES="$(abspath $(TARGET))/lambda" DISPATCH_BUDGET_SECONDS=5 $(CATALYST_DEV) exec -- node --test tests/lambda/*.test.js

audit: ## Licences, sources and known weaknesses of dependencies, and a bill of materials for every binary
	@scripts/audit

workflows: setup ## The workflows: valid, pinned, with least privileges
	@tests/workflows/run

release-test: ## What scripts/release does, with stand-ins of everything it calls
	@tests/release/run

release-source: ## Refuse what is not in the branch that WHERE=staging|production is made of
	@scripts/release-source $(WHERE)

release-build: ## Build what a release deploys, without secrets; WHERE=staging|production
	@scripts/release-build $(WHERE)

release-take: ## Unpack what release-build has built, if it is that
	@scripts/take release-artefact "$(RELEASE_SHA256)"

tool-build: ## Build the operator's tool to hand it over, without secrets
	@scripts/tool-build

release-staging: ## Release what release-build has built to staging; scripts/release says what it needs
	@scripts/release staging

release-production: ## The same to production, after a backup
	@scripts/release production

tell: ## Tell Slack what became of a workflow's jobs
	@scripts/tell

doctor: ## Check the configuration in the environment or .env; OFFLINE=1 asks nobody
	$(or $(CATALYST),cargo run $(CARGO_FLAGS) --quiet -p catalyst-cli --) doctor $(if $(OFFLINE),--offline)

coverage: setup ## The tests with coverage; the report is under target/coverage
	@scripts/coverage

supabase-tests: setup ## The database's tests on `supabase start` (Docker); RUNTIME=native without Docker
	@RUNTIME=$(RUNTIME) scripts/supabase-tests

backup: ## Back DATABASE_URL up to BACKUP_STORE, verify it by a restore, and remove what is too old; STAGE=create|verify|prune|erasures
	@scripts/backup $(STAGE)

scale: build ## What grows with the number of channels, and what does not; CHANNELS="10 1000 100000"
	@$(CATALYST_DEV) exec -- tests/scale/run

outage-test: ## The faults of the Data API and of all providers at once, and some others, on a stack of its own
	@$(CATALYST_DEV) outages --quick

bench: setup ## Measure performance beside the same functions in TypeScript; the report is under target/; BENCH="--only start,warm"
	@scripts/setup valgrind
	@# Side by side, each fills the gaps in which the other waits for one crate.
	cargo build $(CARGO_FLAGS) --release & functions=$$!; \
	cargo build $(CARGO_FLAGS) --profile tool -p catalyst-dev --no-default-features; \
	wait $$functions
	@$(TARGET)/tool/catalyst-dev bench $(BENCH)

JOBS ?= 200
KILLS ?= 40
STALLS ?= 6
SEED ?= 1

crash: setup ## Kill workers while they render and upload, and count what the world saw; JOBS, KILLS, STALLS, SEED, RELEASE=1
	$(if $(RELEASE),cargo build $(CARGO_FLAGS) --profile tool -p catalyst-dev --no-default-features)
	cargo build $(CARGO_FLAGS) $(if $(RELEASE),--release,$(DEVELOPMENT))
	@$(if $(RELEASE),$(TARGET)/tool/catalyst-dev,$(CATALYST_DEV)) crash --jobs $(JOBS) --kills $(KILLS) --stalls $(STALLS) --seed $(SEED) $(if $(RELEASE),--release)

drill: build ## Lose the database in the middle of uploads and recover; CATALOG=FILE.csv takes a real channel
	@$(CATALYST_DEV) drill $(if $(CATALOG),--catalog "$(CATALOG)")

CORRUPTIONS ?= 1000

corruptions: ## Change one byte of a backup in each of CORRUPTIONS random places, and see each noticed
	CORRUPTIONS=$(CORRUPTIONS) cargo test $(CARGO_FLAGS) --workspace --test backup a_changed_byte -- --nocapture

crash-points: build ## Kill a worker once before and once after every call of every step; POINTS=n takes some of them
	@$(CATALYST_DEV) crash-points --points $(or $(POINTS),0) --seed $(SEED)

VIDEOS ?= 50000
SNAPSHOTS ?= 60
LINES ?= 200000

erasure: build ## Erase a very large channel and its owner while somebody else uses the service; VIDEOS, SNAPSHOTS (of each), LINES
	@$(CATALYST_DEV) erasure --videos $(VIDEOS) --snapshots $(SNAPSHOTS) --lines $(LINES)

withdrawals: build ## Withdraw uploads at every stage, in every way and under every condition, and see that none becomes public
	@$(CATALYST_DEV) withdrawals

spending: build ## Try to spend more than the deployment may with 200 accounts, each of which is erased and signs up again
	@$(CATALYST_DEV) spending --accounts 200

fairness: build ## Have one channel do all that it can while the uploads of 49 others are due, and see how late these are
	@$(CATALYST_DEV) fairness

outages: build ## Call every operation while each service behind it is down, slow, reset, cut or garbled
	@$(CATALYST_DEV) outages

fuzz-api: build ## Send made-up requests to every operation of the OpenAPI document; EXAMPLES=n cases of each and phase
	@ENABLE_RATE_LIMITING=false $(CATALYST_DEV) exec -- tests/schemathesis/run

calibrate: ## How well scores mean what they say, on whole channels: CALIBRATION is the folder with catalogues.csv
	@test -n "$(CALIBRATION)" || { echo "make calibrate CALIBRATION=FOLDER (docs/scoring.md)"; exit 2; }
	cargo run $(CARGO_FLAGS) --quiet -p scoring --example calibrate -- "$(CALIBRATION)"

mutations: ## A million random and mutated files for `catalyst score`, optimised but with every check; MUTATIONS, SEED
	MUTATIONS=$(or $(MUTATIONS),1000000) SEED=$(or $(SEED),1) cargo test $(CARGO_FLAGS) --release -p catalyst-cli \
	  --config profile.release.opt-level=1 --config profile.release.codegen-units=16 --config profile.release.debug-assertions=true \
	  --config profile.release.overflow-checks=true --test score_mutations random
