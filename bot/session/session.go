// Package session keeps conversations: recent questions for follow-ups, the
// language, the chosen report. A session expires some time after its last
// message.
package session

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wenbao/bot/store"
)

// MaxTurns is how many questions a session remembers.
const MaxTurns = 6

// A Session is one conversation.
type Session struct {
	Turns  []Turn `json:"turns,omitempty"` // oldest first
	Lang   string `json:"lang,omitempty"`  // chosen; "" follows the client
	Report string `json:"report,omitempty"`
	Top    int    `json:"top,omitempty"`
}

// A Turn is a question and the code of its answer.
type Turn struct {
	Message  string `json:"message,omitempty"` // id of the message that asked
	Question string `json:"question"`
	Code     string `json:"code,omitempty"`
}

// Last returns the latest turn, false when there is none.
func (s Session) Last() (Turn, bool) {
	if len(s.Turns) == 0 {
		return Turn{}, false
	}
	return s.Turns[len(s.Turns)-1], true
}

// Before returns the questions asked before message, all when it is not
// among the turns.
func (s Session) Before(message string) []string {
	var out []string
	for _, t := range s.Turns {
		if message != "" && t.Message == message {
			break
		}
		out = append(out, t.Question)
	}
	return out
}

// With returns s with t in the place of the turn of the same message, or
// else last; s is not changed.
func (s Session) With(t Turn) Session {
	turns := make([]Turn, 0, len(s.Turns)+1)
	found := false
	for _, old := range s.Turns {
		if t.Message != "" && old.Message == t.Message {
			old, found = t, true
		}
		turns = append(turns, old)
	}
	if !found {
		turns = append(turns, t)
	}
	s.Turns = turns[max(0, len(turns)-MaxTurns):]
	return s
}

// A KV is the store below.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Put(ctx context.Context, item store.Item) error
	Delete(ctx context.Context, key string) error
}

// Store keeps sessions in a KV.
type Store struct {
	kv  KV
	ttl time.Duration
	now func() time.Time
}

// New returns a Store whose sessions end ttl after their last message.
func New(kv KV, ttl time.Duration, now func() time.Time) *Store {
	return &Store{kv, ttl, now}
}

// Get returns the session of a conversation. One that does not decode is a
// missing one.
func (s *Store) Get(ctx context.Context, conversation string) (Session, bool, error) {
	b, found, err := s.kv.Get(ctx, conversation)
	if err != nil || !found {
		return Session{}, false, wrap("get session", err)
	}
	var out Session
	if json.Unmarshal(b, &out) != nil {
		return Session{}, false, nil
	}
	return out, true, nil
}

// Put keeps the session of a conversation of a person.
func (s *Store) Put(ctx context.Context, conversation, person string, v Session) error {
	b, err := json.Marshal(v)
	if err != nil {
		return wrap("encode session", err)
	}
	return wrap("put session", s.kv.Put(ctx, store.Item{
		Key: conversation, Owner: person, Value: b, Expires: s.now().Add(s.ttl)}))
}

// Delete ends the session of a conversation.
func (s *Store) Delete(ctx context.Context, conversation string) error {
	return wrap("delete session", s.kv.Delete(ctx, conversation))
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
