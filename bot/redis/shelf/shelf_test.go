package shelf_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"wenbao/bot/feedback"
	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/shelf"
	"wenbao/bot/store"
)

// bleve, far below, starts workers when it is loaded.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// rig is a shelf on a server that a test can take away.
type rig struct {
	*redistest.Server
	*shelf.Shelf
	client *redis.Client
	meters *shelf.Meters
	counts *prometheus.Registry
}

func newRig(t *testing.T, most int) *rig {
	t.Helper()
	r := &rig{Server: redistest.Start(t), counts: prometheus.NewRegistry()}
	r.client = r.connect(t)
	var err error
	if r.meters, err = shelf.NewMeters(r.counts); err != nil {
		t.Fatal(err)
	}
	r.Shelf = r.shelf(most)
	return r
}

func (r *rig) connect(t *testing.T) *redis.Client {
	t.Helper()
	c, err := redis.Open(r.URL(), redis.Parts{Each: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// shelf returns another process's view of what is kept, or a first.
func (r *rig) shelf(most int) *shelf.Shelf {
	return shelf.New(shelf.NewRaw(r.client, shelf.Kind{Name: "test", Listed: true, Items: 1000}, time.Now), most, r.meters)
}

// count is a metric, of all kinds together.
func (r *rig) count(t *testing.T, name string) (n float64) {
	t.Helper()
	families, err := r.counts.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "wenbao_redis_"+name {
				n += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return n
}

func (r *rig) back(t *testing.T) {
	t.Helper()
	r.Restart(t)
	for end := time.Now().Add(30 * time.Second); r.client.Degraded(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come back")
		}
	}
}

func put(t *testing.T, s *shelf.Shelf, key, value string) {
	t.Helper()
	if err := s.Put(t.Context(), store.Item{Key: key, Owner: "o", Value: []byte(value)}); err != nil {
		t.Error(err)
	}
}

func want(t *testing.T, s *shelf.Shelf, key, value string) {
	t.Helper()
	if b, found, err := s.Get(t.Context(), key); string(b) != value || found != (value != "") || err != nil {
		t.Errorf("%s is %q, %v, %v; want %q", key, b, found, err, value)
	}
}

// While Redis is away a process reads what it wrote, and writes it later.
func TestAway(t *testing.T) {
	r := newRig(t, 100)
	put(t, r.Shelf, "before", "1")
	r.Kill()
	put(t, r.Shelf, "a", "1")
	put(t, r.Shelf, "a", "2")
	put(t, r.Shelf, "gone", "1")
	if err := r.Delete(t.Context(), "gone"); err != nil {
		t.Error(err)
	}
	for i, fresh := range []bool{true, false} {
		if added, err := r.PutNew(t.Context(), store.Item{Key: "new", Value: []byte(fmt.Sprint(i))}); added != fresh || err != nil {
			t.Errorf("PutNew: %v, %v", added, err)
		}
	}
	want(t, r.Shelf, "a", "2")
	want(t, r.Shelf, "gone", "")
	want(t, r.Shelf, "new", "0")
	if _, _, err := r.Get(t.Context(), "before"); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("what is there only: %v", err)
	}
	if n := r.count(t, "waiting"); n != 3 {
		t.Errorf("%v wait", n)
	}
	r.back(t)
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := r.shelf(100)
	for key, value := range map[string]string{"a": "2", "gone": "", "new": "0"} {
		want(t, other, key, value)
	}
	if n := r.count(t, "waiting") + r.count(t, "lost_total"); n != 0 {
		t.Errorf("%v wait or are lost", n)
	}
}

// What waits is bounded; what gives way is counted.
func TestLost(t *testing.T) {
	r := newRig(t, 3)
	r.Kill()
	for i := range 5 {
		put(t, r.Shelf, fmt.Sprint(i), "v")
	}
	if lost, waiting := r.count(t, "lost_total"), r.count(t, "waiting"); lost != 2 || waiting != 3 {
		t.Errorf("lost %v, waiting %v", lost, waiting)
	}
	r.back(t)
	var keys []string
	if err := r.Scan(t.Context(), func(i store.Item) bool { keys = append(keys, i.Key); return true }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(keys, []string{"2", "3", "4"}) {
		t.Errorf("written later: %q", keys)
	}
}

// Nobody is forgotten while Redis is away; what waits of theirs is dropped.
func TestForgetting(t *testing.T) {
	r := newRig(t, 100)
	put(t, r.Shelf, "there", "1")
	r.Kill()
	put(t, r.Shelf, "waits", "1")
	if n, err := r.Forget(t.Context(), "o"); n != 1 || !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("forgot %d, %v", n, err)
	}
	r.back(t)
	put(t, r.Shelf, "there", "1")
	if n, err := r.Forget(t.Context(), "o"); n != 1 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
	want(t, r.Shelf, "waits", "")
	want(t, r.Shelf, "there", "")
}

// What is refused waits, and what comes behind it does not wait for it.
func TestRefusedWaits(t *testing.T) {
	r := newRig(t, 100)
	for i := range 8 {
		r.Do(t, "rpush", fmt.Sprintf("wenbao:{test:%d}:v:poisoned", i), "no string")
	}
	put(t, r.Shelf, "poisoned", "1")
	if n := r.count(t, "waiting"); n != 1 {
		t.Fatalf("%v wait", n)
	}
	want(t, r.Shelf, "poisoned", "1")
	written := false
	r.Add("behind", nil, func(context.Context) error { written = true; return nil })
	if err := r.Flush(t.Context()); !redis.Refused(err) || !written {
		t.Errorf("behind what is refused: %v, written %v", err, written)
	}
	for i := range 8 {
		r.Do(t, "del", fmt.Sprintf("wenbao:{test:%d}:v:poisoned", i))
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	want(t, r.shelf(100), "poisoned", "1")
}

// Unanswered questions that read alike are counted together, each once, by
// several processes and over an absence of Redis.
func TestMissesAreCounted(t *testing.T) {
	r := newRig(t, 1000)
	at := time.Now().Truncate(time.Second)
	misses := []*feedback.Misses{feedback.NewMisses(r.Shelf, time.Hour, true), feedback.NewMisses(r.shelf(1000), time.Hour, true)}
	ask := func() {
		done := make(chan error)
		for i := range 20 {
			go func() {
				q := []string{"月球基地多少座", "月球基地多少座？", " 月球基地多少座"}[i%3]
				done <- misses[i%2].Miss(t.Context(), feedback.Miss{Question: q, Last: at.Add(time.Duration(i) * time.Second)})
			}()
		}
		for range 20 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	ask()
	r.Server.Do(t, "save")
	r.Kill()
	ask()
	r.back(t)
	var all []feedback.Miss
	for range 2 { // each writes what waits for it before it reads
		for _, m := range misses {
			all = nil
			if err := m.Each(t.Context(), func(m feedback.Miss) bool { all = append(all, m); return true }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(all) != 1 || all[0].Count != 40 || !all[0].First.Equal(at) || !all[0].Last.Equal(at.Add(19*time.Second)) || !strings.Contains(all[0].Question, "月球") {
		t.Errorf("%+v", all)
	}
}
