# What this repository can do: run `make`, or `make help`.
#
# Targets ending in /% take a module's folder, such as `make test/state-redis`.

SHELL := /bin/sh
.DEFAULT_GOAL := help

ROOT    := $(CURDIR)
BIN     := $(ROOT)/.bin
MODULES := $(shell sed -n 's|^[[:space:]]*\./||p' go.work)
TOOLS   := golangci-lint gofumpt goimports benchstat gorelease

# One module at a time, as its users get it.
ALONE := GOWORK=off go

# Further flags for the rehearsal of a release: -v lists what ships, -update writes the build lists.
RELEASEFLAGS ?=

# Further flags for go test, such as TESTFLAGS='-run TestEcho -v'.
TESTFLAGS ?=

# Sets up what is named, up to --, and runs what follows.
SET_UP := go run ./internal/testenv

# go test, with sums at the end.
GO_TEST := go run ./internal/gotest -race -timeout 15m $(TESTFLAGS)

# What the tests of a module need besides a C compiler.
NEEDS_internal := redis postgres browser node

# The packages whose tests depend on a package of internal.
WITH = $$(go list -test -f '{{.ImportPath}} {{.Deps}}' ./internal/... | sed -n 's|^\([^ ]*\)\.test .*/internal/$(1)[] ].*|\1|p')

.PHONY: help
help: ## list the targets
	@sed -n 's|^\([a-z/%-]*\):.*## \(.*\)|\1\t\2|p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf '  %-14s %s\n' "$$name" "$$what"; done

.PHONY: run
run: run/echo ## run the example bot; ADDR=127.0.0.1:8081 chooses its address, STATE_URL=redis://127.0.0.1:6379 its state

run/%: ## run another example: run/agent, run/showcase, run/slack, run/discord, run/telegram, run/reviewer
	@echo "Building examples/$*. The first time Go compiles all that it is made of, which can take minutes, and names each package."
	@started=$$(date +%s) && go -C examples build -v -o $(BIN)/examples/ ./$* && echo "Built in $$(($$(date +%s) - started)) s."
	@$(BIN)/examples/$*

.PHONY: demo
demo: ## see it lose nothing: a page on which one kills bots and Redis while messages flow; ADDR=127.0.0.1:8091 chooses its address
	@echo "Building the demo. The first time Go compiles all that it is made of, which can take minutes, and names each package."
	@go -C internal build -v -o $(BIN)/ ./chaos/demo ./testenv
	@$(BIN)/testenv redis -- $(BIN)/demo

.PHONY: test
test: ## set up what the tests need, and run them all with the race detector
	$(SET_UP) cc $(NEEDS_internal) -- $(GO_TEST) work

test/%: ## the tests of one module
	$(SET_UP) cc $(NEEDS_$*) -- $(GO_TEST) ./$*/...

# What fresh runs.
COMMAND ?= make test

.PHONY: fresh
fresh: ## run COMMAND, make test by default, on a Debian that has nothing but Go, make and git; as root, with debootstrap
	scripts/fresh.sh $(COMMAND)

# What test-faults runs.
FAULTS ?= ./internal/redisstatetest ./internal/chaos

.PHONY: test-faults
test-faults: ## every Redis topology under failovers, outages and kills; TESTFLAGS=-count=20 repeats, FAULTS= names packages
	$(SET_UP) cc redis -- go run ./internal/gotest -race -tags faults -parallel 6 -timeout 4h $(TESTFLAGS) $(FAULTS)

.PHONY: test-topologies
test-topologies: ## the state suite on Cluster, Sentinel, several masters and TLS, with users who may do little, and failovers of each, in about 2 minutes
	$(SET_UP) cc redis -- go run ./internal/gotest -race -tags faults -parallel 6 -timeout 30m $(TESTFLAGS) \
		-run '^(TestSuite|TestFailover.*|TestLockByMajority|TestDocumentedUser|TestTLS)$$' ./internal/redisstatetest

RUNS ?= 30

