package replica_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"wenbao/answers"
	"wenbao/answers/cache"
	"wenbao/answers/eval"
	"wenbao/bot"
	"wenbao/bot/conversation"
	"wenbao/bot/library"
	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/replica"
	"wenbao/bot/stores"
	"wenbao/configs"
	"wenbao/retrieval"
	"wenbao/retrieval/corpus"
	"wenbao/retrieval/lexicon"
	"wenbao/seeds"
)

// knowledge is an engine with questions and the right answers to them.
type knowledge struct {
	engine    *answers.Engine
	library   bot.Library
	questions []string
	right     []string
}

// learn learns the report that comes with the program.
func learn(t testing.TB) *knowledge { return learnFrom(t, seeds.FS) }

func learnFrom(t testing.TB, reports fs.FS) *knowledge {
	t.Helper()
	c, err := corpus.Load(reports)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lexicon.Decode(configs.Lexicon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := retrieval.NewGeneration(t.Context(), "", c, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	search := retrieval.NewEngine(g, retrieval.Options{})
	t.Cleanup(func() { search.Close() })
	k := &knowledge{engine: answers.New(search, answers.Options{}), library: library.New(search, "")}
	f, err := os.Open("../../../seeds/questions/nmg-2022.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, err := eval.ReadCases("nmg-2022", f)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if len(c.History) > 0 || len(k.questions) == 200 {
			continue
		}
		a, err := k.engine.Answer(t.Context(), answers.Request{Question: c.Question, Top: 3})
		if err != nil {
			t.Fatal(err)
		}
		k.questions, k.right = append(k.questions, c.Question), append(k.right, told(a))
	}
	return k
}

// told is all that an asker is told.
func told(a answers.Answer) string {
	s := string(a.Status) + string(a.Reason) + a.Message
	for _, x := range a.Excerpts {
		s += "\n" + x.Quote + x.Citation.ParagraphID
	}
	return s
}

// asker asks one replica under load.
type asker struct {
	*knowledge
	replica *replica.Replica
	handler bot.Handler

	mu     sync.Mutex
	asked  []asked
	wrong  int
	failed int
}

// asked is how long one answer took.
type asked struct {
	at   time.Time
	took time.Duration
}

func (k *knowledge) asker(t testing.TB, url string) *asker {
	t.Helper()
	s := stores.Defaults()
	s.User, s.Team = 0, 0
	r, err := replica.Open(t.Context(), replica.Options{Address: url, Settings: s, Lifetime: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	// Little is kept in the process, so that Redis is asked.
	l, err := cache.New(cache.Parts{Source: k.engine, Shared: r.Answers, Purse: replica.Purse{}, Settings: cache.Settings{Bytes: 64 << 10}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	h, err := conversation.New(conversation.Parts{Answerer: replica.Answerer(l), Library: k.library, Stores: r.Stores})
	if err != nil {
		t.Fatal(err)
	}
	return &asker{knowledge: k, replica: r, handler: replica.Handler(h)}
}

func (a *asker) ask(ctx context.Context, n int) {
	q := n % len(a.questions)
	m := bot.Message{Address: bot.Address{Platform: "slack", Workspace: "T", Chat: fmt.Sprint("C", n), User: fmt.Sprint("U", n%50)},
		ID: fmt.Sprint(n), Text: a.questions[q], Addressed: true}
	began := time.Now()
	r, err := a.handler.Handle(ctx, m)
	took := time.Since(began)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, asked{began, took})
	switch {
	case err != nil || r.Answer == nil:
		a.failed++
	case told(*r.Answer) != a.right[q]:
		a.wrong++
	}
}

// load asks so many questions a second for a while.
func (a *asker) load(ctx context.Context, d time.Duration) {
	const rate = 50
	var wg sync.WaitGroup
	t := time.NewTicker(time.Second / rate)
	defer t.Stop()
	for n := range int(d.Seconds() * rate) {
		<-t.C
		wg.Go(func() { a.ask(ctx, n) })
	}
	wg.Wait()
}

// quantile is that of the answers asked for between two moments.
func (a *asker) quantile(q float64, from, to time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	var s []time.Duration
	for _, one := range a.asked {
		if !one.at.Before(from) && one.at.Before(to) {
			s = append(s, one.took)
		}
	}
	slices.Sort(s)
	if len(s) == 0 {
		return 0
	}
	return s[min(int(q*float64(len(s))), len(s)-1)].Round(10 * time.Microsecond)
}

// works reports whether every part of Redis takes writes.
func (a *asker) works(ctx context.Context) bool {
	for i := range 32 {
		if a.replica.Client.Set(ctx, fmt.Sprintf("%sprobe:%d", redis.Prefix, i), 1, time.Minute).Err() != nil {
			return false
		}
	}
	return true
}

// fault breaks something and says from when on it could work again.
type fault struct {
	url  string
	hurt func()
	heal func()
	// itself: it recovers without being healed.
	itself bool
}

// TestChaos asks under load while Redis is hurt. What is stated is logged;
// what is tested is that nobody gets a wrong answer or an error.
func TestChaos(t *testing.T) {
	if os.Getenv("WENBAO_TEST_CHAOS") == "" {
		t.Skip("set WENBAO_TEST_CHAOS=60s, the time of one case (make chaos)")
	}
	length, err := time.ParseDuration(os.Getenv("WENBAO_TEST_CHAOS"))
	if err != nil {
		t.Fatal(err)
	}
	k := learn(t)
	for _, c := range []struct {
		name  string
		start func(t *testing.T) fault
	}{
		{"nothing", func(t *testing.T) fault {
			return fault{url: redistest.Start(t).URL(), hurt: func() {}, heal: func() {}}
		}},
		{"killed and restarted", func(t *testing.T) fault {
			s := redistest.Start(t)
			return fault{url: s.URL(), hurt: s.Kill, heal: func() { s.Restart(t) }}
		}},
		{"paused", func(t *testing.T) fault {
			s := redistest.Start(t)
			return fault{url: s.URL(), hurt: func() { s.Pause(t) }, heal: func() { s.Resume(t) }}
		}},
		{"500 ms late", func(t *testing.T) fault {
			p := redistest.StartProxy(t, redistest.Start(t).Addr)
			return fault{url: p.URL(), hurt: func() { p.SetDelay(500 * time.Millisecond) }, heal: func() { p.SetDelay(0) }}
		}},
		{"full", func(t *testing.T) fault {
			s := redistest.Start(t, "--maxmemory-policy", "noeviction")
			return fault{url: s.URL(), hurt: func() { s.Do(t, "config", "set", "maxmemory", "1") }, heal: func() { s.Do(t, "config", "set", "maxmemory", "0") }}
		}},
		{"cluster master killed", func(t *testing.T) fault {
			c := redistest.StartCluster(t)
			return fault{url: c.URL(), itself: true, hurt: func() { c.MasterOf(t, "wenbao:{session:0}:v:").Kill() }}
		}},
		{"sentinel failover", func(t *testing.T) fault {
			s := redistest.StartSentinel(t, "")
			return fault{url: s.URL(), itself: true, hurt: s.Master.Kill}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			chaos(t, k, c.start(t), length)
		})
	}
}

// chaos runs one case: a quarter of the time all is well, then it is hurt.
func chaos(t *testing.T, k *knowledge, f fault, length time.Duration) {
	a := k.asker(t, f.url)
	if !a.works(t.Context()) {
		t.Fatal("it does not work to begin with")
	}
	var wg sync.WaitGroup
	began := time.Now()
	wg.Go(func() { a.load(t.Context(), length) })
	time.Sleep(length / 4)
	hurt := time.Now()
	f.hurt()
	healed := time.Now()
	if !f.itself {
		time.Sleep(length / 2)
		f.heal()
		healed = time.Now()
	}
	for !a.works(t.Context()) {
		if time.Since(healed) > time.Minute {
			t.Fatal("no recovery")
		}
		time.Sleep(20 * time.Millisecond)
	}
	well := time.Now()
	wg.Wait()
	ended := time.Now()
	t.Logf("asked %d: wrong %d, errors %d; p99 before %v, hurt %v, after %v; p50 %v; longest %v; works again after %v",
		len(a.asked), a.wrong, a.failed, a.quantile(.99, began, hurt), a.quantile(.99, hurt, well), a.quantile(.99, well, ended),
		a.quantile(.5, began, ended), a.quantile(1, began, ended), well.Sub(healed).Round(time.Millisecond))
	if a.wrong > 0 || a.failed > 0 {
		t.Errorf("wrong answers %d, errors %d", a.wrong, a.failed)
	}
}

// A short chaos is part of every test run: killed and restarted, and durable
// facts of the meantime written later.
func TestKilledAndRestarted(t *testing.T) {
	s := redistest.Start(t)
	k := learn(t)
	a := k.asker(t, s.URL())
	s.Kill()
	for n := range 30 {
		a.ask(t.Context(), n)
	}
	if a.wrong+a.failed > 0 {
		t.Fatalf("wrong %d, errors %d", a.wrong, a.failed)
	}
	person := bot.Address{Platform: "slack", Workspace: "T", User: "U3"}.Person()
	if _, err := a.replica.Forgetters[0].Forget(t.Context(), person); err == nil {
		t.Error("somebody was forgotten while Redis was away")
	}
	s.Restart(t)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		keys, _ := s.Do(t, "keys", "wenbao:{ledger:*v:*").([]any)
		if len(keys) > 0 && a.works(t.Context()) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("answers given meanwhile were not written later")
		}
	}
	s.Do(t, "flushall")
	a.ask(t.Context(), 31)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if keys, _ := s.Do(t, "keys", "wenbao:{session:*v:*").([]any); len(keys) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("after it came back nothing is kept")
		}
	}
}
