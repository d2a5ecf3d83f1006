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
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
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

// Parts are what a Layer works with. Shared and Metrics may be nil.
type Parts struct {
	Source Source
	Shared Shared
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
	local  *otter.Cache[string, kept]
	flight singleflight.Group
	codec  *Codec
	count  *prometheus.CounterVec
	forms  forms
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
	l := &Layer{Parts: p, codec: NewCodec(), count: prometheus.NewCounterVec(prometheus.CounterOpts{
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

func (l *Layer) answer(ctx context.Context, r answers.Request, s scope) (answers.Answer, error) {
	_, end := l.Stage.Begin(ctx, stage.Cache)
	key := s.key(r)
	k, ok := l.local.GetIfPresent(key)
	end(slog.String("from", from(ok, "local")))
	if ok {
		l.count.WithLabelValues("local").Inc()
		k.asked.Add(1)
		return k.answer, nil
	}
	done := l.flight.DoChan(key, func() (v any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = panicked{p}
			}
		}()
		computing, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Settings.Compute)
		defer cancel()
		return l.lookUp(computing, r, s, key)
	})
	select {
	case <-ctx.Done():
		return answers.Answer{}, ctx.Err()
	case out := <-done:
		var p panicked
		if errors.As(out.Err, &p) {
			panic(p.value)
		}
		if out.Err != nil {
			return answers.Answer{}, out.Err
		}
		return out.Val.(answers.Answer), nil
	}
}

// panicked carries a panic of the Source to those who asked.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// lookUp looks behind the process, and computes what is not there.
func (l *Layer) lookUp(ctx context.Context, r answers.Request, s scope, key string) (answers.Answer, error) {
	if l.Shared == nil {
		return l.compute(ctx, r, s)
	}
	a, found, err := l.shared(ctx, key)
	if err == nil && !found {
		var mine bool
		if mine, err = l.Shared.Lock(ctx, key, l.Settings.LockTTL); mine && err == nil {
			defer func() { _ = l.Shared.Unlock(context.WithoutCancel(ctx), key) }()
		} else if err == nil {
			a, found = l.wait(ctx, key)
		}
	}
	if found {
		l.count.WithLabelValues("shared").Inc()
		l.keep(key, a, r, s)
		return a, nil
	}
	return l.compute(ctx, r, s)
}

// shared returns what other processes computed; what does not decode, or is of
// another generation, is a miss.
func (l *Layer) shared(ctx context.Context, key string) (a answers.Answer, found bool, err error) {
	ctx, end := l.Stage.Begin(ctx, stage.CacheShared)
	defer func() { end(slog.String("from", from(found, "shared")), slog.Bool("failed", err != nil)) }()
	b, found, err := l.Shared.Get(ctx, key)
	if err != nil || !found {
		return answers.Answer{}, false, err
	}
	a, err = l.codec.Decode(b)
	if err != nil || !strings.HasPrefix(key, prefix(a.Generation)) {
		l.count.WithLabelValues("undecodable").Inc()
		return answers.Answer{}, false, nil
	}
	return a, true, nil
}

// from is where an answer was found, "" where it was not.
func from(found bool, where string) string {
	if found {
		return where
	}
	return ""
}

// wait waits, not for long, for the process that computes.
func (l *Layer) wait(ctx context.Context, key string) (answers.Answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, l.Settings.Patience)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause *= 2 {
		select {
		case <-ctx.Done():
			return answers.Answer{}, false
		case <-time.After(pause):
		}
		if a, found, err := l.shared(ctx, key); found || err != nil {
			return a, found
		}
	}
}

// compute asks the Source and keeps what it says under the generation that it
// says it from.
func (l *Layer) compute(ctx context.Context, r answers.Request, s scope) (answers.Answer, error) {
	a, err := l.Source.Answer(ctx, r)
	if err != nil {
		return a, err
	}
	l.count.WithLabelValues("computed").Inc()
	a.ID, a.Question, a.TookMicros = "", "", 0
	if a.Generation != s.generation && len(r.History) > 0 {
		return a, nil // which turns it depends on was read in another generation
	}
	s.generation = a.Generation
	key := s.key(r)
	l.keep(key, a, r, s)
	if l.Shared != nil {
		if b, err := l.codec.Encode(a); err == nil {
			_ = l.Shared.Set(ctx, key, b, l.ttl(a)) // counted and logged below the interface
		}
	}
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

// Close stops the cache's upkeep. It goes on answering.
func (l *Layer) Close() { l.local.StopAllGoroutines() }

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
