# wenbao: `make help` lists what can be made.

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ROOMS     := cmd bot retrieval answers seeds configs
BENCHTIME ?= 200ms
CHAOS     ?= 60s
OBSERVE   ?= 90s
SETS      ?=
REPORTS   ?=

export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help
.PHONY: prometheus rules observe conformance-traces soak redis stores chaos compose docker-compose conformance help build test format vet staticcheck race gcc generate golden browser bench eval peers chaos-reindex conformance-telegram conformance-slack load-slack clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

build: ## bin/wenbao: static, reproducible
	$(GO) build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/wenbao ./cmd/wenbao

test: format vet staticcheck race ## gofmt, vet, staticcheck, then every test with the race detector

format:
	@unformatted=$$(gofmt -l $(ROOMS)); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

race: gcc redis
	CGO_ENABLED=1 $(GO) test -race -cover -timeout 20m ./...

# The race detector is linked with the C compiler.
gcc:
	@command -v $${CC:-gcc} >/dev/null && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "the race detector needs gcc: install it"; exit 1; fi; \
	echo "installing gcc, which the race detector needs"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev

generate: ## what is made of other files: the compact forms of lexicon and indicators
	$(GO) generate ./configs

browser: ## the pages in Chromium (SHOTS=DIR keeps pictures of them)
	@command -v $${CHROMIUM:-chromium} >/dev/null || { echo "needs chromium and a Chinese font: apt-get install chromium fonts-noto-cjk"; exit 1; }
	$(GO) test -count 1 -tags browser -run TestBrowser ./cmd/wenbao

golden: ## write what ranking and reading do now into the goldens; then read the diff
	$(GO) test ./answers -run TestRankingIsGolden -update
	$(GO) test ./retrieval/corpus -update

# The tests of what is kept in Redis start Debian's redis-server; its service
# is not started.
redis:
	@command -v redis-server >/dev/null && command -v redis-sentinel >/dev/null && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "without redis-server and redis-sentinel the tests on Redis are skipped: install them"; exit 0; fi; \
	echo "installing redis-server and redis-sentinel, which tests start"; \
	apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server redis-sentinel

stores: gcc redis ## what is kept: on memory, miniredis, redis-server, a cluster and sentinels; replicas on one Redis
	CGO_ENABLED=1 WENBAO_TEST_THOROUGH=1 $(GO) test -race -count 1 -timeout 20m -v ./bot/redis/... ./bot/stores/...
	WENBAO_TEST_THOROUGH=1 $(GO) test -count 1 -timeout 20m -v -run TestReplicas ./cmd/wenbao

# Prometheus and its promtool are Debian's; its service is not started.
prometheus:
	@command -v prometheus >/dev/null && command -v promtool >/dev/null && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "needs prometheus and promtool: install them"; exit 1; fi; \
	echo "installing prometheus, which judges alerts and the dashboard's queries"; \
	apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus

rules: prometheus ## what Prometheus and Grafana's types say of settings, alerts, their tests and the dashboard
	promtool check config --syntax-only configs/prometheus/prometheus.yml
	promtool check rules configs/prometheus/alerts.yml
	promtool test rules configs/prometheus/alerts_test.yml
	cd configs/grafana/testdata/schema && $(GO) run . ../../wenbao.json
	$(GO) test -count 1 -v -run 'Promtool|EveryMetric|Dashboard|AlertsAre' ./cmd/wenbao

observe: redis prometheus ## every panel of the dashboard, from a Prometheus that scrapes a loaded server (OBSERVE=90s SHOTS=DIR)
	WENBAO_TEST_OBSERVE=$(OBSERVE) WENBAO_TEST_OBSERVE_SHOTS=$(SHOTS) $(GO) test -count 1 -v -timeout 20m -run TestObserve ./cmd/wenbao

chaos: redis ## questions while Redis is killed, paused, slow, full, failing over (CHAOS=60s a case)
	WENBAO_TEST_CHAOS=$(CHAOS) $(GO) test -count 1 -timeout 60m -v -run TestChaos ./bot/redis/replica

