// Package mail is the inbox that several processes share: each delivery is
// handled by one of them, and what a process held when it died is taken up by
// another.
//
// While Redis is away a process knows only its own deliveries; it writes what
// became of them when Redis is back.
package mail

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/redis"
	"wenbao/bot/redis/shelf"
	"wenbao/bot/store"
)

// Lifetime is after how long of silence a process counts as dead.
const Lifetime = 15 * time.Second

// Inbox is a delivery.Inbox over all processes on one Redis.
type Inbox struct {
	remote *remote
	later  *shelf.Later
	seen   *store.Memory // keys this process received, with what was posted
	life   time.Duration

	mu     sync.Mutex
	mine   map[string]*own
	last   uint64
	failed time.Time // when Redis was last away
}

// own is an undelivered entry that this process answers for.
type own struct {
	inbox.Entry
	order uint64
	held  bool
}

var (
	_ delivery.Inbox = (*Inbox)(nil)
	_ bot.Forgetter  = (*Inbox)(nil)
)

// New returns the inbox kept by c. holder is unlike that of any other process.
// Its processes must call Run.
func New(c *redis.Client, holder string, bound inbox.Bound, life time.Duration, m *shelf.Meters, now func() time.Time) *Inbox {
	return &Inbox{remote: &remote{c, holder, bound, now}, later: shelf.NewLater("deliveries", bound.Pending+bound.Delivered/10, m),
		seen: store.NewMemory(store.Bound{Items: bound.Delivered}, now), life: life, mine: map[string]*own{}}
}

// Run says that this process lives and writes what waits, until ctx is done.
func (b *Inbox) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { b.later.Run(ctx) })
	t := time.NewTicker(b.life / 3)
	defer t.Stop()
	for ctx.Err() == nil {
		b.note(b.remote.alive(ctx, b.life))
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	wg.Wait()
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = b.later.Flush(leaving)
	_ = b.remote.gone(leaving) // else it expires
}

// Live says once that this process lives.
func (b *Inbox) Live(ctx context.Context) { b.note(b.remote.alive(ctx, b.life)) }

// Waiting counts what is to be written when Redis is back.
func (b *Inbox) Waiting() int { return b.later.Len() }

// note remembers that Redis is away, and reports whether it is.
func (b *Inbox) note(err error) (away bool) {
	if !errors.Is(err, redis.ErrUnavailable) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = b.remote.now()
	return true
}

// Receive keeps an entry and says true, unless its key is known.
func (b *Inbox) Receive(ctx context.Context, e inbox.Entry) (bool, error) {
	e.State = inbox.Received
	if first, err := b.seen.PutNew(ctx, store.Item{Key: e.Key, Expires: b.remote.now().Add(b.remote.bound.Keep)}); !first || err != nil {
		return false, err
	}
	fresh, err := b.remote.receive(ctx, e, false)
	away := b.note(err)
	if away {
		fresh, err = true, b.room()
	}
	if err != nil {
		_ = b.seen.Delete(ctx, e.Key) // memory does not fail
		return false, err
	}
	if !fresh {
		return false, nil
	}
	b.own(e)
	if away {
		b.write(e.Key)
	}
	return true, nil
}

func (b *Inbox) room() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mine) >= b.remote.bound.Pending {
		return inbox.ErrFull
	}
	return nil
}

func (b *Inbox) own(e inbox.Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.mine[e.Key] = &own{Entry: e, order: b.last, held: true}
}

// write queues an entry of ours as it is when it is written.
func (b *Inbox) write(key string) {
	b.later.Add(key, nil, func(ctx context.Context) error {
		b.mu.Lock()
		o := b.mine[key]
		if o == nil {
			b.mu.Unlock()
			return nil
		}
		e := o.Entry
		b.mu.Unlock()
		_, err := b.remote.receive(ctx, e, true)
		return err
	})
}

func (b *Inbox) waits(key string) bool {
	_, waits := b.later.Find(key)
	return waits
}

