package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wenbao/answers/curation"
	"wenbao/bot/admin"
	"wenbao/bot/admin/pins"
	"wenbao/bot/admin/questions"
	"wenbao/bot/admin/settings"
	"wenbao/bot/audit"
	"wenbao/bot/curator"
	"wenbao/bot/library"
	"wenbao/bot/redis/replica"
)

// A bell tells that something happened, however often it did.
type bell chan struct{}

// Ring tells it.
func (s bell) Ring() {
	select {
	case s <- struct{}{}:
	default: // told already
	}
}

const (
	decisionsTopic = "decisions"
	// decisionsPatience is how long a start waits for what operators decided.
	decisionsPatience = 2 * time.Second
)

// curating is what operators decide, here and by other replicas.
type curating struct {
	*curator.Curator
	replica *replica.Replica // nil without Redis
}

// openCurating lays decisions over the cached answers and over what is asked
// often. It succeeds while Redis is away: decisions follow.
func (a *app) openCurating(ctx context.Context) (*curating, error) {
	lib := library.New(a.engine.Search, a.cfg.PublicURL)
	layer := curation.New(curation.Parts{Next: a.kept.Answers, Quoter: a.engine.Answers,
		HasTerm: func(name string) bool { return curator.HasTerm(lib, name) }})
	a.kept.Curated = layer
	c := &curating{replica: a.kept.Replica}
	c.Curator = curator.New(curator.Parts{KV: a.kept.Decided, Rules: layer, Library: lib, Answerer: layer,
		Changed: a.changed.Ring, Announce: c.announce, Now: a.now, Log: a.log})
	a.kept.Popular = curator.Popular{Popular: a.kept.Popular, Ranker: a.kept.Counted, Curator: c.Curator}
	first, cancel := context.WithTimeout(ctx, decisionsPatience)
	defer cancel()
	if err := c.Load(first); err != nil {
		a.log.Warn("what operators decided cannot be read yet", "error", err)
	}
	return c, measureCurating(a.registry, layer, c.Curator)
}

// announce tells other replicas that something was decided.
func (c *curating) announce(ctx context.Context) error {
	if c.replica == nil {
		return nil
	}
	return c.replica.Board.Post(ctx, decisionsTopic, rand.Text())
}

// Run takes up what other replicas announce.
func (c *curating) Run(ctx context.Context) error {
	changed := make(bell, 1)
	if c.replica != nil {
		following := make(chan struct{})
		defer func() { <-following }()
		go func() {
			defer close(following)
			_ = c.replica.Board.Follow(ctx, decisionsTopic, func(string) { changed.Ring() })
		}()
	}
	return c.Curator.Run(ctx, changed)
}

func measureCurating(r *prometheus.Registry, layer *curation.Layer, c *curator.Curator) error {
	applied := func(kind string, count func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "wenbao_curated_answers_total",
			Help: "Answers that follow an operator's decision, by its kind.", ConstLabels: prometheus.Labels{"kind": kind}},
			func() float64 { return float64(count()) })
	}
	rules := func(state string, count func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "wenbao_curated_rules",
			Help: "Aliases and pins, by whether what they lead to is there.", ConstLabels: prometheus.Labels{"state": state}},
			func() float64 { return float64(count()) })
	}
	for _, m := range []prometheus.Collector{
		applied("alias", func() int64 { n, _, _ := layer.Applied(); return n }),
		applied("pin", func() int64 { _, n, _ := layer.Applied(); return n }),
		rules("live", func() int { n, stale := c.Count(); return n - stale }),
		rules("stale", func() int { _, stale := c.Count(); return stale }),
	} {
		if err := r.Register(m); err != nil {
			return fmt.Errorf("register metrics of decisions: %w", err)
		}
	}
	return nil
}

// operating are the operators' routes beside those of reindexing.
func (a *app) operating() []admin.Route {
	routes := pins.Routes(a.curating, a.record)
	routes = append(routes, questions.Routes(questions.Parts{Popular: a.kept.Counted, Unanswered: a.kept.Missed, Votes: a.kept.Given,
		Public: a.curating, Note: a.record})...)
	return append(routes, settings.Routes(settings.Parts{Print: a.print, Level: a.level, Note: a.record})...)
}

// record writes down what an operator did.
func (a *app) record(r *http.Request, e audit.Entry) {
	if err := a.index.gate.Record(r, admin.CallerOf(r), e); err != nil {
		a.log.ErrorContext(r.Context(), "audit log", "error", err)
	}
}

// print writes the settings in effect.
func (a *app) print(w io.Writer) error { return a.index.cfg.Load().Print(w) }
