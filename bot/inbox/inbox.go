// Package inbox keeps what was received until its reply is delivered, and
// then, for a while, that it was: received → answered → delivered. An event
// is known by its key, so a second notification of it changes nothing.
//
// [File] keeps it across restarts. After kill -9 nothing received is lost;
// what was sent but not yet marked delivered is sent again.
package inbox

import (
	"container/list"
	"context"
	"errors"
	"sort"
	"sync"
	"time"
)

// State is how far an event got.
type State int

const (
	Received  State = 1
	Answered  State = 2
	Delivered State = 3
)

// An Entry is an event on its way. Delivered ones have neither Event nor
// Reply.
type Entry struct {
	Key    string    `json:"key"`
	Owner  string    `json:"owner,omitempty"` // the person, for Forget
	State  State     `json:"state"`
	Event  []byte    `json:"event,omitempty"`
	Reply  []byte    `json:"reply,omitempty"`
	Posted string    `json:"posted,omitempty"` // the platform's id of the reply
	At     time.Time `json:"at"`               // received
	order  uint64
	held   bool
}

// ErrFull is returned where there is no room for one more undelivered event.
var ErrFull = errors.New("inbox is full")

// ErrUnknown is returned for a key that is not waiting for its reply.
var ErrUnknown = errors.New("not in the inbox")

// A Bound is the most that an inbox holds.
type Bound struct {
	Pending   int           // undelivered; one more is refused
	Delivered int           // known keys; the oldest give way
	Keep      time.Duration // for how long a delivered key is known at most
}

// DefaultBound holds two days of 50,000 deliveries.
func DefaultBound() Bound { return Bound{Pending: 10_000, Delivered: 100_000, Keep: 48 * time.Hour} }

// Memory is an inbox in memory, safe for concurrent use.
type Memory struct {
	bound Bound
	now   func() time.Time

	mu      sync.Mutex
	pending map[string]*Entry
	done    map[string]*list.Element // of receipt
	order   *list.List               // oldest receipt first
	last    uint64
}

type receipt struct {
	key, posted string
	at          time.Time // delivered
}

// NewMemory returns an empty inbox.
func NewMemory(bound Bound, now func() time.Time) *Memory {
	return &Memory{bound: bound, now: now, pending: map[string]*Entry{}, done: map[string]*list.Element{}, order: list.New()}
}

// Receive keeps an entry and says true, unless its key is known. The caller
// holds a fresh entry until it is delivered or released.
func (m *Memory) Receive(_ context.Context, e Entry) (fresh bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.receive(e)
}

func (m *Memory) receive(e Entry) (bool, error) {
	m.expire()
	if m.pending[e.Key] != nil || m.done[e.Key] != nil {
		return false, nil
	}
	if len(m.pending) >= m.bound.Pending {
		return false, ErrFull
	}
	m.last++
	e.State, e.order, e.held = Received, m.last, true
	m.pending[e.Key] = &e
	return true, nil
}

// Answered keeps the reply to an entry.
func (m *Memory) Answered(_ context.Context, key string, reply []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answered(key, reply)
}

func (m *Memory) answered(key string, reply []byte) error {
	e := m.pending[key]
	if e == nil {
		return ErrUnknown
	}
	e.State, e.Reply = Answered, reply
	return nil
}

// Delivered ends an entry; posted is the platform's id of the reply.
func (m *Memory) Delivered(_ context.Context, key, posted string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.delivered(receipt{key, posted, m.now()})
}

func (m *Memory) delivered(r receipt) error {
	if m.pending[r.key] == nil {
		return ErrUnknown
	}
	delete(m.pending, r.key)
	m.done[r.key] = m.order.PushBack(r)
	m.expire()
	return nil
}

// Posted returns the platform's id of the reply to a delivered entry, ""
// when there is none.
func (m *Memory) Posted(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if el := m.done[key]; el != nil {
		return el.Value.(receipt).posted, nil
	}
	return "", nil
}

// Claim returns at most n undelivered entries that nobody holds, oldest
// first; the caller then holds them.
func (m *Memory) Claim(_ context.Context, n int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Entry
	for _, e := range m.pending {
		if !e.held {
			out = append(out, e)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].order < out[j].order })
	var claimed []Entry
	for _, e := range out[:min(n, len(out))] {
		e.held = true
		claimed = append(claimed, *e)
	}
	return claimed, nil
}

// Release lets go of an undelivered entry.
func (m *Memory) Release(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.pending[key]; e != nil {
		e.held = false
	}
	return nil
}

// Forget drops a person's undelivered entries that nobody works on, and
// counts them.
func (m *Memory) Forget(_ context.Context, person string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.forget(person), nil
}

func (m *Memory) forget(person string) int {
	n := 0
	for key, e := range m.pending {
		if e.Owner == person && !e.held {
			delete(m.pending, key)
			n++
		}
	}
	return n
}

// Len counts the undelivered entries.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.pending)
}

// expire drops delivered keys beyond the bound.
func (m *Memory) expire() {
	since := m.now().Add(-m.bound.Keep)
	for {
		el := m.order.Front()
		if el == nil {
			return
		}
		r := el.Value.(receipt)
		if m.order.Len() <= m.bound.Delivered && r.at.After(since) {
			return
		}
		m.order.Remove(el)
		delete(m.done, r.key)
	}
}
