// Package stores puts the conversation's memory together: all in memory, or
// with what must survive a restart in files.
package stores

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/feedback"
	"wenbao/bot/inbox"
	"wenbao/bot/ledger"
	"wenbao/bot/limit"
	"wenbao/bot/popular"
	"wenbao/bot/session"
	"wenbao/bot/store"
	"wenbao/bot/watch"
)

// Settings are how much is kept, and for how long. Start from Defaults.
type Settings struct {
	Key        []byte // of the hashes of people in statistics
	User, Team limit.Rate
	Presses    limit.Rate    // of buttons, a person
	Session    time.Duration // after its last message
	Answer     time.Duration // its buttons and its code
	Feedback   time.Duration
	Watch      time.Duration
	// OmitQuestions keeps the text of unanswered questions out.
	OmitQuestions bool
	// Askers is how many people must have asked a question before others
	// are shown it.
	Askers int
	Bytes  Bytes
	Inbox  inbox.Bound
}

// Bytes bound each store.
type Bytes struct{ Sessions, Answers, Phrases, Votes, Misses, Watches, Decisions int }

// Defaults are the settings of one machine.
func Defaults() Settings {
	return Settings{
		User: 20, Team: 600, Presses: 60,
		Session: 6 * time.Hour, Answer: 30 * 24 * time.Hour, Feedback: 365 * 24 * time.Hour, Watch: 90 * 24 * time.Hour,
		Askers: 2,
		Bytes:  Bytes{Sessions: 32 << 20, Answers: 64 << 20, Phrases: 4 << 20, Votes: 32 << 20, Misses: 16 << 20, Watches: 16 << 20, Decisions: 32 << 20},
		Inbox:  inbox.DefaultBound(),
	}
}

// KV is what the stores of the conversation are built on. store.Memory and
// store.File are ones.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, i store.Item) error
	PutNew(ctx context.Context, i store.Item) (bool, error)
	Merge(ctx context.Context, i store.Item, merge func(old, its []byte) []byte) error
	Delete(ctx context.Context, key string) error
	Forget(ctx context.Context, owner string) (int, error)
	Count(ctx context.Context, owner string) (int, error)
	Scan(ctx context.Context, f func(store.Item) bool) error
}

var (
	_ KV = (*store.Memory)(nil)
	_ KV = (*store.File)(nil)

	_ Counts = (*popular.Memory)(nil)

	_ delivery.Inbox = (*inbox.Memory)(nil)
	_ delivery.Inbox = (*inbox.File)(nil)
)

// KVs are the places of the stores.
type KVs struct{ Sessions, Answers, Phrases, Votes, Misses, Watches, Decisions KV }

// A Set is everything that the conversation and its deliveries remember.
type Set struct {
	bot.Stores
	Inbox   delivery.Inbox
	Given   *feedback.Votes  // for the operator to read
	Missed  *feedback.Misses // likewise
	Counted Counts           // what Popular counts, likewise
	Decided KV               // what operators decided about answers
	close   []io.Closer
}

// Counts are questions counted, each asking worth less as it ages.
type Counts interface {
	// Overall returns at most n questions of all teams together, most asked
	// in a week or so first, none that fewer people asked than are needed to
	// name it.
	Overall(ctx context.Context, n int) ([]string, error)
	// Ranking returns at most n questions of a team, or of all together where
	// it is "", most asked in a window (popular.Day, popular.Week) first,
	// however few people asked them.
	Ranking(ctx context.Context, team, window string, n int) ([]popular.Ranked, error)
}

