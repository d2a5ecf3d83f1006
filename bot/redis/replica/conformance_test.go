package replica_test

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"wenbao/bot"
	"wenbao/bot/conformance"
	"wenbao/bot/delivery"
	"wenbao/bot/inbox"
	"wenbao/bot/lease"
	"wenbao/bot/redis"
	"wenbao/bot/redis/counts"
	"wenbao/bot/redis/lead"
	"wenbao/bot/redis/mail"
	"wenbao/bot/redis/redistest"
	"wenbao/bot/redis/shelf"
	"wenbao/bot/stores"
)

// thorough reports whether the tests that take minutes are to run.
func thorough(t testing.TB) {
	t.Helper()
	if os.Getenv("WENBAO_TEST_THOROUGH") == "" {
		t.Skip("set WENBAO_TEST_THOROUGH=1 (make conformance, make chaos)")
	}
}

func TestMiniredis(t *testing.T) { conform(t, "redis://"+miniredis.RunT(t).Addr(), "") }

func TestServer(t *testing.T) { conform(t, redistest.Start(t).URL(), "") }

func TestUnixSocket(t *testing.T) {
	socket := t.TempDir() + "/s"
	redistest.Start(t, "--unixsocket", socket)
	conform(t, "unix://"+socket, "")
}

func TestCluster(t *testing.T) {
	thorough(t)
	conform(t, redistest.StartCluster(t).URL(), "")
}

func TestSentinel(t *testing.T) {
	thorough(t)
	conform(t, redistest.StartSentinel(t, "").URL(), "")
}

// TestMemory runs on memory what no test beside it does.
func TestMemory(t *testing.T) {
	t.Run("leases", func(t *testing.T) {
		c := conformance.NewClock()
		conformance.Leases(t, lease.NewMemory(c.Now), c)
	})
	t.Run("board", func(t *testing.T) { conformance.Board(t, lease.NewNotes()) })
}

// server is a Redis under test; admin may do everything there.
type server struct {
	client, admin *redis.Client
	meters        *shelf.Meters
}

