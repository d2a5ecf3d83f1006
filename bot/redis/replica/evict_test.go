package replica_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"wenbao/bot/feedback"
	"wenbao/bot/inbox"
	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/store"
	"wenbao/bot/stores"
	"wenbao/bot/watch"
)

// policy is what docker-compose.yml says of a Redis that is full.
func policy(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`"--maxmemory-policy", "([a-z-]+)"`).FindSubmatch(b)
	if m == nil {
		t.Fatal("docker-compose.yml names no policy")
	}
	return string(m[1])
}

// Where Redis is full, kept answers make room, and nothing that cannot be had
// again.
func TestEviction(t *testing.T) {
	s := redistest.Start(t, "--maxmemory-policy", policy(t))
	r, err := replica.Open(t.Context(), replica.Options{Address: s.URL(), Settings: stores.Defaults()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	ctx, now := redis.Patient(t.Context(), 10*time.Second), time.Now()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const facts = 50
	for i := range facts {
		ok(r.Stores.Votes.Vote(ctx, feedback.Vote{Code: fmt.Sprint(i), Voter: "v", At: now}))
		ok(r.Unanswered.Miss(ctx, feedback.Miss{Question: fmt.Sprint(i), Last: now}))
		ok(r.Installations.Put(ctx, store.Item{Key: fmt.Sprint(i), Value: []byte("sealed")}))
		_, err := r.Watches.Add(ctx, watch.Watch{Person: fmt.Sprint(i), Question: "q", At: now})
		ok(err)
		_, err = r.Inbox.Receive(ctx, inbox.Entry{Key: fmt.Sprint(i), At: now})
		ok(err)
		ok(r.Inbox.Delivered(ctx, fmt.Sprint(i), "posted"))
	}
	if _, held, err := r.Leases.Take(ctx, "telegram", "a", time.Minute); !held || err != nil {
		t.Fatal(held, err)
	}
	s.Do(t, "config", "set", "maxmemory", used(t, s)+2<<20)
	for i := range 4000 {
		ok(r.Answers.Set(ctx, fmt.Sprint("2:g:", i), bytes.Repeat([]byte("x"), 2000), 24*time.Hour))
	}
	if n := info(t, s, "evicted_keys"); n == "0" {
		t.Fatal("nothing was evicted")
	}
	counts := map[string]int{}
	ok(r.Given.Each(ctx, func(feedback.Vote) bool { counts["votes"]++; return true }))
	ok(r.Missed.Each(ctx, func(feedback.Miss) bool { counts["unanswered"]++; return true }))
	ok(r.Watches.Each(ctx, func(watch.Watch) bool { counts["watches"]++; return true }))
	ok(r.Installations.Scan(ctx, func(store.Item) bool { counts["installations"]++; return true }))
	marks, _ := s.Do(t, "keys", "wenbao:{inbox}:d:*").([]any)
	counts["delivery marks"] = len(marks)
	for what, n := range counts {
		if n != facts {
			t.Errorf("%d of %d %s are left", n, facts, what)
		}
	}
	if _, held, err := r.Leases.Take(ctx, "telegram", "b", time.Minute); held || err != nil {
		t.Errorf("another took the lease: %v, %v", held, err)
	}
}

// used is how many bytes a server uses.
func used(t testing.TB, s *redistest.Server) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(info(t, s, "used_memory"), "%d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// info is one line of what a server says of itself.
func info(t testing.TB, s *redistest.Server, name string) string {
	t.Helper()
	for line := range strings.Lines(fmt.Sprint(s.Do(t, "info"))) {
		if value, its := strings.CutPrefix(strings.TrimSpace(line), name+":"); its {
			return value
		}
	}
	t.Fatalf("no %s", name)
	return ""
}