.PHONY: recovery
recovery: ## measure in RUNS failovers, 30 by default, that the adapter recovers at most 300 ms after the servers
	REDISSTATE_RUNS=$(RUNS) $(SET_UP) redis -- go test -tags faults -timeout 2h -v $(TESTFLAGS) -run '^TestRecovery' ./internal/redisstatetest

# With as many confirmations as replicas a failover loses nothing, however slow the machine is.
.PHONY: chaos-small
chaos-small: ## bots that are killed and paused while Redis or Postgres fails, in about 2 minutes; fails only if a promise is broken
	$(SET_UP) redis postgres -- go test -tags faults -timeout 15m $(TESTFLAGS) -v -run '^TestChaos$$' ./internal/chaos -chaos.any-traffic -chaos.topologies=standalone,sentinel,postgres \
		-chaos.messages=700 -chaos.rate=50 -chaos.threads=40 -chaos.processes=3 -chaos.server-faults=2 -chaos.replicas=1 $(CHAOS)

.PHONY: chaos
chaos: ## bots that are killed while Redis fails over, 100,000 messages, in about 15 minutes; CHAOS= further flags
	$(SET_UP) redis -- go test -tags faults -timeout 60m $(TESTFLAGS) -v ./internal/chaos -chaos.topologies=sentinel \
		-chaos.messages=100000 -chaos.rate=250 -chaos.threads=400 -chaos.processes=5 -chaos.kill-every=2s -chaos.pause-every=10s \
		-chaos.server-faults=10 -chaos.handovers=20000 -chaos.restarts=100 $(CHAOS)

.PHONY: loss
loss: ## lose locks in every way, 200 at a time, and measure when their holders see it, in about 10 minutes; LOSS= further flags
	$(SET_UP) redis -- go test -tags faults -parallel 1 -timeout 60m $(TESTFLAGS) -v -run '^TestLossSignal$$' ./internal/chaos -loss.threads=200 $(LOSS)

.PHONY: test-long
test-long: ## every mutant against every case, 200,000 operations judged per backend, the protocol's large models, 100,000 random bots, in about 8 minutes
	go test -timeout 10m -v $(TESTFLAGS) ./internal/model -full
	go test -timeout 15m -v $(TESTFLAGS) -run '^TestEveryMessageIsAccountedFor$$' ./internal/sim -seeds=100000
	go test -timeout 15m -v $(TESTFLAGS) -run '^TestRedeliveryMatrix$$' ./internal/bottest -redelivery.runs=200
	CONFORMANCE_MATRIX=full CONFORMANCE_OPERATIONS=200000 $(SET_UP) redis postgres -- go test -timeout 30m -v $(TESTFLAGS) ./internal/conformance

.PHONY: test-local
test-local: ## the states and their servers, on local processes
	REDISTEST_PROVIDER=local PGTEST_PROVIDER=local $(SET_UP) cc redis postgres -- $(GO_TEST) ./internal/redistest ./internal/conformance ./internal/pgstatetest

.PHONY: test-node
test-node: ## the tests that need Node.js, those of the chat page among them
	$(SET_UP) cc redis browser node -- $(GO_TEST) $(call WITH,nodejs)

.PHONY: test-bare
test-bare: ## a test with each tool that a bare machine gets: browser, Node.js, npm packages, Redis, Postgres
	$(SET_UP) cc redis postgres browser node -- $(GO_TEST) -run 'AxeFindsNothing|EqualChat|TestShapes|TestPgBouncer' \
		./internal/browsertest ./internal/interop ./internal/interop/live ./internal/pgstatetest

.PHONY: interop
interop: ## put bots of this SDK and of the npm packages on one Redis, and print what comes of it
	$(SET_UP) cc redis node -- $(GO_TEST) -v ./internal/interop/live

FUZZTIME ?= 10s

