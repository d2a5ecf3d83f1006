// Package cache keeps answers, so that a question asked before is answered
// without searching: in the process, and behind that in a store that several
// processes share. It is a layer of answers.Answerer.
//
// An entry belongs to one generation of the reports, language, report in
// scope, number and length of quotes, and normalised question with the turns
// it depends on: nothing is ever flushed, and a reindex needs no flush.
package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"wenbao/answers"
	"wenbao/retrieval/stage"
)

// A Source answers what is not kept. answers.Engine is one.
type Source interface {
	answers.Answerer
	// Context returns the turns of the history that an answer depends on and
	// the live generation.
	Context(r answers.Request) (turns []string, generation string, err error)
}

// Shared is what several processes share. Keys are ASCII.
type Shared interface {
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Lock reports whether the caller is to compute the value; for at most
	// ttl no other is told so.
	Lock(ctx context.Context, key string, ttl time.Duration) (bool, error)
	Unlock(ctx context.Context, key string) error
}

// Settings are bounds. Zero fields take the value of DefaultSettings.
type Settings struct {
	Bytes    int           // kept in the process
	TTL      time.Duration // of an answer
	Refusal  time.Duration // of anything else
	Local    time.Duration // in the process at most
	LockTTL  time.Duration // how long others wait for who computes at most
	Patience time.Duration // how long this process waits for another
	Compute  time.Duration // to compute an answer that several may wait for
}

// DefaultSettings suit one machine.
func DefaultSettings() Settings {
	return Settings{Bytes: 64 << 20, TTL: 24 * time.Hour, Refusal: 10 * time.Minute, Local: time.Hour,
		LockTTL: 2 * time.Second, Patience: 40 * time.Millisecond, Compute: 30 * time.Second}
}

func (s Settings) withDefaults() Settings {
	d := DefaultSettings()
	if s.Bytes <= 0 {
		s.Bytes = d.Bytes
	}
	for _, f := range []struct{ have, want *time.Duration }{{&s.TTL, &d.TTL}, {&s.Refusal, &d.Refusal}, {&s.Local, &d.Local},
		{&s.LockTTL, &d.LockTTL}, {&s.Patience, &d.Patience}, {&s.Compute, &d.Compute}} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	return s
}

// A Purse holds the time that an asker has for what is shared.
type Purse interface {
	Left(ctx context.Context) time.Duration
	// Spend takes from it what was waited beside the calls of Shared.
	Spend(ctx context.Context, d time.Duration)
}

// Parts are what a Layer works with. Shared, Purse and Metrics may be nil.
type Parts struct {
	Source Source
	Shared Shared
	Purse  Purse
	// Variant names whatever else decides an answer: the program's version,
	// its lexicon, the public URL. Processes with another share nothing.
	Variant  string
	Settings Settings
	Stage    stage.Func // nil: stages are not measured
	Metrics  prometheus.Registerer
}

// Layer answers from what is kept, else from its Source.
type Layer struct {
	Parts
	local   *otter.Cache[string, kept]
	finding singleflight.Group // of what is behind the process
	sharing tail

	mu        sync.Mutex
	computing map[string]*result // by key
	codec     *Codec
	count     *prometheus.CounterVec
	forms     forms
}

// kept is an answer in the process.
type kept struct {
	answer  answers.Answer
	request answers.Request // to answer it anew; without question where it depends on turns
	asked   *atomic.Int64   // how often it was told since it is kept
	ttl     time.Duration
	weight  uint32
}

// New returns an empty Layer.
func New(p Parts) (*Layer, error) {
	p.Settings = p.Settings.withDefaults()
	l := &Layer{Parts: p, codec: NewCodec(), computing: map[string]*result{}, count: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wenbao_answer_cache_total", Help: "Answers by where they came from: local, shared, computed; and undecodable ones, which were computed again."}, []string{"from"})}
	local, err := otter.New(&otter.Options[string, kept]{
		MaximumWeight:    uint64(p.Settings.Bytes),
		Weigher:          func(key string, k kept) uint32 { return k.weight + uint32(len(key)) },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, kept]) time.Duration { return e.Value.ttl }),
	})
	if err != nil {
		return nil, fmt.Errorf("make answer cache: %w", err)
	}
	l.local = local
	if p.Metrics == nil {
		return l, nil
	}
	bytes := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "wenbao_answer_cache_bytes", Help: "About what kept answers take."},
		func() float64 { return float64(local.WeightedSize()) })
	for _, c := range []prometheus.Collector{l.count, bytes} {
		if err := p.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return l, nil
}

// Answer answers from what is kept or computes, once for all who ask alike.
func (l *Layer) Answer(ctx context.Context, r answers.Request) (answers.Answer, error) {
	l.forms.note(r)
	return l.give(ctx, r)
}

func (l *Layer) give(ctx context.Context, r answers.Request) (answers.Answer, error) {
	began := time.Now()
	if strings.TrimSpace(r.Question) == "" || utf8.RuneCountInString(r.Question) > answers.MaxQuestion {
		return l.Source.Answer(ctx, r)
	}
	turns, generation, err := l.Source.Context(r)
	if err != nil {
		return answers.Answer{}, err
	}
	a, err := l.answer(ctx, r, scope{l.Variant, turns, generation})
	if err != nil {
		return a, err
	}
	a.ID, a.Question = r.ID, r.Question
	a.TookMicros = time.Since(began).Microseconds()
	return a, nil
}

func (l *Layer) keep(key string, a answers.Answer, r answers.Request, s scope) {
	r.ID, r.History = "", nil
	if len(s.turns) > 0 {
		r.Question = ""
	}
	l.local.Set(key, kept{a, r, new(atomic.Int64), min(l.ttl(a), l.Settings.Local), weigh(a) + uint32(len(r.Question))})
}

// ttl is how long an answer is kept, never twice the same.
func (l *Layer) ttl(a answers.Answer) time.Duration {
	ttl := l.Settings.TTL
	if a.Status != answers.Answered {
		ttl = l.Settings.Refusal
	}
	return ttl*9/10 + rand.N(ttl/5+1)
}

// Close waits until what was computed is shared, and stops the cache's upkeep.
// It goes on answering.
func (l *Layer) Close() {
	l.sharing.end()
	l.local.StopAllGoroutines()
}

// Bytes is about what the answers kept in the process take.
func (l *Layer) Bytes() int {
	l.local.CleanUp()
	return int(l.local.WeightedSize())
}

// weigh returns about how many bytes an answer takes in memory.
func weigh(a answers.Answer) uint32 {
	n := 400 + len(a.Message) + len(a.Understood)
	for _, s := range a.Suggestions {
		n += 16 + len(s)
	}
	if f := a.Figure; f != nil {
		n += 480 + len(f.Value) + len(f.Indicator)
	}
	for _, x := range a.Excerpts {
		n += 320 + len(x.Quote) + len(x.Text) + 16*len(x.Marks)
		c := x.Citation
		n += len(c.Report) + len(c.Title) + len(c.ParagraphID) + len(c.Term) + len(c.Period) + len(c.Label) + len(c.URL)
		for _, s := range c.Section {
			n += 16 + len(s)
		}
	}
	return uint32(n)
}
