# doorbuster: `make help` lists what there is.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO     ?= go
COMMIT := $(shell git describe --always --dirty --abbrev=12 2>/dev/null)

# The linter is run at this version and stays out of go.mod: it is no part of the program. It holds staticcheck too.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Packages where goroutines meet, tested once more under the race detector. Below sim a virtual run is one goroutine at a time.
CONCURRENT := ./engines/... ./sim ./sim/driver ./sim/sweep ./cmd/doorbuster

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what the tests use beside Go: PostgreSQL, Redis, Chromium, axe-core, a C compiler (as root, on Debian)
	@scripts/deps

.PHONY: build
build: ## build bin/doorbuster
	$(GO) build -trimpath -ldflags '-X main.commit=$(COMMIT)' -o bin/doorbuster ./cmd/doorbuster

.PHONY: k6
k6: ## build bin/k6: k6 with the extension k6/x/doorbuster (AGPL-3.0, as k6 is)
	$(GO) build -trimpath -o bin/k6 ./cmd/k6

.PHONY: bench-blackfriday
bench-blackfriday: build ## a Black Friday through every engine there is a server for: out/blackfriday/report.html
	bin/doorbuster run blackfriday --engine all --duration 5s --out out/blackfriday

.PHONY: test
test: deps ## vet, all tests, and the concurrent packages under the race detector
	$(GO) vet ./...
	$(GO) test -timeout 15m ./...
	@scripts/race -short -timeout 15m $(CONCURRENT)

.PHONY: test-long
test-long: deps ## every test under the race detector three times, every shop there can be, then each fuzz target for a minute
	@DOORBUSTER_LONG=1 $(GO) test -run TestEveryShop -timeout 60m ./sim
	@scripts/race -count=3 -timeout 60m ./...
	@scripts/fuzz 1m

.PHONY: lint
lint: lint-fast ## gofmt, go vet, and golangci-lint as .golangci.yaml sets it
	$(GO) run $(GOLANGCI_LINT) run

.PHONY: lint-fast
lint-fast: ## gofmt and go vet alone
	@out=$$(gofmt -l .); test -z "$$out" || { echo "not gofmt'ed:" >&2; echo "$$out" >&2; exit 1; }
	$(GO) vet ./...

.PHONY: bench
bench: ## Go benchmarks, in the format that benchstat reads
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-servers
bench-servers: deps ## engines on servers against pgbench and redis-benchmark, and how late the load is, as benchstat reads it
	$(GO) test -p 1 -run '^$$' -bench 'Servers|Lateness' -benchtime 1x -timeout 60m ./engines/postgres ./engines/redis ./sim/driver

.PHONY: bench-k6
bench-k6: ## what a shopper takes of a processor beyond an empty iteration of k6, side by side
	$(GO) test -run '^$$' -bench Iteration -benchtime 3x ./k6

.PHONY: up
up: ## start Postgres and Redis with docker compose, and wait until they are healthy
	docker compose up --detach --wait
	@echo "export DOORBUSTER_POSTGRES='postgres://postgres:doorbuster@127.0.0.1:15432/postgres?sslmode=disable'"
	@echo "export DOORBUSTER_REDIS='redis://:doorbuster@127.0.0.1:16379/0'"

.PHONY: down
down: ## remove the servers of `make up` with all that they hold
	docker compose down --volumes

.PHONY: profile
profile: ## renew the profile that guides the build: cmd/doorbuster/default.pgo
	$(GO) test -run '^$$' -bench Movement -benchtime 8x -cpuprofile cmd/doorbuster/default.pgo -o bin/profile.test ./sim

.PHONY: clean
clean: ## remove bin/ and out/
	rm -rf bin out
