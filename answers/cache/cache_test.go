package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"wenbao/answers"
	"wenbao/answers/cache"
)

// bleve starts workers when it is loaded.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// source answers with its generation and counts.
type source struct {
	mu         sync.Mutex
	generation string
	turns      []string
	status     answers.Status
	asked      atomic.Int64
	before     func() // an answer
	err        error
}

func (s *source) Context(answers.Request) ([]string, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turns, s.generation, nil
}

func (s *source) Answer(_ context.Context, r answers.Request) (answers.Answer, error) {
	s.asked.Add(1)
	if s.before != nil {
		s.before()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return answers.Answer{}, s.err
	}
	a := answers.Answer{ID: r.ID, Question: r.Question, Status: answers.Answered, Generation: s.generation, TookMicros: 5, Excerpts: []answers.Excerpt{{
		Quote: "答案" + s.generation, Text: "一：答案" + s.generation, Start: 6, End: 12 + len(s.generation), Score: 1.5,
		Marks: []answers.Mark{{Start: 0, End: 3}}, Citation: answers.Citation{Report: "r", Section: []string{"一"}, Paragraph: 3}}}}
	if s.status != "" {
		a.Status = s.status
	}
	return a, nil
}

// shared is a cache.Shared in memory.
type shared struct {
	mu     sync.Mutex
	values map[string][]byte
	ttls   map[string]time.Duration
	locks  map[string]bool
	err    error
}

func newShared() *shared {
	return &shared{values: map[string][]byte{}, ttls: map[string]time.Duration{}, locks: map[string]bool{}}
}

func (s *shared) Get(_ context.Context, key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, found := s.values[key]
	return v, found && s.err == nil, s.err
}

func (s *shared) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.values[key], s.ttls[key] = value, ttl
	}
	return s.err
}

func (s *shared) Lock(_ context.Context, key string, _ time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.locks[key] {
		return false, s.err
	}
	s.locks[key] = true
	return true, nil
}

func (s *shared) Unlock(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.locks, key)
	return s.err
}

