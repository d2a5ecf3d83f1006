package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wenbao/answers/cache"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/lease"
	"wenbao/bot/store"
	"wenbao/bot/stores"
)

// Leases tests a lease.Leases.
func Leases(t *testing.T, l lease.Leases, clock *Clock) {
	take := func(name, holder string, want bool) int64 {
		t.Helper()
		fence, held, err := l.Take(t.Context(), name, holder, time.Minute)
		if held != want || err != nil || held != (fence > 0) {
			t.Fatalf("%s takes %s: %d, %v, %v", holder, name, fence, held, err)
		}
		return fence
	}
	first := take("poll", "a", true)
	take("poll", "b", false)
	take("other", "b", true)
	if again := take("poll", "a", true); again != first {
		t.Errorf("a renewal has another fence: %d, %d", first, again)
	}
	ok(t, l.Give(t.Context(), "poll", "b"))
	take("poll", "b", false)
	clock.Advance(2 * time.Minute)
	second := take("poll", "b", true)
	take("poll", "a", false)
	ok(t, l.Give(t.Context(), "poll", "b"))
	third := take("poll", "a", true)
	if first >= second || second >= third {
		t.Errorf("fences do not grow: %d, %d, %d", first, second, third)
	}
	t.Run("race", func(t *testing.T) { leaseRace(t, l) })
}

func leaseRace(t *testing.T, l lease.Leases) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	holders := 0
	for i := range 20 {
		wg.Go(func() {
			_, held, err := l.Take(t.Context(), "race", fmt.Sprint(i), time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if held {
				holders++
			}
		})
	}
	wg.Wait()
	if holders != 1 {
		t.Errorf("%d hold the lease", holders)
	}
}

// Board tests a lease.Board.
func Board(t *testing.T, b lease.Board) {
	ctx, stop := context.WithCancel(t.Context())
	if v, err := b.Read(ctx, "generation"); v != "" || err != nil {
		t.Fatalf("an empty board says %q, %v", v, err)
	}
	heard := make(chan string, 16)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { ok(t, b.Follow(ctx, "generation", func(v string) { heard <- v })) })
	}
	for _, v := range []string{"one", "two"} {
		ok(t, b.Post(ctx, "generation", v))
		ok(t, b.Post(ctx, "elsewhere", "other"))
		for range 3 {
			if got := <-heard; got != v {
				t.Errorf("heard %q, want %q", got, v)
			}
		}
	}
	if v, err := b.Read(ctx, "generation"); v != "two" || err != nil {
		t.Errorf("the board says %q, %v", v, err)
	}
	stop()
	wg.Wait()
}

// Answers tests a cache.Shared.
func Answers(t *testing.T, s cache.Shared, clock *Clock) {
	get := func(want string) {
		t.Helper()
		b, found, err := s.Get(t.Context(), "k")
		if string(b) != want || found != (want != "") || err != nil {
			t.Errorf("got %q, %v, %v; want %q", b, found, err, want)
		}
	}
	lock := func(want bool) {
		t.Helper()
		if got, err := s.Lock(t.Context(), "k", time.Minute); got != want || err != nil {
			t.Errorf("lock: %v, %v", got, err)
		}
	}
	get("")
	lock(true)
	lock(false)
	ok(t, s.Set(t.Context(), "k", []byte("v\x00\xff"), time.Hour))
	get("v\x00\xff")
	ok(t, s.Unlock(t.Context(), "k"))
	lock(true)
	clock.Advance(2 * time.Minute)
	lock(true)
	get("v\x00\xff")
	clock.Advance(2 * time.Hour)
	get("")
}

// Unlisted tests a stores.KV that cannot be scanned.
func Unlisted(t *testing.T, open func(t *testing.T, clock *Clock) stores.KV) {
	for name, test := range map[string]func(*testing.T, stores.KV, *Clock){"values": kvValues, "owners": kvOwners, "race": kvRace} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			test(t, open(t, clock), clock)
		})
	}
}

// Crowd tests inboxes of several processes that share what they received:
// open returns one more; dead makes one count as dead.
func Crowd(t *testing.T, open func(t *testing.T) delivery.Inbox, dead func(t *testing.T, b delivery.Inbox)) {
	a, b := open(t), open(t)
	fresh(t, a, "1", true)
	fresh(t, b, "1", false)
	fresh(t, b, "2", true)
	fresh(t, a, "2", false)
	claimed(t, a)
	claimed(t, b)
	ok(t, a.Delivered(t.Context(), "1", "post 1"))
	fresh(t, b, "1", false)
	if posted, err := b.Posted(t.Context(), "1"); posted != "post 1" || err != nil {
		t.Errorf("Posted: %q, %v", posted, err)
	}
	ok(t, b.Answered(t.Context(), "2", []byte("reply")))
	dead(t, b)
	es, err := a.Claim(t.Context(), 10)
	if err != nil || len(es) != 1 || es[0].Key != "2" || es[0].State != inbox.Answered || string(es[0].Reply) != "reply" {
		t.Fatalf("claimed %+v, %v", es, err)
	}
	c := open(t)
	claimed(t, c)
	ok(t, a.Release(t.Context(), "2"))
	claimed(t, c, "2")
	if err := a.Delivered(t.Context(), "2", ""); !errors.Is(err, inbox.ErrUnknown) {
		t.Errorf("what was let go of is delivered: %v", err)
	}
}

// Bounded tests a stores.KV of at most about items values, spread or not.
func Bounded(t *testing.T, kv stores.KV, items int) {
	for i := range 4 * items {
		put(t, kv, store.Item{Key: fmt.Sprint(i), Value: []byte("x")})
	}
	keys := scan(t, kv)
	if len(keys) > items || len(keys) < items/2 || !slices.Contains(keys, fmt.Sprint(4*items-1)) {
		t.Errorf("%d of at most %d are left", len(keys), items)
	}
}
