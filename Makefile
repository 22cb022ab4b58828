# tussle: `make test` is what CI runs. `make help` lists the rest.

GO       ?= go
FUZZTIME ?= 30s
# make long: generated histories for each oracle; seeds of each run, FROM-TO.
HISTORIES ?= 1000000
SEEDS     ?= 1-50
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
# A tool, not a library: it stays out of go.mod.
STATICCHECK ?= v0.8.2
LDFLAGS  := -X tussle/internal/cli.Version=$(VERSION) -X tussle/internal/cli.Commit=$(COMMIT)

# Tests with "Budget" in their names measure time or memory. They live in
# files that the race detector leaves out (//go:build !race) and run apart.
BUDGETS = $(shell grep -rlE --include='*_test.go' '^//go:build !race' . | xargs -r -n1 dirname | sort -u)

.PHONY: help build install quick test check lint bench long mutants fuzz study orm-report probe field-report release clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

build: ## ./tussle
	$(GO) build -ldflags '$(LDFLAGS)' -o tussle .

install: ## what the tests need and this machine lacks (Debian, as root)
	@.ci/install

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(find . -name '*.go' -not -path './dist/*')); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w is needed for:" >&2; echo "$$unformatted" >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

# What needs no load, browser, database or recorded history.
QUICK = ./history/... ./scenarios/... ./report/say ./report/page ./report/model ./report/svg ./report/internal/... \
	./runner/draw ./runner/retry ./runner/workload ./runner/locking ./runner/dialect ./runner/texts ./runner/secrets

quick: lint ## lint, and the packages without load, browser or database
	$(GO) test -timeout 5m $(QUICK)

test: install lint ## everything that must hold, race detector on (minutes)
	$(GO) run ./internal/longest -race -timeout 20m ./...
	@if [ -n "$(BUDGETS)" ]; then set -x; $(GO) test -count=1 -p 1 -timeout 10m -run Budget $(BUDGETS); fi

check: test

bench: install ## Go benchmarks, then tussle beside wrk, hey and vegeta
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) run ./internal/bench
	$(GO) run ./internal/bench -claims judging

long: install ## the same tests with many more seeds and histories (hours)
	TUSSLE_LONG=$(HISTORIES) $(GO) test -count=1 -timeout 12h ./report/check/...
	TUSSLE_SEEDS=$(SEEDS) $(GO) test -count=1 -p 1 -timeout 12h $$($(GO) list ./... | grep -v /report/check)
	$(GO) run ./internal/trackrecord -seeds $(SEEDS)

mutants: ## every rule of every checker, broken on purpose, must break a test (an hour)
	$(GO) run ./internal/mutants

fuzz: ## every fuzz target, one after the other, for FUZZTIME each (FUZZTIME=5m)
	@set -e; log=$$(mktemp); trap 'rm -f '$$log EXIT; for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u); do \
	  for name in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "== $$pkg $$name"; \
	    if ! $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 $$pkg >$$log 2>&1; then \
	      : "Go's engine calls its own end a failure when a worker is slow to stop; a finding is one with an input"; \
	      if ! grep -q '^ *context deadline exceeded$$' $$log || grep -qE 'Failing input|panic|hung' $$log; then cat $$log; exit 1; fi; \
	    fi; grep elapsed $$log | tail -n 1; \
	  done; \
	done

study: build install ## the study of docs/study on a real PostgreSQL (half an hour)
	docs/study/run.sh

orm-report: build install ## docs/orm-report.md: ORM idioms explored on a real PostgreSQL (minutes; npm)
	$(GO) run ./internal/ormreport -tussle ./tussle -o docs/orm-report.md

probe: install ## the golden tables of tussle probe: schemes, defects, real servers
	TUSSLE_GOLDEN=write $(GO) test -count=1 -run TestProbes ./internal/fieldreport

field-report: build install ## docs/field-report.md, from real servers, each load five times (minutes)
	docs/field-report.sh

release: ## static binaries, checksums and SBOM in dist/
	$(GO) run ./internal/release -version '$(VERSION)' -commit '$(COMMIT)'

clean: ## what the targets above made
	rm -rf tussle dist
