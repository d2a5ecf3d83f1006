// Package store keeps small values under keys, each with an owner who can ask
// for everything of theirs to be erased, and an end. [Memory] and [File] are
// bounded: the value touched longest ago gives way to a new one.
package store

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// An Item is a value under its key.
type Item struct {
	Key     string
	Owner   string // whose it is; "" nobody's
	Value   []byte
	Expires time.Time // zero: never
}

// A Bound is the most that a store holds. Zero means no such bound.
type Bound struct {
	Items int
	Bytes int // of keys, owners and values, with what it takes to keep them
}

// Memory is a store in memory, safe for concurrent use.
type Memory struct {
	bound Bound
	now   func() time.Time

	mu     sync.Mutex
	items  map[string]*kept
	owners map[string]*kept // the first of each owner's
	order  *list.List       // of *kept, least recently put first
	bytes  int
}

// kept is an item in its places: by key, in order, and among its owner's.
type kept struct {
	Item
	place          *list.Element
	previous, next *kept // of the same owner
}

// overhead is about what keeping one item takes beside its bytes.
const overhead = 250

// NewMemory returns an empty Memory.
func NewMemory(bound Bound, now func() time.Time) *Memory {
	return &Memory{bound: bound, now: now, items: map[string]*kept{}, owners: map[string]*kept{}, order: list.New()}
}

// Get returns the value under key. The caller does not change it.
func (m *Memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.live(key)
	if k == nil {
		return nil, false, nil
	}
	return k.Value, true, nil
}

// Put keeps an item in the place of the one with its key.
func (m *Memory) Put(_ context.Context, i Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(i)
	return nil
}

// PutNew keeps an item unless there is one with its key.
func (m *Memory) PutNew(_ context.Context, i Item) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.live(i.Key) != nil {
		return false, nil
	}
	m.put(i)
	return true, nil
}

// Merge keeps an item, with what merge makes of the value that is there and of
// its own where its key has one.
func (m *Memory) Merge(_ context.Context, i Item, merge func(old, its []byte) []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.live(i.Key); k != nil {
		i.Value = merge(k.Value, i.Value)
	}
	m.put(i)
	return nil
}

// Delete removes the item with this key, if there is one.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(m.items[key])
	return nil
}

// Forget removes every item of an owner and counts them.
func (m *Memory) Forget(_ context.Context, owner string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for k := m.owners[owner]; k != nil; k = m.owners[owner] {
		if !m.expired(k) {
			n++
		}
		m.remove(k)
	}
	return n, nil
}

// Count counts the items of an owner.
func (m *Memory) Count(_ context.Context, owner string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for k := m.owners[owner]; k != nil; k = k.next {
		if !m.expired(k) {
			n++
		}
	}
	return n, nil
}

// Scan calls f for every item, the one put longest ago first, until f returns
// false. It works on a copy: f may use the store.
func (m *Memory) Scan(ctx context.Context, f func(Item) bool) error {
	m.mu.Lock()
	items := make([]Item, 0, len(m.items))
	for e := m.order.Front(); e != nil; e = e.Next() {
		if k := e.Value.(*kept); !m.expired(k) {
			items = append(items, k.Item)
		}
	}
	m.mu.Unlock()
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !f(i) {
			return nil
		}
	}
	return nil
}

// Len counts the items, expired ones that nobody looked at included.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items)
}

// live returns the item under key unless it expired, and then removes it.
func (m *Memory) live(key string) *kept {
	k := m.items[key]
	if k != nil && m.expired(k) {
		m.remove(k)
		return nil
	}
	return k
}

func (m *Memory) expired(k *kept) bool {
	return !k.Expires.IsZero() && !m.now().Before(k.Expires)
}

func (m *Memory) put(i Item) {
	m.remove(m.items[i.Key])
	k := &kept{Item: i}
	k.place = m.order.PushBack(k)
	m.items[i.Key] = k
	m.bytes += size(i)
	if i.Owner != "" {
		if k.next = m.owners[i.Owner]; k.next != nil {
			k.next.previous = k
		}
		m.owners[i.Owner] = k
	}
	for m.order.Len() > 1 && m.over() {
		m.remove(m.order.Front().Value.(*kept))
	}
}

func (m *Memory) over() bool {
	return m.bound.Items > 0 && len(m.items) > m.bound.Items || m.bound.Bytes > 0 && m.bytes > m.bound.Bytes
}

func (m *Memory) remove(k *kept) {
	if k == nil {
		return
	}
	m.order.Remove(k.place)
	delete(m.items, k.Key)
	m.bytes -= size(k.Item)
	if k.next != nil {
		k.next.previous = k.previous
	}
	switch {
	case k.previous != nil:
		k.previous.next = k.next
	case k.next != nil:
		m.owners[k.Owner] = k.next
	case k.Owner != "":
		delete(m.owners, k.Owner)
	}
}

func size(i Item) int { return len(i.Key) + len(i.Owner) + len(i.Value) + overhead }

// size returns about how many bytes the items take in a journal.
func (m *Memory) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bytes * 4 / 3
}
