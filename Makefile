# The one front door. `make help` lists the words; each is a script in tools/ that says what it does.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PRESET ?= dev
# Parts for `make test`, such as T="unit web"; all of them when empty
T ?=
# Targets for `make build`; all of them when empty
B ?=

##@ The shop
.PHONY: run stop status setup dev
run: ## Set up and run everything; STOA_PORT, STOA_VAR, STOA_SEED, STOA_DETACH=1
	@tools/run
stop: ## Stop everything that make run started
	@tools/stop
status: ## Say what runs
	@tools/status
setup: ## Install packages only (make run does this too)
	@tools/bootstrap
dev: run ## The same as run: what is developed is what runs

##@ Tests and checks
.PHONY: test itest e2e chaos sanitize fuzz check fmt gen bench relevance doctor
test: ## Every test; T="unit web" for some of them
	@tools/test $(T)
itest: ## Integration tests only
	@tools/test integration
e2e: ## Browser tests only
	@tools/test e2e
chaos: ## The long chaos run: concurrent buyers, killed processes, lost services
	@STOA_CHAOS=long tools/test chaos
sanitize: ## Tests under ASan and UBSan (unit, integration) and TSan (what works on shared state); SANITIZERS="asan tsan"
	@tools/sanitize $(SANITIZERS)
fuzz: ## Search for inputs that break the parsers; FUZZ_SECONDS=60 for each target, F="wire json" for some
	@tools/fuzz $(F)
check: ## Everything that can be checked without running the shop: format, lint, generated files, rules
	@tools/check
fmt: ## Format C++ and web sources
	@tools/fmt
gen: ## Regenerate api/openapi.json, db/schema.sql and the web's API client
	@tools/gen
bench: ## Measure the shop under load
	@tools/bench/run
relevance: ## Measure search against human judgements; JUDGMENTS=FILE for others than the data set's
	@tools/relevance/run
doctor: ## Ask the programs what is wrong with configuration, database, Redis and providers
	@tools/doctor

##@ Development
.PHONY: build db-reset psql logs clean help
build: ## Compile; PRESET=dev|release|asan|tsan|nopch, B="targets"
	@STOA_PRESET=$(PRESET) tools/build $(B)
db-reset: ## Throw the development database away (asks first)
	@tools/db-reset
psql: ## SQL prompt on the development database
	@tools/cluster psql
logs: ## Follow the logs of all programs
	@tail -n 20 -F $${STOA_VAR:-var}/log/{supervisor,serve,worker,storefront,sandbox,nginx}.log
clean: ## Remove what builds made (not var/, where the shop's data is)
	rm -rf build web/apps/*/.next web/apps/*/dist

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
