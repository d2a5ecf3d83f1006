package stores_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wenbao/bot/inbox"
	"wenbao/bot/limit"
	"wenbao/bot/popular"
	"wenbao/bot/store"
	"wenbao/bot/watch"
)

// No store grows beyond its bound; the newest stays.
func TestBounds(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	t.Run("store", func(t *testing.T) {
		m := store.NewMemory(store.Bound{Items: 10, Bytes: 1 << 20}, clock)
		for i := range 1000 {
			if err := m.Put(ctx, store.Item{Key: fmt.Sprint(i), Owner: fmt.Sprint(i % 3), Value: make([]byte, 10)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, _ := m.Get(ctx, "999"); m.Len() != 10 || !found {
			t.Errorf("%d items, newest there: %v", m.Len(), found)
		}
		if err := m.Put(ctx, store.Item{Key: "big", Value: make([]byte, 1<<20)}); err != nil || m.Len() != 1 {
			t.Errorf("%d items beside one beyond the bound, %v", m.Len(), err)
		}
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "kv.log")
		f, err := store.OpenFile(path, false, store.Bound{Items: 10}, clock)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for i := range 4000 {
			if err := f.Put(ctx, store.Item{Key: fmt.Sprint(i % 20), Value: make([]byte, 1000)}); err != nil {
				t.Fatal(err)
			}
		}
		if size := fileSize(t, path); size > 2<<20 {
			t.Errorf("the file has %d bytes", size)
		}
	})
	t.Run("inbox", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "inbox.log")
		f, err := inbox.OpenFile(path, inbox.Bound{Pending: 5, Delivered: 10, Keep: time.Hour}, clock)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		event := []byte(strings.Repeat("x", 3000))
		for i := range 1600 {
			key := fmt.Sprint(i)
			if fresh, err := f.Receive(ctx, inbox.Entry{Key: key, Event: event, At: now}); !fresh || err != nil {
				t.Fatal(fresh, err)
			}
			if err := f.Delivered(ctx, key, "p"); err != nil {
				t.Fatal(err)
			}
		}
		if posted, _ := f.Posted(ctx, "1599"); posted != "p" {
			t.Error("the newest mark is gone")
		}
		if posted, _ := f.Posted(ctx, "1000"); posted != "" {
			t.Error("an old mark is still there")
		}
		if size := fileSize(t, path); size > 5<<20 {
			t.Errorf("the file has %d bytes", size)
		}
	})
	t.Run("limits", func(t *testing.T) {
		l := limit.NewMemory(20, 0, clock)
		for i := range 100_000 {
			now = now.Add(10 * time.Millisecond)
			if _, _, err := l.Take(ctx, fmt.Sprint(i), "t"); err != nil {
				t.Fatal(err)
			}
		}
		if l.Len() > 2048 { // 300 have fewer than all turns at a time
			t.Errorf("%d people remembered", l.Len())
		}
	})
	t.Run("popular", func(t *testing.T) {
		p := popular.NewMemory(1, strings.ToUpper, clock)
		for i := range 3 * popular.MaxTeams * 10 {
			if err := p.Asked(ctx, popular.Question{Team: fmt.Sprint(i % (3 * popular.MaxTeams)), Text: fmt.Sprint(i), Asker: "a", At: now}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 2 * popular.MaxQuestions {
			for range 1 + i%2 {
				if err := p.Asked(ctx, popular.Question{Team: "t", Text: fmt.Sprint(i), Asker: fmt.Sprint(i), At: now}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if top, err := p.Top(ctx, "t", 1000); len(top) != popular.MaxQuestions || err != nil {
			t.Errorf("%d questions, %v", len(top), err)
		}
		if all, err := p.Overall(ctx, 10_000); len(all) != popular.MaxOverall || err != nil {
			t.Errorf("%d questions of all teams, %v", len(all), err)
		}
	})
	t.Run("watches", func(t *testing.T) {
		w := watch.New(store.NewMemory(store.Bound{}, clock), time.Hour)
		for i := range watch.MaxPerPerson + 1 {
			want := watch.Added
			if i == watch.MaxPerPerson {
				want = watch.Full
			}
			if got, err := w.Add(ctx, watch.Watch{Person: "p", Question: fmt.Sprint(i), At: now}); got != want || err != nil {
				t.Errorf("%d: %v %v", i, got, err)
			}
		}
	})
}