// Answered keeps the reply to an entry.
func (b *Inbox) Answered(ctx context.Context, key string, reply []byte) error {
	b.mu.Lock()
	o := b.mine[key]
	if o != nil {
		o.State, o.Reply = inbox.Answered, reply
	}
	b.mu.Unlock()
	if o == nil {
		return inbox.ErrUnknown
	}
	if b.waits(key) {
		b.write(key)
		return nil
	}
	if known, err := b.remote.answered(ctx, key, reply); b.note(err) || err == nil && !known {
		b.write(key)
	}
	return nil
}

// Delivered ends an entry; posted is the platform's id of the reply.
func (b *Inbox) Delivered(ctx context.Context, key, posted string) error {
	b.mu.Lock()
	o := b.mine[key]
	delete(b.mine, key)
	b.mu.Unlock()
	if o == nil {
		return inbox.ErrUnknown
	}
	end := b.remote.now().Add(b.remote.bound.Keep)
	if err := b.seen.Put(ctx, store.Item{Key: key, Value: []byte(posted), Expires: end}); err != nil {
		return err
	}
	if !b.waits(key) && !b.note(b.remote.delivered(ctx, key, posted)) {
		return nil
	}
	b.later.Add(key, nil, func(ctx context.Context) error { return b.remote.delivered(ctx, key, posted) })
	return nil
}

// Posted returns the platform's id of the reply to a delivered entry, ""
// when there is none or Redis, which knows it, is away.
func (b *Inbox) Posted(ctx context.Context, key string) (string, error) {
	if v, found, err := b.seen.Get(ctx, key); err == nil && found && len(v) > 0 {
		return string(v), nil
	}
	posted, err := b.remote.posted(ctx, key)
	if b.note(err) {
		return "", nil
	}
	return posted, err
}

// Claim returns at most n undelivered entries that nobody holds, oldest first;
// the caller then holds them. After Redis was away others have time to say
// that they live.
func (b *Inbox) Claim(ctx context.Context, n int) ([]inbox.Entry, error) {
	out := b.claimOwn(n)
	b.mu.Lock()
	settled := b.failed.IsZero() || b.remote.now().Sub(b.failed) >= b.life
	b.mu.Unlock()
	if !settled || len(out) >= n {
		return out, nil
	}
	got, err := b.remote.claim(ctx, n-len(out))
	if b.note(err) {
		return out, nil
	}
	for _, e := range got {
		b.own(e)
		_ = b.seen.Put(ctx, store.Item{Key: e.Key, Expires: b.remote.now().Add(b.remote.bound.Keep)}) // memory does not fail
	}
	return append(out, got...), err
}

func (b *Inbox) claimOwn(n int) []inbox.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var free []*own
	for _, o := range b.mine {
		if !o.held {
			free = append(free, o)
		}
	}
	sort.Slice(free, func(i, j int) bool { return free[i].order < free[j].order })
	var out []inbox.Entry
	for _, o := range free[:min(n, len(free))] {
		o.held = true
		out = append(out, o.Entry)
	}
	return out
}

// Release lets go of an undelivered entry.
func (b *Inbox) Release(ctx context.Context, key string) error {
	b.mu.Lock()
	o := b.mine[key]
	if o != nil {
		o.held = false
	}
	b.mu.Unlock()
	if o == nil || b.waits(key) || b.note(b.remote.release(ctx, key)) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !o.held {
		delete(b.mine, key) // anybody's now
	}
	return nil
}

// Forget drops a person's undelivered entries that nobody works on, and
// counts them.
func (b *Inbox) Forget(ctx context.Context, person string) (int, error) {
	b.mu.Lock()
	n := 0
	for key, o := range b.mine {
		if o.Owner == person && !o.held {
			delete(b.mine, key)
			n++
		}
	}
	b.mu.Unlock()
	k, err := b.remote.forget(ctx, person)
	return n + k, err
}
