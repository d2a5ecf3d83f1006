// Package conformance tests what the conversation's stores promise, whatever
// they are built on. An implementation calls the function for its interface
// from its own tests.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wenbao/bot"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/store"
	"wenbao/bot/stores"
)

// A Clock is the time that an implementation under test is given. Where it
// uses a server's time instead, Advance makes that pass.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	After func(d time.Duration) // called by Advance; nil: nothing
}

// NewClock returns a Clock at the real time, to the second.
func NewClock() *Clock { return &Clock{now: time.Now().Truncate(time.Second)} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance makes time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
	if c.After != nil {
		c.After(d)
	}
}

// KV tests a stores.KV; open returns an empty one.
func KV(t *testing.T, open func(t *testing.T, clock *Clock) stores.KV) {
	for name, test := range map[string]func(*testing.T, stores.KV, *Clock){
		"values": kvValues, "owners": kvOwners, "expiry": kvExpiry, "order": kvOrder, "race": kvRace, "merge": kvMerge,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			test(t, open(t, clock), clock)
		})
	}
}

func kvValues(t *testing.T, kv stores.KV, _ *Clock) {
	want(t, kv, "k", "")
	put(t, kv, store.Item{Key: "k", Value: []byte("1")})
	put(t, kv, store.Item{Key: "k", Value: []byte("2\x00\xff")})
	want(t, kv, "k", "2\x00\xff")
	if added, err := kv.PutNew(t.Context(), store.Item{Key: "k", Value: []byte("3")}); added || err != nil {
		t.Errorf("PutNew of a known key: %v, %v", added, err)
	}
	want(t, kv, "k", "2\x00\xff")
	ok(t, kv.Delete(t.Context(), "k"))
	ok(t, kv.Delete(t.Context(), "k"))
	want(t, kv, "k", "")
	if added, err := kv.PutNew(t.Context(), store.Item{Key: "k", Value: []byte("3")}); !added || err != nil {
		t.Errorf("PutNew of a deleted key: %v, %v", added, err)
	}
	want(t, kv, "k", "3")
	odd := "{a}/b c*?[x]\\%2F:中文"
	put(t, kv, store.Item{Key: odd, Owner: odd, Value: []byte("odd")})
	want(t, kv, odd, "odd")
}

func kvOwners(t *testing.T, kv stores.KV, _ *Clock) {
	put(t, kv, store.Item{Key: "a1", Owner: "a", Value: []byte("x")})
	put(t, kv, store.Item{Key: "a2", Owner: "a", Value: []byte("x")})
	put(t, kv, store.Item{Key: "b1", Owner: "b", Value: []byte("x")})
	put(t, kv, store.Item{Key: "n", Value: []byte("x")})
	put(t, kv, store.Item{Key: "moved", Owner: "a", Value: []byte("x")})
	put(t, kv, store.Item{Key: "moved", Owner: "b", Value: []byte("x")})
	count(t, kv, "a", 2)
	count(t, kv, "b", 2)
	if n, err := kv.Forget(t.Context(), "a"); n != 2 || err != nil {
		t.Errorf("Forget: %d, %v", n, err)
	}
	if n, err := kv.Forget(t.Context(), "a"); n != 0 || err != nil {
		t.Errorf("Forget again: %d, %v", n, err)
	}
	for key, value := range map[string]string{"a1": "", "a2": "", "b1": "x", "n": "x", "moved": "x"} {
		want(t, kv, key, value)
	}
}

func kvExpiry(t *testing.T, kv stores.KV, clock *Clock) {
	put(t, kv, store.Item{Key: "short", Owner: "a", Value: []byte("x"), Expires: clock.Now().Add(time.Minute)})
	put(t, kv, store.Item{Key: "long", Owner: "a", Value: []byte("x"), Expires: clock.Now().Add(time.Hour)})
	put(t, kv, store.Item{Key: "ever", Owner: "a", Value: []byte("x")})
	want(t, kv, "short", "x")
	clock.Advance(2 * time.Minute)
	want(t, kv, "short", "")
	want(t, kv, "long", "x")
	count(t, kv, "a", 2)
	if keys := scan(t, kv); len(keys) != 2 {
		t.Errorf("Scan after expiry: %q", keys)
	}
	if added, err := kv.PutNew(t.Context(), store.Item{Key: "short", Value: []byte("y")}); !added || err != nil {
		t.Errorf("PutNew of an expired key: %v, %v", added, err)
	}
}

