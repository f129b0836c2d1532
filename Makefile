# `make help` lists what there is. All of it needs Go alone, but for the C compiler that the race detector wants.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The race detector needs cgo, and so a C compiler. Without one the tests run all the same, without it.
RACE ?= $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
race_go = $(if $(RACE),CGO_ENABLED=1) go
TEST ?= ./...
BENCH ?= .
FUZZTIME ?= 1m
SOAK ?= 1h
SIZES ?= 100,1000,10000,100000
HISTORIES ?= 10000

# The exporter, and the modules beside it that it must not depend on.
MODULES := $(patsubst %/go.mod,%,$(wildcard ./go.mod ./collector/textparse/go.mod ./dashboards/generator/go.mod \
	./deploy/e2e/go.mod ./internal/web/browser/go.mod))

# Tools have a go.mod of their own each, so that the exporter's stays small. They are built here once, which takes minutes.
TOOLS := dist/tools

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
version := github.com/prometheus/common/version
LDFLAGS = -s -w -X $(version).Version=$(VERSION) \
	-X $(version).Revision=$(shell git rev-parse HEAD 2>/dev/null) \
	-X $(version).Branch=$(shell git rev-parse --abbrev-ref HEAD 2>/dev/null) \
	-X $(version).BuildUser=$(shell id -un) \
	-X $(version).BuildDate=$(shell git log -1 --format=%cd --date=format:%Y%m%d-%H:%M:%S 2>/dev/null)

# $(call timed,NAME,COMMAND) runs a part of a target and says how long it took.
timed = @echo "== $(1)"; start=$$SECONDS; $(2) && echo "== $(1): $$((SECONDS - start)) s"

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

.PHONY: build
build: ## Build ./credits_exporter, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o credits_exporter ./cmd/credits_exporter

.PHONY: demo
demo: ## Run the exporter against simulated vendors
	go run ./cmd/credits_exporter demo

# The whole stack waits more than it works, so the other parts run beside it.
.PHONY: test
test: ## Run all tests, with the whole stack, and say how long each part takes (the first time builds tools: minutes)
	$(call timed,go test $(RACE) $(TEST),$(race_go) test $(RACE) $(TEST))
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-e2e test-rules test-alertmanager test-dashboards test-parsers test-browser

.PHONY: test-rules
test-rules: $(TOOLS)/promtool ## Check the Prometheus rules and run their tests (the first time builds promtool: minutes)
	$(call timed,promtool check rules,$(TOOLS)/promtool check rules --lint=all --lint-fatal deploy/prometheus/rules/*.yml)
	$(call timed,promtool test rules,ls deploy/prometheus/rules/tests/*.yml | xargs -n 1 -P 4 $(TOOLS)/promtool test rules)

.PHONY: test-alertmanager
test-alertmanager: $(TOOLS)/amtool ## Check Alertmanager's configuration, and that each alert goes where it should
	$(call timed,amtool,internal/tools/check-alertmanager.sh $(TOOLS)/amtool)

# What they are held to lies outside of their module, where the test cache does not look.
.PHONY: test-dashboards
test-dashboards: ## Hold the Grafana dashboards to their generator, the rules of the field and the series that there are
	$(call timed,dashboards,go -C dashboards/generator test -count=1 ./...)

.PHONY: test-parsers
test-parsers: ## Hold /metrics against the parsers of Prometheus itself
	$(call timed,parsers,go -C collector/textparse test ./...)

.PHONY: test-browser
test-browser: ## Look at the pages in a real browser; skipped where no Chromium is found (UPDATE=-update-images for docs/images)
	$(call timed,tests in a browser,go test -C internal/web/browser -v . $(UPDATE) | grep -vE '^=== ')

# The exporter is built as its tests are, so that nothing is compiled twice.
.PHONY: test-e2e
test-e2e: $(TOOLS)/prometheus $(TOOLS)/alertmanager ## Run the demo, Prometheus and Alertmanager as shipped, from the vendor to the webhook
	$(race_go) build $(RACE) -o dist/e2e/credits_exporter ./cmd/credits_exporter
	$(call timed,e2e,CREDITS_EXPORTER=$(CURDIR)/dist/e2e/credits_exporter go -C deploy/e2e test -count=1 ./...)

.PHONY: bench
bench: ## Run the benchmarks (BENCH=regexp picks some)
	go test -run '^$$' -bench '$(BENCH)' -benchmem $(TEST)

.PHONY: bench-scale
bench-scale: ## Measure the exporter beside other ways, with SIZES=100,1000,10000,100000 accounts (half an hour; 100,1000 takes minutes)
	go run ./internal/tools/benchscale -sizes $(SIZES)

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME=1m
	internal/tools/fuzz.sh $(FUZZTIME)

.PHONY: soak
soak: ## Hold the books against HISTORIES=10000 generated vendors, to the last digit
	go test ./internal/ledger/book -run TestSoak -v -timeout 2h -soak.histories=$(HISTORIES)

.PHONY: soak-demo
soak-demo: ## Run the demo for SOAK=1h and look for leaks
	internal/tools/soak.sh $(SOAK)

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Check style, imports and common mistakes (the first time builds the linter: minutes)
	for module in $(MODULES); do (cd "$$module" && $(CURDIR)/$(TOOLS)/golangci-lint run) || exit; done

.PHONY: fmt
fmt: $(TOOLS)/golangci-lint ## Format the code
	for module in $(MODULES); do (cd "$$module" && $(CURDIR)/$(TOOLS)/golangci-lint fmt) || exit; done

.PHONY: generate
generate: ## Write the generated files anew
	go generate ./...
	go -C dashboards/generator generate ./...

.PHONY: check-generated
check-generated: generate ## Fail if generated files or go.mod are not up to date
	git diff --exit-code
	go mod tidy -diff
	go -C dashboards/generator mod tidy -diff
	go -C collector/textparse mod tidy -diff

.PHONY: check-metrics
check-metrics: $(TOOLS)/promtool ## Check the demo's /metrics with promtool
	internal/tools/check-metrics.sh $(TOOLS)/promtool

.PHONY: check-deploy
check-deploy: $(TOOLS)/promtool ## Check the Prometheus configurations with promtool
	$(TOOLS)/promtool check config deploy/prometheus/prometheus.yml deploy/prometheus/prometheus.compose.yml

.PHONY: tools
tools: $(TOOLS)/golangci-lint $(TOOLS)/prometheus $(TOOLS)/alertmanager ## Build all tools now rather than when first needed

# $(call build_tools,MODULE) builds all tools of a module at once: what they share is compiled once, also between modules.
# The tag remove_all_sd leaves Prometheus' service discoveries out; no configuration here uses one, and they are half of it.
# Without symbols, linking is faster and a tool a quarter smaller.
build_tools = @echo "== building $(1)"; go build -C internal/tools/$(1) -tags remove_all_sd -ldflags '-s -w' -o $(CURDIR)/$(TOOLS)/ tool

$(TOOLS)/golangci-lint: internal/tools/golangci-lint/go.mod internal/tools/golangci-lint/go.sum
	$(call build_tools,golangci-lint)

$(TOOLS)/prometheus $(TOOLS)/promtool &: internal/tools/prometheus/go.mod internal/tools/prometheus/go.sum
	$(call build_tools,prometheus)

$(TOOLS)/alertmanager $(TOOLS)/amtool &: internal/tools/alertmanager/go.mod internal/tools/alertmanager/go.sum
	$(call build_tools,alertmanager)

.PHONY: ci
ci: ## Run all that must pass before a change lands
	.ci/run

.PHONY: clean
clean: ## Remove what was built
	rm -rf credits_exporter dist coverage.out
