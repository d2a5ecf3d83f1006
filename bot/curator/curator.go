// Package curator keeps what operators decide: what phrases mean and which
// paragraph answers a question (the rules of answers/curation), and which
// questions the public page shows.
package curator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wenbao/answers"
	"wenbao/answers/curation"
	"wenbao/bot"
	"wenbao/bot/store"
)

// A KV is the store below. Nothing in it ends by itself.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, i store.Item) error
	Delete(ctx context.Context, key string) error
	// Scan calls f for every item until it returns false.
	Scan(ctx context.Context, f func(store.Item) bool) error
}

// Rules are what answers follow; *curation.Layer is one.
type Rules interface{ Set([]curation.Rule) }

var _ Rules = (*curation.Layer)(nil)

// A Library is what decisions are checked against.
type Library interface {
	Terms(report string) []bot.TermInfo
	Term(report, name string) []bot.TermEntry
	Paragraph(report, id string) (bot.Paragraph, bool)
}

// Parts are what a Curator works with. KV, Rules, Library and Answerer are
// needed.
type Parts struct {
	KV      KV
	Rules   Rules
	Library Library
	// Answerer says whether the reports answer a question.
	Answerer answers.Answerer
	// Changed is called after a rule changed here or elsewhere; nil: nothing is.
	Changed func()
	// Announce tells other processes that something changed; nil: there are none.
	Announce func(ctx context.Context) error
	Now      func() time.Time
	Log      *slog.Logger
}

// Curator makes decisions and knows those made. It is safe for concurrent use.
type Curator struct {
	Parts
	changing sync.Mutex // one change after the other
	known    atomic.Pointer[known]
}

// known are the decisions as they were read last. It is immutable.
type known struct {
	rules  []curation.Rule // by time, the oldest first
	public []Decision      // likewise
}

// The beginnings of keys.
const (
	ruleKey     = "rule:"
	decisionKey = "public:"
)

// New returns a Curator that knows nothing until Load.
func New(p Parts) *Curator {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Changed == nil {
		p.Changed = func() {}
	}
	if p.Announce == nil {
		p.Announce = func(context.Context) error { return nil }
	}
	c := &Curator{Parts: p}
	c.known.Store(&known{})
	return c
}

// Load reads the decisions, and makes answers follow the rules.
func (c *Curator) Load(ctx context.Context) error {
	k := &known{}
	err := c.KV.Scan(ctx, func(i store.Item) bool {
		var rule curation.Rule
		var decision Decision
		switch {
		case strings.HasPrefix(i.Key, ruleKey) && json.Unmarshal(i.Value, &rule) == nil:
			k.rules = append(k.rules, rule)
		case strings.HasPrefix(i.Key, decisionKey) && json.Unmarshal(i.Value, &decision) == nil:
			k.public = append(k.public, decision)
		default:
			c.Log.Warn("a decision cannot be read and is left out", "key", i.Key)
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	slices.SortStableFunc(k.rules, func(a, b curation.Rule) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(k.public, func(a, b Decision) int { return a.At.Compare(b.At) })
	before := c.known.Swap(k)
	c.Rules.Set(k.rules)
	if !slices.EqualFunc(before.rules, k.rules, func(a, b curation.Rule) bool { return a.ID == b.ID && a.At.Equal(b.At) }) {
		c.Changed()
	}
	return nil
}

// retry is how long what could not be read is left alone.
const retry = 5 * time.Second

// Run loads until that succeeds, and again whenever changed receives, until
// ctx is done.
func (c *Curator) Run(ctx context.Context, changed <-chan struct{}) error {
	again := make(<-chan time.Time)
	load := func() {
		again = nil
		if err := c.Load(ctx); err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "what operators decided is not up to date", "error", err)
			again = time.After(retry)
		}
	}
	for load(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			load()
		case <-again:
			load()
		}
	}
}

// put keeps v under key and takes it up, here and elsewhere.
func (c *Curator) put(ctx context.Context, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep decision: %w", err)
	}
	if err := c.KV.Put(ctx, store.Item{Key: key, Value: raw}); err != nil {
		return fmt.Errorf("keep decision: %w", err)
	}
	return c.took(ctx)
}

func (c *Curator) remove(ctx context.Context, key string) error {
	if err := c.KV.Delete(ctx, key); err != nil {
		return fmt.Errorf("remove decision: %w", err)
	}
	return c.took(ctx)
}

func (c *Curator) took(ctx context.Context) error {
	if err := c.Load(ctx); err != nil {
		return err
	}
	if err := c.Announce(ctx); err != nil {
		c.Log.WarnContext(ctx, "other replicas learn of a decision late", "error", err)
	}
	return nil
}

// digest names a phrase of a workspace.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}