func kvOrder(t *testing.T, kv stores.KV, clock *Clock) {
	for _, key := range []string{"c", "a", "b"} {
		put(t, kv, store.Item{Key: key, Value: []byte("x")})
		clock.Advance(time.Second)
	}
	put(t, kv, store.Item{Key: "c", Value: []byte("x")})
	if keys := scan(t, kv); !slices.Equal(keys, []string{"a", "b", "c"}) {
		t.Errorf("Scan is not in the order of putting: %q", keys)
	}
	n := 0
	ok(t, kv.Scan(t.Context(), func(i store.Item) bool { n++; return kv.Delete(t.Context(), i.Key) != nil }))
	if n != 1 {
		t.Errorf("Scan went on: %d", n)
	}
}

func kvRace(t *testing.T, kv stores.KV, _ *Clock) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	added := map[string]int{}
	for w := range 8 {
		wg.Go(func() {
			for i := range 25 {
				key := fmt.Sprint(i)
				fresh, err := kv.PutNew(t.Context(), store.Item{Key: key, Owner: fmt.Sprint(w), Value: []byte(key)})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if fresh {
					added[key]++
				}
				mu.Unlock()
				if b, found, err := kv.Get(t.Context(), key); err != nil || !found || string(b) != key {
					t.Errorf("Get %s: %q %v %v", key, b, found, err)
				}
			}
		})
	}
	wg.Wait()
	for key, n := range added {
		if n != 1 {
			t.Errorf("%s was new %d times", key, n)
		}
	}
}

// join is a merge that keeps both.
func join(old, its []byte) []byte { return append(append(slices.Clip(old), '+'), its...) }

func kvMerge(t *testing.T, kv stores.KV, clock *Clock) {
	item := func(value string) store.Item {
		return store.Item{Key: "k", Owner: "a", Value: []byte(value), Expires: clock.Now().Add(time.Minute)}
	}
	ok(t, kv.Merge(t.Context(), item("1"), join))
	want(t, kv, "k", "1")
	clock.Advance(50 * time.Second)
	ok(t, kv.Merge(t.Context(), item("2"), join))
	clock.Advance(50 * time.Second)
	want(t, kv, "k", "1+2")
	count(t, kv, "a", 1)
	clock.Advance(20 * time.Second)
	ok(t, kv.Merge(t.Context(), item("3"), join))
	want(t, kv, "k", "3")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				ok(t, kv.Merge(t.Context(), store.Item{Key: "many", Value: []byte("1")}, join))
			}
		})
	}
	wg.Wait()
	if b, _, err := kv.Get(t.Context(), "many"); err != nil || len(b) != 2*80-1 {
		t.Errorf("of 80 at once %d are left, %v", (len(b)+1)/2, err)
	}
}

// Inbox tests a delivery.Inbox. open returns an empty one that may hold 10
// undelivered entries and keeps delivered keys for an hour. again, where
// restarts can be survived, returns the same one as a new process finds it.
func Inbox(t *testing.T, open func(t *testing.T, clock *Clock) delivery.Inbox, again func(t *testing.T) delivery.Inbox) {
	t.Run("marks", func(t *testing.T) {
		clock := NewClock()
		inboxMarks(t, open(t, clock), clock)
	})
	t.Run("race", func(t *testing.T) { inboxRace(t, open(t, NewClock())) })
	t.Run("full", func(t *testing.T) { inboxFull(t, open(t, NewClock())) })
	if again != nil {
		t.Run("restart", func(t *testing.T) { inboxRestart(t, open(t, NewClock()), again) })
	}
}

func inboxMarks(t *testing.T, b delivery.Inbox, clock *Clock) {
	ctx := t.Context()
	fresh(t, b, "1", true)
	fresh(t, b, "1", false)
	claimed(t, b)
	ok(t, b.Release(ctx, "1"))
	claimed(t, b, "1")
	claimed(t, b)
	ok(t, b.Answered(ctx, "1", []byte("reply")))
	fresh(t, b, "1", false)
	ok(t, b.Release(ctx, "1"))
	es, err := b.Claim(ctx, 10)
	if err != nil || len(es) != 1 || es[0].State != inbox.Answered || string(es[0].Reply) != "reply" || string(es[0].Event) != "event 1" {
		t.Fatalf("claimed %+v, %v", es, err)
	}
	ok(t, b.Delivered(ctx, "1", "post"))
	fresh(t, b, "1", false)
	if posted, err := b.Posted(ctx, "1"); posted != "post" || err != nil {
		t.Errorf("Posted: %q, %v", posted, err)
	}
	if posted, err := b.Posted(ctx, "unknown"); posted != "" || err != nil {
		t.Errorf("Posted of an unknown key: %q, %v", posted, err)
	}
	if err := b.Answered(ctx, "1", nil); !errors.Is(err, inbox.ErrUnknown) {
		t.Errorf("Answered after delivery: %v", err)
	}
	ok(t, b.Release(ctx, "1"))
	claimed(t, b)
	clock.Advance(2 * time.Hour)
	fresh(t, b, "1", true)
}

