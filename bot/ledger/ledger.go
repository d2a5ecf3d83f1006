// Package ledger keeps answers given, each under a short code, so that their
// buttons work and their quotes can be verified later.
package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"wenbao/answers"
	"wenbao/bot/store"
)

// A Record is an answer that was given. The excerpts of Answer have no Text:
// the quote and its place are enough.
type Record struct {
	Code         string         `json:"code"`
	At           time.Time      `json:"at"`
	Conversation string         `json:"conversation"`
	Person       string         `json:"person"`
	Place        string         `json:"place"`
	Message      string         `json:"message,omitempty"` // id of the message that asked
	Lang         string         `json:"lang"`
	Report       string         `json:"report,omitempty"` // asked within
	History      []string       `json:"history,omitempty"`
	Answer       answers.Answer `json:"answer"`
}

// Slim returns a without the paragraphs around its quotes; a is not changed.
func Slim(a answers.Answer) answers.Answer {
	excerpts := make([]answers.Excerpt, len(a.Excerpts))
	copy(excerpts, a.Excerpts)
	for i := range excerpts {
		excerpts[i].Text = ""
	}
	a.Excerpts = excerpts
	return a
}

// alphabet of codes: 32 characters, none easily mistaken for another.
const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// CodeLength is the length of a code.
const CodeLength = 8

// NewCode draws a code from random.
func NewCode(random io.Reader) (string, error) {
	var b [CodeLength]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw code: %w", err)
	}
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b[:]), nil
}

// ParseCode returns the code that s spells, with case, spaces and hyphens
// forgiven, and false when it spells none.
func ParseCode(s string) (string, bool) {
	out := make([]byte, 0, CodeLength)
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' || c == '-':
			continue
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		switch c {
		case '0', 'O', 'I', '1':
			return "", false
		}
		if (c < '2' || c > '9') && (c < 'A' || c > 'Z') || len(out) == CodeLength {
			return "", false
		}
		out = append(out, c)
	}
	return string(out), len(out) == CodeLength
}

// A KV is the store below.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, item store.Item) error
	// PutNew is Put unless the key is there.
	PutNew(ctx context.Context, item store.Item) (bool, error)
}

// Store keeps records in a KV.
type Store struct {
	kv  KV
	ttl time.Duration
}

// New returns a Store that keeps each record for ttl after its At.
func New(kv KV, ttl time.Duration) *Store { return &Store{kv, ttl} }

// Add keeps r unless its code is taken.
func (s *Store) Add(ctx context.Context, r Record) (bool, error) {
	item, err := s.item(r)
	if err != nil {
		return false, err
	}
	added, err := s.kv.PutNew(ctx, item)
	if err != nil {
		return false, fmt.Errorf("add answer: %w", err)
	}
	return added, nil
}

// Update replaces the record with r's code.
func (s *Store) Update(ctx context.Context, r Record) error {
	item, err := s.item(r)
	if err != nil {
		return err
	}
	if err := s.kv.Put(ctx, item); err != nil {
		return fmt.Errorf("update answer: %w", err)
	}
	return nil
}

// Get returns the record with this code; one that does not decode is missing.
func (s *Store) Get(ctx context.Context, code string) (Record, bool, error) {
	b, found, err := s.kv.Get(ctx, code)
	if err != nil {
		return Record{}, false, fmt.Errorf("get answer: %w", err)
	}
	var r Record
	if !found || json.Unmarshal(b, &r) != nil {
		return Record{}, false, nil
	}
	return r, true, nil
}

func (s *Store) item(r Record) (store.Item, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return store.Item{}, fmt.Errorf("encode answer: %w", err)
	}
	return store.Item{Key: r.Code, Owner: r.Person, Value: b, Expires: r.At.Add(s.ttl)}, nil
}