# A bot works in goroutines, so the same input covers a little more or less each
# time. Without -fuzzminimizetime most of the time goes into making inputs smaller.
.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME, 10s by default
	@set -e; grep -rhoE --include='*_test.go' '^func Fuzz\w+' $(MODULES) | cut -d' ' -f2 | sort -u | while read -r target; do \
		for file in $$(grep -rlE --include='*_test.go' "^func $$target\(" $(MODULES)); do \
			echo "$$target in $$(dirname $$file)"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./$$(dirname $$file); \
		done; \
	done

# Further flags for the benchmark, such as BENCHFLAGS='-topology standalone -rounds 9'.
BENCHFLAGS ?=

.PHONY: bench
bench: ## measure the state adapters next to go-redis and the npm adapters
	$(SET_UP) node -- npm ci --silent --prefix internal/bench/state/npm
	$(SET_UP) redis postgres node -- go -C internal run ./bench/state -npm bench/state/npm $(BENCHFLAGS)

.PHONY: bench-inbound
bench-inbound: ## measure the whole way of a message next to the npm SDK
	$(SET_UP) node -- npm ci --silent --prefix internal/bench/inbound/npm
	$(SET_UP) redis node -- go -C internal run ./bench/inbound $(BENCHFLAGS)

# What bench-platforms measures; empty: all.
PLATFORMS ?=

.PHONY: bench-platforms
bench-platforms: ## measure an answer on Slack, Telegram and others next to the npm adapters; PLATFORMS=telegram names them
	$(SET_UP) node -- npm ci --silent --prefix internal/bench/platforms/npm
	$(SET_UP) node -- go -C internal run ./bench/platforms $(BENCHFLAGS) $(PLATFORMS)

.PHONY: build
build: $(MODULES:%=build/%) ## build and vet each module, in the workspace and alone
	go build work
	go vet work

build/%: ## build and vet one module alone, as its users get it
	$(ALONE) -C $* build -o /dev/null ./...
	$(ALONE) -C $* vet ./...

.PHONY: lint
lint: $(BIN)/golangci-lint ## run the linters
	$(BIN)/golangci-lint run $(MODULES:%=./%/...)

lint/%: $(BIN)/golangci-lint ## lint one module
	$(BIN)/golangci-lint run ./$*/...

.PHONY: tidy-check
tidy-check: $(MODULES:%=tidy-check/%) ## fail if a go.mod or go.sum is not tidy

tidy-check/%:
	$(ALONE) -C $* mod tidy -diff

.PHONY: release-check
release-check: $(BIN)/gorelease ## rehearse a release: get each module as its users will, and prove a third party's adapters
	go run ./internal/release -rehearse -gorelease $(BIN)/gorelease $(RELEASEFLAGS)

.PHONY: clean-tree
clean-tree: ## fail if a file is changed or new
	@test -z "$$(git status --porcelain)" || { git status --porcelain; echo 'the tree is not clean' >&2; exit 1; }

.PHONY: ci
ci: ## all checks; edits nothing
	$(MAKE) lint
	$(MAKE) tidy-check build
	$(MAKE) test
	$(MAKE) interop
	$(MAKE) chaos-small
	$(MAKE) clean-tree


.PHONY: fmt
fmt: $(BIN)/golangci-lint ## format
	$(BIN)/golangci-lint fmt $(MODULES:%=./%/...)

.PHONY: tidy
tidy: $(MODULES:%=tidy/%) ## tidy each go.mod

tidy/%: ## tidy one module
	$(ALONE) -C $* mod tidy

.PHONY: precommit
precommit: tidy fmt $(BIN)/golangci-lint ## tidy, format and mend what the linters can, then lint and build
	$(BIN)/golangci-lint run --fix $(MODULES:%=./%/...)
	$(MAKE) build


.PHONY: tools
tools: $(TOOLS:%=$(BIN)/%) ## build the tools that tools/go.mod pins into .bin

$(BIN)/%: tools/go.mod tools/go.sum
	$(ALONE) -C tools build -o $(BIN)/ $$($(ALONE) -C tools list -f '{{.ImportPath}}' tool | grep '/$*$$')
	@touch $@
