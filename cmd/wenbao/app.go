package main

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"wenbao/bot/health"
	"wenbao/bot/library"
	"wenbao/bot/meter"
	"wenbao/bot/redis/replica"
	"wenbao/bot/telemetry"
	"wenbao/bot/web"
	"wenbao/configs"
)

// A component runs until ctx is done, then finishes what it began, within a
// bounded time. An error ends the program.
type component interface {
	Run(ctx context.Context) error
}

// app is what serve runs, with everything that it depends on.
type app struct {
	cfg      *configs.Config
	log      *slog.Logger
	level    *slog.LevelVar
	now      func() time.Time
	registry *prometheus.Registry
	health   *health.Registry

	telemetry *telemetry.Telemetry
	questions *meter.Questions
	engine    *engineParts
	index     *reindexing
	kept      *keeping
	curating  *curating
	platforms *platforms
	changed   bell // what questions are answered with is another now
	web       *web.Server

	public, ops *listener
	components  []component
}

// newApp wires everything. level is from where on log logs.
func newApp(ctx context.Context, cfg *configs.Config, env *environment, log *slog.Logger, level *slog.LevelVar) (*app, error) {
	a := &app{cfg: cfg, log: log, level: level, now: env.Now, registry: prometheus.NewRegistry(), health: &health.Registry{}, changed: make(bell, 1)}
	if err := a.wire(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// wire opens the listeners and puts together what serves on them. They come
// first: an address that is taken is known at once.
func (a *app) wire(ctx context.Context) (err error) {
	cfg := a.cfg
	if a.public, err = listen(ctx, "http.addr", cfg.HTTP.Addr, a.log); err != nil {
		return err
	}
	if a.ops, err = listen(ctx, "ops.addr", cfg.Ops.Addr, a.log); err != nil {
		return err
	}
	if err = a.observe(); err != nil {
		return err
	}
	if a.index, a.engine, err = openReindexing(ctx, cfg, a.telemetry.Stage, a.now, a.log); err != nil {
		return err
	}
	if err = a.measure(); err != nil {
		return err
	}
	if a.kept, err = openKeeping(ctx, cfg, a.engine.Answers, a.telemetry.Stage, a.registry, a.now, a.log); err != nil {
		return err
	}
	if a.kept.Replica != nil {
		a.health.Register("redis", false, a.kept.Check)
	}
	a.index.ComparePopular(a.kept.Counted)
	if a.curating, err = a.openCurating(ctx); err != nil {
		return err
	}
	if a.platforms, err = a.openPlatforms(); err != nil {
		return err
	}
	if a.web, err = a.openWeb(); err != nil {
		return err
	}
	converge := newConvergence(a.kept, a.index, a.engine.Answers, a.changed, a.log)
	a.components = append([]component{a.public, a.ops, converge, a.index, a.curating}, a.platforms.components()...)
	if p := a.platforms; p.desk != nil {
		a.components = append(a.components, waits{p.handler, p.desk, a.changed, a.log})
	}
	a.public.Handle(web.Below(cfg.PublicURL, a.platforms.Handler(replica.Pages(a.telemetry.Incoming(a.web.Handler())))))
	a.ops.Handle(opsHandler(a.web.Vitals(), a.registry, a.index, append(a.operating(), profiles()...)))
	return nil
}

// openWeb returns what serves the page, the reader and the API.
func (a *app) openWeb() (*web.Server, error) {
	return web.New(web.Parts{
		Conversation: a.platforms.handler,
		Answerer:     a.kept.Answerer(),
		Prober:       a.engine.Prober,
		Examples:     examples(a.cfg),
		Reports:      a.engine.Search,
		Library:      library.New(a.engine.Search, a.cfg.PublicURL),
		Popular:      a.kept.Popular,
		Meter:        a.questions,
		Stage:        a.telemetry.Stage,
		Person:       personOf(a.cfg),
		Health:       a.health,
		PublicURL:    a.cfg.PublicURL,
		Lang:         lang(a.cfg),
		Log:          a.log,
	})
}

// measure registers the metrics that are not of one package.
func (a *app) measure() error {
	withheld := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "wenbao_quotes_withheld_total",
		Help: "Quotes that differed from the source and were withheld.",
	}, func() float64 { return float64(a.engine.Answers.Dropped()) })
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wenbao_build_info", Help: "1, with the version of the program and of the Go that built it."}, []string{"version", "go"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), withheld, build} {
		if err := a.registry.Register(c); err != nil {
			return err
		}
	}
	return a.index.service.Register(a.registry)
}

// observe opens what counts questions and measures stages, and where traces
// go.
func (a *app) observe() (err error) {
	t := a.cfg.Trace
	if a.telemetry, err = telemetry.New(telemetry.Parts{Log: a.log, Now: a.now, Metrics: a.registry, Settings: telemetry.Settings{
		Endpoint: t.Endpoint, Headers: t.HeaderValues(), Sample: t.Sample, Questions: t.Questions, Version: version}}); err != nil {
		return err
	}
	a.questions, err = meter.NewQuestions(a.registry)
	return err
}

// Run runs every component until ctx is done or one of them fails.
func (a *app) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	stopped := context.AfterFunc(ctx, a.web.Drain)
	defer stopped()
	for _, c := range a.components {
		group.Go(func() error { return c.Run(ctx) })
	}
	a.log.Info("ready", "http", a.public.Addr(), "ops", a.ops.Addr())
	err := group.Wait()
	a.log.Info("stopped")
	return err
}

// configure takes over what can change while serving.
func (a *app) configure(cfg *configs.Config) {
	a.index.Configure(cfg)
	a.level.Set(cfg.Log.SlogLevel())
}

// Close gives back what the app holds, the last first.
func (a *app) Close() {
	if a.index != nil {
		a.index.Stop()
	}
	if a.kept != nil {
		a.kept.Close()
	}
	if a.engine != nil {
		if err := a.engine.Close(); err != nil {
			a.log.Error("close the index", "error", err)
		}
	}
	if a.index != nil {
		a.index.Close()
	}
	if err := a.telemetry.Close(); err != nil {
		a.log.Warn("close the traces", "error", err)
	}
	for _, l := range []*listener{a.ops, a.public} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil {
			a.log.Error("close a listener", "error", err)
		}
	}
}