func layer(t *testing.T, s *source, sh cache.Shared, set cache.Settings) *cache.Layer {
	t.Helper()
	l, err := cache.New(cache.Parts{Source: s, Shared: sh, Variant: "v", Settings: set})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func ask(t *testing.T, l *cache.Layer, r answers.Request) answers.Answer {
	t.Helper()
	a, err := l.Answer(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What decides an answer decides its entry; what does not, does not.
func TestKeys(t *testing.T) {
	base := answers.Request{Question: "2021年新建绿色矿山多少座？"}
	with := func(change func(*answers.Request)) answers.Request {
		r := base
		change(&r)
		return r
	}
	for name, r := range map[string]answers.Request{
		"id":     with(func(r *answers.Request) { r.ID = "x" }),
		"width":  with(func(r *answers.Request) { r.Question = "２０２１年新建绿色矿山多少座?" }),
		"script": with(func(r *answers.Request) { r.Question = "2021年新建綠色礦山多少座" }),
		"filler": with(func(r *answers.Request) { r.Question = "请问，2021年新建绿色矿山多少座" }),
		"spaces": with(func(r *answers.Request) { r.Question = " 2021 年新建 绿色矿山 多少座。" }),
		"defaults": with(func(r *answers.Request) {
			r.Top, r.MaxQuote, r.Lang = answers.DefaultTop, answers.DefaultMaxQuote, "zh"
		}),
	} {
		s := &source{generation: "g"}
		l := layer(t, s, nil, cache.Settings{})
		ask(t, l, base)
		a := ask(t, l, r)
		if s.asked.Load() != 1 || a.Question != r.Question || a.ID != r.ID {
			t.Errorf("%s: computed %d times; %q, %q", name, s.asked.Load(), a.Question, a.ID)
		}
	}
	for name, r := range map[string]answers.Request{
		"year":     with(func(r *answers.Request) { r.Question = "2022年新建绿色矿山多少座？" }),
		"negation": with(func(r *answers.Request) { r.Question = "2021年没新建绿色矿山多少座？" }),
		"unit":     with(func(r *answers.Request) { r.Question = "2021年新建绿色矿山多少家？" }),
		"report":   with(func(r *answers.Request) { r.Report = "other" }),
		"language": with(func(r *answers.Request) { r.Lang = "en" }),
		"top":      with(func(r *answers.Request) { r.Top = 1 }),
		"quote":    with(func(r *answers.Request) { r.MaxQuote = 100 }),
		"day":      with(func(r *answers.Request) { r.Now = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC) }),
	} {
		s := &source{generation: "g"}
		l := layer(t, s, nil, cache.Settings{})
		ask(t, l, base)
		if ask(t, l, r); s.asked.Load() != 2 {
			t.Errorf("another %s has the same entry", name)
		}
	}
}

// Only the turns that an answer depends on are part of its key.
func TestHistory(t *testing.T) {
	s := &source{generation: "g"}
	l := layer(t, s, nil, cache.Settings{})
	ask(t, l, answers.Request{Question: "那包头呢", History: []string{"一"}})
	ask(t, l, answers.Request{Question: "那包头呢", History: []string{"二"}})
	if s.asked.Load() != 1 {
		t.Error("turns that do not matter were told apart")
	}
	for i, turns := range [][]string{{"呼和浩特多少"}, {"赤峰多少"}, {"赤峰", "多少"}, {"赤峰多少"}} {
		s.turns = turns
		ask(t, l, answers.Request{Question: "那包头呢", History: turns})
		if want := int64(2 + min(i, 2)); s.asked.Load() != want {
			t.Errorf("after %q computed %d times, want %d", turns, s.asked.Load(), want)
		}
	}
}

// A reindex needs no flush, and an answer is kept under the generation that it
// came from.
func TestGenerations(t *testing.T) {
	s, sh := &source{generation: "1"}, newShared()
	l := layer(t, s, sh, cache.Settings{})
	r := answers.Request{Question: "多少座矿山"}
	s.before = func() {
		s.mu.Lock()
		s.generation = "2" // swapped between the look-up and the answer
		s.mu.Unlock()
	}
	if a := ask(t, l, r); a.Generation != "2" {
		t.Fatal(a.Generation)
	}
	s.before = nil
	if ask(t, l, r); s.asked.Load() != 1 {
		t.Error("not kept under its own generation")
	}
	s.generation = "1"
	if a := ask(t, l, r); a.Generation != "1" || s.asked.Load() != 2 {
		t.Errorf("generation %s, computed %d times", a.Generation, s.asked.Load())
	}
	l.Close() // when all is shared
	if len(sh.values) != 2 {
		t.Errorf("%d entries", len(sh.values))
	}
}

// Two processes compute once; what does not decode is computed anew.
func TestShared(t *testing.T) {
	s, sh := &source{generation: "g"}, newShared()
	r := answers.Request{Question: "多少座矿山"}
	one := layer(t, s, sh, cache.Settings{})
	first := ask(t, one, r)
	one.Close()
	second := ask(t, layer(t, s, sh, cache.Settings{}), r)
	first.TookMicros, second.TookMicros = 0, 0
	if diff := cmp.Diff(first, second); diff != "" || s.asked.Load() != 1 {
		t.Errorf("computed %d times: %s", s.asked.Load(), diff)
	}
	// From here on each is asked one after the other of layers that share at once.
	closed := func() *cache.Layer {
		l := layer(t, s, sh, cache.Settings{})
		l.Close()
		return l
	}
	for _, damaged := range [][]byte{nil, {}, {0}, {1}, []byte("\x01garbage"), []byte("{}")} {
		for key := range sh.values {
			sh.values[key] = damaged
		}
		before := s.asked.Load()
		if a := ask(t, closed(), r); a.Status != answers.Answered || s.asked.Load() != before+1 {
			t.Errorf("%q was taken for an answer", damaged)
		}
	}
	sh.err = errors.New("down")
	if a := ask(t, layer(t, s, sh, cache.Settings{}), r); a.Status != answers.Answered {
		t.Error("no answer while what is shared is away")
	}
}

// A hot question is computed once, however many ask, and one who gives up
// does not take it from the others.
func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, sh := &source{generation: "g"}, newShared()
		s.before = func() { time.Sleep(20 * time.Millisecond) }
		var wg sync.WaitGroup
		gone, cancel := context.WithCancel(t.Context())
		for p := range 3 {
			l := layer(t, s, sh, cache.Settings{})
			for i := range 20 {
				wg.Go(func() {
					ctx := t.Context()
					if p == 0 && i == 0 {
						ctx = gone
					}
					a, err := l.Answer(ctx, answers.Request{Question: "多少座矿山", ID: fmt.Sprint(i)})
					if ctx != gone && (err != nil || a.ID != fmt.Sprint(i)) {
						t.Error(a.ID, err)
					}
				})
			}
		}
		time.Sleep(time.Millisecond)
		cancel()
		wg.Wait()
		if n := s.asked.Load(); n != 1 {
			t.Errorf("computed %d times", n)
		}
	})
}