func inboxRace(t *testing.T, b delivery.Inbox) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for range 20 {
		wg.Go(func() {
			is, err := b.Receive(t.Context(), inbox.Entry{Key: "1", Event: []byte("e"), At: time.Now()})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if is {
				n++
			}
		})
	}
	wg.Wait()
	if n != 1 {
		t.Errorf("fresh %d times", n)
	}
}

func inboxFull(t *testing.T, b delivery.Inbox) {
	for i := range 10 {
		fresh(t, b, fmt.Sprint(i), true)
	}
	if _, err := b.Receive(t.Context(), inbox.Entry{Key: "more", At: time.Now()}); !errors.Is(err, inbox.ErrFull) {
		t.Errorf("one more: %v", err)
	}
	fresh(t, b, "3", false)
	ok(t, b.Delivered(t.Context(), "3", ""))
	fresh(t, b, "more", true)
}

func inboxRestart(t *testing.T, b delivery.Inbox, again func(t *testing.T) delivery.Inbox) {
	ctx := t.Context()
	for _, key := range []string{"b", "a", "c", "d"} {
		fresh(t, b, key, true)
	}
	ok(t, b.Answered(ctx, "a", []byte("reply")))
	ok(t, b.Delivered(ctx, "c", "post"))
	b = again(t)
	fresh(t, b, "a", false)
	fresh(t, b, "c", false)
	if posted, err := b.Posted(ctx, "c"); posted != "post" || err != nil {
		t.Errorf("Posted: %q, %v", posted, err)
	}
	es, err := b.Claim(ctx, 10)
	if err != nil || len(es) != 3 || es[0].Key != "b" || es[1].Key != "a" || es[2].Key != "d" || string(es[1].Reply) != "reply" {
		t.Errorf("claimed %+v, %v", es, err)
	}
}

// Limiter tests a bot.Limiter that allows a person 3 turns a minute and a
// team 5.
func Limiter(t *testing.T, l bot.Limiter, clock *Clock) {
	take := func(person, team string) (time.Duration, bool) {
		t.Helper()
		wait, byTeam, err := l.Take(t.Context(), person, team)
		ok(t, err)
		return wait, byTeam
	}
	for range 3 {
		if wait, _ := take("a", "t"); wait != 0 {
			t.Fatalf("limited at once: %v", wait)
		}
	}
	if wait, byTeam := take("a", "t"); wait <= 0 || wait > 20*time.Second || byTeam {
		t.Errorf("a fourth turn: %v %v", wait, byTeam)
	}
	for range 2 {
		if wait, _ := take("b", "t"); wait != 0 {
			t.Errorf("what one was refused counted against the team: %v", wait)
		}
	}
	if wait, byTeam := take("b", "t"); wait <= 0 || wait > 12*time.Second || !byTeam {
		t.Errorf("beyond the team's: %v %v", wait, byTeam)
	}
	if wait, _ := take("b", "u"); wait != 0 {
		t.Errorf("what a team was refused counted against the person: %v", wait)
	}
	clock.Advance(21 * time.Second)
	if wait, _ := take("a", "t"); wait != 0 {
		t.Errorf("after the wait: %v", wait)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func put(t *testing.T, kv stores.KV, i store.Item) {
	t.Helper()
	ok(t, kv.Put(t.Context(), i))
}

// want expects a value, or none where it is "".
func want(t *testing.T, kv stores.KV, key, value string) {
	t.Helper()
	b, found, err := kv.Get(t.Context(), key)
	if err != nil || string(b) != value || found != (value != "") {
		t.Errorf("Get %q: %q, %v, %v; want %q", key, b, found, err, value)
	}
}

func count(t *testing.T, kv stores.KV, owner string, want int) {
	t.Helper()
	if n, err := kv.Count(t.Context(), owner); n != want || err != nil {
		t.Errorf("Count %q: %d, %v; want %d", owner, n, err, want)
	}
}

func scan(t *testing.T, kv stores.KV) []string {
	t.Helper()
	var keys []string
	ok(t, kv.Scan(t.Context(), func(i store.Item) bool { keys = append(keys, i.Key); return true }))
	return keys
}

func fresh(t *testing.T, b delivery.Inbox, key string, want bool) {
	t.Helper()
	got, err := b.Receive(t.Context(), inbox.Entry{Key: key, Owner: "p", Event: []byte("event " + key), At: time.Now()})
	if got != want || err != nil {
		t.Fatalf("Receive %q: %v, %v; want %v", key, got, err, want)
	}
}

func claimed(t *testing.T, b delivery.Inbox, want ...string) {
	t.Helper()
	var keys []string
	es, err := b.Claim(context.WithoutCancel(t.Context()), 10)
	ok(t, err)
	for _, e := range es {
		keys = append(keys, e.Key)
	}
	if !slices.Equal(keys, want) {
		t.Errorf("claimed %q, want %q", keys, want)
	}
}
