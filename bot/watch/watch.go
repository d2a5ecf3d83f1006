// Package watch keeps who waits for a question to be answered.
package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wenbao/bot/store"
)

// MaxPerPerson is how many questions one person may wait for.
const MaxPerPerson = 10

// A Watch is one person waiting for one question.
type Watch struct {
	ID       string          `json:"id"` // made of the person and the question
	Person   string          `json:"person"`
	Question string          `json:"question"`
	History  []string        `json:"history,omitempty"`
	Report   string          `json:"report,omitempty"`
	Lang     string          `json:"lang"`
	At       time.Time       `json:"at"`
	To       json.RawMessage `json:"to"` // where to tell them
}

// Outcome says what became of a wish to wait.
type Outcome int

const (
	Added Outcome = iota
	Already
	Full
)

// A KV is the store below.
type KV interface {
	PutNew(ctx context.Context, item store.Item) (bool, error)
	Delete(ctx context.Context, key string) error
	// Scan calls f for every item, oldest first, until it returns false.
	Scan(ctx context.Context, f func(store.Item) bool) error
	// Count counts the items of an owner.
	Count(ctx context.Context, owner string) (int, error)
}

// Store keeps watches in a KV.
type Store struct {
	kv  KV
	ttl time.Duration
}

// New returns a Store that gives up on a question after ttl.
func New(kv KV, ttl time.Duration) *Store { return &Store{kv, ttl} }

// Add keeps w and gives it its ID.
func (s *Store) Add(ctx context.Context, w Watch) (Outcome, error) {
	sum := sha256.Sum256([]byte(w.Person + "\x00" + w.Report + "\x00" + strings.Join(w.History, "\x01") + "\x00" + w.Question))
	w.ID = hex.EncodeToString(sum[:8])
	n, err := s.kv.Count(ctx, w.Person)
	if err != nil {
		return 0, fmt.Errorf("count watches: %w", err)
	}
	b, err := json.Marshal(w)
	if err != nil {
		return 0, fmt.Errorf("encode watch: %w", err)
	}
	if n >= MaxPerPerson {
		return Full, nil
	}
	added, err := s.kv.PutNew(ctx, store.Item{Key: w.ID, Owner: w.Person, Value: b, Expires: w.At.Add(s.ttl)})
	switch {
	case err != nil:
		return 0, fmt.Errorf("add watch: %w", err)
	case !added:
		return Already, nil
	}
	return Added, nil
}

// Each calls f for every watch, oldest first, until it returns false.
func (s *Store) Each(ctx context.Context, f func(Watch) bool) error {
	return s.kv.Scan(ctx, func(i store.Item) bool {
		var w Watch
		return json.Unmarshal(i.Value, &w) != nil || f(w)
	})
}

// Done removes the watch with this id.
func (s *Store) Done(ctx context.Context, id string) error {
	if err := s.kv.Delete(ctx, id); err != nil {
		return fmt.Errorf("remove watch: %w", err)
	}
	return nil
}