// purse is a cache.Purse for each asker.
type purse struct{}

func (purse) Left(ctx context.Context) time.Duration {
	return time.Duration(ctx.Value(purse{}).(*atomic.Int64).Load())
}

func (purse) Spend(ctx context.Context, d time.Duration) {
	ctx.Value(purse{}).(*atomic.Int64).Add(-int64(d))
}

func holding(ctx context.Context, d time.Duration) (context.Context, *atomic.Int64) {
	left := new(atomic.Int64)
	left.Store(int64(d))
	return context.WithValue(ctx, purse{}, left), left
}

// sluggish is shared that takes its time.
type sluggish struct {
	*shared
	takes time.Duration
}

func (s sluggish) Get(ctx context.Context, key string) ([]byte, bool, error) {
	time.Sleep(s.takes)
	return s.shared.Get(ctx, key)
}

// Who waits for what another asker looks for in what is shared, pays for the
// waiting, and computes once that is no longer worth it.
func TestNobodyWaitsLongForWhatIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{generation: "g"}
		s.before = func() { time.Sleep(5 * time.Millisecond) }
		l, err := cache.New(cache.Parts{Source: s, Shared: sluggish{newShared(), 80 * time.Millisecond}, Purse: purse{}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var wg sync.WaitGroup
		ask := func(has, took, left time.Duration) {
			wg.Go(func() {
				ctx, has := holding(t.Context(), has)
				a, err := l.Answer(ctx, answers.Request{Question: "多少座矿山"})
				if err != nil || a.Status != answers.Answered || time.Since(began) != took || has.Load() != int64(left) {
					t.Errorf("%v, %v after %v, left %v", a.Status, err, time.Since(began), time.Duration(has.Load()))
				}
			})
			synctest.Wait()
		}
		// The first looks, and its calls would pay for themselves; the last
		// computes what all are answered with.
		ask(100*time.Millisecond, 80*time.Millisecond, 100*time.Millisecond)
		ask(90*time.Millisecond, 80*time.Millisecond, 10*time.Millisecond)
		ask(30*time.Millisecond, 35*time.Millisecond, 0)
		wg.Wait()
		if n := s.asked.Load(); n != 1 {
			t.Errorf("computed %d times", n)
		}
		l.Close()
	})
}

func TestErrorsAndPanicsAreNotKept(t *testing.T) {
	s := &source{generation: "g", err: errors.New("broken")}
	l := layer(t, s, newShared(), cache.Settings{})
	r := answers.Request{Question: "多少座矿山"}
	if _, err := l.Answer(t.Context(), r); !errors.Is(err, s.err) {
		t.Error(err)
	}
	s.err = nil
	s.before = func() { panic("oops") }
	func() {
		defer func() {
			if p := recover(); p != "oops" {
				t.Errorf("the panic became %v", p)
			}
		}()
		_, _ = l.Answer(t.Context(), r)
	}()
	s.before = nil
	ask(t, l, r)
}

