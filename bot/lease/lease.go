// Package lease lets one of several processes do what only one may do at a
// time, and tells all of them what one has to say.
package lease

import (
	"context"
	"sync"
	"time"
)

// Leases hands out leases. Each has a fence, larger than that of any lease of
// the same name before it: whoever is written to refuses a smaller one.
type Leases interface {
	// Take takes or renews the lease of a name for ttl; ok is false while
	// another holds it.
	Take(ctx context.Context, name, holder string, ttl time.Duration) (fence int64, ok bool, err error)
	// Give gives a lease up, if holder has it.
	Give(ctx context.Context, name, holder string) error
}

// Memory hands out leases within one process.
type Memory struct {
	now func() time.Time

	mu    sync.Mutex
	held  map[string]held
	fence int64
}

type held struct {
	holder string
	fence  int64
	until  time.Time
}

var _ Leases = (*Memory)(nil)

// NewMemory returns Leases none of which is held.
func NewMemory(now func() time.Time) *Memory { return &Memory{now: now, held: map[string]held{}} }

// Take takes or renews a lease.
func (m *Memory) Take(_ context.Context, name, holder string, ttl time.Duration) (int64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, taken := m.held[name]
	live := taken && m.now().Before(h.until)
	if live && h.holder != holder {
		return 0, false, nil
	}
	if !live {
		m.fence++
		h = held{holder: holder, fence: m.fence}
	}
	h.until = m.now().Add(ttl)
	m.held[name] = h
	return h.fence, true, nil
}

// Give gives a lease up.
func (m *Memory) Give(_ context.Context, name, holder string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[name].holder == holder {
		delete(m.held, name)
	}
	return nil
}

// A Turn is what Hold needs to know.
type Turn struct {
	Leases Leases
	Name   string
	Holder string        // unlike that of any other process
	TTL    time.Duration // of the lease; it is renewed three times within
}

// Hold runs work whenever this process has the lease, until ctx is done. The
// context of work ends when the lease is lost.
//
// While Leases fail, nobody can take a lease, so a holder goes on; when they
// work again it has a TTL's time to take its lease before others try.
func (t Turn) Hold(ctx context.Context, work func(ctx context.Context, fence int64)) {
	tick := time.NewTicker(max(t.TTL/3, time.Millisecond))
	defer tick.Stop()
	var wait time.Duration // before trying, after a failure
	for {
		if wait <= 0 {
			fence, ok, err := t.Leases.Take(ctx, t.Name, t.Holder, t.TTL)
			switch {
			case err != nil:
				wait = t.TTL
			case ok:
				t.holding(ctx, fence, tick.C, work)
				if ctx.Err() != nil {
					return
				}
			}
		} else if err := t.Leases.Give(ctx, t.Name, t.Holder); err != nil { // nothing to give: it only tells whether they work
			wait = t.TTL
		} else {
			wait -= t.TTL / 3
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// holding runs work until the lease is lost, work returns or ctx is done.
func (t Turn) holding(ctx context.Context, fence int64, tick <-chan time.Time, work func(context.Context, int64)) {
	working, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(working, fence)
	}()
	defer func() {
		stop()
		<-done
		giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = t.Leases.Give(giving, t.Name, t.Holder) // else it expires
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-done:
			return
		case <-tick:
			now, ok, err := t.Leases.Take(ctx, t.Name, t.Holder, t.TTL)
			if err == nil && (!ok || now != fence) {
				return // lost, or lost and taken again
			}
		}
	}
}

// A Board holds one value a topic and tells everybody when it changes.
type Board interface {
	Post(ctx context.Context, topic, value string) error
	Read(ctx context.Context, topic string) (string, error)
	// Follow calls f with the value of a topic now and whenever it changed,
	// until ctx is done. Values in between may be left out, never the last.
	Follow(ctx context.Context, topic string, f func(value string)) error
}

// Notes is a Board within one process.
type Notes struct {
	mu      sync.Mutex
	values  map[string]string
	changed chan struct{} // closed at every change
}

var _ Board = (*Notes)(nil)

// NewNotes returns an empty Board.
func NewNotes() *Notes { return &Notes{values: map[string]string{}, changed: make(chan struct{})} }

// Post writes the value of a topic.
func (n *Notes) Post(_ context.Context, topic, value string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.values[topic] = value
	close(n.changed)
	n.changed = make(chan struct{})
	return nil
}

// Read returns the value of a topic, "" when there is none.
func (n *Notes) Read(_ context.Context, topic string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.values[topic], nil
}

// Follow calls f with the value of a topic now and whenever it changed.
func (n *Notes) Follow(ctx context.Context, topic string, f func(string)) error {
	last := ""
	for {
		n.mu.Lock()
		value, changed := n.values[topic], n.changed
		n.mu.Unlock()
		if value != last {
			last = value
			f(value)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}