soak: gcc ## a million messages in flat memory, and 200 times kill -9 between receipt and reply
	WENBAO_TEST_SOAK=1000000 $(GO) test ./bot/delivery -count 1 -run TestMemoryIsFlat -v -timeout 50m
	WENBAO_TEST_KILLS=200 CGO_ENABLED=1 $(GO) test -race ./bot/delivery -count 1 -run TestKill -v -timeout 30m

compose: docker-compose ## check docker-compose.yml
	docker-compose --profile observe config -q
	@echo docker-compose.yml is fine

docker-compose:
	@command -v docker-compose >/dev/null && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "docker-compose is missing: install it"; exit 1; fi; \
	echo "installing docker-compose, which checks docker-compose.yml"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker-compose

bench: ## every benchmark, shortly (BENCHTIME=200ms)
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

eval: build ## quality on the questions with gold, and of the figures read (QUESTIONS="FILE ..." CORPUS=DIR)
ifdef QUESTIONS
	bin/wenbao eval $(if $(CORPUS),--corpus $(CORPUS)) --questions $(QUESTIONS)
else
	@echo "== the embedded report"; bin/wenbao eval --questions seeds/questions/nmg-2022.jsonl
	@for q in $(filter-out seeds/questions/nmg-2022.jsonl,$(wildcard seeds/questions/*.jsonl)); do \
		echo "== $$q"; bin/wenbao eval --corpus seeds/examples --questions $$q || exit 1; done
	@echo "== figures marked by hand"; head -1 retrieval/corpus/testdata/marked.golden
endif

peers: ## wenbao beside other engines (SETS="DIR ...", each with passages.jsonl and questions.jsonl)
	@if [ -z "$(SETS)" ]; then echo 'name the sets: make peers SETS="DIR DIR"'; exit 2; fi
	@$(MAKE) --no-print-directory build
	answers/eval/peers/setup.sh
	$(GO) run ./answers/eval/peers --wenbao bin/wenbao $(SETS)

chaos-reindex: ## reindexing at length: asked, killed, on a full disk (REPORTS=DIR of further reports)
	WENBAO_TEST_REINDEXES=20 WENBAO_TEST_REPORTS=$(REPORTS) $(GO) test -count=1 -v -timeout 20m -run 'QuestionsDuring|DiskFull|Failures' ./bot/reindex
	WENBAO_TEST_KILLS=50 $(GO) test -count=1 -v -timeout 20m -run Killed ./cmd/wenbao

conformance: rules conformance-traces conformance-slack conformance-telegram ## what others say of what goes out

conformance-traces: ## traces to the OpenTelemetry Collector, which is built first (about a minute)
	cd bot/telemetry/testdata/collector && $(GO) build -o $(CURDIR)/bin/collector .
	WENBAO_TEST_COLLECTOR=$(CURDIR)/bin/collector $(GO) test -count 1 -v -run ConformanceOfTraces ./cmd/wenbao

conformance-telegram: gcc ## Telegram's own parser, schemas and a fake of others judge what goes there
	bot/telegram/testdata/conformance/setup.sh
	WENBAO_CONFORMANCE=1 CGO_ENABLED=1 $(GO) test -race -count 1 -timeout 20m -v -run TestConformance ./bot/telegram

conformance-slack: ## the Slack adapter and its fake against Slack's own packages; pictures into docs/images
	@node=$$(bot/slack/testdata/conformance/setup.sh) && \
	WENBAO_TEST_NODE=$$node WENBAO_TEST_PICTURES=$(CURDIR)/docs/images $(GO) test -count 1 -v -run 'Conformance|Pictures' ./bot/slack

load-slack: ## 200 people ask in Slack for 30 s, in each mode
	WENBAO_TEST_SLACK_LOAD=30s $(GO) test -count 1 -v -run TestLoad ./bot/slack

clean: ## remove what was built
	rm -rf bin
