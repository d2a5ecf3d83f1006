// Package feedback keeps what people think of answers and the questions that
// found none.
package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"wenbao/bot/store"
	"wenbao/retrieval/question"
)

// A Vote is one person's view of one answer; a later one replaces it.
type Vote struct {
	Code       string    `json:"code"`
	Voter      string    `json:"-"` // decides whose vote it is; kept as a keyed hash
	Up         bool      `json:"up"`
	Reason     string    `json:"reason,omitempty"` // a reason's key, or the person's own words
	Question   string    `json:"question,omitempty"`
	Generation string    `json:"generation"`
	Excerpts   []string  `json:"excerpts"` // report#paragraph:start-end of what was shown, in order
	Platform   string    `json:"platform"`
	Team       string    `json:"team,omitempty"`
	At         time.Time `json:"at"`
}

// A Miss is a question without an answer. It holds nobody's identity.
type Miss struct {
	Question string    `json:"question,omitempty"` // "" when text is not kept
	Reason   string    `json:"reason"`
	Report   string    `json:"report,omitempty"` // asked within
	Platform string    `json:"platform"`
	Team     string    `json:"team,omitempty"`
	Count    int       `json:"count"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// A KV is the store below Misses.
type KV interface {
	// Merge keeps an item, with what merge makes of the value that is there
	// and of its own where its key has one. It may call merge more than once.
	Merge(ctx context.Context, item store.Item, merge func(old, its []byte) []byte) error
	// Scan calls f for every item, oldest first, until it returns false.
	Scan(ctx context.Context, f func(store.Item) bool) error
}

// Votes keeps votes in a KV.
type Votes struct {
	kv   VoteKV
	ttl  time.Duration
	hash func(string) string
}

// A VoteKV is the store below Votes.
type VoteKV interface {
	Put(ctx context.Context, item store.Item) error
	Scan(ctx context.Context, f func(store.Item) bool) error
	Forget(ctx context.Context, owner string) (int, error)
}

// NewVotes returns Votes that keep each for ttl and know people by hash of
// their name only.
func NewVotes(kv VoteKV, ttl time.Duration, hash func(string) string) *Votes {
	return &Votes{kv, ttl, hash}
}

// Forget removes a person's votes and counts them.
func (s *Votes) Forget(ctx context.Context, person string) (int, error) {
	n, err := s.kv.Forget(ctx, s.hash(person))
	if err != nil {
		return n, fmt.Errorf("forget votes: %w", err)
	}
	return n, nil
}

// Vote keeps v in the place of the voter's earlier vote on the answer.
func (s *Votes) Vote(ctx context.Context, v Vote) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode vote: %w", err)
	}
	voter := s.hash(v.Voter)
	err = s.kv.Put(ctx, store.Item{Key: v.Code + "/" + voter, Owner: voter, Value: b, Expires: v.At.Add(s.ttl)})
	if err != nil {
		return fmt.Errorf("put vote: %w", err)
	}
	return nil
}

// Each calls f for every vote, oldest first, until it returns false.
func (s *Votes) Each(ctx context.Context, f func(Vote) bool) error {
	return s.kv.Scan(ctx, func(i store.Item) bool {
		var v Vote
		return json.Unmarshal(i.Value, &v) != nil || f(v)
	})
}

// Misses keeps unanswered questions in a KV, those that read alike together.
type Misses struct {
	kv   KV
	ttl  time.Duration
	text bool
}

// NewMisses returns Misses that keep each question for ttl after it was last
// asked; without text they keep and count it but not its words.
func NewMisses(kv KV, ttl time.Duration, text bool) *Misses { return &Misses{kv, ttl, text} }

// Miss counts a question.
func (s *Misses) Miss(ctx context.Context, m Miss) error {
	key := digest(m.Team + "\x00" + m.Report + "\x00" + question.Normal(m.Question))
	m.Count, m.First = 1, m.Last
	if !s.text {
		m.Question = ""
	}
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode unanswered question: %w", err)
	}
	if err := s.kv.Merge(ctx, store.Item{Key: key, Value: b, Expires: m.Last.Add(s.ttl)}, together); err != nil {
		return fmt.Errorf("count unanswered question: %w", err)
	}
	return nil
}

// together makes one of two misses of a question: the later one, counting for
// both. One that does not decode does not count.
func together(old, its []byte) []byte {
	var a, b Miss
	if json.Unmarshal(old, &a) != nil || json.Unmarshal(its, &b) != nil {
		return its
	}
	if a.Last.After(b.Last) {
		a, b = b, a
	}
	b.Count += a.Count
	if a.First.Before(b.First) {
		b.First = a.First
	}
	both, err := json.Marshal(b)
	if err != nil {
		return its
	}
	return both
}

// Each calls f for every unanswered question, longest known first, until it
// returns false.
func (s *Misses) Each(ctx context.Context, f func(Miss) bool) error {
	return s.kv.Scan(ctx, func(i store.Item) bool {
		var m Miss
		return json.Unmarshal(i.Value, &m) != nil || f(m)
	})
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:12])
}