// conform runs every suite against one Redis; admin is its address for who may
// empty it, "" where that is url.
func conform(t *testing.T, url, admin string) {
	m, err := shelf.NewMeters(nil)
	if err != nil {
		t.Fatal(err)
	}
	open := func(url string) *redis.Client {
		c, err := redis.Open(url, redis.Parts{Each: 10 * time.Second}) // how fast it is, is not the question
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	s := &server{open(url), open(cmp.Or(admin, url)), m}
	listed := shelf.Kind{Name: "listed", Listed: true}
	t.Run("kv", func(t *testing.T) {
		conformance.KV(t, func(t *testing.T, clock *conformance.Clock) stores.KV {
			return shelf.NewRaw(s.empty(t, clock), listed, clock.Now)
		})
	})
	t.Run("kv kept", func(t *testing.T) {
		conformance.KV(t, func(t *testing.T, clock *conformance.Clock) stores.KV {
			return shelf.New(shelf.NewRaw(s.empty(t, clock), listed, clock.Now), 1000, s.meters)
		})
	})
	t.Run("kv unlisted", func(t *testing.T) {
		conformance.Unlisted(t, func(t *testing.T, clock *conformance.Clock) stores.KV {
			return shelf.NewRaw(s.empty(t, clock), shelf.Kind{Name: "unlisted"}, clock.Now)
		})
	})
	t.Run("kv bounded", func(t *testing.T) {
		clock := conformance.NewClock()
		conformance.Bounded(t, shelf.NewRaw(s.empty(t, clock), shelf.Kind{Name: "bounded", Listed: true, Items: 80}, clock.Now), 80)
	})
	s.conformCounts(t)
	s.conformInbox(t)
	t.Run("leases", func(t *testing.T) {
		clock := conformance.NewClock()
		conformance.Leases(t, lead.NewLeases(s.empty(t, clock)), clock)
	})
	t.Run("board", func(t *testing.T) {
		conformance.Board(t, lead.NewBoard(s.empty(t, conformance.NewClock()), 100*time.Millisecond))
	})
	t.Run("answers", func(t *testing.T) {
		clock := conformance.NewClock()
		conformance.Answers(t, shelf.NewAnswers(s.empty(t, clock)), clock)
	})
}

func (s *server) conformCounts(t *testing.T) {
	hash := stores.Hasher([]byte("key"))
	t.Run("limits", func(t *testing.T) {
		clock := conformance.NewClock()
		conformance.Limiter(t, counts.NewLimiter(s.empty(t, clock), "test", 3, 5, clock.Now), clock)
	})
	t.Run("popular", func(t *testing.T) {
		conformance.Popular(t, func(t *testing.T, clock *conformance.Clock) conformance.Counter {
			return counts.NewPopular(s.empty(t, clock), 2, hash, clock.Now)
		})
	})
}

func (s *server) conformInbox(t *testing.T) {
	bound := inbox.Bound{Pending: 10, Delivered: 1000, Keep: time.Hour}
	n := 0
	open := func(t *testing.T, c *redis.Client, now func() time.Time) delivery.Inbox {
		n++
		b := mail.New(c, strconv.Itoa(n), bound, time.Minute, s.meters, now)
		b.Live(t.Context())
		return b
	}
	dead := func(t *testing.T) {
		if err := s.admin.ZRem(t.Context(), redis.Prefix+"{inbox}:alive", strconv.Itoa(n)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("inbox", func(t *testing.T) {
		var now func() time.Time
		conformance.Inbox(t, func(t *testing.T, clock *conformance.Clock) delivery.Inbox {
			now = clock.Now
			return open(t, s.empty(t, clock), now)
		}, func(t *testing.T) delivery.Inbox {
			dead(t)
			return open(t, s.client, now)
		})
	})
	t.Run("inbox crowd", func(t *testing.T) {
		clock := conformance.NewClock()
		c := s.empty(t, clock)
		conformance.Crowd(t, func(t *testing.T) delivery.Inbox { return open(t, c, clock.Now) }, func(t *testing.T, _ delivery.Inbox) { dead(t) })
	})
	var _ bot.Forgetter = (*mail.Inbox)(nil)
}

// empty empties the server and makes time pass there as the clock says.
func (s *server) empty(t *testing.T, clock *conformance.Clock) *redis.Client {
	t.Helper()
	ctx := redis.Patient(t.Context(), 5*time.Second)
	if err := s.each(ctx, func(c *goredis.Client) error { return c.FlushAll(ctx).Err() }); err != nil {
		t.Fatal(err)
	}
	clock.After = func(d time.Duration) {
		if err := s.each(ctx, func(c *goredis.Client) error { return pass(ctx, c, d) }); err != nil {
			t.Fatal(err)
		}
	}
	return s.client
}

func (s *server) each(ctx context.Context, f func(c *goredis.Client) error) error {
	switch c := s.admin.UniversalClient.(type) {
	case *goredis.ClusterClient:
		return c.ForEachMaster(ctx, func(_ context.Context, node *goredis.Client) error { return f(node) })
	case *goredis.Client:
		return f(c)
	}
	return nil
}

// pass makes what expires expire earlier by d.
func pass(ctx context.Context, c *goredis.Client, d time.Duration) error {
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		return err
	}
	for _, key := range keys {
		left, err := c.PTTL(ctx, key).Result()
		if err != nil {
			return err
		}
		if strings.HasPrefix(key, redis.Prefix+"{lease:") {
			if err := c.HIncrBy(ctx, key, "ends", -d.Milliseconds()).Err(); err != nil {
				return err
			}
		}
		if strings.HasPrefix(key, "rate:") {
			full, err := c.Get(ctx, key).Float64()
			if err == nil {
				err = c.Set(ctx, key, full-d.Seconds(), goredis.KeepTTL).Err()
			}
			if err != nil {
				return err
			}
		}
		switch {
		case left > d:
			err = c.PExpire(ctx, key, left-d).Err()
		case left > 0:
			err = c.Del(ctx, key).Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
