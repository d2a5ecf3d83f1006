package redis_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"wenbao/bot/redis"
	"wenbao/bot/redis/redistest"
)

// A server is believed whose certificate an authority that is trusted made for
// its name; every other one is refused, and no password goes there.
func TestTLS(t *testing.T) {
	a := redistest.NewAuthority(t)
	other := redistest.NewAuthority(t)
	cert, key := a.Issue(t, "client.example")
	foreign, foreignKey := other.Issue(t, "client.example")
	asks := a.StartTLS(t, "127.0.0.1", append(redistest.WithPassword("p@ss"), "--tls-auth-clients", "yes")...)
	open := a.StartTLS(t, "127.0.0.1", "--tls-auth-clients", "no")
	named := a.StartTLS(t, "redis.example", "--tls-auth-clients", "no")
	own := "&cert=" + cert + "&key=" + key
	for name, c := range map[string]struct {
		address, refusal string // "": it works
	}{
		"trusted":               {address: "rediss://" + open.TLS + "?ca=" + a.CA},
		"client certificate":    {address: "rediss://:p%40ss@" + asks.TLS + "?ca=" + a.CA + own},
		"another name":          {address: "rediss://" + named.TLS + "?ca=" + a.CA + "&server_name=redis.example"},
		"any":                   {address: "rediss://" + named.TLS + "?insecure=true"},
		"not trusted":           {"rediss://" + open.TLS + "?ca=" + other.CA, "unknown authority"},
		"not the system's":      {"rediss://" + open.TLS, "unknown authority"},
		"wrong name":            {"rediss://" + named.TLS + "?ca=" + a.CA, "127.0.0.1"},
		"no client certificate": {"rediss://:p%40ss@" + asks.TLS + "?ca=" + a.CA, "certificate"},
		"foreign certificate":   {"rediss://:p%40ss@" + asks.TLS + "?ca=" + a.CA + "&cert=" + foreign + "&key=" + foreignKey, "certificate"},
		"plain to TLS":          {"redis://" + open.TLS, ""},
		"TLS to plain":          {"rediss://" + open.Addr + "?ca=" + a.CA, ""},
	} {
		works := c.refusal == "" && !strings.HasPrefix(name, "plain") && !strings.HasSuffix(name, "plain")
		t.Run(name, func(t *testing.T) {
			var log buffer
			r := openLogged(t, c.address, &log)
			ctx := redis.Patient(t.Context(), 5*time.Second)
			err := redis.Failure("set", r.Set(ctx, redis.Prefix+"k", name, time.Minute).Err())
			if works {
				if got, getErr := r.Get(ctx, redis.Prefix+"k").Result(); err != nil || getErr != nil || got != name {
					t.Errorf("%q, %v, %v", got, err, getErr)
				}
				return
			}
			// A server that does not take a certificate says so and hangs up: which
			// of both a client notices first is chance.
			hungUp := c.refusal == "certificate" && err != nil && strings.Contains(err.Error(), "reset by peer")
			if !errors.Is(err, redis.ErrUnavailable) || !strings.Contains(err.Error(), c.refusal) && !hungUp {
				t.Errorf("refused with %v, want %q", err, c.refusal)
			}
			if log.count("p@ss") > 0 || log.count("redis failed") != 1 {
				t.Error("the log holds the password, or not one line")
			}
		})
	}
}

func openLogged(t *testing.T, address string, log *buffer) *redis.Client {
	t.Helper()
	return open(t, address, redis.Parts{Log: slog.New(slog.NewTextHandler(log, nil))})
}

// Each node of a cluster is verified by its own name.
func TestClusterOverTLS(t *testing.T) {
	a := redistest.NewAuthority(t)
	n := a.StartTLS(t, "127.0.0.1", "--tls-auth-clients", "no", "--cluster-enabled", "yes", "--tls-cluster", "yes", "--cluster-announce-ip", "127.0.0.1")
	n.Do(t, "cluster", "addslotsrange", 0, 16383)
	c := open(t, "rediss://"+n.TLS+"?cluster=true&ca="+a.CA, redis.Parts{})
	eventually(t, "the cluster over TLS does not serve", func() bool { return c.Set(t.Context(), redis.Prefix+"k", 1, 0).Err() == nil })
	wrong := open(t, "rediss://"+n.TLS+"?cluster=true&ca="+redistest.NewAuthority(t).CA, redis.Parts{})
	if err := wrong.Set(t.Context(), redis.Prefix+"k", 1, 0).Err(); err == nil {
		t.Error("a node that is not trusted was believed")
	}
}

// A server that takes the connection and says nothing costs an answer no more
// than one that is gone.
func TestSilentHandshake(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := open(t, "rediss://"+l.Addr().String(), redis.Parts{})
	ctx := redis.Within(t.Context(), redis.DefaultBudget)
	for range 3 {
		if err := redis.Failure("ping", c.Ping(ctx).Err()); !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("silence: %v", err)
		}
	}
	if err := c.Ping(ctx).Err(); !errors.Is(err, redis.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the fourth command was not spared: %v", err)
	}
}
