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
	for _, address := range []string{"", "http://hush@h", "redis://", "redis://:hush@", "redis://:hush@a,,b", "redis://:hush@a/x", "redis://:hush@a,b/1", "unix://", "redis://:%zzhush@a"} {
		if _, err := redis.ParseAddress(address); !errors.Is(err, redis.ErrAddress) || strings.Contains(err.Error(), "hush") {
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

// A server that goes away is left alone, logged once, and found again.
func TestAwayAndBack(t *testing.T) {
	s := redistest.Start(t)
	var log buffer
	c := open(t, s.URL(), redis.Parts{Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: prometheus.NewRegistry()})
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	for range 50 {
		if err := redis.Failure("get", c.Get(t.Context(), "k").Err()); !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("while away: %v", err)
		}
	}
	if !c.Degraded() {
		t.Error("not degraded while away")
	}
	if n := log.count("redis failed"); n != 1 {
		t.Errorf("%d lines for one failure", n)
	}
	s.Restart(t)
	eventually(t, "still degraded", func() bool { return !c.Degraded() })
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	if log.count("redis answers again") != 1 {
		t.Error("its coming back is not logged")
	}
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
	if err := c.Ping(redis.Patient(ctx, 5*time.Second)).Err(); err != nil {
		t.Errorf("a patient command: %v", err)
	}
}

// What the caller gave up, or the server refused, does not open the breaker.
func TestNotTheServersFault(t *testing.T) {
	c := open(t, redistest.Start(t).URL(), redis.Parts{})
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

// An ACL user who may not do everything is no reason to leave Redis alone.
func TestACL(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, "acl", "setuser", "wenbao", "on", ">p@ss", "~wenbao:*", "~rate:*", "&wenbao:*", "+@all", "-@admin", "-@dangerous")
	s.Do(t, "acl", "setuser", "default", "off")
	c := open(t, "redis://wenbao:p%40ss@"+s.Addr, redis.Parts{})
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
	wrong := open(t, "redis://wenbao:hush-hush@"+s.Addr, redis.Parts{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 5 {
		if err := wrong.Ping(t.Context()).Err(); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("a wrong password: %v", err)
		}
	}
	if !wrong.Degraded() || log.count("hush") > 0 {
		t.Error("a wrong password is no failure, or is logged")
	}
}