// Lives differ, refusals live shorter, and memory is bounded.
func TestBounds(t *testing.T) {
	s, sh := &source{generation: "g"}, newShared()
	l := layer(t, s, sh, cache.Settings{Bytes: 64 << 10})
	lives := map[time.Duration]bool{}
	for i := range 2000 {
		ask(t, l, answers.Request{Question: fmt.Sprintf("%d年多少座矿山", i)})
	}
	l.Close() // when all is shared
	for _, ttl := range sh.ttls {
		lives[ttl] = true
		if d := cache.DefaultSettings().TTL; ttl < d*8/10 || ttl > d*12/10 {
			t.Errorf("an answer lives %v", ttl)
		}
	}
	if len(lives) < 1000 {
		t.Errorf("only %d different lives", len(lives))
	}
	if n := l.Bytes(); n > 80<<10 {
		t.Errorf("%d bytes are kept", n)
	}
	s.status = answers.NoAnswer
	clear(sh.ttls)
	ask(t, l, answers.Request{Question: "月球基地多少座"})
	for _, ttl := range sh.ttls {
		if ttl > cache.DefaultSettings().Refusal*12/10 {
			t.Errorf("a refusal lives %v", ttl)
		}
	}
}

// After a reindex what was often asked is answered anew.
func TestRenew(t *testing.T) {
	s := &source{generation: "1"}
	l := layer(t, s, nil, cache.Settings{})
	r := answers.Request{Question: "多少座矿山", Report: "r", ID: "x"}
	for range 5 {
		ask(t, l, r)
		ask(t, l, answers.Request{Question: "多少个项目"})
	}
	ask(t, l, answers.Request{Question: "seldom"})
	if n, err := l.Renew(t.Context(), 2, nil); n != 0 || err != nil {
		t.Errorf("renewed %d without a reindex: %v", n, err)
	}
	s.generation = "2"
	if n, err := l.Renew(t.Context(), 2, nil); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if a := ask(t, l, r); a.Generation != "2" || s.asked.Load() != 5 {
		t.Errorf("generation %s, computed %d times", a.Generation, s.asked.Load())
	}
}

// What is asked often wherever is answered anew first, and in the forms that
// are asked for here; in a process that was asked nothing too.
func TestRenewWhatIsAskedElsewhere(t *testing.T) {
	s, often := &source{generation: "1"}, []string{"多少座矿山", "多少个项目", "多少亩地"}
	l := layer(t, s, nil, cache.Settings{})
	if n, err := l.Renew(t.Context(), 2, often); n != 2 || err != nil || s.asked.Load() != 2 {
		t.Fatal(n, err, s.asked.Load())
	}
	if ask(t, l, answers.Request{Question: often[1]}); s.asked.Load() != 2 {
		t.Error("what was renewed is computed again")
	}
	for i := range 4 { // more forms than are renewed
		for range 5 - i {
			ask(t, l, answers.Request{Question: "其他", Top: i + 1, Lang: "en"})
		}
	}
	s.generation = "2"
	s.asked.Store(0)
	if n, err := l.Renew(t.Context(), 2, often); n != 2 || err != nil || s.asked.Load() != 6 {
		t.Fatal(n, err, s.asked.Load())
	}
	for i := range 3 {
		if a := ask(t, l, answers.Request{Question: often[0], Top: i + 1, Lang: "en"}); a.Generation != "2" || s.asked.Load() != 6 {
			t.Errorf("form %d is computed again", i)
		}
	}
	s.generation = "3"
	s.asked.Store(0)
	if n, err := l.Renew(t.Context(), 3, often[:1]); n != 3 || err != nil || s.asked.Load() != 3+2 {
		t.Error("after it what was asked most here:", n, err, s.asked.Load())
	}
}

// Whichever bit of an encoded answer is another, it is none.
func TestDamage(t *testing.T) {
	c := cache.NewCodec()
	a, err := (&source{generation: "g"}).Answer(t.Context(), answers.Request{})
	if err != nil {
		t.Fatal(err)
	}
	good, err := c.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := c.Decode(bad); !errors.Is(err, cache.ErrCodec) {
			t.Errorf("with bit %d another: %v", i, err)
		}
	}
	for n := range good {
		if _, err := c.Decode(good[:n]); !errors.Is(err, cache.ErrCodec) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := cache.NewCodec()
	s := &source{generation: "g"}
	a, _ := s.Answer(context.Background(), answers.Request{})
	good, err := c.Encode(a)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := c.Decode(b)
		if err != nil {
			return
		}
		for _, x := range a.Excerpts {
			if x.Text[x.Start:x.End] != x.Quote {
				t.Error("not its paragraph's bytes")
			}
		}
	})
}
