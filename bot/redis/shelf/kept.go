package shelf

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"wenbao/bot/redis"
	"wenbao/bot/store"
	"wenbao/bot/stores"
)

// Shelf is a Raw that goes on while Redis is away: its Later is written when
// Redis is back, and read until then.
type Shelf struct {
	raw *Raw
	*Later
	now    func() time.Time
	merges atomic.Uint64
}

var (
	_ stores.KV = (*Raw)(nil)
	_ stores.KV = (*Shelf)(nil)
)

// New returns the shelf over raw that keeps at most so many changes while
// Redis is away.
func New(raw *Raw, most int, m *Meters) *Shelf {
	return &Shelf{raw: raw, Later: NewLater(raw.kind.Name, most, m), now: raw.now}
}

// away reports whether an error says that Redis could not do it now.
func away(err error) bool { return errors.Is(err, redis.ErrUnavailable) }

// Get returns the value under key.
func (s *Shelf) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if v, waits := s.Find(key); waits {
		i, kept := v.(*store.Item)
		if !kept || s.expired(i) {
			return nil, false, nil
		}
		return i.Value, true, nil
	}
	return s.raw.Get(ctx, key)
}

func (s *Shelf) expired(i *store.Item) bool { return !i.Expires.IsZero() && !s.now().Before(i.Expires) }

// Put keeps an item in the place of the one with its key.
func (s *Shelf) Put(ctx context.Context, i store.Item) error {
	if _, waits := s.Find(i.Key); !waits {
		if err := s.raw.Put(ctx, i); !away(err) {
			return err
		}
	}
	s.later(i)
	return nil
}

func (s *Shelf) later(i store.Item) {
	s.Add(i.Key, &i, func(ctx context.Context) error { return s.raw.Put(ctx, i) })
}

// PutNew keeps an item unless there is one with its key. While Redis is away
// only this process's keys are known; another's value then stays.
func (s *Shelf) PutNew(ctx context.Context, i store.Item) (bool, error) {
	if v, waits := s.Find(i.Key); waits {
		if old, kept := v.(*store.Item); kept && !s.expired(old) {
			return false, nil
		}
		s.later(i)
		return true, nil
	}
	added, err := s.raw.PutNew(ctx, i)
	if !away(err) {
		return added, err
	}
	s.Add(i.Key, &i, func(ctx context.Context) error { _, err := s.raw.PutNew(ctx, i); return err })
	return true, nil
}

// Merge keeps an item, with what merge makes of the value that is there and of
// its own where its key has one. While Redis is away each waits by itself, and
// is not read before it is written; one whose writing Redis broke off may count
// twice.
func (s *Shelf) Merge(ctx context.Context, i store.Item, merge func(old, its []byte) []byte) error {
	if _, waits := s.Find(i.Key); !waits {
		if err := s.raw.Merge(ctx, i, merge); !away(err) {
			return err
		}
	}
	key := fmt.Sprintf("%s\x00%d", i.Key, s.merges.Add(1))
	s.Add(key, &i, func(ctx context.Context) error { return s.raw.Merge(ctx, i, merge) })
	return nil
}

// Delete removes the item with this key, if there is one.
func (s *Shelf) Delete(ctx context.Context, key string) error {
	if _, waits := s.Find(key); !waits {
		if err := s.raw.Delete(ctx, key); !away(err) {
			return err
		}
	}
	s.Add(key, nil, func(ctx context.Context) error { return s.raw.Delete(ctx, key) })
	return nil
}

// Forget removes every item of an owner and counts them. While Redis is away
// it fails, since nothing is forgotten before it is erased there.
func (s *Shelf) Forget(ctx context.Context, owner string) (int, error) {
	waiting := s.Drop(func(_ string, v any) bool {
		i, kept := v.(*store.Item)
		return kept && i.Owner == owner
	})
	n, err := s.raw.Forget(ctx, owner)
	return n + waiting, err
}

// Count counts the items of an owner; while Redis is away, those that wait.
func (s *Shelf) Count(ctx context.Context, owner string) (int, error) {
	n, err := s.raw.Count(ctx, owner)
	if err != nil && !away(err) {
		return 0, err
	}
	s.Each(func(_ string, v any) {
		if i, kept := v.(*store.Item); kept && i.Owner == owner {
			n++
		}
	})
	return n, nil
}

// Scan calls f for every item of a listed shelf, the one put longest ago
// first, until it returns false.
func (s *Shelf) Scan(ctx context.Context, f func(store.Item) bool) error {
	if err := s.Flush(ctx); err != nil {
		return err
	}
	return s.raw.Scan(ctx, f)
}
