package redis_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAddresses(t *testing.T) {
	type want struct {
		addrs                  []string
		user, password, master string
		db                     int
		tls, cluster           bool
	}
	for address, w := range map[string]want{
		"redis://127.0.0.1":                               {addrs: []string{"127.0.0.1:6379"}},
		"redis://u:p%40ss@h:7000/3":                       {addrs: []string{"h:7000"}, user: "u", password: "p@ss", db: 3},
		"rediss://:secret@[::1]:7000":                     {addrs: []string{"[::1]:7000"}, password: "secret", tls: true},
		"redis://a:1,b:2,c":                               {addrs: []string{"a:1", "b:2", "c:6379"}},
		"redis://a:1?cluster=true":                        {addrs: []string{"a:1"}, cluster: true},
		"redis://:p@a:1,b:2/4?master=m":                   {addrs: []string{"a:1", "b:2"}, password: "p", master: "m", db: 4},
		"unix:///run/redis.sock?db=2":                     {addrs: []string{"/run/redis.sock"}, db: 2},
		"unix://u:p@/run/redis.sock":                      {addrs: []string{"/run/redis.sock"}, user: "u", password: "p"},
		"redis://a:1,b:2?master=m&sentinel_password=hush": {addrs: []string{"a:1", "b:2"}, master: "m"},
	} {
		o, err := redis.ParseAddress(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		got := want{o.Addrs, o.Username, o.Password, o.MasterName, o.DB, o.TLSConfig != nil, o.IsClusterMode}
		if diff := cmp.Diff(w, got, cmp.AllowUnexported(want{})); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
	for _, address := range []string{"", "http://hush@h", "redis://", "redis://:hush@", "redis://:hush@a,,b", "redis://:hush@a/x", "redis://:hush@a,b/1", "unix://", "redis://:%zzhush@a",
		"redis://:hu?sh@a", "redis://:hu@a?sh", "redis://a?cluster=hush", "redis://a:hush", "redis://:hush@a:0", "redis://a?ca=/hush", "redis://:hush@a?db=1&db=2",
		"rediss://:hush@a?insecure=perhaps", "rediss://:hush@a?ca=/nowhere", "rediss://:hush@a?ca=redis_test.go", "rediss://:hush@a?cert=c", "rediss://:hush@a?cert=/nowhere&key=/nowhere"} {
		if _, err := redis.ParseAddress(address); !errors.Is(err, redis.ErrAddress) || strings.Contains(err.Error(), "hu") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// buffer is a log that several write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) count(s string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.b.String(), s)
}

func open(t *testing.T, url string, p redis.Parts) *redis.Client {
	t.Helper()
	c, err := redis.Open(url, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// eventually waits for a state that comes by itself.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatal(what)
}

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A server that goes away is left alone, logged once a minute, and found
// again; metrics say so.
func TestAwayAndBack(t *testing.T) {
	s := redistest.Start(t)
	var log buffer
	registry, now := prometheus.NewRegistry(), &clock{now: time.Now()}
	c := open(t, s.URL(), redis.Parts{Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: registry, Now: now.Now, Each: 10 * time.Second})
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"degraded": 0, "pool_connections total": 1, "pool_connections idle": 1, "pool_timeouts_total": 0, "commands_total ok": 1} {
		if got := gathered(t, registry)["wenbao_redis_"+name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	s.Kill()
	for range 50 {
		if err := redis.Failure("get", c.Get(t.Context(), "k").Err()); !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("while away: %v", err)
		}
	}
	if m := gathered(t, registry); !c.Degraded() || m["wenbao_redis_degraded"] != 1 || m["wenbao_redis_commands_total left_alone"] != 47 {
		t.Errorf("not degraded while away, or not left alone after three failures: %v", m)
	}
	if n := log.count("redis failed"); n != 1 {
		t.Errorf("%d lines for one failure", n)
	}
	now.advance(61 * time.Second)
	eventually(t, "no line a minute later", func() bool { return log.count("redis failed") == 2 }) // the probes fail
	s.Restart(t)
	eventually(t, "still degraded", func() bool { return !c.Degraded() })
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	if log.count("redis answers again") != 1 || log.count("redis failed") != 2 {
		t.Error("its coming back is not logged, or more than that is")
	}
}

// gathered are the metrics by name and label.
func gathered(t *testing.T, g prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			out[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return out
}

// All commands of one answer share a budget; those of others are not touched.
func TestBudget(t *testing.T) {
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr)
	c := open(t, p.URL(), redis.Parts{})
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	p.SetDelay(60 * time.Millisecond)
	ctx := redis.Within(t.Context(), redis.DefaultBudget)
	if redis.Within(ctx, time.Hour) != ctx {
		t.Error("a budget was replaced")
	}
	began := time.Now()
	var err error
	for range 20 {
		err = c.Ping(ctx).Err()
	}
	if took := time.Since(began); took > 10*redis.DefaultBudget { // alone 20 pings take 1.2 s
		t.Errorf("twenty commands took %v", took)
	}
	if !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("beyond the budget: %v", err)
	}
	share := redis.Share(redis.DefaultBudget)
	for range 20 {
		err = c.Ping(share(t.Context())).Err()
	}
	if !errors.Is(err, redis.ErrUnavailable) || !strings.Contains(err.Error(), "spent") {
		t.Errorf("beyond what contexts share: %v", err)
	}
	if err := c.Ping(redis.Patient(ctx, 5*time.Second)).Err(); err != nil {
		t.Errorf("a patient command: %v", err)
	}
}

// What the caller gave up, or the server refused, does not open the breaker.
func TestNotTheServersFault(t *testing.T) {
	c := open(t, redistest.Start(t).URL(), redis.Parts{Each: 10 * time.Second})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		c.Ping(gone)
		c.Do(t.Context(), "no-such-command")
	}
	if c.Degraded() {
		t.Error("degraded")
	}
}

// A command that a user may not run is no reason to leave Redis alone; a wrong
// password is, and is not logged.
func TestRefused(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, "acl", "setuser", "wenbao", "on", ">p@ss", "~wenbao:*", "+@all")
	s.Do(t, "acl", "setuser", "default", "off")
	c := open(t, "redis://wenbao:p%40ss@"+s.Addr, redis.Parts{Each: 10 * time.Second})
	if err := c.Set(t.Context(), redis.Prefix+"k", 1, 0).Err(); err != nil {
		t.Error(err)
	}
	for range 5 {
		if err := c.Set(t.Context(), "elsewhere", 1, 0).Err(); err == nil {
			t.Error("the user may write elsewhere")
		}
	}
	if c.Degraded() {
		t.Error("degraded")
	}
	var log buffer
	wrong := openLogged(t, "redis://wenbao:hush-hush@"+s.Addr, &log)
	for range 5 {
		if err := wrong.Ping(t.Context()).Err(); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("a wrong password: %v", err)
		}
	}
	if !wrong.Degraded() || log.count("hush") > 0 {
		t.Error("a wrong password is no failure, or is logged")
	}
}
