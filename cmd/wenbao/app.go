package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"wenbao/bot/health"
	"wenbao/bot/library"
	"wenbao/bot/meter"
	"wenbao/bot/redis/replica"
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
	now      func() time.Time
	registry *prometheus.Registry
	health   *health.Registry

	engine    *engineParts
	index     *reindexing
	kept      *keeping
	platforms *platforms
	web       *web.Server

	public, ops *listener
	components  []component
}

// newApp wires everything.
func newApp(ctx context.Context, cfg *configs.Config, env *environment, log *slog.Logger) (*app, error) {
	a := &app{cfg: cfg, log: log, now: env.Now, registry: prometheus.NewRegistry(), health: &health.Registry{}}
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
	if a.index, a.engine, err = openReindexing(ctx, cfg, a.now, a.log); err != nil {
		return err
	}
	questions, err := a.measure()
	if err != nil {
		return err
	}
	if a.kept, err = openKeeping(ctx, cfg, a.engine.Answers, a.registry, a.now, a.log); err != nil {
		return err
	}
	a.health.Register("redis", false, a.kept.Check)
	a.index.ComparePopular(a.kept.Counted)
	if a.platforms, err = a.openPlatforms(); err != nil {
		return err
	}
	if a.web, err = a.openWeb(questions); err != nil {
		return err
	}
	converge := newConvergence(a.kept, a.index, a.engine.Answers, a.log)
	a.components = append([]component{a.public, a.ops, converge, a.index}, a.platforms.components()...)
	if p := a.platforms; p.desk != nil {
		a.components = append(a.components, waits{p.handler, p.desk, converge.changed, a.log})
	}
	a.public.Handle(web.Below(cfg.PublicURL, a.platforms.Handler(replica.Pages(a.web.Handler()))))
	a.ops.Handle(opsHandler(a.web.Vitals(), a.registry, a.index))
	return nil
}

// openWeb returns what serves the page, the reader and the API.
func (a *app) openWeb(questions *meter.Questions) (*web.Server, error) {
	return web.New(web.Parts{
		Conversation: a.platforms.handler,
		Answerer:     a.kept.Answerer(),
		Prober:       a.engine.Answers,
		Examples:     examples(a.cfg),
		Reports:      a.engine.Search,
		Library:      library.New(a.engine.Search, a.cfg.PublicURL),
		Meter:        questions,
		Person:       personOf(a.cfg),
		Health:       a.health,
		PublicURL:    a.cfg.PublicURL,
		Lang:         lang(a.cfg),
		Log:          a.log,
	})
}

// measure registers the metrics that are not of one package.
func (a *app) measure() (*meter.Questions, error) {
	withheld := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "wenbao_quotes_withheld_total",
		Help: "Quotes that differed from the source and were withheld.",
	}, func() float64 { return float64(a.engine.Answers.Dropped()) })
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), withheld} {
		if err := a.registry.Register(c); err != nil {
			return nil, err
		}
	}
	return meter.NewQuestions(a.registry)
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
	for _, l := range []*listener{a.ops, a.public} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil {
			a.log.Error("close a listener", "error", err)
		}
	}
}