// Close closes the files.
func (s *Set) Close() error {
	var errs []error
	for _, c := range s.close {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Memory returns stores that end with the process.
func Memory(s Settings, now func() time.Time) *Set {
	kv := func(bytes int) KV { return store.NewMemory(store.Bound{Bytes: bytes}, now) }
	b := s.Bytes
	return Over(KVs{kv(b.Sessions), kv(b.Answers), kv(b.Phrases), kv(b.Votes), kv(b.Misses), kv(b.Watches), kv(b.Decisions)},
		inbox.NewMemory(s.Inbox, now), s, now)
}

// File returns stores of which answers, votes, unanswered questions, watches,
// operators' decisions and deliveries are kept in dir; sessions and popular questions end with the
// process.
func File(dir string, s Settings, now func() time.Time) (*Set, error) {
	var opened []io.Closer
	closeAll := func() {
		for _, c := range opened {
			c.Close()
		}
	}
	open := func(name string, durable bool, bytes int) (KV, error) {
		f, err := store.OpenFile(filepath.Join(dir, name+".log"), durable, store.Bound{Bytes: bytes}, now)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", name, err)
		}
		opened = append(opened, f)
		return f, nil
	}
	b := s.Bytes
	kvs := KVs{Sessions: store.NewMemory(store.Bound{Bytes: b.Sessions}, now)}
	for _, f := range []struct {
		name    string
		durable bool
		bytes   int
		kv      *KV
	}{
		{"answers", false, b.Answers, &kvs.Answers}, {"phrases", false, b.Phrases, &kvs.Phrases},
		{"votes", true, b.Votes, &kvs.Votes}, {"unanswered", false, b.Misses, &kvs.Misses}, {"watches", true, b.Watches, &kvs.Watches},
		{"decisions", true, b.Decisions, &kvs.Decisions},
	} {
		kv, err := open(f.name, f.durable, f.bytes)
		if err != nil {
			closeAll()
			return nil, err
		}
		*f.kv = kv
	}
	box, err := inbox.OpenFile(filepath.Join(dir, "inbox.log"), s.Inbox, now)
	if err != nil {
		closeAll()
		return nil, err
	}
	set := Over(kvs, box, s, now)
	set.close = append(opened, box)
	return set, nil
}

// Over returns stores over the given ones. Its Popular and limits are in
// memory; a caller with better ones replaces them, in Counted and Forgetters too.
func Over(kvs KVs, box delivery.Inbox, s Settings, now func() time.Time) *Set {
	hash := Hasher(s.Key)
	votes := feedback.NewVotes(kvs.Votes, s.Feedback, hash)
	misses := feedback.NewMisses(kvs.Misses, s.Feedback, !s.OmitQuestions)
	asked := popular.NewMemory(s.Askers, hash, now)
	set := &Set{Inbox: box, Given: votes, Missed: misses, Counted: asked, Decided: kvs.Decisions, Stores: bot.Stores{
		Sessions:   session.New(kvs.Sessions, s.Session, now),
		Ledger:     ledger.New(kvs.Answers, s.Answer),
		Phrases:    phrases{kvs.Phrases, s.Answer, now},
		Votes:      votes,
		Unanswered: misses,
		Watches:    watch.New(kvs.Watches, s.Watch),
		Popular:    asked,
		Questions:  limit.NewMemory(s.User, s.Team, now),
		Presses:    limit.NewMemory(s.Presses, 0, now),
		Forgetters: []bot.Forgetter{kvs.Sessions, kvs.Answers, kvs.Watches, votes, asked},
	}}
	if f, ok := box.(bot.Forgetter); ok {
		set.Forgetters = append(set.Forgetters, f)
	}
	return set
}

// Hasher returns a keyed hash of people's names. Without a key it is told
// apart from nothing but a plain hash.
func Hasher(key []byte) func(string) string {
	return func(person string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(person))
		return hex.EncodeToString(mac.Sum(nil)[:12])
	}
}

// phrases keeps the words behind buttons in a KV.
type phrases struct {
	kv  KV
	ttl time.Duration
	now func() time.Time
}

// Keep keeps a phrase under its key.
func (p phrases) Keep(ctx context.Context, key, phrase string) error {
	if err := p.kv.Put(ctx, store.Item{Key: key, Value: []byte(phrase), Expires: p.now().Add(p.ttl)}); err != nil {
		return fmt.Errorf("keep phrase: %w", err)
	}
	return nil
}

// Find returns the phrase under a key.
func (p phrases) Find(ctx context.Context, key string) (string, bool, error) {
	b, found, err := p.kv.Get(ctx, key)
	if err != nil {
		return "", false, fmt.Errorf("find phrase: %w", err)
	}
	return string(b), found, nil
}
