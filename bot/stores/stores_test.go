package stores_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wenbao/bot/conformance"
	"wenbao/bot/delivery"
	"wenbao/bot/feedback"
	"wenbao/bot/inbox"
	"wenbao/bot/journal"
	"wenbao/bot/ledger"
	"wenbao/bot/limit"
	"wenbao/bot/popular"
	"wenbao/bot/session"
	"wenbao/bot/store"
	"wenbao/bot/stores"
	"wenbao/bot/watch"
)

func closing(t *testing.T, c interface{ Close() error }) {
	t.Cleanup(func() {
		if err := c.Close(); err != nil && err != journal.ErrClosed {
			t.Error(err)
		}
	})
}

func TestMemoryKV(t *testing.T) {
	conformance.KV(t, func(_ *testing.T, c *conformance.Clock) stores.KV { return store.NewMemory(store.Bound{}, c.Now) })
}

func TestFileKV(t *testing.T) {
	for _, durable := range []bool{false, true} {
		conformance.KV(t, func(t *testing.T, c *conformance.Clock) stores.KV {
			f, err := store.OpenFile(filepath.Join(t.TempDir(), "kv.log"), durable, store.Bound{}, c.Now)
			if err != nil {
				t.Fatal(err)
			}
			closing(t, f)
			return f
		})
	}
}

var bound = inbox.Bound{Pending: 10, Delivered: 1000, Keep: time.Hour}

func TestMemoryInbox(t *testing.T) {
	conformance.Inbox(t, func(_ *testing.T, c *conformance.Clock) delivery.Inbox { return inbox.NewMemory(bound, c.Now) }, nil)
}

func TestFileInbox(t *testing.T) {
	var path string
	var last *inbox.File
	open := func(t *testing.T, now func() time.Time) delivery.Inbox {
		f, err := inbox.OpenFile(path, bound, now)
		if err != nil {
			t.Fatal(err)
		}
		last = f
		closing(t, f)
		return f
	}
	conformance.Inbox(t, func(t *testing.T, c *conformance.Clock) delivery.Inbox {
		path = filepath.Join(t.TempDir(), "inbox.log")
		return open(t, c.Now)
	}, func(t *testing.T) delivery.Inbox {
		if err := last.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, time.Now)
	})
}

func TestMemoryLimiter(t *testing.T) {
	c := conformance.NewClock()
	conformance.Limiter(t, limit.NewMemory(3, 5, c.Now), c)
}

func TestMemoryPopular(t *testing.T) {
	conformance.Popular(t, func(_ *testing.T, c *conformance.Clock) conformance.Counter {
		return popular.NewMemory(2, strings.ToUpper, c.Now)
	})
}

// What must survive a restart does; what a person wants forgotten is gone
// from every file.
func TestFiles(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	now := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	open := func() *stores.Set {
		t.Helper()
		s := stores.Defaults()
		s.Key = []byte("key")
		set, err := stores.File(dir, s, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	set := open()
	if _, err := stores.File(dir, stores.Defaults(), time.Now); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened twice: %v", err)
	}
	const person = "slack/T1/alice-secret-id"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(set.Sessions.Put(ctx, "c", person, session.Session{Lang: "en"}))
	if added, err := set.Ledger.Add(ctx, ledger.Record{Code: "AAAAAAAA", Person: person, At: now, Conversation: person + "/secret"}); !added || err != nil {
		t.Fatal(added, err)
	}
	must(set.Stores.Votes.Vote(ctx, feedback.Vote{Code: "AAAAAAAA", Voter: person, Up: true, Reason: "secret-reason", At: now}))
	must(set.Unanswered.Miss(ctx, feedback.Miss{Question: "未答", Last: now}))
	must(set.Unanswered.Miss(ctx, feedback.Miss{Question: " 未答？", Last: now}))
	if o, err := set.Watches.Add(ctx, watch.Watch{Person: person, Question: "secret-question", At: now}); o != watch.Added || err != nil {
		t.Fatal(o, err)
	}
	must(set.Phrases.Keep(ctx, "k", "phrase"))
	if f, err := set.Inbox.Receive(ctx, inbox.Entry{Key: "1", Owner: person, Event: []byte("secret"), At: now}); !f || err != nil {
		t.Fatal(f, err)
	}
	must(set.Inbox.Delivered(ctx, "1", "post"))
	must(set.Close())

	set = open()
	if _, found, err := set.Ledger.Get(ctx, "AAAAAAAA"); !found || err != nil {
		t.Error("the answer is lost", err)
	}
	votes, misses, watches := 0, 0, 0
	must(set.Given.Each(ctx, func(feedback.Vote) bool { votes++; return true }))
	must(set.Missed.Each(ctx, func(m feedback.Miss) bool { misses += m.Count; return true }))
	must(set.Watches.Each(ctx, func(watch.Watch) bool { watches++; return true }))
	if votes != 1 || misses != 2 || watches != 1 {
		t.Errorf("votes %d, unanswered %d, watches %d", votes, misses, watches)
	}
	if p, found, err := set.Phrases.Find(ctx, "k"); p != "phrase" || !found || err != nil {
		t.Errorf("phrase %q: %v", p, err)
	}
	if f, err := set.Inbox.Receive(ctx, inbox.Entry{Key: "1", At: now}); f || err != nil {
		t.Errorf("the delivery mark is lost: %v %v", f, err)
	}
	n := 0
	for _, f := range set.Forgetters {
		k, err := f.Forget(ctx, person)
		must(err)
		n += k
	}
	if n != 3 { // answer, watch, vote
		t.Errorf("forgot %d", n)
	}
	must(set.Close())
	must(fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if bytes.Contains(b, []byte("secret")) || bytes.Contains(b, []byte("c2VjcmV0")) {
			t.Errorf("%s still holds what was to be forgotten", name)
		}
		return err
	}))
}

// Statistics know people by a hash that another key does not make.
func TestHashes(t *testing.T) {
	ctx := t.Context()
	kv := store.NewMemory(store.Bound{}, time.Now)
	s := stores.Defaults()
	s.Key = []byte("key")
	set := stores.Over(stores.KVs{Sessions: kv, Answers: kv, Phrases: kv, Votes: kv, Misses: kv, Watches: kv, Decisions: kv}, inbox.NewMemory(bound, time.Now), s, time.Now)
	if err := set.Stores.Votes.Vote(ctx, feedback.Vote{Code: "C", Voter: "alice", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := kv.Scan(ctx, func(i store.Item) bool {
		if strings.Contains(i.Key+i.Owner+string(i.Value), "alice") {
			t.Errorf("%s, %s, %s name the voter", i.Key, i.Owner, i.Value)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
