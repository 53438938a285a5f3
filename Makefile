# Every target works from a fresh clone; `make help` lists them.
SHELL := /bin/bash
GO ?= go
GOLANGCI_VERSION := v2.15.0
GOLANGCI := .bin/golangci-lint-$(GOLANGCI_VERSION)
FUZZTIME ?= 10s
BENCHTIME ?= 200ms
COUNT ?= 6
BENCH ?= .
# The modules of the workspace, and those outside it.
MODULES := . mdbtest/embedded examples
ALL_MODULES := $(MODULES) bench

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: server ## run every test of every module with the race detector, against real servers
	@for m in $(MODULES); do echo "== test $$m"; (cd $$m && $(GO) test -race -shuffle=on ./...) || exit 1; done
	@echo "== test bench"; cd bench && GOWORK=off $(GO) test ./...

.PHONY: build
build: ## build each module by itself, outside the workspace
	@for m in $(ALL_MODULES); do echo "== build $$m"; (cd $$m && GOWORK=off $(GO) build ./... && GOWORK=off $(GO) vet ./...) || exit 1; done

.PHONY: lint
lint: build $(GOLANGCI) ## build each module by itself, check formatting, lint rules and go.mod files
	@for m in $(MODULES); do echo "== lint $$m"; (cd $$m && GOWORK=off $(CURDIR)/$(GOLANGCI) run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done
	@for m in $(ALL_MODULES); do (cd $$m && GOWORK=off $(GO) mod tidy -diff) || { echo "go.mod of $$m is not tidy"; exit 1; }; done

$(GOLANGCI):
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv .bin/golangci-lint $@

.PHONY: server
server: ## install MariaDB's server core when no server is found (Debian, root)
	@scripts/install-server

.PHONY: bench
bench: ## run all benchmarks, in the form benchstat reads (BENCH=, COUNT=, BENCHTIME=)
	@cd bench && GOWORK=off $(GO) test -run '^$$' -bench '$(BENCH)' -count $(COUNT) -benchtime $(BENCHTIME) -benchmem ./...

.PHONY: goals
goals: ## measure what mdb promises: ratios of one run, on a quiet machine
	@cd bench && GOWORK=off $(GO) test -run '^$$' -bench Goal -benchtime 1x ./...

.PHONY: soak
soak: server ## a minute of drawing ids while processes and servers are killed
	MDB_AUTHORITY_TEST_TIME=1m $(GO) test -race -count=1 -run Death ./gdid/authority

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME
	@scripts/fuzz $(FUZZTIME)
